#include "vrrpd/sync_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>

#include "tests/unit/vrrpd/router_harness.h"

namespace holdfast::vrrpd {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr Hindrance kLink{HindranceKind::kInterfaceDown};
constexpr Hindrance kScript{HindranceKind::kScriptsNotRun};

struct Member {
  const char* name;
  std::uint8_t priority = 100;
  Duration preemptDelay{};
};

// A group, its members, and what all of them did in its order: "A send 100", "G notify master".
class Group {
 public:
  explicit Group(std::vector<Member> members = {{"A"}, {"B"}})
      : group_({.name = "G", .members = namesOf(members)}) {
    for (const Member& member : members) {
      names_.emplace_back(member.name);
      routers_.emplace_back(VirtualRouterConfig{.name = member.name,
                                                .priority = member.priority,
                                                .preemptDelay = member.preemptDelay,
                                                .announceDelay = {}});
      routers_.back().setSource(*IpAddress::parse("10.9.0.1"));
    }
    told_.resize(members.size(), Standing::kWaiting);
  }

  void start(std::map<std::string, Noted> noted = {}) {
    std::vector<std::optional<Noted>> notes;
    for (const std::string& name : names_) {
      notes.push_back(noted.contains(name) ? std::optional(noted[name]) : std::nullopt);
    }
    GroupActions actions;
    group_.prepare(notes, actions);
    carryOut(actions);
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      routers_[i].start(now, notes[i], out_);
      perform(i);
    }
    hasStarted_ = true;
    settle();
  }
  void hear(const std::string& name, std::uint8_t priority) {
    at(name).receive(now, {*IpAddress::parse("10.9.0.9"), priority, 1s}, out_);
    perform(indexOf(name));
  }
  void hinder(const std::string& name, const Hindrance& hindrance = kLink) {
    at(name).hinder(now, hindrance, "e0 down", out_);
    perform(indexOf(name));
  }
  void relieve(const std::string& name, const Hindrance& hindrance = kLink) {
    at(name).relieve(now, hindrance, out_);
    perform(indexOf(name));
  }
  void setAbleToTake(bool able) {
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      routers_[i].setAbleToTake(able, now, out_);
      perform(i);
    }
  }
  void setPriority(std::uint8_t priority) {
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      routers_[i].setPriority(priority, out_);
      perform(i);
    }
  }
  void stop() {
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      routers_[i].stop(out_);
      perform(i);
    }
  }
  void pass(Duration duration) {
    const TimePoint end = now + duration;
    while (true) {
      const auto next = std::ranges::min_element(
          routers_, {}, [](const VirtualRouter& router) { return router.nextDeadline(); });
      if (next->nextDeadline() > end) {
        break;
      }
      now = next->nextDeadline();
      next->expire(now, out_);
      perform(static_cast<std::size_t>(next - routers_.begin()));
    }
    now = end;
  }
  void oversleep(Duration duration) {
    now += duration;
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      if (routers_[i].nextDeadline() <= now) {
        routers_[i].expire(now, out_);
        perform(i);
      }
    }
  }
  void makeMaster() {
    start();
    pass(4s);
    EXPECT_THAT(states(), Each(State::kMaster));
    forget();
  }

  [[nodiscard]] std::vector<State> states() const {
    std::vector<State> states;
    for (const VirtualRouter& router : routers_) {
      states.push_back(router.state());
    }
    return states;
  }
  [[nodiscard]] State state() const { return group_.state(); }
  // What happened since the last look, without the log or only the log.
  std::vector<std::string> done() { return std::exchange(done_, {}); }
  std::vector<std::string> logged() { return std::exchange(logged_, {}); }
  void forget() {
    done_.clear();
    logged_.clear();
  }
  VirtualRouter& at(const std::string& name) { return routers_[indexOf(name)]; }

  TimePoint now{1h};

 private:
  static testing::Matcher<std::vector<State>> Each(State state) { return testing::Each(state); }
  static std::vector<std::string> namesOf(const std::vector<Member>& members) {
    std::vector<std::string> names;
    for (const Member& member : members) {
      names.emplace_back(member.name);
    }
    return names;
  }
  [[nodiscard]] std::size_t indexOf(const std::string& name) const {
    return static_cast<std::size_t>(std::ranges::find(names_, name) - names_.begin());
  }
  void record(const std::string& who, const Action& action) {
    if (const auto* text = std::get_if<LogText>(&action)) {
      if (text->detail == Detail::kAlways) {
        logged_.push_back(text->text);
      }
    } else if (!std::holds_alternative<NoteState>(action)) {
      done_.push_back(who + " " + describe(action));
    }
  }
  // As the Station.
  void perform(std::size_t member) {
    for (const Action& action : std::exchange(out_, {})) {
      record(names_[member], action);
    }
    const Standing standing = routers_[member].standing();
    if (std::exchange(told_[member], standing) != standing) {
      group_.memberStands(member, standing);
      settle();
    }
  }
  // As the GroupStation.
  void settle() {
    if (!hasStarted_ || std::exchange(isSettling_, true)) {
      return;
    }
    GroupActions actions;
    for (group_.settle(actions); !actions.empty(); group_.settle(actions)) {
      carryOut(actions);
    }
    isSettling_ = false;
  }
  void carryOut(GroupActions& actions) {
    for (const GroupAction& action : std::exchange(actions, {})) {
      if (const auto* tell = std::get_if<TellMember>(&action)) {
        routers_[tell->member].followGroup(tell->group, now, out_);
        perform(tell->member);
      } else if (const auto* notify = std::get_if<Notify>(&action)) {
        record("G", *notify);
      } else {
        record("G", std::get<LogText>(action));
      }
    }
  }

  SyncGroup group_;
  std::vector<std::string> names_;
  std::deque<VirtualRouter> routers_;
  std::vector<Standing> told_;
  Actions out_;
  std::vector<std::string> done_;
  std::vector<std::string> logged_;
  bool hasStarted_ = false;
  bool isSettling_ = false;
};

