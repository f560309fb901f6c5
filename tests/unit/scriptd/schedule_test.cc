#include "scriptd/schedule.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

namespace holdfast::scriptd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint at(Duration since) {
  return TimePoint{} + seconds(1000) + since;
}
constexpr SlotId slot(std::uint32_t index) {
  return SlotId{index};
}
const RunResult kGood{Outcome::kExited, 0, milliseconds(5)};

using Actions = std::vector<Action>;

Schedule oneScript(Duration interval, Duration timeout) {
  return {{{interval, timeout}}, 1};
}

HookCall call(std::uint32_t hook, HookState state, std::uint32_t sequence) {
  return {hook, state, 100, sequence};
}

TEST(Schedule, RunsByIntervalWhateverARunTakes) {
  Schedule schedule = oneScript(seconds(3), seconds(3));
  schedule.start(at(seconds(0)));
  EXPECT_EQ(schedule.takeActions(), Actions{Start{slot(0)}});
  schedule.ended(at(milliseconds(700)), slot(0), kGood);
  EXPECT_EQ(schedule.takeActions(), Actions{(Report{ScriptId{0}, kGood})});
  EXPECT_EQ(schedule.deadline(), at(seconds(3)));
  schedule.tick(at(milliseconds(2999)));
  EXPECT_TRUE(schedule.takeActions().empty());
  schedule.tick(at(milliseconds(3100)));
  EXPECT_EQ(schedule.takeActions(), Actions{Start{slot(0)}});
  schedule.ended(at(milliseconds(5900)), slot(0), kGood);
  EXPECT_EQ(schedule.deadline(), at(seconds(6)));
}

TEST(Schedule, SkipsWhatWasMissed) {
  Schedule schedule = oneScript(seconds(1), seconds(1));
  schedule.start(at(seconds(0)));
  schedule.ended(at(seconds(0)), slot(0), kGood);
  (void)schedule.takeActions();
  schedule.tick(at(milliseconds(7500)));
  EXPECT_EQ(schedule.takeActions(), Actions{Start{slot(0)}});
  EXPECT_EQ(schedule.deadline(), at(seconds(8)));
}

TEST(Schedule, SkipsARunThatOverlaps) {
  Schedule schedule = oneScript(seconds(1), seconds(5));
  schedule.start(at(seconds(0)));
  (void)schedule.takeActions();
  schedule.tick(at(seconds(1)));
  EXPECT_EQ(schedule.takeActions(), Actions{(Skip{ScriptId{0}, false})});
  schedule.tick(at(seconds(2)));
  EXPECT_EQ(schedule.takeActions(), Actions{(Skip{ScriptId{0}, false})});
  schedule.ended(at(milliseconds(2500)), slot(0), kGood);
  (void)schedule.takeActions();
  schedule.tick(at(seconds(3)));
  EXPECT_EQ(schedule.takeActions(), Actions{Start{slot(0)}});
}

TEST(Schedule, LogsSkippedRunsAtABoundedRate) {
  Schedule schedule = oneScript(milliseconds(1), seconds(5));
  schedule.start(at(seconds(0)));
  (void)schedule.takeActions();
  std::size_t skips = 0;
  for (int i = 1; i <= 2000; ++i) {
    schedule.tick(at(milliseconds(i)));
    skips += schedule.takeActions().size();
  }
  EXPECT_LE(skips, 5U);
}

