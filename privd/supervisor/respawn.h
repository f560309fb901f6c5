// How long to wait before a worker that died is started again: 0, 1, 2, 4 ... 60 seconds, from the
// beginning again once it ran for 60 seconds. A plain object.
#pragma once

#include <algorithm>

#include "ipc/time.h"

namespace holdfast::supervisor {

class RespawnDelay {
 public:
  static constexpr Duration kLongest = std::chrono::seconds(60);
  static constexpr Duration kUptimeThatForgives = std::chrono::seconds(60);

  void started(TimePoint now) { startedAt_ = now; }

  // To be called when the worker died; how long to wait from `now`.
  [[nodiscard]] Duration died(TimePoint now) {
    if (now - startedAt_ >= kUptimeThatForgives) {
      next_ = Duration::zero();
    }
    const Duration delay = next_;
    next_ = std::clamp<Duration>(2 * delay, std::chrono::seconds(1), kLongest);
    return delay;
  }

 private:
  TimePoint startedAt_;
  Duration next_ = Duration::zero();
};

}  // namespace holdfast::supervisor
