#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "vrrpd/priority.h"
#include "vrrpd/track_process.h"
#include "vrrpd/track_script.h"

namespace holdfast::vrrpd {
namespace {

using namespace std::chrono_literals;
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
    EXPECT_EQ(effectOf(row.weight, Condition::kGood), (Effect{true, row.faultGood, row.good}));
    EXPECT_EQ(effectOf(row.weight, Condition::kBad), (Effect{true, row.faultBad, row.bad}));
    EXPECT_EQ(effectOf(row.weight, Condition::kUnknown), Effect{});
  }
}

TEST(Priority, ANumberOfAFileIsMultiplied) {
  struct Row {
    Weight weight;
    std::int32_t number;
    Effect effect;
  };
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
  constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
  for (const Row& row : {
           Row{{1, false}, 20, {true, false, 20}},
           Row{{-2, false}, 20, {true, false, -40}},
           Row{{2, true}, 20, {true, false, -40}},
           Row{{1, false}, -253, {true, false, -253}},
           Row{{1, false}, -254, {true, true, -254}},
           Row{{254, false}, -1, {true, true, -254}},
           Row{{254, false}, kMost, {true, false, 254}},
           Row{{254, false}, kLeast, {true, true, -254}},
           Row{{-254, false}, kLeast, {true, false, 254}},
           Row{{0, false}, 0, {true, false, 0}},
           Row{{0, false}, -3, {true, true, 0}},
           Row{{0, true}, 0, {true, true, 0}},
           Row{{0, true}, 7, {true, false, 0}},
       }) {
    EXPECT_EQ(effectOf(row.weight, FileNumber{row.number}), row.effect)
        << row.weight.weight << " * " << row.number;
  }
}

PriorityTally tallyOf(std::uint8_t base, std::initializer_list<int> contributions) {
  PriorityTally tally(base, contributions.size());
  std::size_t index = 0;
  for (const int contribution : contributions) {
    tally.set(index++, {.isKnown = true, .contribution = contribution});
  }
  return tally;
}

TEST(Priority, TheTotalStaysWithin1And254) {
  EXPECT_EQ(PriorityTally(200, 2).effective(), 200);
  EXPECT_EQ(tallyOf(200, {100, 0}).effective(), 254);
  EXPECT_EQ(tallyOf(200, {0, -250}).effective(), 1);
  EXPECT_EQ(tallyOf(200, {100, -250}).effective(), 50) << "only the total is clamped";
}

TEST(Priority, AnOwnersIsFixed) {
  EXPECT_EQ(tallyOf(255, {-100}).effective(), 255);
}

TEST(Priority, AHeldPriorityStandsUntilItIsReleased) {
  PriorityTally tally(100, 2);
  tally.holdAt(200);
  EXPECT_FALSE(tally.allKnown());
  tally.set(0, {.isKnown = true});
  EXPECT_EQ(tally.effective(), 200);
  tally.set(1, {.isKnown = true});
  EXPECT_TRUE(tally.allKnown());
  EXPECT_EQ(tally.effective(), 200);
  tally.release();
  EXPECT_EQ(tally.effective(), 100);
}

class Process {
 public:
  explicit Process(TrackProcessConfig config) : tracked_(std::move(config)) {}
  bool count(std::uint32_t running, bool byFork = false) {
    return tracked_.count(now, running, byFork, out);
  }
  bool pass(Duration duration) {
    now += duration;
    return tracked_.expire(now, out);
  }
  [[nodiscard]] Condition condition() const { return tracked_.condition(); }

  TimePoint now{1h};
  Actions out;

 private:
  TrackProcess tracked_;
};

TEST(TrackProcess, AsManyHaveToRunAsTheQuorumSays) {
  Process process({.name = "p", .quorum = 2, .quorumMax = 3});
  EXPECT_EQ(process.condition(), Condition::kUnknown);
  EXPECT_TRUE(process.count(1));
  EXPECT_EQ(process.condition(), Condition::kBad);
  EXPECT_THAT(texts(process.out), IsEmpty()) << "the first count is no change";
  EXPECT_TRUE(process.count(2));
  EXPECT_EQ(process.condition(), Condition::kGood);
  EXPECT_FALSE(process.count(3));
  EXPECT_TRUE(process.count(4));
  EXPECT_EQ(process.condition(), Condition::kBad);
  EXPECT_THAT(texts(process.out), ElementsAre("Quorum gained for tracked process p",
                                              "Quorum lost for tracked process p"));
}

TEST(TrackProcess, AMaximumOfNoneMeansThatNoneMayRun) {
  Process process({.name = "p", .quorum = 0, .quorumMax = 0});
  process.count(0);
  EXPECT_EQ(process.condition(), Condition::kGood);
  process.count(1);
  EXPECT_EQ(process.condition(), Condition::kBad);
}

TEST(TrackProcess, AForkCountsAfterItsDelayAndAProgramThatStartsAtOnce) {
  Process process({.name = "p", .forkDelay = 2s});
  process.count(0);
  EXPECT_FALSE(process.count(1, true));
  EXPECT_FALSE(process.pass(1999ms));
  EXPECT_TRUE(process.pass(1ms));
  EXPECT_EQ(process.condition(), Condition::kGood);
  process.count(0);
  EXPECT_TRUE(process.count(1, false));
}

TEST(TrackProcess, AnEndThatIsFollowedByAStartInTimeIsNone) {
  Process process({.name = "p", .terminateDelay = 1s});
  process.count(1);
  EXPECT_FALSE(process.count(0));
  process.pass(900ms);
  EXPECT_FALSE(process.count(1));
  EXPECT_FALSE(process.pass(1h));
  EXPECT_EQ(process.condition(), Condition::kGood);
  EXPECT_FALSE(process.count(0));
  EXPECT_TRUE(process.pass(1s));
  EXPECT_EQ(process.condition(), Condition::kBad);
}

TEST(TrackProcess, ADelayRunsFromTheFirstChange) {
  Process process({.name = "p", .quorum = 3, .terminateDelay = 1s});
  process.count(3);
  process.count(2);
  process.pass(600ms);
  process.count(1);
  EXPECT_TRUE(process.pass(400ms));
}

}  // namespace
}  // namespace holdfast::vrrpd
