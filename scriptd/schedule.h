// When which script runs, and for how long: the logic of scriptd without a clock or a process.
//
// It is told the time and what happened, and answers with actions. Periodic scripts run by their
// interval, whatever a run takes; a run that is due while the last one is still there is skipped.
// Notify hooks of one instance run in order, one at a time (see HookQueue).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "ipc/ids.h"
#include "ipc/time.h"
#include "scriptd/hook_queue.h"
#include "scriptd/run_life.h"
#include "scriptd/service_run.h"

namespace holdfast::scriptd {

enum class Outcome : std::uint8_t {
  kExited,     // status: the exit status
  kSignalled,  // status: the signal
  kTimedOut,
  kNotStarted,  // status: the errno, 0 when the path check refused it
};

struct RunResult {
  Outcome outcome = Outcome::kExited;
  std::uint32_t status = 0;
  Duration ran{};

  friend bool operator==(const RunResult&, const RunResult&) = default;
};

struct ScriptTiming {
  Duration interval{};
  Duration timeout{};
};

// A slot in which at most one run is at any time: one for each periodic script, then one for each
// hook queue, then one for each service.
enum class SlotId : std::uint32_t {};

struct Start {
  SlotId slot;
  friend bool operator==(const Start&, const Start&) = default;
};
// TERM to the run's process group.
struct Terminate {
  SlotId slot;
  friend bool operator==(const Terminate&, const Terminate&) = default;
};
// KILL to the run's process group and to all of its tree.
struct Kill {
  SlotId slot;
  friend bool operator==(const Kill&, const Kill&) = default;
};
// Even KILL did not end it; the slot stays taken until it is gone.
struct Abandon {
  SlotId slot;
  friend bool operator==(const Abandon&, const Abandon&) = default;
};
struct Report {
  ScriptId script;
  RunResult result;
  friend bool operator==(const Report&, const Report&) = default;
};
// A run was due, but the last one is still there.
struct Skip {
  ScriptId script;
  bool timingOut;
  friend bool operator==(const Skip&, const Skip&) = default;
};
// A hook call that will not run.
struct Drop {
  HookCall call;
  HookDropReason reason;
  friend bool operator==(const Drop&, const Drop&) = default;
};
// A service that runs once is over.
struct Finish {
  std::size_t service;
  RunResult result;
  friend bool operator==(const Finish&, const Finish&) = default;
};
// A service that is kept running has ended.
struct Revive {
  std::size_t service;
  Duration pause;
  friend bool operator==(const Revive&, const Revive&) = default;
};
using Action = std::variant<Start, Terminate, Kill, Abandon, Report, Skip, Drop, Finish, Revive>;

class Schedule {
 public:
  Schedule() = default;
  // `services` are their timeouts, zero for one that is kept running.
  Schedule(const std::vector<ScriptTiming>& scripts, std::size_t queues,
           const std::vector<Duration>& services = {});

  // The first run of every script is due at once.
  void start(TimePoint now);
  void notify(TimePoint now, std::size_t queue, const HookCall& call);
  // Once for each service.
  void serve(TimePoint now, std::size_t service);
  // What to answer whoever wants one that still runs: EBUSY, or that it takes too long.
  [[nodiscard]] std::optional<RunResult> whyNotServed(std::size_t service) const;
  void tick(TimePoint now);
  // The run in `slot` could not begin, or is over.
  void ended(TimePoint now, SlotId slot, const RunResult& result);
  // Periodic scripts end now; hooks that wait have one second, then everything ends.
  void stop(TimePoint now);

  // What to do, in order, since the last call.
  [[nodiscard]] std::vector<Action> takeActions() { return std::exchange(actions_, {}); }
  // When tick() is next needed.
  [[nodiscard]] TimePoint deadline() const;
  // After stop(): nothing runs any more, or what runs cannot be ended.
  [[nodiscard]] bool over() const;

  [[nodiscard]] bool isScript(SlotId slot) const { return indexOf(slot) < scripts_.size(); }
  [[nodiscard]] bool isService(SlotId slot) const {
    return indexOf(slot) >= scripts_.size() + queues_.size();
  }
  [[nodiscard]] std::size_t serviceOf(SlotId slot) const {
    return indexOf(slot) - scripts_.size() - queues_.size();
  }
  [[nodiscard]] ScriptId scriptOf(SlotId slot) const { return idAt<ScriptId>(indexOf(slot)); }
  // The hook call that runs in the slot of a queue.
  [[nodiscard]] const HookCall& callOf(SlotId slot) const {
    return queues_.at(indexOf(slot) - scripts_.size()).running();
  }
  [[nodiscard]] const RunLife& lifeOf(SlotId slot) const;

 private:
  struct Periodic {
    ScriptTiming timing;
    RunLife life;
    TimePoint due = kNever;
    TimePoint lastSkip = TimePoint::min();
  };

  [[nodiscard]] SlotId slotOfQueue(std::size_t queue) const {
    return idAt<SlotId>(scripts_.size() + queue);
  }
  [[nodiscard]] SlotId slotOfService(std::size_t service) const {
    return idAt<SlotId>(scripts_.size() + queues_.size() + service);
  }
  void startService(TimePoint now, std::size_t service);
  void serviceEnded(TimePoint now, std::size_t service, const RunResult& result);
  void startDue(TimePoint now, std::size_t index);
  void startNext(TimePoint now, std::size_t queue);
  void advance(TimePoint now, SlotId slot, RunLife& life);
  void endAll(TimePoint now);

  std::vector<Periodic> scripts_;
  std::vector<HookQueue> queues_;
  std::vector<ServiceRun> services_;
  std::vector<Action> actions_;
  TimePoint hooksUntil_ = kNever;  // set by stop()
  bool stopping_ = false;
};

}  // namespace holdfast::scriptd
