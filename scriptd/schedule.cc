#include "scriptd/schedule.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace holdfast::scriptd {
namespace {

constexpr Duration kHooksAtStop = std::chrono::seconds(1);
constexpr Duration kSkipLogInterval = std::chrono::milliseconds(500);

// Lets what runs end soon, since scriptd leaves.
void hurry(RunLife& life, TimePoint now) {
  switch (life.stage) {
    case RunLife::Stage::kRunning:
      life.next = now;
      return;
    case RunLife::Stage::kTerminating:
      life.next = std::min(life.next, now + kStopTermGrace);
      return;
    case RunLife::Stage::kKilling:
      life.next = std::min(life.next, now + kStopKillGrace);
      return;
    case RunLife::Stage::kIdle:
    case RunLife::Stage::kAbandoned:
      return;
  }
}

}  // namespace

Schedule::Schedule(const std::vector<ScriptTiming>& scripts, std::size_t queues,
                   const std::vector<Duration>& services)
    : queues_(queues) {
  for (const Duration timeout : services) {
    services_.push_back({.timeout = timeout});
  }
  scripts_.reserve(scripts.size());
  for (const ScriptTiming& timing : scripts) {
    scripts_.push_back({timing, {}, kNever, TimePoint::min()});
  }
}

void Schedule::start(TimePoint now) {
  for (Periodic& script : scripts_) {
    script.due = now;
  }
  tick(now);
}

void Schedule::notify(TimePoint now, std::size_t queue, const HookCall& call) {
  HookQueue& hooks = queues_.at(queue);
  std::vector<HookCall> dropped;
  if (!hooks.add(call, dropped)) {
    actions_.push_back(Drop{call, HookDropReason::kTooMany});
  }
  for (const HookCall& stale : dropped) {
    actions_.push_back(Drop{stale, HookDropReason::kStale});
  }
  if (hooks.life.stage == RunLife::Stage::kRunning && hooks.life.next == kNever) {
    hooks.life.next = std::max(now, hooks.life.began + kHookPatience);
  }
  startNext(now, queue);
}

void Schedule::serve(TimePoint now, std::size_t service) {
  if (!stopping_ && services_.at(service).life.idle()) {
    startService(now, service);
  }
}

std::optional<RunResult> Schedule::whyNotServed(std::size_t service) const {
  const RunLife& life = services_.at(service).life;
  if (stopping_ || life.stage == RunLife::Stage::kRunning) {
    return RunResult{Outcome::kNotStarted, EBUSY, {}};
  }
  return life.ending() ? std::optional(RunResult{Outcome::kTimedOut, 0, {}}) : std::nullopt;
}

void Schedule::startService(TimePoint now, std::size_t service) {
  services_[service].begin(now);
  actions_.push_back(Start{slotOfService(service)});
}

void Schedule::serviceEnded(TimePoint now, std::size_t service, const RunResult& result) {
  ServiceRun& run = services_[service];
  if (!run.isKept()) {
    const bool timedOut = run.life.ending() && !stopping_;
    actions_.push_back(Finish{
        service, timedOut ? RunResult{Outcome::kTimedOut, 0, now - run.life.began} : result});
  } else if (!stopping_) {
    run.plan(now);
    actions_.push_back(Revive{service, run.due - now});
  }
  run.life = {};
}

void Schedule::tick(TimePoint now) {
  if (stopping_ && now >= hooksUntil_) {
    endAll(now);
  }
  for (std::size_t i = 0; i < scripts_.size(); ++i) {
    advance(now, idAt<SlotId>(i), scripts_[i].life);
    startDue(now, i);
  }
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    advance(now, slotOfQueue(i), queues_[i].life);
  }
  for (std::size_t i = 0; i < services_.size(); ++i) {
    advance(now, slotOfService(i), services_[i].life);
    if (now >= services_[i].due) {
      startService(now, i);
    }
  }
}

void Schedule::startDue(TimePoint now, std::size_t index) {
  Periodic& script = scripts_[index];
  if (now < script.due) {
    return;
  }
  const Duration late = now - script.due;
  script.due += (late / script.timing.interval + 1) * script.timing.interval;
  if (script.life.idle()) {
    script.life.begin(now, now + script.timing.timeout);
    actions_.push_back(Start{idAt<SlotId>(index)});
  } else if (script.lastSkip == TimePoint::min() || now - script.lastSkip >= kSkipLogInterval) {
    script.lastSkip = now;
    actions_.push_back(Skip{idAt<ScriptId>(index), script.life.ending()});
  }
}

