#include "vrrpd/instance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include "tests/unit/vrrpd/datagram.h"
#include "tests/unit/vrrpd/router_harness.h"

namespace holdfast::vrrpd {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr InterfaceId kE0{0};
constexpr InterfaceId kE2{1};
constexpr TrackScriptId kCheck{4};
constexpr TrackScriptId kOther{5};
const InterfaceStatus kUp{.isUp = true, .sourceIpv4 = IpAddress::parse("10.9.0.1")};
const InterfaceStatus kDown{.sourceIpv4 = IpAddress::parse("10.9.0.1")};

InstanceConfig config() {
  return {.router = {.name = "V1", .priority = 100},
          .rules = {.name = "V1",
                    .virtualRouterId = 10,
                    .interval = 1s,
                    .addresses = {ip("10.9.0.100")}},
          .interface = kE0,
          .interfaceName = "e0",
          .group = ip("224.0.0.18")};
}

InstanceConfig scripted(std::int16_t weight, bool reverse = false) {
  InstanceConfig with = config();
  with.tracked = {{TrackedKind::kScript, 4, "ck", {weight, reverse}}};
  return with;
}

class Harness : public Happenings {
 public:
  explicit Harness(InstanceConfig of, const InterfaceStatus& status = kUp)
      : instance(std::move(of)) {
    instance.interfaceChanged(now, kE0, status, out);
  }
  void start(std::optional<Noted> noted = {}) { instance.start(now, noted, out); }
  void script(Condition condition, TrackScriptId id = kCheck) {
    instance.scriptChanged(now, id, condition, out);
  }
  void pass(Duration duration) {
    const TimePoint end = now + duration;
    while (instance.nextDeadline() <= end) {
      now = instance.nextDeadline();
      instance.expire(now, out);
    }
    now = end;
  }
  [[nodiscard]] State state() const { return instance.router().state(); }
  [[nodiscard]] int priority() const { return instance.router().priority(); }

