// Whether a worker's loop turns, as far as its answers tell. A plain object.
#pragma once

#include <utility>

#include "ipc/time.h"

namespace holdfast::supervisor {

class Liveness {
 public:
  static constexpr Duration kInterval = std::chrono::seconds(4);
  // A worker that has been silent for so long hangs.
  static constexpr Duration kPatience = std::chrono::seconds(8);

  enum class Verdict {
    kAnswers,  // it has answered, or nobody has asked: to be asked now
    kSilent,
    kHangs,
  };

  // To be called at each `interval`. A check that is late itself finds answers that nobody could
  // read, and workers that did not run any more than the supervisor did: it counts for nothing.
  Verdict check(Duration interval, Duration lateness) {
    if (!std::exchange(asked_, true)) {
      silent_ = Duration::zero();
      return Verdict::kAnswers;
    }
    if (lateness < interval / 2) {
      silent_ += interval;
    }
    return silent_ < kPatience ? Verdict::kSilent : Verdict::kHangs;
  }

  // False where nobody has asked.
  [[nodiscard]] bool answered() { return std::exchange(asked_, false); }

 private:
  bool asked_ = false;
  Duration silent_ = Duration::zero();
};

}  // namespace holdfast::supervisor
