#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "vrrpd/priority.h"
#include "vrrpd/track_script.h"

namespace holdfast::vrrpd {
namespace {

using Kind = ScriptOutcome::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr ScriptOutcome kSuccess{Kind::kExited, 0};
constexpr ScriptOutcome kFailure{Kind::kExited, 1};

std::vector<std::string> texts(const Actions& actions) {
  std::vector<std::string> all;
  for (const Action& action : actions) {
    all.push_back(std::get<LogText>(action).text);
  }
  return all;
}

// '.' a success, 'x' a failure; the answer has '?', '+' or '-' after each.
std::string conditionsAfter(TrackScript script, const std::string& outcomes) {
  std::string conditions;
  Actions out;
  for (const char c : outcomes) {
    const Condition before = script.condition();
    const bool changed = script.record(c == '.' ? kSuccess : kFailure, out);
    EXPECT_EQ(changed, before != script.condition());
    conditions += script.condition() == Condition::kGood  ? '+'
                  : script.condition() == Condition::kBad ? '-'
                                                          : '?';
  }
  return conditions;
}

TEST(TrackScript, TheFirstRunDecides) {
  EXPECT_EQ(TrackScript({.name = "ck"}).condition(), Condition::kUnknown);
  EXPECT_EQ(conditionsAfter(TrackScript({.name = "ck", .rise = 3, .fall = 3}), "."), "+");
  EXPECT_EQ(conditionsAfter(TrackScript({.name = "ck", .rise = 3, .fall = 3}), "x"), "-");
}

TEST(TrackScript, InitFailNeedsRiseSuccesses) {
  const TrackScript script({.name = "ck", .rise = 3, .fall = 2, .initFail = true});
  EXPECT_EQ(script.condition(), Condition::kBad);
  EXPECT_EQ(conditionsAfter(script, "..x..."), "-----+");
}

TEST(TrackScript, WithoutRunsHasFailedForGood) {
  TrackScript script({.name = "ck", .neverRuns = true});
  EXPECT_EQ(script.condition(), Condition::kBad);
  script.carryOn();
  EXPECT_EQ(script.condition(), Condition::kBad) << "no run will ever tell";
}

// The pattern and its turns were observed with keepalived 2.2.7.
TEST(TrackScript, RiseAndFallCountOutcomesInARow) {
  EXPECT_EQ(
      conditionsAfter(TrackScript({.name = "ck", .rise = 3, .fall = 3}), "..xx.xx.xxxx..x..x..."),
      "++++++++++----------+");
}

TEST(TrackScript, AfterACrashTheFirstRunDecidesAgain) {
  TrackScript script({.name = "ck", .rise = 5, .initFail = true});
  script.carryOn();
  EXPECT_EQ(conditionsAfter(script, "."), "+");
}

TEST(TrackScript, SaysWhatMonitoringReads) {
  TrackScript script({.name = "ck", .rise = 1, .fall = 2});
  Actions out;
  script.record(kSuccess, out);
  script.record(kFailure, out);
  script.record(kFailure, out);
  script.record({Kind::kExited, 3}, out);
  script.record(kSuccess, out);
  EXPECT_THAT(texts(out), ElementsAre("VRRP_Script(ck) succeeded", "Script `ck` now returning 1",
                                      "VRRP_Script(ck) failed (exited with status 1)",
                                      "Script `ck` now returning 3", "Script `ck` now returning 0",
                                      "VRRP_Script(ck) succeeded"));
}

TEST(TrackScript, NamesEveryWayToFail) {
  const std::vector<std::pair<ScriptOutcome, std::string>> ways = {
      {{Kind::kSignalled, 9}, "VRRP_Script(ck) failed (due to signal 9)"},
      {{Kind::kTimedOut, 0}, "VRRP_Script(ck) timed_out"},
      {{Kind::kNotStarted, 2},
       "VRRP_Script(ck) failed (could not be started: No such file or directory)"},
      {{Kind::kNotStarted, 0},
       "VRRP_Script(ck) failed (could not be started: its path was refused)"},
  };
  for (const auto& [outcome, text] : ways) {
    TrackScript script({.name = "ck"});
    Actions out;
    EXPECT_TRUE(script.record(outcome, out));
    EXPECT_THAT(texts(out), ElementsAre(text));
    EXPECT_EQ(script.condition(), Condition::kBad);
  }
}

TEST(Priority, WeightsCountAsTheManualSays) {
  struct Row {
    Weight weight;
    int good;
    int bad;
    bool faultGood;
    bool faultBad;
  };
  for (const Row& row :
       {Row{{20, false}, 20, 0, false, false}, Row{{-20, false}, 0, -20, false, false},
        Row{{20, true}, -20, 0, false, false}, Row{{-20, true}, 0, 20, false, false},
        Row{{0, false}, 0, 0, false, true}, Row{{0, true}, 0, 0, true, false}}) {
    EXPECT_EQ(contribution(row.weight, Condition::kGood), row.good);
    EXPECT_EQ(contribution(row.weight, Condition::kBad), row.bad);
    EXPECT_EQ(contribution(row.weight, Condition::kUnknown), 0);
    EXPECT_EQ(isFault(row.weight, Condition::kGood), row.faultGood);
    EXPECT_EQ(isFault(row.weight, Condition::kBad), row.faultBad);
    EXPECT_FALSE(isFault(row.weight, Condition::kUnknown));
  }
}

TEST(Priority, TheTotalStaysWithin1And254) {
  PriorityTally tally(200, {{100, false}, {-250, false}});
  EXPECT_EQ(tally.effective(), 200);
  tally.set(0, Condition::kGood);
  EXPECT_EQ(tally.effective(), 254);
  tally.set(0, Condition::kBad);
  tally.set(1, Condition::kBad);
  EXPECT_EQ(tally.effective(), 1);
  tally.set(0, Condition::kGood);
  EXPECT_EQ(tally.effective(), 50) << "only the total is clamped";
}

TEST(Priority, AnOwnersIsFixed) {
  PriorityTally tally(255, {{-100, false}});
  tally.set(0, Condition::kBad);
  EXPECT_EQ(tally.effective(), 255);
}

TEST(Priority, AHeldPriorityStandsUntilItIsReleased) {
  PriorityTally tally(100, {{100, false}, {0, false}});
  tally.holdAt(200);
  EXPECT_FALSE(tally.allKnown());
  tally.set(0, Condition::kBad);
  EXPECT_EQ(tally.effective(), 200);
  tally.set(1, Condition::kGood);
  EXPECT_TRUE(tally.allKnown());
  EXPECT_EQ(tally.effective(), 200);
  tally.release();
  EXPECT_EQ(tally.effective(), 100);
}

}  // namespace
}  // namespace holdfast::vrrpd
