// Durations and points of time. All protocol time is CLOCK_MONOTONIC in nanoseconds; the pure logic
// never reads a clock, it is told the time.
#pragma once

#include <chrono>
#include <cstdint>

namespace holdfast {

using Duration = std::chrono::nanoseconds;

// Tag for CLOCK_MONOTONIC. std::chrono::steady_clock would let pure logic read the time by
// accident.
struct MonotonicClock {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<MonotonicClock, Duration>;
  static constexpr bool is_steady = true;
};
using TimePoint = MonotonicClock::time_point;

// Later than anything that is ever armed.
inline constexpr TimePoint kNever = TimePoint::max();

}  // namespace holdfast
