#include "vrrpd/line_budget.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "ipc/concat.h"

namespace holdfast::vrrpd {

void LineBudget::apply(TimePoint now, std::size_t from, Actions& out) {
  std::size_t kept = from;
  for (std::size_t i = from; i < out.size(); ++i) {
    if (admit(now, out[i])) {
      std::swap(out[kept], out[i]);
      ++kept;
    }
  }
  out.erase(out.begin() + static_cast<Actions::difference_type>(kept), out.end());
}

bool LineBudget::admit(TimePoint now, Action& action) {
  auto* const line = std::get_if<LogText>(&action);
  if (line == nullptr || line->severity != Severity::kInfo) {
    return true;
  }
  if (!spend(now)) {
    ++leftOut_;
    ++untold_;
    return false;
  }
  if (untold_ != 0) {
    line->text += concat(" (", untold_, " lines about packets left out before this one)");
    untold_ = 0;
  }
  return true;
}

bool LineBudget::spend(TimePoint now) {
  const auto earned = (now - earnedAt_) / kPace;
  if (earned > 0) {
    left_ = static_cast<unsigned>(std::min<std::int64_t>(left_ + earned, kBurst));
    earnedAt_ = now;
  }
  if (left_ == 0) {
    return false;
  }
  --left_;
  return true;
}

}  // namespace holdfast::vrrpd
