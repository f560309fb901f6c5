// What vrrpd is still to be told (latest_queue.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "ipc/channel.h"
#include "ipc/ids.h"
#include "ipc/ip_address.h"
#include "ipc/schemas/messages.capnp.h"
#include "privd/broker/interfaces.h"
#include "privd/broker/latest_queue.h"

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
  using Transmit = std::function<SendOutcome(const Event& event)>;

  explicit Outbox(Transmit transmit) : queue_(std::move(transmit)) {}

  void post(const Event& event);
  // Sends what is waiting. False when the socket is full (again): flush() when it is writable.
  bool flush() { return queue_.flush(); }
  [[nodiscard]] bool empty() const { return queue_.size() == 0; }
  [[nodiscard]] std::size_t size() const { return queue_.size(); }
  void clear() { queue_.clear(); }

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

  LatestQueue<Event, Subject> queue_;
};

}  // namespace holdfast::privd
