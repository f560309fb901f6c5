// The sockets that vrrpd asks for: planned from the configuration alone, and made when there is
// room to send them.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>

#include "ipc/event_loop.h"
#include "privd/broker/broker.h"

namespace holdfast::privd {

using SocketKind = schema::BrokerEvent::SocketKind;

void Broker::openSocket(const Request& request, SocketKind kind) {
  Event event = Event::about(Event::Kind::SOCKET, request.key);
  event.socketKind = kind;
  event.peer = kind == SocketKind::SEND ? request.message.getPeer() : std::uint16_t{0};
  outbox_.post(event);
}

SendOutcome Broker::transmit(const Event& event) {
  return event.kind == Event::Kind::SOCKET ? transmitSocket(event) : port_.send(event, -1);
}

SendOutcome Broker::transmitSocket(const Event& event) {
  const TimePoint start = EventLoop::now();
  Event answer = event;
  std::string outcomeText = "done";
  SendOutcome outcome = SendOutcome::kClosed;
  {
    const Result<SendSocket> made = makeSocket(event);
    if (made) {
      answer.identification = made->identification;
    } else {
      answer.result = static_cast<std::uint32_t>(made.error().code);
      outcomeText = made.error().message;
    }
    outcome = port_.send(answer, made ? made->fd.get() : -1);
  }
  if (outcome == SendOutcome::kFull) {
    return outcome;
  }
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(EventLoop::now() - start).count();
  const std::string record =
      std::string("audit: vrrpd ") +
      (event.socketKind == SocketKind::SEND ? "openSendSocket " : "openReceiveSocket ") +
      subjectOf({event.generation, static_cast<InstanceId>(event.instance)}) + " peer " +
      std::to_string(event.peer) + ": " + outcomeText + ", " + std::to_string(took) + " us";
  if (answer.result == 0) {
    log_.extraDetail(record);
  } else {
    log_.warning(record);
  }
  return outcome;
}

Result<SendSocket> Broker::makeSocket(const Event& event) {
  const Book* book = holdings_.find(event.generation);
  if (book == nullptr) {
    return Error{"its generation is retired", ESTALE};
  }
  const Instance& instance = book->config.instances[event.instance];
  if (instance.speaksOn() && interfaces_.indexOf(book->slotOf(*instance.speaksOn())) == 0) {
    return Error{"its interface is not there", ENODEV};
  }
  if (event.socketKind == SocketKind::SEND) {
    return makeSendSocket(event, *book, instance);
  }
  ReceiveSocketPlan plan;
  plan.family = instance.family;
  plan.authenticationHeader = instance.authenticationHeader;
  std::uint64_t mtu = 0;
  if (instance.speaksOn()) {
    const Slot slot = book->slotOf(*instance.speaksOn());
    plan.index = interfaces_.indexOf(slot);
    mtu = interfaces_.mtuOf(slot);
  }
  plan.unsized = 0;
  for (const Instance& other : book->config.instances) {
    if (other.listensWith(instance)) {
      const std::uint64_t bytes = other.receiveBufferBytes + mtu * other.receiveBufferMtus;
      plan.virtualRouterIds.set(other.virtualRouterId);
      plan.bufferBytes = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(plan.bufferBytes + bytes, kMaxReceiveBuffer));
      plan.unsized += bytes == 0 ? 1 : 0;
    }
  }
  if (!instance.unicast()) {
    plan.group = instance.group;
  }
  Result<UniqueFd> fd = kernel_.openReceiveSocket(plan);
  if (!fd) {
    return fd.error();
  }
  return SendSocket{.fd = std::move(fd).value()};
}

Result<SendSocket> Broker::makeSendSocket(const Event& event, const Book& book,
                                          const Instance& instance) {
  SendSocketPlan plan;
  plan.family = instance.family;
  plan.ttl = instance.ttl;
  plan.authenticationHeader = instance.authenticationHeader;
  plan.destination = instance.unicast() ? instance.peers[event.peer] : instance.group;
  std::optional<IpAddress> source = instance.source;
  if (instance.speaksOn()) {
    plan.index = interfaces_.indexOf(book.slotOf(*instance.speaksOn()));
    plan.isOnAnother = instance.link.has_value();
  }
  if (!source && instance.interface) {
    source = interfaces_.sourceOf(book.slotOf(*instance.interface), instance.family);
  }
  if (!source) {
    return Error{"its interface has no address to send from", EADDRNOTAVAIL};
  }
  plan.source = *source;
  return kernel_.openSendSocket(plan);
}

}  // namespace holdfast::privd
