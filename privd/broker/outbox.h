// What vrrpd is still to be told. The broker never waits for vrrpd: what does not fit into its
// socket is kept here, one event for each thing, the latest replacing what it makes out of date. So
// the outbox is bounded by the configuration, and a vrrpd that reads again learns how things are.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>

#include "ipc/channel.h"
#include "ipc/ids.h"
#include "ipc/ip_address.h"
#include "ipc/schemas/messages.capnp.h"
#include "privd/broker/interfaces.h"

namespace holdfast::privd {

// A BrokerEvent as a plain value.
struct Event {
  using Kind = schema::BrokerEvent::Kind;

  Kind kind = Kind::HELLO_END;
  Generation generation{};
  std::uint32_t instance = 0;
  std::uint32_t interface = 0;
  std::uint32_t result = 0;  // errno
  schema::VrrpState state = schema::VrrpState::INIT;
  std::uint8_t priority = 0;
  std::uint16_t peer = 0;
  schema::BrokerEvent::SocketKind socketKind = schema::BrokerEvent::SocketKind::RECEIVE;
  std::uint16_t identification = 0;  // of a send socket's last packet
  InterfaceStatus status;

  // About an instance.
  [[nodiscard]] static Event about(Kind kind, const InstanceKey& key);
  void write(schema::BrokerEvent::Builder event) const;
};

class Outbox {
 public:
  // Sends one event now. For a socket event the descriptor is made here, so that none is held for a
  // vrrpd that does not read.
  using Transmit = std::function<SendOutcome(const Event& event)>;

  explicit Outbox(Transmit transmit) : transmit_(std::move(transmit)) {}

  void post(const Event& event);
  // Sends what is waiting. False when the socket is full (again): flush() when it is writable.
  bool flush();
  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  void clear();

 private:
  // What an event is about: of two that are about the same, the later one makes the other out of
  // date.
  struct Subject {
    std::uint16_t kind = 0;
    Generation generation{};
    std::uint32_t object = 0;
    std::uint16_t detail = 0;
    friend auto operator<=>(const Subject&, const Subject&) = default;
  };
  [[nodiscard]] static Subject subjectOf(const Event& event);
  void forget(const Subject& subject);

  Transmit transmit_;
  std::list<Event> waiting_;
  std::map<Subject, std::list<Event>::iterator> bySubject_;
};

}  // namespace holdfast::privd
