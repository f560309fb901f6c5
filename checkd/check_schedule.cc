#include "checkd/check_schedule.h"

#include <utility>

namespace holdfast::checkd {

CheckSchedule::CheckSchedule(const CheckTiming& timing, const CheckState& state)
    : timing_(timing), state_(state) {
  if (state_.target >= timing_.targets) {
    state_.target = 0;
  }
  if (!state_.isUp || state_.failures > timing_.retry) {
    state_.failures = 0;
  }
}

void CheckSchedule::activate(TimePoint now, Duration delay) {
  isActive_ = true;
  due_ = now + delay;
}

void CheckSchedule::suspend() {
  isActive_ = false;
  due_ = kNever;
  passes_ = 0;
}

void CheckSchedule::begin() {
  due_ = kNever;
}

void CheckSchedule::postpone(TimePoint now, Duration delay) {
  if (isActive_) {
    due_ = now + delay;
  }
}

CheckSchedule::Outcome CheckSchedule::ended(TimePoint now, bool passed) {
  if (!isActive_) {
    return Outcome::kUnchanged;
  }
  return passed ? this->passed(now) : failed(now);
}

CheckSchedule::Outcome CheckSchedule::passed(TimePoint now) {
  state_.failures = 0;
  nextTarget();
  due_ = now + timing_.delayLoop;
  if (state_.isUp) {
    return std::exchange(state_.hasRun, true) ? Outcome::kUnchanged : Outcome::kUp;
  }
  state_.hasRun = true;
  if (++passes_ < timing_.targets) {
    if (timing_.fastRecovery) {
      due_ = now;
    }
    return Outcome::kUnchanged;
  }
  passes_ = 0;
  state_.isUp = true;
  return Outcome::kUp;
}

// A check that has never run is not given the benefit of a doubt: nobody has seen its server work.
CheckSchedule::Outcome CheckSchedule::failed(TimePoint now) {
  passes_ = 0;
  const bool isKnownUp = state_.isUp && state_.hasRun;
  if (isKnownUp && state_.failures < timing_.retry) {
    ++state_.failures;
    due_ = now + timing_.delayBeforeRetry;
    return Outcome::kRetrying;
  }
  const bool wasUp = std::exchange(state_.isUp, false);
  const bool hadRun = std::exchange(state_.hasRun, true);
  retriesDone_ = std::exchange(state_.failures, 0);
  due_ = now + timing_.delayLoop;
  return wasUp || !hadRun ? Outcome::kDown : Outcome::kStillDown;
}

void CheckSchedule::nextTarget() {
  state_.target = (state_.target + 1) % static_cast<std::uint32_t>(timing_.targets);
}

}  // namespace holdfast::checkd