const auto kMasters = ElementsAre(State::kMaster, State::kMaster);
const auto kBackups = ElementsAre(State::kBackup, State::kBackup);
const auto kFaults = ElementsAre(State::kFault, State::kFault);

TEST(SyncGroup, StartsAsBackupAndSaysSoOnce) {
  Group group;
  group.start();
  EXPECT_THAT(group.states(), kBackups);
  EXPECT_EQ(group.state(), State::kBackup);
  EXPECT_THAT(group.done(), ElementsAre("A yield", "B yield", "A notify backup 100",
                                        "B notify backup 100", "G notify backup 0"));
  EXPECT_THAT(group.logged(),
              ElementsAre("(A) Entering BACKUP STATE (init)", "(B) Entering BACKUP STATE (init)"));
}

TEST(SyncGroup, BecomesMasterWhenTheLastMemberCan) {
  Group group({{"A", 150}, {"B", 100}});
  group.start();
  group.forget();
  group.pass(3500ms);
  EXPECT_THAT(group.states(), kBackups) << "A's time is up, B's is not";
  EXPECT_THAT(group.done(), IsEmpty());
  group.pass(200ms);
  EXPECT_THAT(group.states(), kMasters);
  EXPECT_THAT(group.logged(), ElementsAre("(B) Entering MASTER STATE",
                                          "VRRP_Group(G) Syncing instances to MASTER state",
                                          "(A) Entering MASTER STATE"));
  EXPECT_THAT(group.done(),
              ElementsAre("B send 100", "B take", "B announce", "B notify master 100", "A send 150",
                          "A take", "A announce", "A notify master 150", "G notify master 0"));
}

TEST(SyncGroup, StaysBackupWhileOneMemberFollowsAMaster) {
  Group group({{"A", 150}, {"B", 50}});
  group.start();
  for (int i = 0; i < 10; ++i) {
    group.pass(1s);
    group.hear("A", 100);
    group.hear("B", 100);
  }
  EXPECT_THAT(group.states(), kBackups);
  group.pass(4s);
  EXPECT_THAT(group.states(), kMasters) << "the master of both is gone";
}

