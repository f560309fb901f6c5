// How many requests one send to netlink may have: the kernel's configuration is locked for as long
// as it works on them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace holdfast::privd {

inline constexpr std::size_t kMaxBatch = 64;

class BatchPace {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  // Half as many when a send took longer than 5 ms.
  void note(std::chrono::nanoseconds took) {
    constexpr std::chrono::milliseconds kLongSend(5);
    if (took > kLongSend) {
      size_ = std::max<std::size_t>(size_ / 2, 1);
    } else if (took < kLongSend / 4) {
      size_ = std::min(size_ * 2, kMaxBatch);
    }
  }

 private:
  std::size_t size_ = kMaxBatch;
};

}  // namespace holdfast::privd