TEST(Schedule, TimeoutReportsAtOnceThenTermKillAndGivesUp) {
  Schedule schedule = oneScript(seconds(100), seconds(3));
  schedule.start(at(seconds(0)));
  (void)schedule.takeActions();
  schedule.tick(at(seconds(3)));
  const RunResult late{Outcome::kTimedOut, 0, seconds(3)};
  EXPECT_EQ(schedule.takeActions(), (Actions{Terminate{slot(0)}, Report{ScriptId{0}, late}}));
  EXPECT_EQ(schedule.deadline(), at(seconds(5)));
  schedule.tick(at(seconds(5)));
  EXPECT_EQ(schedule.takeActions(), Actions{Kill{slot(0)}});
  EXPECT_EQ(schedule.deadline(), at(seconds(15)));
  schedule.tick(at(seconds(15)));
  EXPECT_EQ(schedule.takeActions(), Actions{Abandon{slot(0)}});
  EXPECT_EQ(schedule.deadline(), at(seconds(100)));
  schedule.tick(at(seconds(100)));
  EXPECT_EQ(schedule.takeActions(), Actions{(Skip{ScriptId{0}, true})});
  // It goes after all: the slot is free again, and the old run says nothing.
  schedule.ended(at(seconds(150)), slot(0), kGood);
  EXPECT_TRUE(schedule.takeActions().empty());
  schedule.tick(at(seconds(200)));
  EXPECT_EQ(schedule.takeActions(), Actions{Start{slot(0)}});
}

TEST(Schedule, ARunThatEndsAfterTermIsNotReportedTwice) {
  Schedule schedule = oneScript(seconds(100), seconds(3));
  schedule.start(at(seconds(0)));
  schedule.tick(at(seconds(3)));
  (void)schedule.takeActions();
  schedule.ended(at(seconds(4)), slot(0), kGood);
  EXPECT_TRUE(schedule.takeActions().empty());
  EXPECT_TRUE(schedule.lifeOf(slot(0)).idle());
}

TEST(Schedule, HooksOfOneInstanceRunInOrderOneAtATime) {
  Schedule schedule({}, 2);
  schedule.notify(at(seconds(0)), 0, call(0, HookState::kMaster, 1));
  schedule.notify(at(seconds(0)), 0, call(1, HookState::kMaster, 1));
  schedule.notify(at(seconds(0)), 1, call(2, HookState::kBackup, 1));
  EXPECT_EQ(schedule.takeActions(), (Actions{Start{slot(0)}, Start{slot(1)}}));
  EXPECT_EQ(schedule.callOf(slot(0)).hook, 0U);
  EXPECT_EQ(schedule.callOf(slot(1)).hook, 2U);
  schedule.ended(at(seconds(1)), slot(0), kGood);
  EXPECT_EQ(schedule.takeActions(), Actions{Start{slot(0)}});
  EXPECT_EQ(schedule.callOf(slot(0)).hook, 1U);
}

TEST(Schedule, StaleHooksAreDroppedButNeverStop) {
  Schedule schedule({}, 1);
  schedule.notify(at(seconds(0)), 0, call(0, HookState::kMaster, 1));
  const HookCall backup = call(1, HookState::kBackup, 2);
  const HookCall any = call(2, HookState::kBackup, 2);
  schedule.notify(at(seconds(0)), 0, backup);
  schedule.notify(at(seconds(0)), 0, any);
  (void)schedule.takeActions();
  const HookCall stop = call(3, HookState::kStop, 3);
  schedule.notify(at(seconds(0)), 0, stop);
  EXPECT_EQ(schedule.takeActions(),
            (Actions{Drop{backup, HookDropReason::kStale}, Drop{any, HookDropReason::kStale}}));
  schedule.notify(at(seconds(0)), 0, call(4, HookState::kMaster, 4));
  EXPECT_TRUE(schedule.takeActions().empty());
  schedule.ended(at(seconds(1)), slot(0), kGood);
  EXPECT_EQ(schedule.callOf(slot(0)), stop);
  schedule.ended(at(seconds(2)), slot(0), kGood);
  EXPECT_EQ(schedule.callOf(slot(0)).hook, 4U);
}

TEST(Schedule, AFloodOfHooksIsBounded) {
  Schedule schedule({}, 1);
  constexpr std::size_t kFlood = 2 * kMaxWaitingHooks;
  std::size_t dropped = 0;
  for (std::size_t i = 0; i < kFlood; ++i) {
    schedule.notify(at(seconds(0)), 0, call(0, HookState::kStop, 1));
    for (const Action& action : schedule.takeActions()) {
      dropped += std::holds_alternative<Drop>(action) ? 1 : 0;
    }
  }
  EXPECT_EQ(dropped, kFlood - 1 - kMaxWaitingHooks);
}

