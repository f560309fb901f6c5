// One script that the supervisor has run: once, with a time limit, or for as long as scriptd lives.
// A reader of a notify FIFO is of the second kind, and is started again when it ends.
#pragma once

#include <algorithm>

#include "scriptd/run_life.h"

namespace holdfast::scriptd {

struct ServiceRun {
  static constexpr Duration kLongestPause = std::chrono::seconds(60);

  Duration timeout{};  // zero: it is kept running
  RunLife life;
  TimePoint due = kNever;  // when it is started again
  Duration pause{};        // until then, the next time

  [[nodiscard]] bool isKept() const { return timeout == Duration::zero(); }

  void begin(TimePoint now) {
    due = kNever;
    life.begin(now, isKept() ? kNever : now + timeout);
  }

  // A kept one is due after 0, 1, 2, 4 and so on to 60 seconds; from the beginning again after it
  // has run for as long as the longest pause.
  void plan(TimePoint now) {
    const bool ranLong = now - life.began >= kLongestPause;
    due = now + (ranLong ? Duration::zero() : pause);
    pause = ranLong ? Duration::zero()
                    : std::clamp<Duration>(2 * pause, std::chrono::seconds(1), kLongestPause);
  }
};

}  // namespace holdfast::scriptd
