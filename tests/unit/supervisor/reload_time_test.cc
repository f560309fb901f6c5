#include "privd/supervisor/reload_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace holdfast::supervisor {
namespace {

// Sunday, 2026-11-22 22:00:00 UTC; one hour later in the local time of these tests.
constexpr std::int64_t kNow = 1795384800;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 24 * kHour;

class ReloadTimes : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "TST-1", 1);
    ::tzset();
  }
  void TearDown() override {
    ::unsetenv("TZ");
    ::tzset();
  }
  static std::int64_t after(std::string_view line) {
    const auto time = parseReloadTime(line, kNow);
    return time ? time->at - kNow : 0;
  }
  static std::string refusal(std::string_view line) {
    const auto time = parseReloadTime(line, kNow);
    return time ? "" : time.error().message;
  }
};

TEST_F(ReloadTimes, WithoutADateItIsTheNextSuchTime) {
  EXPECT_EQ(parseReloadTime("23:30:00Z", kNow).value(),
            (ReloadTime{kNow + kHour + kHour / 2, true}));
  EXPECT_EQ(after("22:00:01Z"), 1);
  EXPECT_EQ(after("22:00:00Z"), kDay);
  EXPECT_EQ(after("21:59:59Z"), kDay - 1);
}

TEST_F(ReloadTimes, WithoutZItIsLocal) {
  EXPECT_EQ(after("23:30:00"), kHour / 2);
  EXPECT_EQ(after("26-11-23 00:00:00"), kHour);
  EXPECT_EQ(showTime(kNow + kHour), "2026-11-23 00:00:00");
}

TEST_F(ReloadTimes, DatesHaveTwoOrFourDigitsOfAYear) {
  EXPECT_EQ(parseReloadTime("26-11-23 22:00:00Z", kNow).value(), (ReloadTime{kNow + kDay, false}));
  EXPECT_EQ(after("2026-11-23 22:00:00Z"), kDay);
  EXPECT_EQ(after("2028-02-29 22:00:00Z"), 464 * kDay);
}

TEST_F(ReloadTimes, ThePastIsNoTime) {
  for (const char* line : {"2026-11-22 22:00:00Z", "20-01-01 10:00:00", "1969-12-31 23:59:59Z"}) {
    EXPECT_EQ(refusal(line), "Reload time " + std::string(line) + " is in the past - ignoring");
  }
}

TEST_F(ReloadTimes, NothingElseIsATime) {
  for (const char* line : {"",
                           "Z",
                           "nonsense",
                           "22:00",
                           " 23:00:00",
                           "23:00:00 ",
                           "23:00:00z",
                           "23:00:00ZZ",
                           "24:00:00",
                           "23:60:00",
                           "23:00:60",
                           "2x:00:00",
                           "26-11-23  23:00:00",
                           "26-11-2323:00:00",
                           "26-13-01 23:00:00",
                           "26-00-01 23:00:00",
                           "27-02-29 23:00:00",
                           "26-11-31 23:00:00",
                           "226-11-23 23:00:00",
                           "+26-11-23 23:00:00",
                           "26/11/23 23:00:00"}) {
    EXPECT_EQ(refusal(line), "Reload date/time " + std::string(line) + " invalid - ignoring");
  }
}

}  // namespace
}  // namespace holdfast::supervisor