TEST(SyncGroup, AMemberThatWaitsToBeMasterFollowsABetterOneMeanwhile) {
  Group group({{"A", 150}, {"B", 50}});
  group.start();
  group.pass(3500ms);
  group.hear("A", 200);
  group.pass(400ms);
  EXPECT_THAT(group.states(), kBackups) << "B's time is up, but A has a master now";
  group.pass(4s);
  EXPECT_THAT(group.states(), kMasters);
}

TEST(SyncGroup, StepsBackAsAWholeWithoutAWord) {
  Group group;
  group.makeMaster();
  group.hear("A", 200);
  EXPECT_THAT(group.states(), kBackups);
  EXPECT_THAT(
      group.logged(),
      ElementsAre("(A) Master received advert from 10.9.0.9 with higher priority 200, ours 100",
                  "(A) Entering BACKUP STATE", "VRRP_Group(G) Syncing instances to BACKUP state",
                  "(B) Entering BACKUP STATE"));
  EXPECT_THAT(group.done(), ElementsAre("A yield", "A notify backup 100", "B yield",
                                        "B notify backup 100", "G notify backup 0"));
}

TEST(SyncGroup, AFaultIsEverybodysAndEverybodySaysGoodbye) {
  Group group;
  group.makeMaster();
  group.hinder("B");
  EXPECT_THAT(group.states(), kFaults);
  EXPECT_THAT(
      group.logged(),
      ElementsAre("(B): entering FAULT state (interface e0 down)", "(B) Entering FAULT STATE",
                  "VRRP_Group(G) Syncing instances to FAULT state", "(A) Entering FAULT STATE"));
  EXPECT_THAT(group.done(), ElementsAre("B send 0", "B yield", "B notify fault 100", "A send 0",
                                        "A yield", "A notify fault 100", "G notify fault 0"));
  group.pass(1min);
  EXPECT_THAT(group.states(), kFaults);
}

TEST(SyncGroup, LeavesFaultTogetherWhenNobodyIsFaultyAnyMore) {
  Group group;
  group.makeMaster();
  group.hinder("A");
  group.hinder("B");
  group.relieve("A");
  EXPECT_THAT(group.states(), kFaults);
  group.forget();
  group.relieve("B");
  EXPECT_THAT(group.states(), kBackups);
  EXPECT_THAT(group.logged(), ElementsAre("(B) Entering BACKUP STATE",
                                          "VRRP_Group(G) Syncing instances to BACKUP state",
                                          "(A) Entering BACKUP STATE"));
  group.pass(4s);
  EXPECT_THAT(group.states(), kMasters);
}

TEST(SyncGroup, OneThatStartsWithAFaultIsNotBackupForAMoment) {
  Group group;
  group.hinder("B");
  group.start();
  EXPECT_THAT(group.states(), kFaults);
  EXPECT_THAT(group.logged(), Contains("VRRP_Group(G): Syncing B to FAULT state"));
  EXPECT_THAT(group.done(), Not(Contains("A notify backup 100")));
}

TEST(SyncGroup, WaitsForTheScriptsOfEveryMemberBeforeAnybodyBegins) {
  Group group;
  group.hinder("B", kScript);
  group.start();
  group.pass(10s);
  EXPECT_THAT(group.states(), ElementsAre(State::kInitialize, State::kInitialize));
  group.relieve("B", kScript);
  EXPECT_THAT(group.states(), kBackups);
}

TEST(SyncGroup, OwnersAreMasterAtOnce) {
  Group group({{"A", 255}, {"B", 255}});
  group.start();
  EXPECT_THAT(group.states(), kMasters);
  EXPECT_THAT(group.done(), Not(Contains("G notify backup 0")));
}

