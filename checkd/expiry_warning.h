// When it is to be said that a server's certificate ends soon: once a day.
#pragma once

#include <cstdint>

#include "ipc/time.h"

namespace holdfast::checkd {

class ExpiryWarning {
 public:
  static constexpr std::int64_t kSecondsOfDay = 86'400;

  // 0 for never.
  explicit ExpiryWarning(std::uint32_t days) : days_(days) {}

  // The certificate ends in so many seconds; it has ended where that is negative. True: say so.
  [[nodiscard]] bool isDue(std::int64_t secondsLeft, TimePoint now) {
    if (days_ == 0 || secondsLeft > days_ * kSecondsOfDay || now < next_) {
      return false;
    }
    next_ = now + std::chrono::seconds(kSecondsOfDay);
    return true;
  }

 private:
  std::uint32_t days_;
  TimePoint next_{};
};

}  // namespace holdfast::checkd