void Schedule::startNext(TimePoint now, std::size_t queue) {
  if (queues_[queue].takeNext(now)) {
    actions_.push_back(Start{slotOfQueue(queue)});
  }
}

void Schedule::advance(TimePoint now, SlotId slot, RunLife& life) {
  if (now < life.next) {
    return;
  }
  switch (life.stage) {
    case RunLife::Stage::kRunning:
      life.stage = RunLife::Stage::kTerminating;
      life.next = now + (stopping_ ? kStopTermGrace : kTermGrace);
      actions_.push_back(Terminate{slot});
      if (isScript(slot) && !stopping_) {
        actions_.push_back(
            Report{scriptOf(slot), RunResult{Outcome::kTimedOut, 0, now - life.began}});
      }
      return;
    case RunLife::Stage::kTerminating:
      life.stage = RunLife::Stage::kKilling;
      life.next = now + (stopping_ ? kStopKillGrace : kKillGrace);
      actions_.push_back(Kill{slot});
      return;
    case RunLife::Stage::kKilling:
      life.stage = RunLife::Stage::kAbandoned;
      life.next = kNever;
      actions_.push_back(Abandon{slot});
      return;
    case RunLife::Stage::kIdle:
    case RunLife::Stage::kAbandoned:
      return;
  }
}

void Schedule::ended(TimePoint now, SlotId slot, const RunResult& result) {
  if (isScript(slot)) {
    RunLife& life = scripts_[indexOf(slot)].life;
    // A run that was ended has been reported at its deadline.
    if (life.stage == RunLife::Stage::kRunning) {
      actions_.push_back(Report{scriptOf(slot), result});
    }
    life = {};
    return;
  }
  if (isService(slot)) {
    serviceEnded(now, serviceOf(slot), result);
    return;
  }
  const std::size_t queue = indexOf(slot) - scripts_.size();
  queues_[queue].life = {};
  startNext(now, queue);
}

void Schedule::stop(TimePoint now) {
  if (stopping_) {
    return;
  }
  stopping_ = true;
  hooksUntil_ = now + kHooksAtStop;
  for (ServiceRun& service : services_) {
    service.due = kNever;
    if (!service.isKept()) {
      hurry(service.life, now);
    }
  }
  for (std::size_t i = 0; i < scripts_.size(); ++i) {
    scripts_[i].due = kNever;
    hurry(scripts_[i].life, now);
    advance(now, idAt<SlotId>(i), scripts_[i].life);
  }
}

void Schedule::endAll(TimePoint now) {
  hooksUntil_ = kNever;
  for (HookQueue& queue : queues_) {
    std::vector<HookCall> dropped;
    queue.clear(dropped);
    for (const HookCall& call : dropped) {
      actions_.push_back(Drop{call, HookDropReason::kStopping});
    }
    hurry(queue.life, now);
  }
  for (ServiceRun& service : services_) {
    hurry(service.life, now);
  }
}

TimePoint Schedule::deadline() const {
  TimePoint earliest = hooksUntil_;
  for (const Periodic& script : scripts_) {
    earliest = std::min({earliest, script.due, script.life.next});
  }
  for (const HookQueue& queue : queues_) {
    earliest = std::min(earliest, queue.life.next);
  }
  for (const ServiceRun& service : services_) {
    earliest = std::min({earliest, service.due, service.life.next});
  }
  return earliest;
}

bool Schedule::over() const {
  const auto gone = [](const RunLife& life) {
    return life.idle() || life.stage == RunLife::Stage::kAbandoned;
  };
  return stopping_ &&
         std::all_of(scripts_.begin(), scripts_.end(),
                     [&gone](const Periodic& script) { return gone(script.life); }) &&
         std::all_of(queues_.begin(), queues_.end(),
                     [&gone](const HookQueue& queue) { return gone(queue.life); }) &&
         std::all_of(services_.begin(), services_.end(),
                     [&gone](const ServiceRun& service) { return gone(service.life); });
}

const RunLife& Schedule::lifeOf(SlotId slot) const {
  if (isService(slot)) {
    return services_.at(serviceOf(slot)).life;
  }
  return isScript(slot) ? scripts_.at(indexOf(slot)).life
                        : queues_.at(indexOf(slot) - scripts_.size()).life;
}

}  // namespace holdfast::scriptd
