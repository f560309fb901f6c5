#include "privd/supervisor/respawn.h"

#include <gtest/gtest.h>

namespace holdfast::supervisor {
namespace {

using std::chrono::seconds;

TEST(RespawnDelay, GrowsToAMinuteAndForgivesAfterAMinute) {
  RespawnDelay delay;
  TimePoint now{seconds(1000)};
  for (const int expected : {0, 1, 2, 4, 8, 16, 32, 60, 60}) {
    delay.started(now);
    EXPECT_EQ(delay.died(now), seconds(expected));
    now += seconds(expected);
  }
  delay.started(now);
  now += seconds(59);
  EXPECT_EQ(delay.died(now), seconds(60));
  delay.started(now);
  now += seconds(60);
  EXPECT_EQ(delay.died(now), seconds(0));
}

}  // namespace
}  // namespace holdfast::supervisor
