#include "vrrpd/virtual_router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/vrrpd/router_harness.h"

namespace holdfast::vrrpd {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

VirtualRouterConfig config(std::uint8_t priority = 100) {
  return {.name = "V1", .priority = priority, .announceLowerPriority = false};
}

RouterHarness master(VirtualRouterConfig of = config()) {
  RouterHarness harness(std::move(of));
  harness.start();
  harness.pass(harness.router.masterDownInterval());
  EXPECT_EQ(harness.router.state(), State::kMaster);
  harness.forget();
  return harness;
}

RouterHarness backup(VirtualRouterConfig of = config()) {
  RouterHarness harness(std::move(of));
  harness.start();
  EXPECT_EQ(harness.router.state(), State::kBackup);
  harness.forget();
  return harness;
}

TEST(VirtualRouter, StartsAsBackupAndClearsWhatAnEarlierLifeLeft) {
  RouterHarness h(config());
  h.start();
  EXPECT_THAT(h.logged(),
              ElementsAre("logD (V1) removing VIPs.", "log (V1) Entering BACKUP STATE (init)"));
  EXPECT_THAT(h.done(), ElementsAre("yield", "note backup 100", "notify backup 100"));
  EXPECT_EQ(h.untilDeadline(), 3s + 156s / 256.0);
}

TEST(VirtualRouter, BecomesMasterAfterTheMasterDownInterval) {
  RouterHarness h = backup();
  h.pass(h.router.masterDownInterval() - 1ns);
  EXPECT_EQ(h.router.state(), State::kBackup);
  EXPECT_THAT(h.out, IsEmpty());
  h.pass(1ns);
  EXPECT_THAT(h.logged(), ElementsAre("logD (V1) Receive advertisement timeout",
                                      "log (V1) Entering MASTER STATE", "logD (V1) setting VIPs."));
  EXPECT_THAT(h.done(),
              ElementsAre("send 100", "take", "announce", "note master 100", "notify master 100"));
  EXPECT_EQ(h.router.counters().becameMaster, 1U);
}

TEST(VirtualRouter, AnOwnerIsMasterAtOnceWithoutABackupNotify) {
  RouterHarness h(config(255));
  h.start();
  EXPECT_THAT(h.done(), ElementsAre("yield", "send 255", "take", "announce", "note master 255",
                                    "notify master 255"));
}

TEST(VirtualRouter, SkewTimeFollowsItsVersion) {
  VirtualRouterConfig v3 = config(200);
  v3.version = Version::kV3;
  v3.advertisementInterval = 100ms;
  EXPECT_EQ(VirtualRouter(v3).skewTime(), Duration(100ms) * 56 / 256);
  VirtualRouterConfig v2 = config(200);
  v2.advertisementInterval = 10s;
  EXPECT_EQ(VirtualRouter(v2).skewTime(), Duration(1s) * 56 / 256);
  v2.downTimerAdverts = 5;
  EXPECT_EQ(VirtualRouter(v2).masterDownInterval(), 50s + Duration(1s) * 56 / 256);
}

TEST(VirtualRouter, StartupDelayHearsNothingAndHoldsTheTimer) {
  VirtualRouterConfig delayed = config();
  delayed.startupDelay = 3s;
  RouterHarness h(delayed);
  h.start();
  EXPECT_THAT(h.logged(), Contains("log (V1) Entering BACKUP STATE (init)"));
  EXPECT_EQ(h.untilDeadline(), 3s + h.router.masterDownInterval());
  h.pass(1s);
  h.hear("10.9.0.2", 0);
  EXPECT_EQ(h.untilDeadline(), 2s + h.router.masterDownInterval());
  h.pass(2s);
  h.hear("10.9.0.2", 0);
  EXPECT_EQ(h.untilDeadline(), h.router.skewTime());
}

TEST(VirtualRouter, StartupDelayHoldsAnOwnerToo) {
  VirtualRouterConfig delayed = config(255);
  delayed.startupDelay = 3s;
  RouterHarness h(delayed);
  h.start();
  EXPECT_EQ(h.router.state(), State::kInitialize);
  h.pass(3s);
  EXPECT_EQ(h.router.state(), State::kMaster);
}

TEST(VirtualRouter, ABackupFollowsAMasterOfEqualOrHigherPriority) {
  for (const std::uint8_t priority : {std::uint8_t{100}, std::uint8_t{200}}) {
    RouterHarness h = backup();
    h.pass(3s);
    h.hear("10.9.0.2", priority);
    EXPECT_EQ(h.untilDeadline(), h.router.masterDownInterval());
    EXPECT_THAT(h.logged(), ElementsAre("logD (V1) master set to 10.9.0.2"));
    h.hear("10.9.0.3", priority);
    EXPECT_THAT(h.logged(), ElementsAre("logD (V1) master changed from 10.9.0.2 to 10.9.0.3"));
    h.hear("10.9.0.3", priority);
    EXPECT_THAT(h.out, IsEmpty());
    EXPECT_EQ(h.router.master(), IpAddress::parse("10.9.0.3"));
  }
}

TEST(VirtualRouter, ABackupDiscardsALesserMaster) {
  RouterHarness h = backup();
  h.pass(3s);
  const TimePoint before = h.router.nextDeadline();
  h.hear("10.9.0.2", 99);
  EXPECT_EQ(h.router.nextDeadline(), before);
  EXPECT_THAT(h.logged(), ElementsAre("log (V1) received lower priority (99) advert from 10.9.0.2 "
                                      "- discarding"));
}

TEST(VirtualRouter, WithoutPreemptModeABackupFollowsALesserMaster) {
  VirtualRouterConfig nopreempt = config();
  nopreempt.preemptMode = false;
  RouterHarness h = backup(nopreempt);
  h.pass(3s);
  h.hear("10.9.0.2", 1);
  EXPECT_EQ(h.untilDeadline(), h.router.masterDownInterval());
}

TEST(VirtualRouter, PriorityZeroShortensTheWaitToSkewTime) {
  RouterHarness h = backup();
  h.hear("10.9.0.2", 0);
  EXPECT_EQ(h.untilDeadline(), h.router.skewTime());
  EXPECT_THAT(h.logged(), ElementsAre("logD (V1) Backup received priority 0 advertisement"));
  EXPECT_EQ(h.router.counters().priorityZeroReceived, 1U);
}

TEST(VirtualRouter, PreemptDelayCountsFromTheFirstLesserAdvertisement) {
  VirtualRouterConfig delayed = config();
  delayed.preemptDelay = 2500ms;
  RouterHarness h = backup(delayed);
  h.pass(1s);
  h.hear("10.9.0.2", 50);
  EXPECT_THAT(h.logged(), Contains("logD (V1) start preempt delay (2.500000)"));
  h.pass(1s);
  h.hear("10.9.0.2", 50);
  h.pass(1s);
  h.hear("10.9.0.2", 50);
  EXPECT_EQ(h.untilDeadline(), h.router.masterDownInterval());
  h.forget();
  h.pass(1s);
  h.hear("10.9.0.2", 50);
  EXPECT_EQ(h.untilDeadline(), h.router.masterDownInterval() - 1s) << "discarded by now";
  EXPECT_THAT(h.logged(), ElementsAre("log (V1) received lower priority (50) advert from 10.9.0.2 "
                                      "- discarding"));
}

TEST(VirtualRouter, AnEqualMasterStopsThePreemptDelay) {
  VirtualRouterConfig delayed = config();
  delayed.preemptDelay = 2s;
  RouterHarness h = backup(delayed);
  h.hear("10.9.0.2", 50);
  h.pass(1s);
  h.hear("10.9.0.2", 100);
  EXPECT_THAT(h.logged(), Contains("logD (V1) stop preempt delay"));
  h.pass(1500ms);
  h.hear("10.9.0.2", 50);
  EXPECT_EQ(h.untilDeadline(), h.router.masterDownInterval()) << "the delay begins anew";
}

TEST(VirtualRouter, Version3LearnsTheMastersIntervalAndForgetsItAsMaster) {
  VirtualRouterConfig v3 = config();
  v3.version = Version::kV3;
  RouterHarness h = backup(v3);
  h.hear("10.9.0.2", 200, 2s);
  EXPECT_THAT(h.logged(),
              Contains("logD (V1) advertisement interval updated from 1000ms to 2000ms by master"));
  EXPECT_EQ(h.untilDeadline(), Duration(6s) + Duration(2s) * 156 / 256);
  h.pass(h.untilDeadline());
  EXPECT_EQ(h.router.state(), State::kMaster);
  EXPECT_EQ(h.untilDeadline(), 1s);
}

TEST(VirtualRouter, NoIntervalIsLearntFromALesserMasterNorAnIntervalOfZero) {
  VirtualRouterConfig v3 = config();
  v3.version = Version::kV3;
  RouterHarness h = backup(v3);
  h.hear("10.9.0.2", 50, 40s);
  h.hear("10.9.0.2", 200, 0s);
  EXPECT_EQ(h.untilDeadline(), Duration(3s) + Duration(1s) * 156 / 256);
}

TEST(VirtualRouter, AChangedPriorityMovesTheRunningTimerByTheSkew) {
  RouterHarness h = backup();
  h.pass(1s);
  const TimePoint before = h.router.nextDeadline();
  h.router.setPriority(200, h.out);
  EXPECT_EQ(h.router.nextDeadline(), before - Duration(1s) * 100 / 256);
  EXPECT_THAT(h.logged(), ElementsAre("log (V1) Changing effective priority from 100 to 200"));
  EXPECT_THAT(h.done(), ElementsAre("note backup 200"));
  h.router.setPriority(200, h.out);
  EXPECT_THAT(h.out, IsEmpty());
}

TEST(VirtualRouter, TakesOverAtOnceFromAMasterThatFallsBelowItWithFastHandover) {
  VirtualRouterConfig fast = config();
  fast.fastHandover = true;
  RouterHarness h = backup(fast);
  h.hear("10.9.0.2", 200);
  h.pass(1s);
  h.hear("10.9.0.2", 50);
  EXPECT_EQ(h.untilDeadline(), h.router.skewTime());
  h.pass(300ms);
  h.hear("10.9.0.2", 50);
  EXPECT_EQ(h.untilDeadline(), h.router.skewTime() - 300ms) << "only the fall counts";
  h.hear("10.9.0.2", 200);
  EXPECT_EQ(h.untilDeadline(), h.router.masterDownInterval()) << "it has thought better of it";
}

TEST(VirtualRouter, FastHandoverIsForTheMasterThatItFollowed) {
  VirtualRouterConfig fast = config();
  fast.fastHandover = true;
  RouterHarness h = backup(fast);
  h.hear("10.9.0.2", 200);
  h.pass(100ms);
  const TimePoint before = h.router.nextDeadline();
  h.hear("10.9.0.3", 50);
  EXPECT_EQ(h.router.nextDeadline(), before);
  RouterHarness fresh = backup(fast);
  const TimePoint whole = fresh.router.nextDeadline();
  fresh.hear("10.9.0.2", 50);
  EXPECT_EQ(fresh.router.nextDeadline(), whole) << "it never followed this one";
}

TEST(VirtualRouter, FastHandoverPreemptsNobodyWhoMayNotBePreempted) {
  for (const bool preempts : {false, true}) {
    VirtualRouterConfig fast = config();
    fast.fastHandover = true;
    fast.preemptMode = preempts;
    fast.preemptDelay = 10s;
    RouterHarness h = backup(fast);
    h.hear("10.9.0.2", 200);
    h.pass(1s);
    h.hear("10.9.0.2", 50);
    EXPECT_EQ(h.untilDeadline(), h.router.masterDownInterval());
  }
}

TEST(VirtualRouter, AnOversleptBackupListensOnceMoreAndOnlyOnce) {
  RouterHarness h = backup();
  h.pass(1s);
  h.hear("10.9.0.2", 200);
  h.forget();
  h.oversleep(10s);
  EXPECT_EQ(h.router.state(), State::kBackup);
  EXPECT_EQ(h.untilDeadline(), 1s + h.router.skewTime());
  h.oversleep(10s);
  EXPECT_EQ(h.router.state(), State::kMaster);
}

TEST(VirtualRouter, ASlightlyLateTimerIsBelieved) {
  RouterHarness h = backup();
  h.oversleep(h.router.masterDownInterval() + 200ms);
  EXPECT_EQ(h.router.state(), State::kMaster);
}

TEST(VirtualRouter, AMasterAdvertisesEachIntervalWithoutDrift) {
  RouterHarness h = master();
  const TimePoint first = h.router.nextDeadline();
  h.now = first + 30ms;
  h.router.expire(h.now, h.out);
  EXPECT_THAT(h.done(), ElementsAre("send 100"));
  EXPECT_EQ(h.router.nextDeadline(), first + 1s);
  h.now = first + 2500ms;
  h.router.expire(h.now, h.out);
  EXPECT_THAT(h.done(), ElementsAre("send 100"));
  EXPECT_EQ(h.router.nextDeadline(), h.now + 1s) << "no burst to catch up";
}

TEST(VirtualRouter, AMasterAnnouncesAgainAfterTheDelayAndRefreshes) {
  VirtualRouterConfig refreshing = config();
  refreshing.announceRefresh = 7s;
  RouterHarness h = master(refreshing);
  h.pass(4999ms);
  EXPECT_THAT(h.done(), Not(Contains("announce")));
  h.pass(1ms);
  EXPECT_THAT(h.done(), Contains("announce"));
  h.pass(20s);
  const std::vector<std::string> done = h.done();
  EXPECT_EQ(std::count(done.begin(), done.end(), "announce"), 0);
  EXPECT_EQ(std::count(done.begin(), done.end(), "announce refresh"), 3);
}

TEST(VirtualRouter, AMasterAnnouncesAddressesOfOtherInterfacesRegularly) {
  VirtualRouterConfig extra = config();
  extra.announceExtra = 3s;
  RouterHarness h = master(extra);
  h.pass(9s);
  std::vector<std::string> done = h.done();
  EXPECT_EQ(std::count(done.begin(), done.end(), "announce extra"), 3);
  h.hear("10.9.0.2", 200);
  h.pass(3s);
  done = h.done();
  EXPECT_EQ(std::count(done.begin(), done.end(), "announce extra"), 0);
}

TEST(VirtualRouter, AnOwnerCanBeDeafToOthers) {
  VirtualRouterConfig deaf = config();
  deaf.priority = kPriorityOwner;
  deaf.ownerIgnoresOthers = true;
  RouterHarness h(deaf);
  h.start();
  h.done();
  h.hear("10.9.0.2", 255);
  h.hear("10.9.0.2", 200);
  EXPECT_THAT(h.done(), testing::IsEmpty());
  deaf.priority = 254;
  RouterHarness other = master(deaf);
  other.hear("10.9.0.2", 255);
  EXPECT_EQ(other.router.state(), State::kBackup);
}

TEST(VirtualRouter, WithoutADelayThereIsOneBurst) {
  VirtualRouterConfig once = config();
  once.announceDelay = Duration::zero();
  RouterHarness h = master(once);
  h.pass(60s);
  EXPECT_THAT(h.done(), Not(Contains("announce")));
}

TEST(VirtualRouter, AMasterGivesWayToAHigherPriority) {
  RouterHarness h = master();
  h.hear("10.9.0.0", 101);
  EXPECT_THAT(h.logged(),
              ElementsAre("log (V1) Master received advert from 10.9.0.0 with higher priority 101, "
                          "ours 100",
                          "log (V1) Entering BACKUP STATE", "logD (V1) removing VIPs.",
                          "logD (V1) master set to 10.9.0.0"));
  EXPECT_THAT(h.done(), ElementsAre("yield", "note backup 100", "notify backup 100"));
  EXPECT_EQ(h.untilDeadline(), h.router.masterDownInterval());
  EXPECT_EQ(h.router.counters().releasedMaster, 1U);
}

TEST(VirtualRouter, TheHigherAddressWinsATie) {
  RouterHarness h = master();
  h.hear("10.9.0.2", 100);
  EXPECT_THAT(h.logged(),
              Contains("log (V1) Master received advert from 10.9.0.2 with same priority 100 but "
                       "higher IP address than ours"));
  EXPECT_EQ(h.router.state(), State::kBackup);
  RouterHarness other = master();
  other.hear("10.9.0.0", 100);
  EXPECT_EQ(other.router.state(), State::kMaster);
}

TEST(VirtualRouter, HigherPrioritySendAdvertSaysOneLastWord) {
  VirtualRouterConfig polite = config();
  polite.higherPrioritySendAdvert = true;
  RouterHarness h = master(polite);
  h.hear("10.9.0.2", 200);
  EXPECT_THAT(h.done(), ElementsAre("send 100", "yield", "note backup 100", "notify backup 100"));
}

TEST(VirtualRouter, AMasterAnswersALesserOneAtOnce) {
  VirtualRouterConfig answering = config();
  answering.announceLowerPriority = true;
  answering.announceLowerPriorityDelay = 2s;
  RouterHarness h = master(answering);
  h.pass(500ms);
  h.hear("10.9.0.2", 99);
  EXPECT_THAT(h.done(), ElementsAre("send 100", "announce lower", "notify rx-lower 100"));
  EXPECT_THAT(h.logged(), ElementsAre("log (V1) Received advert from 10.9.0.2 with lower priority "
                                      "99, ours 100, forcing new election"));
  EXPECT_EQ(h.untilDeadline(), 1s) << "Adver_Timer begins anew";
  h.pass(2s);
  EXPECT_THAT(h.done(), Contains("announce lower"));
}

TEST(VirtualRouter, LowerPriorityNoAdvertOnlySaysSo) {
  VirtualRouterConfig silent = config();
  silent.lowerPriorityNoAdvert = true;
  RouterHarness h = master(silent);
  h.hear("10.9.0.2", 99);
  EXPECT_THAT(h.done(), ElementsAre("notify rx-lower 100"));
  EXPECT_THAT(h.logged(), ElementsAre("log (V1) Received advert from 10.9.0.2 with lower priority "
                                      "99, ours 100"));
}

TEST(VirtualRouter, AFloodOfLesserAdvertisementsIsNotAnsweredWithOne) {
  RouterHarness h = master();
  for (int i = 0; i < 1000; ++i) {
    h.pass(1ms);
    h.hear("10.9.0.2", i % 2 == 0 ? 99 : 0);
  }
  EXPECT_LE(h.out.size(), 11U * 3);
}

TEST(VirtualRouter, AMasterAnswersPriorityZeroAtOnce) {
  RouterHarness h = master();
  h.hear("10.9.0.2", 0);
  EXPECT_THAT(h.done(), ElementsAre("send 100"));
  EXPECT_THAT(h.logged(), ElementsAre("log (V1) Master received priority 0 message"));
}

TEST(VirtualRouter, OurOwnAddressFromElsewhereIsAWarningOnly) {
  RouterHarness h = master();
  h.hear("10.9.0.1", 100);
  h.hear("10.9.0.1", 100);
  EXPECT_THAT(h.logged(), ElementsAre("log (V1) WARNING - equal priority advert received from "
                                      "remote host with our IP address."));
  EXPECT_THAT(h.done(), IsEmpty());
  EXPECT_EQ(h.router.state(), State::kMaster);
}

TEST(VirtualRouter, OfTwoOwnersTheHigherAddressStays) {
  RouterHarness h = master(config(255));
  h.hear("10.9.0.2", 255);
  EXPECT_THAT(h.logged(), Contains("log (V1) CONFIGURATION ERROR: local instance and 10.9.0.2 are "
                                   "both configured as address owner, please resolve"));
  EXPECT_EQ(h.router.state(), State::kBackup);
  RouterHarness other = master(config(255));
  other.hear("10.9.0.0", 255);
  EXPECT_EQ(other.router.state(), State::kMaster);
}

TEST(VirtualRouter, AMastersNewPriorityGoesOutAtOnce) {
  RouterHarness h = master();
  h.pass(500ms);
  h.router.setPriority(42, h.out);
  h.pass(0s);
  EXPECT_THAT(h.done(), ElementsAre("note master 42", "send 42"));
  h.pass(1s);
  EXPECT_THAT(h.done(), ElementsAre("send 42"));
}

TEST(VirtualRouter, PrioritiesThatChangeAllTheTimeAreNoFlood) {
  RouterHarness h = master();
  for (std::uint8_t i = 0; i < 100; ++i) {
    h.router.setPriority(50 + i, h.out);
    h.pass(10ms);
  }
  EXPECT_LE(h.router.counters().advertisementsSent, 11U);
}

TEST(VirtualRouter, AnOwnersPriorityIsFixed) {
  RouterHarness h = master(config(255));
  h.router.setPriority(42, h.out);
  EXPECT_THAT(h.out, IsEmpty());
  EXPECT_EQ(h.router.priority(), 255);
}

TEST(VirtualRouter, AMasterThatSleptPastItsPeersTimersYieldsBeforeItSends) {
  RouterHarness h = master();
  h.pass(1s);
  h.forget();
  h.oversleep(3s);
  EXPECT_THAT(h.done(), ElementsAre("yield", "note backup 100", "notify backup 100"));
  EXPECT_THAT(h.logged(),
              Contains("log (V1) Held up for 3000 ms, past the peers' master down time - giving up "
                       "MASTER STATE"));
}

TEST(VirtualRouter, AMasterThatSleptLessGoesOn) {
  RouterHarness h = master();
  h.pass(1s);
  h.forget();
  h.oversleep(2999ms);
  EXPECT_THAT(h.done(), ElementsAre("send 100"));
}

TEST(VirtualRouter, AnOversleptMasterDoesNotAnswerEither) {
  RouterHarness h = master();
  h.now += 5s;
  h.hear("10.9.0.2", 50);
  EXPECT_THAT(h.done(), ElementsAre("yield", "note backup 100", "notify backup 100"));
}

TEST(VirtualRouter, ALostAddressIsLeftToOthers) {
  RouterHarness h = master();
  h.router.loseAddress(h.now, h.out);
  EXPECT_THAT(h.done(), ElementsAre("send 0", "yield", "note backup 100", "notify backup 100"));
  EXPECT_EQ(h.untilDeadline(), h.router.masterDownInterval());
  h.forget();
  h.router.loseAddress(h.now, h.out);
  EXPECT_THAT(h.out, IsEmpty());
}

TEST(VirtualRouter, AHinderedMasterSaysPriorityZeroAndYields) {
  RouterHarness h = master();
  h.router.hinder(h.now, {HindranceKind::kInterfaceDown, 1}, "e0 down", h.out);
  EXPECT_THAT(h.logged(), ElementsAre("log (V1): entering FAULT state (interface e0 down)",
                                      "logD (V1) sent 0 priority", "log (V1) Entering FAULT STATE",
                                      "logD (V1) removing VIPs."));
  EXPECT_THAT(h.done(), ElementsAre("send 0", "yield", "note fault 100", "notify fault 100"));
  EXPECT_EQ(h.router.nextDeadline(), kNever);
  h.hear("10.9.0.2", 50);
  h.hear("10.9.0.2", 0);
  EXPECT_THAT(h.out, IsEmpty()) << "FAULT ignores everything";
}

TEST(VirtualRouter, FaultEndsWithTheLastHindrance) {
  RouterHarness h = master();
  h.router.hinder(h.now, {HindranceKind::kInterfaceDown, 1}, "e0 down", h.out);
  h.router.hinder(h.now, {HindranceKind::kInterfaceDown, 2}, "e2 down", h.out);
  h.router.hinder(h.now, {HindranceKind::kInterfaceDown, 2}, "e2 down", h.out);
  h.forget();
  h.router.relieve(h.now, {HindranceKind::kInterfaceDown, 1}, h.out);
  EXPECT_EQ(h.router.state(), State::kFault);
  h.router.relieve(h.now, {HindranceKind::kInterfaceDown, 2}, h.out);
  EXPECT_THAT(h.logged(), ElementsAre("log (V1) Entering BACKUP STATE"));
  EXPECT_EQ(h.untilDeadline(), h.router.masterDownInterval());
  EXPECT_THAT(h.done(), ElementsAre("note backup 100", "notify backup 100"));
}

TEST(VirtualRouter, EveryFaultHasANamedReason) {
  const std::vector<std::pair<HindranceKind, std::string>> texts = {
      {HindranceKind::kInterfaceDown, "log (V1): entering FAULT state (interface X)"},
      {HindranceKind::kNoSourceAddress,
       "log (V1) entering FAULT state (no IPv4 address for interface)"},
      {HindranceKind::kSourceNotConfigured,
       "log (V1): entering FAULT state (src address not configured)"},
      {HindranceKind::kScriptFailed, "log (V1): entering FAULT state due to script X"},
      {HindranceKind::kNoUnicastPeer, "log (V1) entering FAULT state (no unicast peer)"},
      {HindranceKind::kSocketRefused, "log (V1) entering FAULT state (no socket: X)"},
  };
  for (const auto& [kind, text] : texts) {
    RouterHarness h = backup();
    h.router.hinder(h.now, {kind}, "X", h.out);
    EXPECT_THAT(h.logged(), ElementsAre(text, "log (V1) Entering FAULT STATE"));
  }
}

TEST(VirtualRouter, AFaultAtStartIsNotedAndNotified) {
  RouterHarness h(config());
  h.router.hinder(h.now, {HindranceKind::kInterfaceDown, 1}, "e0 down", h.out);
  h.start();
  EXPECT_THAT(h.logged(), ElementsAre("log (V1): entering FAULT state (interface e0 down)",
                                      "logD (V1) removing VIPs.", "log (V1) entering FAULT state"));
  EXPECT_THAT(h.done(), ElementsAre("yield", "note fault 100", "notify fault 100"));
  h.router.relieve(h.now, {HindranceKind::kInterfaceDown, 1}, h.out);
  EXPECT_THAT(h.logged(), ElementsAre("log (V1) Entering BACKUP STATE"));
}

TEST(VirtualRouter, WaitsForScriptsInSilenceAndWithoutInit) {
  RouterHarness h(config());
  h.router.hinder(h.now, {HindranceKind::kScriptsNotRun}, "", h.out);
  h.start();
  EXPECT_EQ(h.router.state(), State::kInitialize);
  EXPECT_THAT(h.logged(), ElementsAre("logD (V1) removing VIPs."));
  h.forget();
  h.pass(2s);
  h.hear("10.9.0.2", 0);
  h.router.relieve(h.now, {HindranceKind::kScriptsNotRun}, h.out);
  EXPECT_THAT(h.logged(), ElementsAre("log (V1) Entering BACKUP STATE"));
}

TEST(VirtualRouter, WaitsForSocketsInSilence) {
  RouterHarness h(config());
  h.router.hinder(h.now, {HindranceKind::kSocketsMissing}, "", h.out);
  h.start();
  h.forget();
  h.router.relieve(h.now, {HindranceKind::kSocketsMissing}, h.out);
  EXPECT_THAT(h.logged(), ElementsAre("log (V1) Entering BACKUP STATE (init)"));
}

// without privd

TEST(VirtualRouter, ABackupThatCannotTakeWaitsAndSaysSoOnce) {
  RouterHarness h = backup();
  h.router.setAbleToTake(false, h.now, h.out);
  h.pass(60s);
  EXPECT_EQ(h.router.state(), State::kBackup);
  EXPECT_THAT(h.done(), IsEmpty());
  EXPECT_THAT(h.logged(),
              ElementsAre("logD (V1) Receive advertisement timeout",
                          "log (V1) cannot become MASTER while privd, which sets the addresses, is "
                          "gone: waiting for it"));
  h.hear("10.9.0.2", 0);
  h.pass(60s);
  EXPECT_THAT(h.done(), IsEmpty());
  h.router.setAbleToTake(true, h.now, h.out);
  EXPECT_THAT(h.done(),
              ElementsAre("send 100", "take", "announce", "note master 100", "notify master 100"));
}

TEST(VirtualRouter, ABackupThatCouldNotTakeFollowsWhoeverDid) {
  RouterHarness h = backup();
  h.router.setAbleToTake(false, h.now, h.out);
  h.pass(60s);
  h.hear("10.9.0.2", 200);
  h.forget();
  h.router.setAbleToTake(true, h.now, h.out);
  EXPECT_THAT(h.out, IsEmpty());
  EXPECT_EQ(h.untilDeadline(), h.router.masterDownInterval());
}

TEST(VirtualRouter, AnOwnerThatCannotTakeWaitsToo) {
  RouterHarness h(config(255));
  h.router.hinder(h.now, {HindranceKind::kInterfaceDown, 1}, "e0 down", h.out);
  h.start();
  h.router.setAbleToTake(false, h.now, h.out);
  h.forget();
  h.router.relieve(h.now, {HindranceKind::kInterfaceDown, 1}, h.out);
  EXPECT_THAT(h.done(), IsEmpty());
  h.router.setAbleToTake(true, h.now, h.out);
  EXPECT_EQ(h.router.state(), State::kMaster);
}

TEST(VirtualRouter, AMasterGoesOnWithoutPrivdAndStillGivesWay) {
  RouterHarness h = master();
  h.router.setAbleToTake(false, h.now, h.out);
  h.pass(1s);
  EXPECT_THAT(h.done(), ElementsAre("send 100"));
  h.hear("10.9.0.2", 200);
  EXPECT_THAT(h.done(), ElementsAre("yield", "note backup 100", "notify backup 100"));
}

// stop, and life after
// death

TEST(VirtualRouter, StopsWithPriorityZero) {
  RouterHarness h = master();
  h.router.stop(h.out);
  EXPECT_THAT(h.logged(), ElementsAre("logD (V1) sent 0 priority", "logD (V1) removing VIPs."));
  EXPECT_THAT(h.done(), ElementsAre("send 0", "yield", "note initialize 100", "notify stop 100"));
  EXPECT_EQ(h.router.counters().priorityZeroSent, 1U);
  h.router.stop(h.out);
  h.router.hinder(h.now, {HindranceKind::kInterfaceDown, 1}, "e0 down", h.out);
  h.router.relieve(h.now, {HindranceKind::kInterfaceDown, 1}, h.out);
  h.hear("10.9.0.2", 50);
  EXPECT_THAT(h.out, IsEmpty()) << "nothing after the end";
  EXPECT_EQ(h.router.nextDeadline(), kNever);
}

TEST(VirtualRouter, ABackupStopsWithoutAWordToTheNetwork) {
  RouterHarness h = backup();
  h.router.stop(h.out);
  EXPECT_THAT(h.done(), ElementsAre("note initialize 100", "notify stop 100"));
}

TEST(VirtualRouter, AMasterThatDiedGoesOnAtOnceAndUnannounced) {
  RouterHarness h(config());
  h.start(Noted{State::kMaster, 200, 50ms});
  EXPECT_THAT(h.done(), ElementsAre("send 200", "take", "repeat master 200"));
  EXPECT_EQ(h.untilDeadline(), 1s);
  EXPECT_EQ(h.router.priority(), 200);
  h.pass(1s);
  EXPECT_THAT(h.done(), ElementsAre("send 200"));
}

TEST(VirtualRouter, AMasterThatDiedWaitsForItsSocketsFirst) {
  RouterHarness h(config());
  h.router.hinder(h.now, {HindranceKind::kSocketsMissing}, "", h.out);
  h.start(Noted{State::kMaster, 200});
  EXPECT_THAT(h.done(), IsEmpty());
  h.router.relieve(h.now, {HindranceKind::kSocketsMissing}, h.out);
  EXPECT_THAT(h.done(), ElementsAre("send 200", "take", "repeat master 200"));
}

TEST(VirtualRouter, AMasterThatDiedAndWaitsTooLongForItsSocketsListensFirst) {
  RouterHarness h(config());
  h.router.hinder(h.now, {HindranceKind::kSocketsMissing}, "", h.out);
  h.start(Noted{State::kMaster, 200, 500ms});
  h.pass(1500ms);
  h.router.relieve(h.now, {HindranceKind::kSocketsMissing}, h.out);
  EXPECT_THAT(h.done(), ElementsAre("yield", "note backup 200", "notify backup 200"));
}

TEST(VirtualRouter, AMasterThatWasDeadForLessGoesOn) {
  RouterHarness h(config());
  h.start(Noted{State::kMaster, 200, 1999ms});
  EXPECT_THAT(h.done(), ElementsAre("send 200", "take", "repeat master 200"));
}

TEST(VirtualRouter, AMasterThatWasDeadTooLongListensFirst) {
  RouterHarness h(config());
  h.start(Noted{State::kMaster, 200, 2s});
  EXPECT_THAT(h.done(), ElementsAre("yield", "note backup 200", "notify backup 200"));
}

TEST(VirtualRouter, AMasterThatHungBeforeItDiedListensFirst) {
  RouterHarness h(config());
  h.start(Noted{.state = State::kMaster, .priority = 200, .lastAdvertisement = h.now - 3s});
  EXPECT_THAT(h.done(), ElementsAre("yield", "note backup 200", "notify backup 200"));
}

TEST(VirtualRouter, WhenItAdvertisedLastCountsMoreThanWhenItDied) {
  RouterHarness h(config());
  h.start(Noted{.state = State::kMaster,
                .priority = 200,
                .silence = 2500ms,
                .lastAdvertisement = h.now - 2600ms});
  EXPECT_THAT(h.done(), ElementsAre("send 200", "take", "repeat master 200"));
}

TEST(VirtualRouter, AMasterThatDiedAndIsHinderedNowYields) {
  RouterHarness h(config());
  h.router.hinder(h.now, {HindranceKind::kInterfaceDown, 1}, "e0 down", h.out);
  h.start(Noted{State::kMaster, 200});
  EXPECT_THAT(h.done(), ElementsAre("yield", "note fault 200", "notify fault 200"));
}

TEST(VirtualRouter, ChangesOfPriorityAreToldWhereThatIsAskedFor) {
  VirtualRouterConfig telling = config();
  telling.notifyPriorityChanges = true;
  RouterHarness h = backup(telling);
  h.router.setPriority(110, h.out);
  EXPECT_THAT(h.done(), ElementsAre("note backup 110", "notify backup-priority 110"));
  h.pass(h.untilDeadline());
  h.forget();
  h.router.setPriority(100, h.out);
  EXPECT_THAT(h.done(), ElementsAre("note master 100", "notify master-priority 100"));
}

TEST(VirtualRouter, ABackupThatDiedIsNotNotifiedAgain) {
  RouterHarness h(config());
  h.start(Noted{State::kBackup, 120});
  EXPECT_THAT(h.done(), ElementsAre("yield", "repeat backup 120"));
  EXPECT_EQ(h.untilDeadline(), h.router.masterDownInterval());
  h.pass(h.untilDeadline());
  EXPECT_THAT(h.done(), Contains("notify master 120"));
}

TEST(VirtualRouter, ANoteOfNothingIsNone) {
  RouterHarness h(config());
  h.start(Noted{State::kInitialize, 200});
  EXPECT_THAT(h.done(), ElementsAre("yield", "note backup 100", "notify backup 100"));
}

TEST(VirtualRouter, AFaultThatLastsOverADeathIsNotNotifiedAgain) {
  RouterHarness h(config());
  h.router.hinder(h.now, {HindranceKind::kInterfaceDown, 1}, "e0 down", h.out);
  h.start(Noted{State::kFault, 100});
  EXPECT_THAT(h.done(), ElementsAre("yield", "note fault 100", "repeat fault 100"));
}

}  // namespace
}  // namespace holdfast::vrrpd
