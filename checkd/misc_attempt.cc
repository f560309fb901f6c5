#include "checkd/misc_attempt.h"

#include <utility>

namespace holdfast::checkd {
namespace {

constexpr std::uint32_t kFirstWeightStatus = 2;  // misc_dynamic: this exit status is weight 0

class MiscAttempt : public Attempt {
 public:
  MiscAttempt(EventLoop& loop, ScriptRuns& scripts, const MiscCheck& check, Done done)
      : scripts_(scripts),
        check_(check),
        done_(std::move(done)),
        neverRuns_(loop, [this](TimePoint, Duration) {
          done_(Verdict::fail("failed (nobody may run the script)"));
        }) {}

  void start(TimePoint now) override {
    if (check_.neverRuns) {
      neverRuns_.arm(now);
      return;
    }
    pending_ = scripts_.run(check_.identity, check_.script, [this](const ScriptOutcome& outcome) {
      done_(verdictOf(check_, outcome));
    });
  }

 private:
  ScriptRuns& scripts_;
  const MiscCheck& check_;
  Done done_;
  Timer neverRuns_;
  std::unique_ptr<ScriptRuns::Pending> pending_;
};

}  // namespace

Verdict verdictOf(const MiscCheck& check, const ScriptOutcome& outcome) {
  const std::string status = std::to_string(outcome.status);
  switch (outcome.kind) {
    case ScriptOutcome::Kind::kExited:
      if (outcome.status == 0) {
        return Verdict::pass();
      }
      if (check.dynamic && outcome.status >= kFirstWeightStatus) {
        Verdict weighed = Verdict::pass();
        weighed.weight = outcome.status - kFirstWeightStatus;
        return weighed;
      }
      return Verdict::fail("failed (exited with status " + status + ")");
    case ScriptOutcome::Kind::kSignalled:
      return Verdict::fail("failed (due to signal " + status + ")");
    case ScriptOutcome::Kind::kTimedOut:
      return Verdict::fail("timed out");
    case ScriptOutcome::Kind::kNotStarted:
      return Verdict::fail("failed (could not be started)");
  }
  return Verdict::fail("failed");
}

std::unique_ptr<Attempt> makeMiscAttempt(EventLoop& loop, ScriptRuns& scripts,
                                         const MiscCheck& check, Attempt::Done done) {
  return std::make_unique<MiscAttempt>(loop, scripts, check, std::move(done));
}

}  // namespace holdfast::checkd
