// How many lines of the log other hosts can cause: a burst, and then one in a while. What is left
// out is counted, and said with the next line. A plain object, owned by an Instance.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ipc/time.h"
#include "vrrpd/action.h"

namespace holdfast::vrrpd {

class LineBudget {
 public:
  static constexpr unsigned kBurst = 20;
  static constexpr Duration kPace = std::chrono::seconds(30);  // one line is earned in each

  // Takes the information and detail among out[from...] away that is too much; a warning or an
  // error is kept.
  void apply(TimePoint now, std::size_t from, Actions& out);
  [[nodiscard]] std::uint64_t leftOut() const { return leftOut_; }

 private:
  [[nodiscard]] bool admit(TimePoint now, Action& action);
  [[nodiscard]] bool spend(TimePoint now);

  unsigned left_ = kBurst;
  TimePoint earnedAt_{};  // the line that was earned last
  std::uint64_t leftOut_ = 0;
  std::uint64_t untold_ = 0;
};

}  // namespace holdfast::vrrpd
