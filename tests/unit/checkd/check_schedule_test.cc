#include "checkd/check_schedule.h"

#include <gtest/gtest.h>

#include <random>

namespace holdfast::checkd {
namespace {

using std::chrono::seconds;
using Outcome = CheckSchedule::Outcome;

constexpr CheckTiming kTiming{.delayLoop = seconds(10), .delayBeforeRetry = seconds(2), .retry = 2};
constexpr CheckState kAssumedUp{.isUp = true};
constexpr CheckState kKnownUp{.isUp = true, .hasRun = true};
constexpr CheckState kKnownDown{.isUp = false, .hasRun = true};

TimePoint at(int second) {
  return TimePoint{} + seconds(second);
}

// A schedule whose next attempt ends at once with `passed`.
class Attempts {
 public:
  Attempts(const CheckTiming& timing, const CheckState& state) : schedule(timing, state) {
    schedule.activate(at(0), seconds(0));
  }
  Outcome next(bool passed) {
    now = schedule.due();
    schedule.begin();
    return schedule.ended(now, passed);
  }

  CheckSchedule schedule;
  TimePoint now = at(0);
};

TEST(CheckSchedule, NothingIsDueBeforeItIsActive) {
  CheckSchedule schedule(kTiming, kAssumedUp);
  EXPECT_EQ(schedule.due(), kNever);
  schedule.activate(at(0), seconds(3));
  EXPECT_EQ(schedule.due(), at(3));
  schedule.begin();
  EXPECT_EQ(schedule.due(), kNever);
}

TEST(CheckSchedule, PassesComeOncePerDelayLoopAndAreToldOnce) {
  Attempts attempts(kTiming, kAssumedUp);
  EXPECT_EQ(attempts.next(true), Outcome::kUp);
  EXPECT_EQ(attempts.schedule.due(), at(10));
  EXPECT_EQ(attempts.next(true), Outcome::kUnchanged);
  EXPECT_EQ(attempts.schedule.due(), at(20));
}

TEST(CheckSchedule, OneThatHasNeverRunIsDownAtItsFirstFailure) {
  Attempts attempts(kTiming, kAssumedUp);
  EXPECT_EQ(attempts.next(false), Outcome::kDown);
  EXPECT_FALSE(attempts.schedule.isUp());
  EXPECT_EQ(attempts.schedule.due(), at(10));
}

TEST(CheckSchedule, AFailureIsConfirmedByAsManyRetriesAsConfigured) {
  Attempts attempts(kTiming, kKnownUp);
  EXPECT_EQ(attempts.next(false), Outcome::kRetrying);
  EXPECT_EQ(attempts.schedule.due(), at(2));
  EXPECT_EQ(attempts.next(false), Outcome::kRetrying);
  EXPECT_TRUE(attempts.schedule.isUp());
  EXPECT_EQ(attempts.next(false), Outcome::kDown);
  EXPECT_FALSE(attempts.schedule.isUp());
  EXPECT_EQ(attempts.schedule.retriesDone(), 2U);
  EXPECT_EQ(attempts.schedule.due(), at(14));
}

TEST(CheckSchedule, APassBetweenForgivesFailures) {
  Attempts attempts(kTiming, kKnownUp);
  EXPECT_EQ(attempts.next(false), Outcome::kRetrying);
  EXPECT_EQ(attempts.next(false), Outcome::kRetrying);
  EXPECT_EQ(attempts.next(true), Outcome::kUnchanged);
  EXPECT_EQ(attempts.next(false), Outcome::kRetrying);
  EXPECT_EQ(attempts.next(false), Outcome::kRetrying);
  EXPECT_TRUE(attempts.schedule.isUp());
}

TEST(CheckSchedule, OnePassBringsItUp) {
  Attempts attempts(kTiming, kKnownDown);
  EXPECT_EQ(attempts.next(false), Outcome::kStillDown);
  EXPECT_EQ(attempts.schedule.due(), at(10));
  EXPECT_EQ(attempts.next(true), Outcome::kUp);
}

TEST(CheckSchedule, WithAlphaItsFirstFailureIsSaid) {
  Attempts attempts(kTiming, CheckState{});
  EXPECT_EQ(attempts.next(false), Outcome::kDown);
  EXPECT_EQ(attempts.next(false), Outcome::kStillDown);
}

CheckTiming withTargets(bool fastRecovery) {
  CheckTiming timing = kTiming;
  timing.targets = 3;
  timing.fastRecovery = fastRecovery;
  return timing;
}

TEST(CheckSchedule, TargetsAreLookedAtInTurn) {
  Attempts attempts(withTargets(false), kKnownUp);
  for (const std::size_t target : {0U, 1U, 2U, 0U}) {
    EXPECT_EQ(attempts.schedule.target(), target);
    EXPECT_EQ(attempts.next(true), Outcome::kUnchanged);
  }
}

TEST(CheckSchedule, TheTargetThatFailedIsRetried) {
  Attempts attempts(withTargets(false), kKnownUp);
  EXPECT_EQ(attempts.next(true), Outcome::kUnchanged);
  EXPECT_EQ(attempts.next(false), Outcome::kRetrying);
  EXPECT_EQ(attempts.schedule.target(), 1U);
}

TEST(CheckSchedule, AfterAFailureEveryTargetHasToPass) {
  Attempts attempts(withTargets(false), CheckState{.hasRun = true, .target = 1});
  EXPECT_EQ(attempts.next(true), Outcome::kUnchanged);
  EXPECT_EQ(attempts.schedule.target(), 2U);
  EXPECT_EQ(attempts.next(true), Outcome::kUnchanged);
  EXPECT_EQ(attempts.next(false), Outcome::kStillDown);
  EXPECT_EQ(attempts.schedule.target(), 0U);
  EXPECT_EQ(attempts.next(true), Outcome::kUnchanged);
  EXPECT_EQ(attempts.next(true), Outcome::kUnchanged);
  EXPECT_FALSE(attempts.schedule.isUp());
  EXPECT_EQ(attempts.next(true), Outcome::kUp);
  EXPECT_EQ(attempts.schedule.due(), at(60));
}

TEST(CheckSchedule, FastRecoveryDoesNotWaitBetweenTargets) {
  Attempts attempts(withTargets(true), kKnownDown);
  EXPECT_EQ(attempts.next(true), Outcome::kUnchanged);
  EXPECT_EQ(attempts.next(true), Outcome::kUnchanged);
  EXPECT_EQ(attempts.next(true), Outcome::kUp);
  EXPECT_EQ(attempts.now, at(0));
  EXPECT_EQ(attempts.schedule.due(), at(10));
  EXPECT_EQ(attempts.next(true), Outcome::kUnchanged);
  EXPECT_EQ(attempts.schedule.due(), at(20));
}

TEST(CheckSchedule, NothingThatIsHeardWhileSuspendedCounts) {
  Attempts attempts(kTiming, kKnownUp);
  attempts.schedule.begin();
  attempts.schedule.suspend();
  EXPECT_EQ(attempts.schedule.ended(at(1), false), Outcome::kUnchanged);
  EXPECT_EQ(attempts.schedule.due(), kNever);
  EXPECT_TRUE(attempts.schedule.isUp());
}

TEST(CheckSchedule, AnAttemptThatCouldNotBeMadeIsNoFailure) {
  Attempts attempts(kTiming, kAssumedUp);
  attempts.schedule.begin();
  attempts.schedule.postpone(at(1), seconds(5));
  EXPECT_EQ(attempts.schedule.due(), at(6));
  EXPECT_TRUE(attempts.schedule.isUp());
  EXPECT_EQ(attempts.next(true), Outcome::kUp);
}

TEST(CheckSchedule, ItGoesOnWhereAnotherOneWas) {
  Attempts before(kTiming, kKnownUp);
  EXPECT_EQ(before.next(false), Outcome::kRetrying);
  EXPECT_EQ(before.next(false), Outcome::kRetrying);
  Attempts after(kTiming, before.schedule.state());
  EXPECT_EQ(after.next(false), Outcome::kDown);
}

TEST(CheckSchedule, AStateOfOtherTimingIsBroughtIntoBounds) {
  Attempts attempts(kTiming, CheckState{.isUp = true, .hasRun = true, .failures = 9, .target = 7});
  EXPECT_EQ(attempts.schedule.target(), 0U);
  EXPECT_EQ(attempts.next(false), Outcome::kRetrying);
}

// Whatever servers do: it is down only after retry + 1 failures in a row, and up only after every
// target passed in a row.
TEST(CheckSchedule, AgreesWithANaiveReference) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    CheckTiming timing = kTiming;
    timing.targets = 1 + random() % 4;
    timing.retry = static_cast<std::uint32_t>(random() % 4);
    timing.fastRecovery = random() % 2 == 0;
    Attempts attempts(timing, kKnownUp);
    bool isUp = true;
    std::size_t passes = 0;
    std::size_t failures = 0;
    for (int step = 0; step < 300; ++step) {
      const bool passed = random() % 3 != 0;
      passes = passed ? passes + 1 : 0;
      failures = passed ? 0 : failures + 1;
      const bool wasUp = isUp;
      isUp = wasUp ? failures <= timing.retry : passes >= timing.targets;
      const Outcome outcome = attempts.next(passed);
      ASSERT_EQ(attempts.schedule.isUp(), isUp) << "round " << round << ", step " << step;
      ASSERT_EQ(outcome == Outcome::kUp, isUp && !wasUp);
      ASSERT_EQ(outcome == Outcome::kDown, !isUp && wasUp);
      if (isUp != wasUp) {
        passes = 0;
        failures = 0;
      }
    }
  }
}

}  // namespace
}  // namespace holdfast::checkd