TEST(Schedule, WhatIsSaidOfServersIsNeverStale) {
  Schedule schedule({}, 1);
  for (const std::uint32_t hook : {1U, 2U, 3U}) {
    schedule.notify(at(seconds(0)), 0, call(hook, HookState::kOfServer, hook));
  }
  EXPECT_EQ(schedule.takeActions(), (Actions{Start{slot(0)}}));
  for (const std::uint32_t hook : {1U, 2U, 3U}) {
    EXPECT_EQ(schedule.callOf(slot(0)).hook, hook);
    schedule.ended(at(seconds(1)), slot(0), kGood);
  }
}

TEST(Schedule, AHookMayTakeItsTimeUntilAnotherWaits) {
  Schedule schedule({}, 1);
  schedule.notify(at(seconds(0)), 0, call(0, HookState::kMaster, 1));
  EXPECT_EQ(schedule.deadline(), kNever);
  (void)schedule.takeActions();
  schedule.notify(at(seconds(100)), 0, call(1, HookState::kBackup, 2));
  EXPECT_EQ(schedule.deadline(), at(seconds(100)));
  schedule.tick(at(seconds(100)));
  EXPECT_EQ(schedule.takeActions(), Actions{Terminate{slot(0)}});
  schedule.ended(at(seconds(101)), slot(0), kGood);
  EXPECT_EQ(schedule.takeActions(), Actions{Start{slot(0)}});
  EXPECT_EQ(schedule.deadline(), kNever);
}

TEST(Schedule, StopEndsScriptsAtOnceAndHooksAfterASecond) {
  Schedule schedule = oneScript(seconds(3), seconds(3));
  schedule.start(at(seconds(0)));
  schedule.notify(at(seconds(0)), 0, call(0, HookState::kStop, 1));
  schedule.notify(at(seconds(0)), 0, call(1, HookState::kStop, 1));
  (void)schedule.takeActions();
  schedule.stop(at(seconds(1)));
  EXPECT_EQ(schedule.takeActions(), Actions{Terminate{slot(0)}});
  EXPECT_FALSE(schedule.over());
  schedule.ended(at(milliseconds(1100)), slot(0), kGood);
  schedule.ended(at(milliseconds(1200)), slot(1), kGood);
  EXPECT_EQ(schedule.takeActions(), Actions{Start{slot(1)}});
  EXPECT_EQ(schedule.deadline(), at(seconds(2)));
  schedule.tick(at(seconds(2)));
  EXPECT_EQ(schedule.takeActions(), Actions{Terminate{slot(1)}});
  schedule.tick(at(milliseconds(2500)));
  EXPECT_EQ(schedule.takeActions(), Actions{Kill{slot(1)}});
  EXPECT_FALSE(schedule.over());
  schedule.ended(at(milliseconds(2501)), slot(1), kGood);
  EXPECT_TRUE(schedule.over());
  EXPECT_EQ(schedule.deadline(), kNever);
}

TEST(Schedule, StopWithNothingRunningIsOverAtOnce) {
  Schedule schedule = oneScript(seconds(3), seconds(3));
  schedule.start(at(seconds(0)));
  schedule.ended(at(seconds(1)), slot(0), kGood);
  (void)schedule.takeActions();
  schedule.stop(at(seconds(2)));
  EXPECT_TRUE(schedule.over());
  EXPECT_TRUE(schedule.takeActions().empty());
}

TEST(Schedule, StopDoesNotWaitForWhatCannotBeEnded) {
  Schedule schedule = oneScript(seconds(30), seconds(1));
  schedule.start(at(seconds(0)));
  schedule.tick(at(seconds(1)));
  schedule.tick(at(seconds(3)));
  schedule.stop(at(seconds(4)));
  EXPECT_EQ(schedule.deadline(), at(seconds(5)));
  (void)schedule.takeActions();
  schedule.tick(at(seconds(5)));
  EXPECT_EQ(schedule.takeActions(), Actions{Abandon{slot(0)}});
  EXPECT_TRUE(schedule.over());
}

