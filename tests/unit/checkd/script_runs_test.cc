#include "checkd/script_runs.h"

#include <cerrno>

#include "tests/unit/checkd/attempt_run.h"

namespace holdfast::checkd {
namespace {

using Outcome = schema::ScriptEvent::Outcome;
using std::chrono::milliseconds;

class ScriptRunsTest : public testing::Test {
 protected:
  EventLoop loop_ = std::move(EventLoop::create()).value();
  bool isThere_ = true;
  std::vector<std::uint32_t> asked_;
  ScriptRuns runs_{[this](IdentityId, std::uint32_t, std::uint32_t sequence) {
    asked_.push_back(sequence);
    return isThere_;
  }};
  MiscCheck check_{.identity = IdentityId{2},
                   .script = 7,
                   .dynamic = false,
                   .neverRuns = false,
                   .timeout = milliseconds(100)};

  Verdict verdict(const std::function<void()>& meanwhile = [] {}) {
    return verdictOf(loop_, [&](Attempt::Done done) {
      class Meanwhile : public Attempt {
       public:
        Meanwhile(std::unique_ptr<Attempt> of, EventLoop& loop, std::function<void()> what)
            : of_(std::move(of)),
              timer_(loop, [what = std::move(what)](TimePoint, Duration) { what(); }) {}
        void start(TimePoint now) override {
          of_->start(now);
          timer_.arm(now);
        }

       private:
        std::unique_ptr<Attempt> of_;
        Timer timer_;
      };
      return std::make_unique<Meanwhile>(makeMiscAttempt(loop_, runs_, check_, std::move(done)),
                                         loop_, meanwhile);
    });
  }
  Verdict verdictOn(Outcome outcome, std::uint32_t status) {
    return verdict([&] {
      runs_.ended(check_.identity, check_.script, {outcome, status, asked_.back()});
    });
  }
};

TEST_F(ScriptRunsTest, TheExitStatusIsTheVerdict) {
  EXPECT_TRUE(verdictOn(Outcome::EXITED, 0).passed);
  EXPECT_EQ(verdictOn(Outcome::EXITED, 3).why, "exited with status 3");
  EXPECT_EQ(verdictOn(Outcome::SIGNALLED, 9).why, "ended by signal 9");
  EXPECT_EQ(verdictOn(Outcome::TIMED_OUT, 0).why, "timed out");
}

TEST_F(ScriptRunsTest, WithMiscDynamicItIsAWeight) {
  check_.dynamic = true;
  EXPECT_EQ(verdictOn(Outcome::EXITED, 2).weight, 0U);
  EXPECT_EQ(verdictOn(Outcome::EXITED, 255).weight, 253U);
  EXPECT_EQ(verdictOn(Outcome::EXITED, 0).weight, std::nullopt);
  EXPECT_FALSE(verdictOn(Outcome::EXITED, 1).passed);
}

TEST_F(ScriptRunsTest, TheEndOfAnAbandonedRunEndsNoOther) {
  auto first = makeMiscAttempt(loop_, runs_, check_, [](const Verdict&) { FAIL(); });
  first->start(EventLoop::now());
  const std::uint32_t stale = asked_.back();
  first.reset();
  const Verdict said = verdict([&] {
    runs_.ended(check_.identity, check_.script, {Outcome::EXITED, 1, stale});
    runs_.ended(check_.identity, check_.script, {Outcome::EXITED, 0, asked_.back()});
  });
  EXPECT_TRUE(said.passed) << said.why;
}

TEST_F(ScriptRunsTest, WhatIsNotTheScriptsFaultSaysNothing) {
  EXPECT_FALSE(verdict([&] { runs_.lost(check_.identity); }).isMade);
  EXPECT_FALSE(verdictOn(Outcome::NOT_STARTED, EBUSY).isMade);
  isThere_ = false;
  EXPECT_FALSE(verdict().isMade);
}

TEST_F(ScriptRunsTest, WhatCannotBeStartedHasFailed) {
  EXPECT_TRUE(verdictOn(Outcome::NOT_STARTED, ENOENT).isMade);
  check_.neverRuns = true;
  EXPECT_EQ(verdict().why, "nobody may run it");
}

TEST_F(ScriptRunsTest, AScriptdThatSaysNothingIsNotWaitedForForEver) {
  const TimePoint began = EventLoop::now();
  const Verdict said = verdict();
  EXPECT_TRUE(said.isMade);
  EXPECT_EQ(said.why, "timed out, and cannot be ended");
  EXPECT_GE(EventLoop::now() - began, check_.timeout + ScriptRuns::kMargin);
}

}  // namespace
}  // namespace holdfast::checkd