  TimePoint now{1h};
  Instance instance;
};

TEST(Instance, TheMailGatewaysScriptIsWorthAHundredPoints) {
  Harness h(scripted(100));
  h.start();
  EXPECT_EQ(h.state(), State::kBackup) << "a weighted script is not waited for";
  EXPECT_EQ(h.priority(), 100);
  h.script(Condition::kGood);
  EXPECT_EQ(h.priority(), 200);
  EXPECT_THAT(h.logged(), Contains("log (V1) Changing effective priority from 100 to 200"));
  h.script(Condition::kBad);
  EXPECT_EQ(h.priority(), 100);
  EXPECT_EQ(h.state(), State::kBackup);
}

TEST(Instance, AnUnweightedScriptIsWaitedForAndItsFailureIsAFault) {
  Harness h(scripted(0));
  h.start();
  EXPECT_EQ(h.state(), State::kInitialize);
  h.script(Condition::kGood);
  EXPECT_EQ(h.state(), State::kBackup);
  h.forget();
  h.script(Condition::kBad);
  EXPECT_EQ(h.state(), State::kFault);
  EXPECT_THAT(h.logged(), ElementsAre("log (V1): entering FAULT state due to script ck",
                                      "log (V1) Entering FAULT STATE"));
  h.script(Condition::kGood);
  EXPECT_EQ(h.state(), State::kBackup);
}

TEST(Instance, AFirstFailureIsAFaultWithoutAMomentAsBackup) {
  Harness h(scripted(0));
  h.start();
  h.script(Condition::kBad);
  EXPECT_EQ(h.state(), State::kFault);
  EXPECT_THAT(h.done(), Not(Contains("notify backup 100")));
}

TEST(Instance, WaitsForEveryUnweightedScript) {
  InstanceConfig two = scripted(0);
  two.tracked.push_back({TrackedKind::kScript, 5, "other", {0, false}});
  Harness h(two);
  h.start();
  h.script(Condition::kGood);
  EXPECT_EQ(h.state(), State::kInitialize);
  h.script(Condition::kGood, kOther);
  EXPECT_EQ(h.state(), State::kBackup);
}

TEST(Instance, AReversedUnweightedScriptIsAFaultWhenItSucceeds) {
  Harness h(scripted(0, true));
  h.start();
  h.script(Condition::kBad);
  EXPECT_EQ(h.state(), State::kBackup);
  h.script(Condition::kGood);
  EXPECT_EQ(h.state(), State::kFault);
}

TEST(Instance, AfterACrashThePriorityStandsUntilTheScriptHasAnswered) {
  Harness h(scripted(100));
  h.start(Noted{State::kMaster, 200});
  EXPECT_THAT(h.done(), ElementsAre("send 200", "take", "repeat master 200"));
  h.pass(1500ms);
  EXPECT_EQ(h.priority(), 200);
  h.script(Condition::kGood);
  EXPECT_THAT(h.logged(), Not(Contains(testing::HasSubstr("priority"))));
  h.script(Condition::kBad);
  EXPECT_EQ(h.priority(), 100);
}

TEST(Instance, AfterACrashAnUnweightedScriptIsNotWaitedFor) {
  Harness h(scripted(0));
  h.start(Noted{State::kMaster, 100});
  EXPECT_EQ(h.state(), State::kMaster);
  h.script(Condition::kBad);
  EXPECT_EQ(h.state(), State::kFault);
}

TEST(Instance, AfterACrashInFaultItIsNotBackupUntilTheScriptHasAnswered) {
  Harness h(scripted(0));
  h.start(Noted{State::kFault, 100});
  EXPECT_EQ(h.state(), State::kInitialize);
  h.pass(5s);
  h.script(Condition::kBad);
  EXPECT_EQ(h.state(), State::kFault);
  EXPECT_THAT(h.done(), ElementsAre("yield", "note fault 100", "repeat fault 100"));
}

TEST(Instance, APriorityIsNotHeldForEver) {
  Harness h(scripted(100));
  h.start(Noted{State::kMaster, 200});
  h.pass(h.instance.config().longestHold - 1ns);
  EXPECT_EQ(h.priority(), 200);
  h.pass(1ns);
  EXPECT_EQ(h.priority(), 100);
}

TEST(Instance, WithoutScriptsANotedPriorityGivesWayToTheConfiguration) {
  Harness h(config());
  h.start(Noted{State::kMaster, 90});
  EXPECT_EQ(h.priority(), 100);
  EXPECT_EQ(h.state(), State::kMaster);
}

TEST(Instance, TheInterfaceGoesDownAndUp) {
  Harness h(config());
  h.start();
  h.pass(4s);
  EXPECT_EQ(h.state(), State::kMaster);
  h.forget();
  EXPECT_FALSE(h.instance.interfaceChanged(h.now, kE0, kDown, h.out));
  EXPECT_THAT(h.logged(), Contains("log (V1): entering FAULT state (interface e0 down)"));
  EXPECT_THAT(h.done(), ElementsAre("send 0", "yield", "note fault 100", "notify fault 100"));
  EXPECT_FALSE(h.instance.interfaceChanged(h.now, kE0, kUp, h.out));
  EXPECT_EQ(h.state(), State::kBackup);
  EXPECT_EQ(h.instance.nextDeadline(), h.now + h.instance.router().masterDownInterval());
}

TEST(Instance, DontTrackPrimaryDoesNotCare) {
  InstanceConfig untracked = config();
  untracked.trackPrimary = false;
  Harness h(untracked);
  h.start();
  h.instance.interfaceChanged(h.now, kE0, kDown, h.out);
  EXPECT_EQ(h.state(), State::kBackup);
}

TEST(Instance, TrackedInterfacesCountOrFault) {
  InstanceConfig tracking = config();
  tracking.tracked = {{TrackedKind::kInterface, 1, "e2", {-30, false}}};
  Harness weighted(tracking);
  weighted.instance.interfaceChanged(weighted.now, kE2, kUp, weighted.out);
  weighted.start();
  weighted.instance.interfaceChanged(weighted.now, kE2, kDown, weighted.out);
  EXPECT_EQ(weighted.priority(), 70);
  EXPECT_EQ(weighted.state(), State::kBackup);
  tracking.tracked = {{TrackedKind::kInterface, 1, "e2", {0, false}}};
  Harness unweighted(tracking);
  unweighted.instance.interfaceChanged(unweighted.now, kE2, kDown, unweighted.out);
  EXPECT_THAT(unweighted.logged(),
              ElementsAre("log (V1): entering FAULT state (interface e2 down)"));
  unweighted.start();
  EXPECT_EQ(unweighted.state(), State::kFault);
}

InstanceConfig tracking(TrackedKind kind, std::int16_t weight, bool reverse = false) {
  InstanceConfig with = config();
  with.tracked = {{kind, 2, "it", {weight, reverse}}};
  return with;
}

TEST(Instance, AFilesNumberCountsAndIsAFaultWhereItIsVeryLow) {
  Harness h(tracking(TrackedKind::kFile, 2));
  h.start();
  EXPECT_EQ(h.state(), State::kBackup) << "a weighted file is not waited for";
  h.instance.fileChanged(h.now, TrackFileId{2}, {30}, h.out);
  EXPECT_EQ(h.priority(), 160);
  h.instance.fileChanged(h.now, TrackFileId{3}, {7}, h.out);
  EXPECT_EQ(h.priority(), 160) << "another file";
  h.forget();
  h.instance.fileChanged(h.now, TrackFileId{2}, {-127}, h.out);
  EXPECT_EQ(h.state(), State::kFault);
  EXPECT_THAT(h.logged(), Contains("log (V1): tracked file it now FAULT state"));
  h.instance.fileChanged(h.now, TrackFileId{2}, {-126}, h.out);
  EXPECT_EQ(h.state(), State::kBackup);
  EXPECT_THAT(h.logged(), Contains("log (V1): tracked file it leaving FAULT state"));
  EXPECT_EQ(h.priority(), 1);
}

TEST(Instance, AnUnweightedFileIsWaitedForAsTheDaemonsFirstLook) {
  Harness h(tracking(TrackedKind::kFile, 0));
  h.start();
  EXPECT_EQ(h.state(), State::kInitialize);
  h.instance.fileChanged(h.now, TrackFileId{2}, {0}, h.out);
  EXPECT_EQ(h.state(), State::kBackup);
  EXPECT_THAT(h.logged(), Contains("log (V1) Entering BACKUP STATE (init)"));
  h.instance.fileChanged(h.now, TrackFileId{2}, {1}, h.out);
  EXPECT_EQ(h.state(), State::kFault);
}

TEST(Instance, TooFewProcessesAreAFault) {
  Harness h(tracking(TrackedKind::kProcess, 0));
  h.start();
  h.instance.processChanged(h.now, TrackProcessId{2}, Condition::kBad, h.out);
  EXPECT_EQ(h.state(), State::kFault);
  EXPECT_THAT(h.logged(), Contains("log (V1) entering FAULT state (tracked process it quorum not "
                                   "achieved)"));
  h.instance.processChanged(h.now, TrackProcessId{2}, Condition::kGood, h.out);
  EXPECT_EQ(h.state(), State::kBackup);
}

TEST(Instance, AfterACrashThePriorityStandsUntilTheFileIsKnown) {
  Harness h(tracking(TrackedKind::kFile, 1));
  h.start(Noted{State::kMaster, 150});
  EXPECT_EQ(h.priority(), 150);
  h.instance.fileChanged(h.now, TrackFileId{2}, {20}, h.out);
  EXPECT_EQ(h.priority(), 120);
}

TEST(Instance, WithoutASourceAddressItIsAFaultThatEndsWithOne) {
  Harness h(config(), {.isUp = true});
  h.start();
  EXPECT_EQ(h.state(), State::kFault);
  EXPECT_THAT(h.logged(),
              Contains("log (V1) entering FAULT state (no IPv4 address for interface)"));
  EXPECT_TRUE(h.instance.interfaceChanged(h.now, kE0, kUp, h.out)) << "sockets anew";
  EXPECT_EQ(h.state(), State::kBackup);
  EXPECT_EQ(h.instance.source(), ip("10.9.0.1"));
}

TEST(Instance, AConfiguredSourceIsNoInterfacesBusiness) {
  InstanceConfig configured = config();
  configured.source = ip("10.9.0.7");
  Harness h(configured, {.isUp = true});
  h.start();
  EXPECT_EQ(h.state(), State::kBackup);
  EXPECT_FALSE(h.instance.interfaceChanged(h.now, kE0, kUp, h.out));
  EXPECT_EQ(h.instance.source(), ip("10.9.0.7"));
}

TEST(Instance, ARefusedSocketIsAFaultUntilOneIsThere) {
  Harness h(config());
  h.instance.socketsMissing(h.now, h.out);
  h.start();
  EXPECT_EQ(h.state(), State::kInitialize);
  h.instance.socketRefused(h.now, "No such device", h.out);
  EXPECT_EQ(h.state(), State::kFault);
  h.instance.socketsReady(h.now, h.out);
  EXPECT_EQ(h.state(), State::kBackup);
}

TEST(Instance, AConfiguredSourceThatIsNotHereIsNamed) {
  InstanceConfig configured = config();
  configured.source = ip("10.9.0.7");
  Harness h(configured);
  h.instance.socketsMissing(h.now, h.out);
  h.start();
  h.instance.sourceMissing(h.now, h.out);
  EXPECT_THAT(h.logged(), Contains("log (V1): entering FAULT state (src address not configured)"));
  h.instance.socketsReady(h.now, h.out);
  EXPECT_EQ(h.state(), State::kBackup);
}

TEST(Instance, UnicastFaultNoPeer) {
  InstanceConfig lonely = config();
  lonely.isUnicast = true;
  lonely.unicastFaultNoPeer = true;
  Harness h(lonely);
  h.start();
  EXPECT_EQ(h.state(), State::kFault);
}

TEST(Instance, WhatItEncodesAPeerAccepts) {
  InstanceConfig unicast = config();
  unicast.isUnicast = true;
  unicast.rules.version = Version::kV3;
  unicast.router.version = Version::kV3;
  unicast.rules.peers = {{.address = ip("10.9.0.8")}, {.address = ip("10.9.0.9")}};
  Harness h(unicast);
  h.start();
  ASSERT_EQ(h.instance.destinationCount(), 2U);
  std::array<std::uint8_t, kMaxPduBytes> buffer{};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto pdu = h.instance.encode(77, i, buffer);
    ReceiveRules rules = unicast.rules;
    rules.peers = {{.address = ip("10.9.0.1")}};
    ReceiveChecks peer(rules);
    const auto accepted = peer.check({.source = ip("10.9.0.1"),
                                      .destination = h.instance.destination(i),
                                      .ttl = 255,
                                      .statedBytes = pdu.size(),
                                      .pdu = pdu},
                                     {}, h.out);
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->priority, 77);
  }
}

