#include "checkd/check_run.h"

#include <algorithm>
#include <ctime>
#include <utility>
#include <variant>

#include "checkd/check_text.h"
#include "ipc/concat.h"

namespace holdfast::checkd {
namespace {

constexpr Duration kLeastPause = std::chrono::seconds(1);

CheckTiming timingOf(const Checker& checker) {
  const auto* http = std::get_if<HttpCheck>(&checker.check);
  return {.delayLoop = checker.delayLoop,
          .delayBeforeRetry = checker.delayBeforeRetry,
          .retry = checker.retry,
          .targets = targetsOf(checker),
          .fastRecovery = http != nullptr && http->fastRecovery};
}

}  // namespace

CheckRun::CheckRun(const Means& means, Log& log, Place place, const Memory::Entry& before,
                   Told told)
    : means_(means),
      log_(log),
      place_(place),
      told_(std::move(told)),
      schedule_(timingOf(place.checker), before.check),
      weightChange_(before.weightChange),
      drains_(before.drains),
      drainingTarget_(schedule_.target()),
      expiry_(place.checker.expiryWarningDays),
      timer_(means.loop, [this](TimePoint, Duration) { begin(); }) {}

void CheckRun::activate(TimePoint now, Duration delay) {
  if (!schedule_.isActive()) {
    schedule_.activate(now, delay);
    timer_.arm(schedule_.due());
  }
}

void CheckRun::suspend() {
  schedule_.suspend();
  attempt_.reset();
  timer_.disarm();
}

void CheckRun::begin() {
  schedule_.begin();
  attempt_ = makeAttempt(means_, place_.checker, schedule_.target(),
                         [this](const Verdict& verdict) { ended(verdict); });
  attempt_->start(EventLoop::now());
}

void CheckRun::ended(const Verdict& verdict) {
  attempt_.reset();
  if (!verdict.isMade) {
    log_.detail(concat(keywordOf(place_.checker), " on service ", place_.server.name,
                       " could not be made: ", verdict.why));
    schedule_.postpone(EventLoop::now(), std::max(place_.checker.delayBeforeRetry, kLeastPause));
    timer_.arm(schedule_.due());
    return;
  }
  const std::size_t target = schedule_.target();
  const CheckSchedule::Outcome outcome = schedule_.ended(EventLoop::now(), verdict.passed);
  timer_.arm(schedule_.due());
  if (verdict.weight) {
    weightChange_ = std::int64_t{*verdict.weight} - place_.server.weight;
  }
  say(outcome, verdict);
  noteDrain(target, verdict);
  warnOfExpiry(verdict);
  told_(standing());
}

// One that drains does so until the same target passes without it, or fails for good.
void CheckRun::noteDrain(std::size_t target, const Verdict& verdict) {
  const std::string& server = place_.server.name;
  if (verdict.drains) {
    if (!std::exchange(drains_, true)) {
      log_.info(
          concat(keywordOf(place_.checker), " on service ", server, " drains: ", verdict.why));
    }
    drainingTarget_ = target;
  } else if (drains_ && (!schedule_.isUp() || (verdict.passed && target == drainingTarget_))) {
    drains_ = false;
    log_.info(concat(keywordOf(place_.checker), " on service ", server, " drains no more."));
  }
}

void CheckRun::warnOfExpiry(const Verdict& verdict) {
  if (!verdict.certificateEnds) {
    return;
  }
  const std::int64_t left = *verdict.certificateEnds - std::time(nullptr);
  if (expiry_.isDue(left, EventLoop::now())) {
    log_.warning(expiryText(place_.checker, place_.server.name, left));
  }
}

void CheckRun::say(CheckSchedule::Outcome outcome, const Verdict& verdict) {
  const std::string& server = place_.server.name;
  switch (outcome) {
    case CheckSchedule::Outcome::kUp:
      log_.info(passedText(place_.checker, server));
      return;
    case CheckSchedule::Outcome::kDown:
      log_.info(concat(keywordOf(place_.checker), " on service ", server, ": ", verdict.why));
      log_.info(failedText(place_.checker, server, schedule_.retriesDone()));
      return;
    case CheckSchedule::Outcome::kRetrying:
    case CheckSchedule::Outcome::kStillDown:
      if (place_.checker.logAllFailures) {
        log_.info(concat(keywordOf(place_.checker), " on service ", server, ": ", verdict.why));
      }
      return;
    case CheckSchedule::Outcome::kUnchanged:
      return;
  }
}

}  // namespace holdfast::checkd
