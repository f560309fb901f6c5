#include "checkd/script_runs.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

namespace holdfast::checkd {
namespace {

using Outcome = schema::ScriptEvent::Outcome;

constexpr std::uint32_t kFirstWeight = 2;  // misc_dynamic: exit status 2 is weight 0
constexpr std::uint32_t kLastStatus = 255;

Verdict verdictOf(const ScriptEnd& end, bool isDynamic) {
  switch (end.outcome) {
    case Outcome::EXITED:
      if (end.status == 0) {
        return Verdict::pass();
      }
      if (isDynamic && end.status >= kFirstWeight && end.status <= kLastStatus) {
        Verdict passed = Verdict::pass();
        passed.weight = end.status - kFirstWeight;
        return passed;
      }
      return Verdict::fail("exited with status " + std::to_string(end.status));
    case Outcome::SIGNALLED:
      return Verdict::fail("ended by signal " + std::to_string(end.status));
    case Outcome::TIMED_OUT:
      return Verdict::fail("timed out");
    case Outcome::NOT_STARTED:
      if (end.status == EBUSY) {
        return Verdict::notMade("a run that is not wanted any more has not ended");
      }
      return Verdict::fail(end.status == 0 ? std::string("cannot be started: it is not safe to run")
                                           : std::string("cannot be started: ") +
                                                 ::strerror(static_cast<int>(end.status)));
  }
  return Verdict::fail("ended in an unknown way");
}

class MiscAttempt final : public Attempt {
 public:
  MiscAttempt(EventLoop& loop, ScriptRuns& runs, const MiscCheck& check, Done done)
      : runs_(runs),
        check_(check),
        done_(std::move(done)),
        timer_(loop, [this](TimePoint now, Duration lateness) { expired(now, lateness); }) {}
  ~MiscAttempt() override { abandon(); }
  MiscAttempt(const MiscAttempt&) = delete;
  MiscAttempt& operator=(const MiscAttempt&) = delete;

  void start(TimePoint now) override {
    isRunning_ = !check_.neverRuns && runs_.run(check_, [this](
                                                            const std::optional<ScriptEnd>& end) {
      isRunning_ = false;
      this->end(end ? verdictOf(*end, check_.dynamic) : Verdict::notMade("its scriptd is gone"));
    });
    timer_.arm(isRunning_ ? now + check_.timeout + ScriptRuns::kMargin : now);
  }

 private:
  void expired(TimePoint now, Duration lateness) {
    if (check_.neverRuns) {
      end(Verdict::fail("nobody may run it"));
    } else if (!isRunning_) {
      end(Verdict::notMade("its scriptd is not there"));
    } else if (!std::exchange(isOverdue_, true)) {
      // Where this process was held up, the end may have come in time and is only not read yet.
      timer_.arm(now + lateness);
    } else {
      abandon();
      end(Verdict::fail("timed out, and cannot be ended"));
    }
  }

  void abandon() {
    if (std::exchange(isRunning_, false)) {
      runs_.abandon(check_);
    }
  }

  // Its owner may destroy it in this.
  void end(Verdict verdict) {
    const Done done = std::move(done_);
    done(std::move(verdict));
  }

  ScriptRuns& runs_;
  const MiscCheck& check_;
  Done done_;
  Timer timer_;
  bool isRunning_ = false;
  bool isOverdue_ = false;
};

}  // namespace

bool ScriptRuns::run(const MiscCheck& check, Ended ended) {
  if (!ask_(check.identity, check.script, ++asked_)) {
    return false;
  }
  waiting_[{check.identity, check.script}] = {asked_, std::move(ended)};
  return true;
}

void ScriptRuns::ended(IdentityId identity, std::uint32_t script, const ScriptEnd& end) {
  const auto found = waiting_.find({identity, script});
  if (found != waiting_.end() && found->second.sequence == end.sequence) {
    const auto run = waiting_.extract(found);
    run.mapped().ended(end);
  }
}

void ScriptRuns::lost(IdentityId identity) {
  for (auto it = waiting_.lower_bound({identity, 0});
       it != waiting_.end() && it->first.first == identity;
       it = waiting_.lower_bound({identity, 0})) {
    const auto run = waiting_.extract(it);
    run.mapped().ended(std::nullopt);
  }
}

std::unique_ptr<Attempt> makeMiscAttempt(EventLoop& loop, ScriptRuns& runs, const MiscCheck& check,
                                         Attempt::Done done) {
  return std::make_unique<MiscAttempt>(loop, runs, check, std::move(done));
}

}  // namespace holdfast::checkd
