// Messages to the generic netlink family IPVS, as bytes (linux/ip_vs.h, linux/genetlink.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "privd/broker/ipvs/kernel.h"
#include "privd/broker/message_writer.h"

namespace holdfast::privd::ipvs {

// Messages for one send(2), in order. Each has the sequence number after the one before.
class Batch {
 public:
  // `family` is the number that the kernel gave to IPVS; `sequence` that of the first message.
  Batch(std::uint16_t family, std::uint32_t sequence) : family_(family), next_(sequence) {}

  void change(const Operation& operation);
  void getServices();
  void getService(const ServiceKey& key);
  void getDestinations(const ServiceKey& service);
  void flush();
  void setTimeouts(const Timeouts& timeouts);
  void getDaemons();
  void startDaemon(const SyncDaemon& daemon, Role role);
  void stopDaemon(Role role);
  // Which number IPVS has; the kernel loads it where it has not.
  void getFamily();

  // The kernel answers to the last message also when all is well.
  void acknowledgeLast();

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  [[nodiscard]] std::uint32_t lastSequence() const { return next_ - 1; }

 private:
  using Body = std::function<void(MessageWriter& message)>;
  void add(std::uint8_t command, int flags, const Body& body);
  void append(const MessageWriter& message);

  std::uint16_t family_;
  std::uint32_t next_;
  std::vector<std::byte> bytes_;
  std::size_t last_ = 0;  // where the last message begins
};

}  // namespace holdfast::privd::ipvs
