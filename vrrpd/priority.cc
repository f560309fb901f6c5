#include "vrrpd/priority.h"

#include <algorithm>
#include <utility>

namespace holdfast::vrrpd {

int contribution(const Weight& weight, Condition condition) {
  const Condition counted = weight.weight > 0 ? Condition::kGood : Condition::kBad;
  if (condition != counted) {
    return 0;
  }
  return weight.reverse ? -weight.weight : weight.weight;
}

bool isFault(const Weight& weight, Condition condition) {
  return weight.weight == 0 && condition == (weight.reverse ? Condition::kGood : Condition::kBad);
}

PriorityTally::PriorityTally(std::uint8_t base, std::vector<Weight> weights)
    : base_(base), weights_(std::move(weights)), conditions_(weights_.size()) {}

bool PriorityTally::allKnown() const {
  return std::ranges::find(conditions_, Condition::kUnknown) == conditions_.end();
}

std::uint8_t PriorityTally::effective() const {
  if (base_ == kPriorityOwner) {
    return kPriorityOwner;
  }
  if (held_) {
    return *held_;
  }
  int total = base_;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    total += contribution(weights_[i], conditions_[i]);
  }
  return static_cast<std::uint8_t>(std::clamp(total, 1, kPriorityOwner - 1));
}

}  // namespace holdfast::vrrpd
