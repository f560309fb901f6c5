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

// True when a waiting event `old` is out of date once `fresh` is waiting.
bool replaces(const Event& fresh, const Event& old) {
  if (fresh.generation != old.generation) {
    return false;
  }
  switch (fresh.kind) {
    case Kind::INTERFACE:
      // That a device went is not taken back by one that came: its sockets are dead.
      return old.kind == Kind::INTERFACE && old.interface == fresh.interface &&
             (old.status.exists || !fresh.status.exists);
    case Kind::NOTED:
      return old.kind == Kind::NOTED && old.instance == fresh.instance;
    case Kind::HELLO_END:
      return old.kind == Kind::HELLO_END;
    case Kind::SOCKET:
      return old.kind == Kind::SOCKET && old.instance == fresh.instance && old.peer == fresh.peer &&
             old.socketKind == fresh.socketKind;
    case Kind::TAKEN:
    case Kind::YIELDED:
      return (old.kind == Kind::TAKEN || old.kind == Kind::YIELDED) &&
             old.instance == fresh.instance;
    case Kind::RESTORED:
    case Kind::LOST:
      return (old.kind == Kind::RESTORED || old.kind == Kind::LOST) &&
             old.instance == fresh.instance;
  }
  return false;
}

}  // namespace

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
  event.setMtu(status.mtu);
  if (status.sourceIpv4) {
    event.setSourceIpv4(static_cast<std::uint32_t>(status.sourceIpv4->low()));
  }
  if (status.sourceIpv6) {
    event.setSourceIpv6High(status.sourceIpv6->high());
    event.setSourceIpv6Low(status.sourceIpv6->low());
  }
}

void Outbox::post(const Event& event) {
  if (waiting_.empty() && transmit_(event) != SendOutcome::kFull) {
    return;
  }
  waiting_.remove_if([&](const Event& old) { return replaces(event, old); });
  waiting_.push_back(event);
}

bool Outbox::flush() {
  while (!waiting_.empty()) {
    if (transmit_(waiting_.front()) == SendOutcome::kFull) {
      return false;
    }
    waiting_.pop_front();
  }
  return true;
}

}  // namespace holdfast::privd
