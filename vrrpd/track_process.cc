#include "vrrpd/track_process.h"

#include "ipc/concat.h"

namespace holdfast::vrrpd {

bool TrackProcess::count(TimePoint now, std::uint32_t running, bool byFork, Actions& out) {
  const bool isFirst = condition_ == Condition::kUnknown;
  const bool isMore = running > running_;
  running_ = running;
  if (isFirst) {
    condition_ = conditionAt(running);
    return true;
  }
  if (conditionAt(running) == condition_) {
    deadline_ = kNever;
    return false;
  }
  const Duration delay = !isMore ? config_.terminateDelay : byFork ? config_.forkDelay : Duration{};
  if (delay == Duration::zero()) {
    return become(conditionAt(running), out);
  }
  if (deadline_ == kNever) {
    deadline_ = now + delay;
  }
  return false;
}

bool TrackProcess::expire(TimePoint now, Actions& out) {
  return deadline_ <= now && become(conditionAt(running_), out);
}

Condition TrackProcess::conditionAt(std::uint32_t running) const {
  const bool areAsMany = running >= config_.quorum && running <= config_.quorumMax;
  return areAsMany ? Condition::kGood : Condition::kBad;
}

bool TrackProcess::become(Condition condition, Actions& out) {
  deadline_ = kNever;
  condition_ = condition;
  logInfo(out, concat("Quorum ", condition == Condition::kGood ? "gained" : "lost",
                      " for tracked process ", config_.name));
  return true;
}

}  // namespace holdfast::vrrpd