TEST(SyncGroup, ThePreemptDelayOfOneIsThatOfAll) {
  Group group({{"A", 150}, {"B", 150, 6s}});
  group.start();
  for (int i = 0; i < 8; ++i) {
    group.pass(1s);
    group.hear("A", 100);
    group.hear("B", 100);
    EXPECT_THAT(group.states(), kBackups);
  }
  group.pass(3500ms);
  EXPECT_THAT(group.states(), kMasters);
}

TEST(SyncGroup, BecomesMasterOnceThereIsAPrivd) {
  Group group;
  group.setAbleToTake(false);
  group.start();
  group.pass(10s);
  EXPECT_THAT(group.states(), kBackups);
  EXPECT_EQ(group.state(), State::kBackup);
  group.setAbleToTake(true);
  EXPECT_THAT(group.states(), kMasters);
  EXPECT_EQ(group.state(), State::kMaster);
}

TEST(SyncGroup, AMemberThatSleptTooLongTakesTheOthersWithIt) {
  Group group;
  group.makeMaster();
  group.oversleep(5s);
  EXPECT_THAT(group.states(), kBackups);
  EXPECT_THAT(group.done(), Not(Contains("B send 100")));
}

TEST(SyncGroup, CarriesOnAsMasterAndTellsNobody) {
  Group group;
  group.start({{"A", {State::kMaster, 100}}, {"B", {State::kMaster, 100}}});
  EXPECT_THAT(group.states(), kMasters);
  EXPECT_EQ(group.state(), State::kMaster);
  EXPECT_THAT(group.done(), ElementsAre("A send 100", "A take", "A repeat master 100", "B send 100",
                                        "B take", "B repeat master 100", "G repeat master 0"));
}

TEST(SyncGroup, CarriesOnAsBackupAndInFaultAndTellsNobody) {
  Group backup;
  backup.start({{"A", {State::kBackup, 100}}, {"B", {State::kBackup, 100}}});
  EXPECT_THAT(backup.states(), kBackups);
  EXPECT_THAT(backup.done(), ElementsAre("A yield", "A repeat backup 100", "B yield",
                                         "B repeat backup 100", "G repeat backup 0"));
  Group fault;
  fault.hinder("B");
  fault.start({{"A", {State::kFault, 100}}, {"B", {State::kFault, 100}}});
  EXPECT_THAT(fault.states(), kFaults);
  EXPECT_THAT(fault.done(), ElementsAre("A yield", "A repeat fault 100", "B yield",
                                        "B repeat fault 100", "G repeat fault 0"));
  fault.relieve("B");
  EXPECT_THAT(fault.states(), kBackups);
}

TEST(SyncGroup, AMasterThatWasSilentTooLongIsNoneAnyMore) {
  Group group;
  group.start({{"A", {State::kMaster, 100, 10s}}, {"B", {State::kMaster, 100, 10s}}});
  EXPECT_THAT(group.states(), kBackups);
  group.pass(3400ms);
  group.hear("B", 200);
  group.pass(1s);
  EXPECT_THAT(group.states(), kBackups) << "A must not be master alone";
}

// A reload puts a new instance into a group that is master.
TEST(SyncGroup, ANewMemberJoinsWithoutAFailover) {
  Group group;
  group.start({{"A", {State::kMaster, 100}}});
  EXPECT_THAT(group.states(), ElementsAre(State::kMaster, State::kBackup));
  group.forget();
  group.pass(4s);
  EXPECT_THAT(group.states(), kMasters);
  EXPECT_THAT(group.done(), Not(Contains("A yield")));
}

TEST(SyncGroup, ANewMemberThatFindsAMasterPullsTheOthersBack) {
  Group group;
  group.start({{"A", {State::kMaster, 100}}});
  group.hear("B", 200);
  EXPECT_THAT(group.states(), kBackups);
}

TEST(SyncGroup, EndsWithItsLastMember) {
  Group group;
  group.makeMaster();
  group.stop();
  EXPECT_THAT(group.done(), ElementsAre("A send 0", "A yield", "A notify stop 100", "B send 0",
                                        "B yield", "B notify stop 100", "G notify stop 0"));
}

}  // namespace
}  // namespace holdfast::vrrpd
