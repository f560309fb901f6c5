// What a test tells a worker that was taken over, one datagram each: one system call, made as often
// as wanted. Native byte order; tests/hostile/puppet.py is the other side.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ipc/result.h"

namespace holdfast::takeover {

// Followed by `relocations` times {at, target}, and by the bytes that memory begins with.
struct Call {
  std::uint64_t number = 0;
  std::array<std::uint64_t, 6> arguments{};
  std::uint32_t pointers = 0;  // bit N: argument N is an offset into memory
  std::uint32_t repeat = 0;    // 0: for ever, without an answer
  std::uint32_t relocations = 0;
  std::uint32_t reserved = 0;
};

// The address of memory[target] is to be written to memory[at].
struct Relocation {
  std::uint32_t at = 0;
  std::uint32_t target = 0;
};

// Followed by the bytes of memory as they are after the call: as many as were sent.
struct Answer {
  std::int64_t result = 0;   // of the last time
  std::int32_t error = 0;    // errno of the last time, 0 for success
  std::uint32_t failed = 0;  // how many of the times
};

class Puppet {
 public:
  // `strings` is a connected SOCK_SEQPACKET end, borrowed.
  explicit Puppet(int strings) : strings_(strings), memory_(kMemoryBytes) {}

  // Until the test closes its end.
  [[nodiscard]] Status dance();

 private:
  static constexpr std::size_t kMemoryBytes = 160 * 1024;  // less than a socket's buffer

  [[nodiscard]] Status obey(std::span<const std::byte> order);
  [[nodiscard]] Answer make(const Call& call);

  int strings_;
  std::vector<std::byte> memory_;
};

}  // namespace holdfast::takeover
