#include "privd/broker/outbox.h"

namespace holdfast::privd {
namespace {

using Kind = Event::Kind;

// Bits of BrokerEvent.flags for an interface.
constexpr unsigned kExists = 1;
constexpr unsigned kUp = 2;
constexpr unsigned kRunning = 4;
constexpr unsigned kHasIpv4 = 8;
constexpr unsigned kHasIpv6 = 16;

std::uint8_t flagsOf(const InterfaceStatus& status) {
  return static_cast<std::uint8_t>(
      (status.exists ? kExists : 0) | (status.up ? kUp : 0) | (status.running ? kRunning : 0) |
      (status.sourceIpv4 ? kHasIpv4 : 0) | (status.sourceIpv6 ? kHasIpv6 : 0));
}

}  // namespace

Event Event::about(Kind kind, const InstanceKey& key) {
  Event event;
  event.kind = kind;
  event.generation = key.generation;
  event.instance = static_cast<std::uint32_t>(key.instance);
  return event;
}

void Event::write(schema::BrokerEvent::Builder event) const {
  event.setKind(kind);
  event.setState(state);
  event.setGeneration(static_cast<std::uint32_t>(generation));
  event.setInstance(instance);
  event.setInterface(interface);
  event.setResult(result);
  event.setPeer(peer);
  event.setPriority(priority);
  event.setFlags(kind == Kind::SOCKET ? static_cast<std::uint8_t>(socketKind) : flagsOf(status));
  event.setMtu(kind == Kind::SOCKET ? identification : status.mtu);
  if (status.sourceIpv4) {
    event.setSourceIpv4(static_cast<std::uint32_t>(status.sourceIpv4->low()));
  }
  if (status.sourceIpv6) {
    event.setSourceIpv6High(status.sourceIpv6->high());
    event.setSourceIpv6Low(status.sourceIpv6->low());
  }
}

Outbox::Subject Outbox::subjectOf(const Event& event) {
  Subject subject{static_cast<std::uint16_t>(event.kind), event.generation, event.instance, 0};
  switch (event.kind) {
    case Kind::INTERFACE:
      // That a device went is not taken back by one that came: its sockets are dead.
      subject.object = event.interface;
      subject.detail = event.status.exists ? 1 : 0;
      break;
    case Kind::SOCKET:
      subject.kind = static_cast<std::uint16_t>(
          subject.kind + (event.socketKind == schema::BrokerEvent::SocketKind::SEND ? 0x100 : 0));
      subject.detail = event.peer;
      break;
    case Kind::YIELDED:
      subject.kind = static_cast<std::uint16_t>(Kind::TAKEN);
      break;
    case Kind::LOST:
      subject.kind = static_cast<std::uint16_t>(Kind::RESTORED);
      break;
    case Kind::NOTED:
    case Kind::HELLO_END:
    case Kind::TAKEN:
    case Kind::RESTORED:
    case Kind::TRACK_GROUP:
    case Kind::SOURCE:
      break;
  }
  return subject;
}

void Outbox::post(const Event& event) {
  Subject subject = subjectOf(event);
  if (queue_.post(event, subject) && event.kind == Kind::INTERFACE && !event.status.exists) {
    // The device that went takes back what was said of it.
    subject.detail = 1;
    queue_.forget(subject);
  }
}

}  // namespace holdfast::privd