TEST(Instance, WhatIsRejectedNeverReachesTheStateMachine) {
  Harness h(config());
  h.start();
  const TimePoint before = h.instance.nextDeadline();
  h.forget();
  for (const Datagram& bad :
       {Datagram{.ttl = 64}, Datagram{.virtualRouterId = 11}, Datagram{.interval = 2s},
        Datagram{.addresses = {ip("10.9.0.1")}}, Datagram{.breakChecksum = true}}) {
    h.now += 1ms;
    const auto bytes = bad.bytes();
    h.instance.receive(h.now, *openIpv4(bytes), h.out);
    EXPECT_EQ(h.instance.nextDeadline(), before);
    EXPECT_THAT(h.done(), IsEmpty());
  }
  const auto bytes = Datagram{}.bytes();
  h.instance.receive(h.now, *openIpv4(bytes), h.out);
  EXPECT_NE(h.instance.nextDeadline(), before);
}

// Each of these has its line in the log, and together they take each other's memory away.
TEST(Instance, AFloodDoesNotFillTheLog) {
  InstanceConfig with = config();
  with.router.version = Version::kV3;
  with.router.preemptDelay = 1h;
  with.rules.version = Version::kV3;
  Harness h(with);
  h.start();
  h.forget();
  const auto hear = [&h](const Datagram& datagram) {
    const auto bytes = datagram.bytes();
    h.instance.receive(h.now, *openIpv4(bytes), h.out);
  };
  for (int i = 0; i < 1000; ++i) {
    hear({.source = ip("10.9.0.9"), .version = Version::kV3, .priority = 200});
    hear({.source = ip("10.9.0.8"), .version = Version::kV3, .priority = 200, .interval = 2s});
    hear({.source = ip("10.9.0.9"), .version = Version::kV3, .priority = 50});
    hear({.source = ip("10.9.0.9"), .version = Version::kV3, .priority = 0});
    hear({.source = ip("10.9.0.9"), .version = Version::kV3, .breakChecksum = true});
    h.instance.receiveUnopened(h.now, 3, h.out);
    h.now += 1ms;
  }
  EXPECT_EQ(h.instance.router().state(), State::kBackup);
  EXPECT_LE(h.logged().size(), LineBudget::kBurst);
  EXPECT_GT(h.instance.linesLeftOut(), 5000U);
  h.now += LineBudget::kPace;
  hear({.source = ip("10.9.0.7"), .version = Version::kV3, .priority = 200});
  EXPECT_THAT(h.logged(), ElementsAre(testing::HasSubstr(" lines about packets left out before")));
}

TEST(Instance, AFloodDoesNotHideATransition) {
  Harness h(config());
  h.start();
  h.pass(4s);
  EXPECT_EQ(h.instance.router().state(), State::kMaster);
  for (int i = 0; i < 1000; ++i) {
    h.now += 1ms;
    const auto bytes = Datagram{.priority = 50}.bytes();
    h.instance.receive(h.now, *openIpv4(bytes), h.out);
    h.instance.receiveUnopened(h.now, 3, h.out);
  }
  h.forget();
  const auto bytes = Datagram{.priority = 200}.bytes();
  h.instance.receive(h.now, *openIpv4(bytes), h.out);
  EXPECT_THAT(h.logged(), Contains("log (V1) Entering BACKUP STATE"));
}

}  // namespace
}  // namespace holdfast::vrrpd
