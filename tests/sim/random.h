// Random numbers that are the same for a seed on every machine and library.
#pragma once

#include <cstdint>

#include "ipc/time.h"

namespace holdfast::sim {

// SplitMix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
  }
  // Both ends are possible.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto range = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(next() % range);
  }
  Duration between(Duration low, Duration high) {
    return Duration(between(low.count(), high.count()));
  }
  bool chance(unsigned permille) { return next() % 1000 < permille; }
  template <typename Container>
  auto& oneOf(Container& container) {
    return container[static_cast<std::size_t>(next() % container.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace holdfast::sim