Schedule oneService(Duration timeout) {
  return {{}, 0, {timeout}};
}

TEST(Schedule, AServiceRunsOnceWhenItIsAskedFor) {
  Schedule schedule = oneService(seconds(10));
  schedule.start(at(seconds(0)));
  EXPECT_TRUE(schedule.takeActions().empty());
  schedule.serve(at(seconds(1)), 0);
  EXPECT_EQ(schedule.takeActions(), Actions{Start{slot(0)}});
  schedule.ended(at(seconds(2)), slot(0), kGood);
  EXPECT_EQ(schedule.takeActions(), Actions{(Finish{0, kGood})});
  EXPECT_EQ(schedule.deadline(), kNever);
}

TEST(Schedule, AServiceThatHangsIsEndedAtItsLimit) {
  Schedule schedule = oneService(seconds(10));
  schedule.serve(at(seconds(0)), 0);
  (void)schedule.takeActions();
  schedule.tick(at(seconds(10)));
  EXPECT_EQ(schedule.takeActions(), Actions{Terminate{slot(0)}});
  schedule.tick(at(seconds(12)));
  EXPECT_EQ(schedule.takeActions(), Actions{Kill{slot(0)}});
  schedule.ended(at(seconds(12)), slot(0), {Outcome::kSignalled, 9, seconds(12)});
  EXPECT_EQ(schedule.takeActions(),
            Actions{(Finish{0, RunResult{Outcome::kTimedOut, 0, seconds(12)}})});
}

TEST(Schedule, SaysWhyAServiceThatStillRunsIsNotServed) {
  Schedule schedule = oneService(seconds(10));
  EXPECT_EQ(schedule.whyNotServed(0), std::nullopt);
  schedule.serve(at(seconds(0)), 0);
  EXPECT_EQ(schedule.whyNotServed(0), (RunResult{Outcome::kNotStarted, EBUSY, {}}));
  for (const int end : {10, 12, 22}) {
    schedule.tick(at(seconds(end)));
    EXPECT_EQ(schedule.whyNotServed(0), (RunResult{Outcome::kTimedOut, 0, {}})) << end;
  }
  schedule.ended(at(seconds(60)), slot(0), {Outcome::kSignalled, 9, seconds(60)});
  EXPECT_EQ(schedule.whyNotServed(0), std::nullopt);
}

TEST(Schedule, AKeptServiceIsStartedAgainLaterAndLater) {
  Schedule schedule = oneService(Duration::zero());
  TimePoint now = at(seconds(0));
  schedule.serve(now, 0);
  for (const int pause : {0, 1, 2, 4, 8, 16, 32, 60, 60}) {
    EXPECT_EQ(schedule.takeActions(), Actions{Start{slot(0)}});
    EXPECT_EQ(schedule.deadline(), kNever);
    schedule.ended(now, slot(0), kGood);
    EXPECT_EQ(schedule.takeActions(), Actions{(Revive{0, seconds(pause)})});
    now += seconds(pause);
    EXPECT_EQ(schedule.deadline(), now);
    schedule.tick(now);
  }
  (void)schedule.takeActions();
  schedule.ended(now + seconds(60), slot(0), kGood);
  EXPECT_EQ(schedule.takeActions(), Actions{(Revive{0, seconds(0)})});
}

TEST(Schedule, AtTheEndAKeptServiceHasASecondToReadWhatIsLeft) {
  Schedule schedule = oneService(Duration::zero());
  schedule.serve(at(seconds(0)), 0);
  (void)schedule.takeActions();
  schedule.stop(at(seconds(5)));
  EXPECT_TRUE(schedule.takeActions().empty());
  EXPECT_FALSE(schedule.over());
  schedule.tick(at(seconds(6)));
  EXPECT_EQ(schedule.takeActions(), Actions{Terminate{slot(0)}});
  schedule.ended(at(seconds(6)), slot(0), kGood);
  EXPECT_TRUE(schedule.takeActions().empty());
  EXPECT_TRUE(schedule.over());
}

}  // namespace
}  // namespace holdfast::scriptd
