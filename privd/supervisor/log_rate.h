// How many lines a worker may log: so many at once, and so many in the long run. A plain object.
#pragma once

#include <algorithm>

#include "ipc/time.h"

namespace holdfast::supervisor {

class LogRate {
 public:
  static constexpr int kPerSecond = 50;
  // A thousand instances that change their state together say less.
  static constexpr int kBurst = 5000;

  // Whether there is room for one more line.
  [[nodiscard]] bool take(TimePoint now) {
    const TimePoint paid = std::max(paidUntil_, now) + kPerLine;
    if (paid > now + kBurst * kPerLine) {
      return false;
    }
    paidUntil_ = paid;
    return true;
  }

 private:
  static constexpr Duration kPerLine = Duration(std::chrono::seconds(1)) / kPerSecond;

  TimePoint paidUntil_;
};

}  // namespace holdfast::supervisor
