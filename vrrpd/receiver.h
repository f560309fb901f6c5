// The finished receive socket of all instances that listen in one place: privd opened, bound,
// filtered and locked it. With a socket for each instance the kernel would offer every packet to
// every one of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string_view>

#include "ipc/event_loop.h"
#include "ipc/ids.h"
#include "ipc/ip_address.h"
#include "ipc/unique_fd.h"
#include "vrrpd/broker_link.h"
#include "vrrpd/received_datagram.h"

namespace holdfast::vrrpd {

// Owned by Receivers. A new socket replaces the old one only when it is there, so that there is no
// moment without one.
class Receiver {
 public:
  struct Handlers {
    std::function<void(const Envelope& envelope)> datagram;
    std::function<void(std::size_t bytes)> unopened;  // too broken to have an envelope
    // privd's answer: 0, or an errno and what it means.
    std::function<void(std::uint32_t error, std::string_view refusal)> answered;
  };

  Receiver(EventLoop& loop, BrokerLink& broker, AddressFamily family)
      : loop_(loop), broker_(broker), family_(family) {}
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  [[nodiscard]] bool hasRouter(std::uint8_t virtualRouterId) const {
    return byRouter_[virtualRouterId] != nullptr;
  }
  // Both are new to it.
  void join(InstanceId instance, std::uint8_t virtualRouterId, Handlers handlers);

  // Asks for the socket, once for all members that do so before the answer, unless it is there.
  void open(InstanceId member);
  // The same, and also if it is there: it is bound to a device that is not there any more.
  void reopen(InstanceId member);
  // What this member has asked for last is there.
  [[nodiscard]] bool isOpen(InstanceId member) const { return !members_.at(member).awaits; }
  // `result` is 0 or an errno.
  void answer(std::uint32_t result, UniqueFd fd);
  // The privd that was asked is gone.
  void forget() { isAsked_ = false; }

  // Reads what has arrived by now, for whichever member, a bounded number of datagrams for each.
  void readAll() { read(kDatagramsOfAMember * members_.size()); }

 private:
  static constexpr std::size_t kDatagramsOfAMember = 64;
  static constexpr std::size_t kDatagramsInATurn = 64;

  struct Member {
    Handlers handlers;
    bool awaits = true;
  };

  [[nodiscard]] Status adopt(UniqueFd fd);
  void read(std::size_t most);

  EventLoop& loop_;
  BrokerLink& broker_;
  AddressFamily family_;
  UniqueFd socket_;
  std::map<InstanceId, Member> members_;
  std::array<const Member*, 256> byRouter_{};
  bool isAsked_ = false;
};

}  // namespace holdfast::vrrpd
