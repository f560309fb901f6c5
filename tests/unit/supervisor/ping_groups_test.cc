#include "privd/supervisor/ping_groups.h"

#include <gtest/gtest.h>

namespace holdfast::supervisor {
namespace {

TEST(PingGroups, AreAddedToTheRange) {
  EXPECT_EQ(widenedRange("1\t0\n", 994, 990), "990 994");
  EXPECT_EQ(widenedRange("100\t200\n", 994, 990), "100 994");
  EXPECT_EQ(widenedRange("992\t2147483647\n", 994, 990), "990 2147483647");
}

TEST(PingGroups, StayWhereTheyAreEnough) {
  EXPECT_EQ(widenedRange("0\t2147483647\n", 994, 990), std::nullopt);
  EXPECT_EQ(widenedRange("990\t994\n", 994, 990), std::nullopt);
}

TEST(PingGroups, AreLeftAloneWhereNobodyCanReadThem) {
  for (const char* text : {"", "\n", "1", "a b", "99999999999999 1"}) {
    EXPECT_EQ(widenedRange(text, 1, 2), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace holdfast::supervisor
