#include "privd/supervisor/liveness.h"

#include <gtest/gtest.h>

namespace holdfast::supervisor {
namespace {

using Verdict = Liveness::Verdict;
using namespace std::chrono_literals;

TEST(Liveness, WhoAnswersIsAskedAgain) {
  Liveness liveness;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(liveness.check(4s, 0s), Verdict::kAnswers);
    ASSERT_TRUE(liveness.answered());
  }
}

TEST(Liveness, WhoIsSilentForLongEnoughHangs) {
  Liveness liveness;
  EXPECT_EQ(liveness.check(4s, 0s), Verdict::kAnswers);
  EXPECT_EQ(liveness.check(4s, 0s), Verdict::kSilent);
  EXPECT_EQ(liveness.check(4s, 0s), Verdict::kHangs);
}

TEST(Liveness, ShorterIntervalsDoNotShortenThePatience) {
  Liveness liveness;
  EXPECT_EQ(liveness.check(1s, 0s), Verdict::kAnswers);
  for (int i = 1; i < 8; ++i) {
    ASSERT_EQ(liveness.check(1s, 0s), Verdict::kSilent) << i;
  }
  EXPECT_EQ(liveness.check(1s, 0s), Verdict::kHangs);
}

TEST(Liveness, TimeInWhichNobodyLookedDoesNotCount) {
  Liveness liveness;
  EXPECT_EQ(liveness.check(4s, 0s), Verdict::kAnswers);
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(liveness.check(4s, 3h), Verdict::kSilent);
  }
  EXPECT_EQ(liveness.check(4s, 1s), Verdict::kSilent);
  EXPECT_EQ(liveness.check(4s, 1s), Verdict::kHangs);
}

TEST(Liveness, OneLateAnswerForgivesAll) {
  Liveness liveness;
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(liveness.check(4s, 0s), Verdict::kAnswers);
    ASSERT_EQ(liveness.check(4s, 0s), Verdict::kSilent);
    ASSERT_TRUE(liveness.answered());
  }
}

TEST(Liveness, AnAnswerIsGivenOnce) {
  Liveness liveness;
  EXPECT_FALSE(liveness.answered());
  EXPECT_EQ(liveness.check(4s, 0s), Verdict::kAnswers);
  EXPECT_TRUE(liveness.answered());
  EXPECT_FALSE(liveness.answered());
}

}  // namespace
}  // namespace holdfast::supervisor
