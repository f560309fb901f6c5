#include "checkd/drain_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::checkd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TimePoint at(int seconds) {
  return TimePoint{std::chrono::seconds(seconds)};
}

TEST(DrainWatch, LetsNobodyGoWhoIsConnectedTo) {
  DrainWatch watch;
  EXPECT_TRUE(watch.isIdle());
  EXPECT_FALSE(watch.hear(3, 0)) << "it is not drained";
  watch.begin(3, kNever);
  EXPECT_FALSE(watch.isIdle());
  EXPECT_FALSE(watch.hear(3, 2));
  EXPECT_FALSE(watch.hear(3, 0)) << "once is not enough";
  EXPECT_FALSE(watch.hear(3, 1));
  EXPECT_FALSE(watch.hear(3, 0));
  EXPECT_TRUE(watch.hear(3, 0));
  watch.end(3);
  EXPECT_TRUE(watch.isIdle());
}

TEST(DrainWatch, KnowsWhoseTimeIsUp) {
  DrainWatch watch;
  watch.begin(1, at(10));
  watch.begin(2, at(20));
  watch.begin(3, kNever);
  watch.begin(2, at(90));
  EXPECT_THAT(watch.overdue(at(9)), IsEmpty());
  EXPECT_THAT(watch.overdue(at(10)), ElementsAre(1));
  EXPECT_THAT(watch.overdue(at(20)), ElementsAre(1, 2)) << "the first limit holds";
}

}  // namespace
}  // namespace holdfast::checkd
