#include "vrrpd/priority.h"

#include <algorithm>

namespace holdfast::vrrpd {
namespace {

constexpr int kMostPoints = kPriorityOwner - 1;

}  // namespace

Effect effectOf(const Weight& weight, Condition condition) {
  Effect effect{.isKnown = condition != Condition::kUnknown};
  if (weight.weight == 0) {
    effect.isFault = condition == (weight.reverse ? Condition::kGood : Condition::kBad);
  } else if (condition == (weight.weight > 0 ? Condition::kGood : Condition::kBad)) {
    effect.contribution = weight.reverse ? -weight.weight : weight.weight;
  }
  return effect;
}

Effect effectOf(const Weight& weight, FileNumber number) {
  if (weight.weight == 0) {
    return {.isKnown = true, .isFault = (number.value != 0) != weight.reverse};
  }
  const std::int64_t points =
      std::int64_t{number.value} * (weight.reverse ? -weight.weight : weight.weight);
  return {.isKnown = true,
          .isFault = points <= -kMostPoints,
          .contribution =
              static_cast<int>(std::clamp<std::int64_t>(points, -kMostPoints, kMostPoints))};
}

bool PriorityTally::allKnown() const {
  return std::ranges::all_of(effects_, &Effect::isKnown);
}

std::uint8_t PriorityTally::effective() const {
  if (base_ == kPriorityOwner) {
    return kPriorityOwner;
  }
  if (held_) {
    return *held_;
  }
  int total = base_;
  for (const Effect& effect : effects_) {
    total += effect.contribution;
  }
  return static_cast<std::uint8_t>(std::clamp(total, 1, kPriorityOwner - 1));
}

}  // namespace holdfast::vrrpd
