#include "privd/broker/broker.h"

#include <gtest/gtest.h>
#include <linux/if_addr.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "broker_harness.h"
#include "ipc/notebook.h"

namespace holdfast::privd {
namespace {

using Kind = Event::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

class BrokerTest : public ::testing::Test, public BrokerHarness {
 protected:
  static NetlinkMessage linkNews(int index, const char* name, std::uint32_t flags) {
    NetlinkMessage message;
    message.kind = NetlinkMessage::Kind::kLink;
    message.link = {index, name, flags, 1500, MacAddress{2, 0, 0, 0, 0, 1}};
    return message;
  }
};

// -------------------------------------------------------------------------------- what is refused

TEST_F(BrokerTest, RefusesWhatIsNotARequest) {
  begin();
  MessageBuffer<schema::BrokerRequest> request;
  request.root().setGeneration(1);
  std::vector<std::byte> bytes(request.bytes().begin(), request.bytes().end());
  EXPECT_TRUE(askRaw(bytes));
  EXPECT_FALSE(askRaw(bytes, true)) << "a descriptor beside it";
  for (std::size_t size = 0; size <= 4096; size += 8) {
    std::vector<std::byte> wrong(size);
    std::copy_n(bytes.begin(), std::min(size, bytes.size()), wrong.begin());
    EXPECT_EQ(askRaw(wrong), size == bytes.size()) << size;
  }
  for (std::size_t byte = 0; byte < 8; ++byte) {
    std::vector<std::byte> wrong = bytes;
    wrong[byte] ^= std::byte{1};
    EXPECT_FALSE(askRaw(wrong)) << "root pointer, byte " << byte;
  }
}

TEST_F(BrokerTest, RefusesUnknownVerbsAndSaysSo) {
  begin();
  for (unsigned verb = 7; verb < 0x10000; verb += 97) {
    EXPECT_FALSE(ask(static_cast<Verb>(verb), 0)) << verb;
  }
  EXPECT_NE(log.take().find("refused: unknown verb"), std::string::npos);
}

TEST_F(BrokerTest, RefusesObjectsThatAreNotInTheConfiguration) {
  begin();
  for (const Verb verb : {Verb::TAKE, Verb::YIELD, Verb::ANNOUNCE, Verb::OPEN_RECEIVE_SOCKET,
                          Verb::OPEN_SEND_SOCKET, Verb::NOTE_STATE}) {
    EXPECT_FALSE(ask(verb, 2)) << "index";
    EXPECT_FALSE(ask(verb, ~0U)) << "index";
    EXPECT_FALSE(ask(verb, 0, 0)) << "generation";
    EXPECT_FALSE(ask(verb, 0, 2)) << "generation";
  }
  EXPECT_FALSE(ask(Verb::HELLO, 0, 2));
  EXPECT_FALSE(ask(Verb::OPEN_SEND_SOCKET, 1, 1, 2)) << "peer";
  EXPECT_FALSE(ask(Verb::OPEN_SEND_SOCKET, 0, 1, 1)) << "the group is destination 0";
  EXPECT_TRUE(kernel.present.empty());
  EXPECT_EQ(kernel.adds + kernel.removes, 0U);
  EXPECT_TRUE(sent.empty());
  EXPECT_NE(
      log.take().find("audit: vrrpd take instance 2 of generation 1: refused: no such object"),
      std::string::npos);
}

TEST_F(BrokerTest, RefusesStatesThatCannotBeNoted) {
  begin();
  state = schema::VrrpState::STOP;
  EXPECT_FALSE(ask(Verb::NOTE_STATE, 0));
  state = static_cast<schema::VrrpState>(99);
  EXPECT_FALSE(ask(Verb::NOTE_STATE, 0));
  state = schema::VrrpState::BACKUP;
  priority = 0;
  EXPECT_FALSE(ask(Verb::NOTE_STATE, 0));
}

TEST_F(BrokerTest, AnnouncesOnlyWhatIsTakenAndOnlyKnownKinds) {
  begin();
  EXPECT_FALSE(ask(Verb::ANNOUNCE, 0)) << "nothing is taken";
  EXPECT_TRUE(ask(Verb::TAKE, 0));
  announcement = 4;
  EXPECT_FALSE(ask(Verb::ANNOUNCE, 0));
  EXPECT_TRUE(kernel.frames.empty());
}

TEST_F(BrokerTest, AnnouncesNothingExtraOfItsOwnInterface) {
  begin();
  EXPECT_TRUE(ask(Verb::TAKE, 0));
  announcement = 3;
  EXPECT_TRUE(ask(Verb::ANNOUNCE, 0));
  EXPECT_TRUE(kernel.frames.empty());
}

TEST_F(BrokerTest, ServesNothingBeforeStart) {
  ASSERT_EQ(broker.load(Generation{1}, twoInstances()), 0);
  EXPECT_FALSE(ask(Verb::HELLO, 0));
  EXPECT_FALSE(ask(Verb::TAKE, 0));
  EXPECT_TRUE(kernel.present.empty());
}

// ------------------------------------------------------------------------------- take and yield

TEST_F(BrokerTest, TakesOnceAndYields) {
  begin();
  EXPECT_TRUE(ask(Verb::TAKE, 0));
  EXPECT_TRUE(kernel.has(2, "10.9.0.101", 24));
  EXPECT_TRUE(kernel.has(2, "10.9.0.102", 32));
  auto events = takeSent();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].event.kind, Kind::TAKEN);
  EXPECT_EQ(events[0].event.result, 0U);
  EXPECT_TRUE(kernel.frames.empty()) << "announcing is a request of its own";

  EXPECT_TRUE(ask(Verb::TAKE, 0));
  EXPECT_EQ(kernel.adds, 2U) << "nothing was missing";
  EXPECT_TRUE(ask(Verb::YIELD, 0));
  EXPECT_TRUE(kernel.present.empty());
  EXPECT_EQ(takeSent().back().event.kind, Kind::YIELDED);
}

TEST_F(BrokerTest, AFreshBrokerTakesOverWhatIsThere) {
  kernel.present = {{2, *IpAddress::parse("10.9.0.101"), 24},
                    {2, *IpAddress::parse("10.9.0.102"), 32},
                    {3, *IpAddress::parse("10.8.0.1"), 24}};
  begin();
  EXPECT_TRUE(ask(Verb::TAKE, 0));
  EXPECT_EQ(kernel.adds, 0U);
  // What another program's crash left behind goes when vrrpd says that it is not master.
  EXPECT_TRUE(ask(Verb::YIELD, 1));
  EXPECT_FALSE(kernel.has(3, "10.8.0.1", 24));
  EXPECT_TRUE(kernel.has(2, "10.9.0.102", 32)) << "VI_1 holds it";
}

TEST_F(BrokerTest, AnAddressOfTwoHoldersStaysUntilBothYield) {
  begin();
  ask(Verb::TAKE, 0);
  ask(Verb::TAKE, 1);
  ask(Verb::YIELD, 0);
  EXPECT_FALSE(kernel.has(2, "10.9.0.101", 24));
  EXPECT_TRUE(kernel.has(2, "10.9.0.102", 32));
  ask(Verb::YIELD, 1);
  EXPECT_TRUE(kernel.present.empty());
}

TEST_F(BrokerTest, SaysWhyItCouldNotTake) {
  begin();
  kernel.addError = EPERM;
  EXPECT_TRUE(ask(Verb::TAKE, 0));
  EXPECT_EQ(takeSent()[0].event.result, static_cast<std::uint32_t>(EPERM));
  EXPECT_NE(log.take().find("audit: vrrpd take instance 0 (VI_1) of generation 1: Operation not "
                            "permitted"),
            std::string::npos);
}

// -------------------------------------------------------------------------- what will not be
// removed

TEST_F(BrokerTest, WhatTheKernelDoesNotRemoveIsTriedAgain) {
  begin();
  ask(Verb::TAKE, 0);
  takeSent();
  kernel.removeError = ENOBUFS;
  EXPECT_TRUE(ask(Verb::YIELD, 0));
  EXPECT_EQ(takeSent()[0].event.result, static_cast<std::uint32_t>(ENOBUFS));
  const std::string said = log.take();
  EXPECT_NE(said.find("(VI_1) cannot remove 10.9.0.101/24 from e0: No buffer space available"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("(VI_1) cannot remove 10.9.0.102/32 from e0"), std::string::npos) << said;
  EXPECT_LE(wake, now + seconds(1));
  now = wake;
  settle();
  kernel.removeError = 0;
  now = wake;
  settle();
  EXPECT_TRUE(kernel.present.empty());
  EXPECT_NE(log.take().find("(VI_1) removed 10.9.0.101/24 from e0 at last"), std::string::npos);
  EXPECT_EQ(wake, kNever);
}

TEST_F(BrokerTest, WhatIsNeverRemovedIsTriedAtABoundedRateAndSaidAgain) {
  begin();
  ask(Verb::TAKE, 0);
  kernel.removeError = EPERM;
  ask(Verb::YIELD, 0);
  log.take();
  const unsigned before = kernel.removes;
  const TimePoint end = now + std::chrono::minutes(10);
  while (wake <= end) {
    now = wake;
    settle();
  }
  const std::string said = log.take();
  EXPECT_LE(kernel.removes - before, 2U * (10 + 10));
  EXPECT_NE(said.find("it may be in two places: ip address del 10.9.0.101/24 dev e0"),
            std::string::npos);
  EXPECT_LE(std::count(said.begin(), said.end(), '\n'), 2 * 11);
}

TEST_F(BrokerTest, WhatWasNotRemovedStaysWhenItIsTakenAgain) {
  begin();
  ask(Verb::TAKE, 0);
  kernel.removeError = EPERM;
  ask(Verb::YIELD, 0);
  kernel.removeError = 0;
  EXPECT_TRUE(ask(Verb::TAKE, 0));
  now += std::chrono::minutes(5);
  settle();
  EXPECT_TRUE(kernel.has(2, "10.9.0.101", 24));
  EXPECT_EQ(wake, kNever);
}

TEST_F(BrokerTest, WhatARetiredGenerationCouldNotRemoveIsTriedAgainToo) {
  begin();
  ask(Verb::TAKE, 0);
  begin(Configuration{}, 2);
  ASSERT_EQ(loadError, 0);
  kernel.removeError = EPERM;
  broker.retire(Generation{1});
  settle();
  EXPECT_TRUE(kernel.has(2, "10.9.0.101", 24));
  kernel.removeError = 0;
  now = wake;
  settle();
  EXPECT_TRUE(kernel.present.empty());
}

TEST_F(BrokerTest, WhatStaysAtTheEndIsNamed) {
  begin();
  ask(Verb::TAKE, 0);
  kernel.removeError = EPERM;
  broker.beginLeaving();
  broker.releaseEverything();
  EXPECT_NE(log.take().find("(VI_1) cannot remove 10.9.0.101/24 from e0: Operation not permitted"),
            std::string::npos);
}

TEST_F(BrokerTest, ARefusedAddressIsNamedOnce) {
  Configuration config = twoInstances();
  config.instances[0].addresses = {virtualAddress("fd77::1", 64)};
  begin(config);
  kernel.addError = EACCES;
  EXPECT_TRUE(ask(Verb::TAKE, 0));
  EXPECT_NE(log.take().find("(VI_1) cannot set fd77::1/64 on e0: Permission denied: is IPv6 off "
                            "there? (sysctl net.ipv6.conf.e0.disable_ipv6)"),
            std::string::npos);
  takeSent();
  tell(linkNews(2, "e0", 0x1 | 0x40));
  for (int i = 0; i < 5 && wake != kNever; ++i) {
    now = wake;
    settle();
  }
  EXPECT_EQ(log.take(), "") << "nor again when the interface changes";
  EXPECT_TRUE(sent.empty()) << "it was never there, so it is not lost";
}

TEST_F(BrokerTest, ReleasesEverythingAtTheEnd) {
  Configuration config = twoInstances();
  config.instances[0].promoteSecondaries = true;
  begin(config);
  ask(Verb::TAKE, 0);
  ask(Verb::TAKE, 1);
  EXPECT_EQ(kernel.promoting(), std::set<int>{2});
  broker.beginLeaving();
  broker.releaseEverything();
  EXPECT_TRUE(kernel.present.empty());
  EXPECT_TRUE(kernel.promoting().empty());
}

TEST_F(BrokerTest, LeavesASettingAloneThatWasThereBefore) {
  kernel.settings[{2, Setting::kPromoteSecondaries}] = 1;
  Configuration config = twoInstances();
  config.instances[0].promoteSecondaries = true;
  begin(config);
  ask(Verb::TAKE, 0);
  broker.releaseEverything();
  EXPECT_EQ(kernel.promoting(), std::set<int>{2});
}

// ------------------------------------------------------------------------------- reconciliation

TEST_F(BrokerTest, PutsBackWhatSomeoneElseDeletes) {
  begin();
  ask(Verb::TAKE, 0);
  takeSent();
  log.take();
  tell(kernel.deleteBehindItsBack(2, "10.9.0.101", 24));
  EXPECT_TRUE(kernel.has(2, "10.9.0.101", 24));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].event.kind, Kind::RESTORED);
  EXPECT_EQ(sent[0].event.instance, 0U);
  EXPECT_EQ(log.take(),
            "Netlink reflector reports IP 10.9.0.101 removed from e0\n"
            "(VI_1) put 10.9.0.101/24 back on e0\n");
}

TEST_F(BrokerTest, OldNewsAboutItsOwnDoingIsNoDeletion) {
  begin();
  ask(Verb::TAKE, 0);
  takeSent();
  log.take();
  NetlinkMessage gone;
  gone.kind = NetlinkMessage::Kind::kAddressGone;
  gone.address = {2, *IpAddress::parse("10.9.0.101"), 24, 0, 0};
  tell(gone);
  EXPECT_TRUE(sent.empty());
  EXPECT_EQ(log.take(), "");
  EXPECT_TRUE(broker.interfaces().hasAddress(Slot{0}, *IpAddress::parse("10.9.0.101"), 24));
}

TEST_F(BrokerTest, DoesNotPutBackWhatIsNotTrackedOrNotHeld) {
  Configuration config = twoInstances();
  config.instances[0].addresses[0].tracked = false;
  begin(config);
  ask(Verb::TAKE, 0);
  ask(Verb::TAKE, 1);
  ask(Verb::YIELD, 1);
  takeSent();
  tell(kernel.deleteBehindItsBack(2, "10.9.0.101", 24));
  tell(kernel.deleteBehindItsBack(3, "10.8.0.1", 24));
  EXPECT_FALSE(kernel.has(2, "10.9.0.101", 24));
  EXPECT_FALSE(kernel.has(3, "10.8.0.1", 24));
  EXPECT_TRUE(sent.empty());
}

TEST_F(BrokerTest, AFightOverAnAddressIsRateLimited) {
  begin();
  ask(Verb::TAKE, 0);
  const unsigned before = kernel.adds;
  for (int i = 0; i < 1000; ++i) {
    now += milliseconds(1);
    tell(kernel.deleteBehindItsBack(2, "10.9.0.101", 24));
  }
  EXPECT_EQ(kernel.adds - before, 5U);
  EXPECT_FALSE(kernel.has(2, "10.9.0.101", 24));
  EXPECT_GT(wake, now);
  EXPECT_LE(wake, now + seconds(1));
  now = wake;
  settle();
  EXPECT_TRUE(kernel.has(2, "10.9.0.101", 24)) << "and never given up";
}

TEST_F(BrokerTest, ReportsALossOnceAndTriesOn) {
  begin();
  ask(Verb::TAKE, 0);
  takeSent();
  kernel.addError = EPERM;
  tell(kernel.deleteBehindItsBack(2, "10.9.0.101", 24));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].event.kind, Kind::LOST);
  EXPECT_EQ(sent[0].event.result, static_cast<std::uint32_t>(EPERM));
  for (int i = 0; i < 10; ++i) {
    now = wake;
    settle();
  }
  EXPECT_EQ(takeSent().size(), 1U);
  kernel.addError = 0;
  now = wake;
  settle();
  EXPECT_TRUE(kernel.has(2, "10.9.0.101", 24));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].event.kind, Kind::RESTORED);
  EXPECT_EQ(wake, kNever);
}

TEST_F(BrokerTest, AVanishedDeviceIsALossAndItsReturnAReturn) {
  begin();
  ask(Verb::HELLO, 0);
  ask(Verb::TAKE, 0);
  takeSent();
  NetlinkMessage gone;
  gone.kind = NetlinkMessage::Kind::kLinkGone;
  gone.link.index = 2;
  kernel.present.clear();
  const Link e0 = kernel.links[0];
  kernel.links.erase(kernel.links.begin());
  tell(gone);
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].event.kind, Kind::INTERFACE);
  EXPECT_FALSE(sent[0].event.status.exists);
  EXPECT_EQ(sent[1].event.kind, Kind::LOST);
  EXPECT_EQ(sent[1].event.result, static_cast<std::uint32_t>(ENODEV));
  takeSent();

  kernel.links.push_back(e0);
  kernel.links.back().index = 7;
  tell(linkNews(7, "e0", 0));
  tell(linkNews(7, "e0", 0x41));
  EXPECT_TRUE(kernel.has(7, "10.9.0.101", 24));
  EXPECT_EQ(takeSent().back().event.kind, Kind::RESTORED);
}

TEST_F(BrokerTest, AnOverrunLeadsToDumpAndCompare) {
  begin();
  ask(Verb::TAKE, 0);
  static_cast<void>(kernel.deleteBehindItsBack(2, "10.9.0.101", 24));
  kernel.snapshotError = EAGAIN;
  broker.overrun();
  settle();
  EXPECT_FALSE(kernel.has(2, "10.9.0.101", 24));
  kernel.snapshotError = 0;
  now = wake;
  settle();
  EXPECT_TRUE(kernel.has(2, "10.9.0.101", 24)) << "a dump that failed is tried again";
}

// ------------------------------------------------------------------------------ vrrpd's restart

TEST_F(BrokerTest, HelloTellsAllThatIsKnown) {
  begin();
  ask(Verb::NOTE_STATE, 1);
  ask(Verb::TAKE, 1);
  broker.vrrpdLost(now);
  broker.vrrpdChanged();
  takeSent();
  now += std::chrono::milliseconds(1500);
  EXPECT_TRUE(ask(Verb::HELLO, 0));
  ASSERT_EQ(sent.size(), 4U);
  EXPECT_EQ(sent[0].event.kind, Kind::INTERFACE);
  EXPECT_EQ(sent[0].event.status.sourceIpv4, IpAddress::parse("10.9.0.1"));
  EXPECT_EQ(sent[0].event.status.sourceIpv6, IpAddress::parse("fe80::1"));
  EXPECT_EQ(sent[1].event.interface, 1U);
  EXPECT_EQ(sent[2].event.kind, Kind::NOTED);
  EXPECT_EQ(sent[2].event.instance, 1U);
  EXPECT_EQ(sent[2].event.state, schema::VrrpState::MASTER);
  EXPECT_EQ(sent[2].event.priority, 100);
  EXPECT_EQ(sent[2].event.result, 1500U) << "for how long nobody has advertised";
  EXPECT_EQ(sent[3].event.kind, Kind::HELLO_END);
  EXPECT_TRUE(kernel.has(3, "10.8.0.1", 24)) << "nothing changed meanwhile";
}

TEST_F(BrokerTest, KeepsNoAddressForLongerThanPeersWaitForAVrrpd) {
  Configuration config = twoInstances();
  config.instances[0].absenceLimit = seconds(3);
  config.instances[1].absenceLimit = Duration::zero();
  begin(std::move(config));
  ask(Verb::HELLO, 0);
  ask(Verb::TAKE, 0);
  ask(Verb::TAKE, 1);
  broker.vrrpdLost(now);
  EXPECT_EQ(broker.settle(now), now + seconds(3));
  static_cast<void>(broker.settle(now + milliseconds(2999)));
  EXPECT_TRUE(kernel.has(2, "10.9.0.101", 24));
  static_cast<void>(broker.settle(now + seconds(3)));
  EXPECT_FALSE(kernel.has(2, "10.9.0.101", 24));
  EXPECT_TRUE(kernel.has(3, "10.8.0.1", 24)) << "has no limit";
  EXPECT_NE(log.take().find("nobody has advertised for as long as peers wait"), std::string::npos);
}

TEST_F(BrokerTest, AVrrpdThatIsBackInTimeKeepsItsAddresses) {
  Configuration config = twoInstances();
  config.instances[0].absenceLimit = seconds(3);
  begin(std::move(config));
  ask(Verb::TAKE, 0);
  broker.vrrpdLost(now);
  now += seconds(2);
  ask(Verb::HELLO, 0);
  now += seconds(10);
  static_cast<void>(broker.settle(now));
  EXPECT_TRUE(kernel.has(2, "10.9.0.101", 24));
}

TEST_F(BrokerTest, TellsOfInterfacesOnlyAfterHello) {
  begin();
  tell(linkNews(3, "e1", 0));
  EXPECT_TRUE(sent.empty());
  ask(Verb::HELLO, 0);
  takeSent();
  tell(linkNews(3, "e1", 0x41));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].event.interface, 1U);
  EXPECT_TRUE(sent[0].event.status.running);
}

TEST_F(BrokerTest, AVrrpdThatDoesNotReadHoldsUpNothing) {
  begin();
  full = true;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(ask(Verb::HELLO, 0));
    EXPECT_TRUE(ask(Verb::TAKE, 0));
    EXPECT_TRUE(ask(Verb::OPEN_RECEIVE_SOCKET, 0));
    EXPECT_TRUE(ask(Verb::YIELD, 0));
  }
  EXPECT_TRUE(ask(Verb::TAKE, 0));
  EXPECT_TRUE(kernel.has(2, "10.9.0.101", 24));
  EXPECT_FALSE(broker.flush());
  full = false;
  EXPECT_TRUE(broker.flush());
  EXPECT_EQ(sent.size(), 5U) << "two interfaces, the end of hello, a socket, taken";
}

// -------------------------------------------------------------------------------- announcements

TEST_F(BrokerTest, AnnouncesWithTheConfiguredRepeat) {
  begin();
  ask(Verb::TAKE, 0);
  const std::size_t expected[] = {5 * 2, 3 * 2, 1 * 2};
  for (announcement = 0; announcement < 3; ++announcement) {
    kernel.frames.clear();
    EXPECT_TRUE(ask(Verb::ANNOUNCE, 0));
    EXPECT_EQ(kernel.frames.size(), expected[announcement]);
  }
  EXPECT_EQ(kernel.frames[0].first, 2);
  EXPECT_EQ(kernel.frames[0].second[41], 101);
  EXPECT_EQ(kernel.frames[1].second[41], 102);
}

TEST_F(BrokerTest, LogsAnnouncementsAsKeepalivedDoes) {
  begin();
  ask(Verb::TAKE, 0);
  log.take();
  announcement = 1;
  ask(Verb::ANNOUNCE, 0);
  const std::string lines = log.take();
  const std::string first =
      "(VI_1) Sending/queueing gratuitous ARPs on e0 for 10.9.0.101\n"
      "Sending gratuitous ARP on e0 for 10.9.0.101\n"
      "(VI_1) Sending/queueing gratuitous ARPs on e0 for 10.9.0.102\n"
      "Sending gratuitous ARP on e0 for 10.9.0.102\n"
      "Sending gratuitous ARP on e0 for 10.9.0.101\n";
  EXPECT_NE(lines.find(first), std::string::npos) << lines;
}

TEST_F(BrokerTest, AYieldDropsWhatIsLeftOfABurst) {
  Configuration config = twoInstances();
  config.instances[0].arpInterval = milliseconds(10);
  begin(config);
  ask(Verb::TAKE, 0);
  ask(Verb::ANNOUNCE, 0);
  EXPECT_EQ(kernel.frames.size(), 1U);
  EXPECT_EQ(wake, now + milliseconds(10));
  ask(Verb::YIELD, 0);
  EXPECT_EQ(wake, kNever);
  now += seconds(1);
  settle();
  EXPECT_EQ(kernel.frames.size(), 1U);
}

TEST_F(BrokerTest, AStormOfBurstsIsCutOff) {
  begin();
  ask(Verb::TAKE, 0);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(ask(Verb::ANNOUNCE, 0));
  }
  EXPECT_EQ(kernel.frames.size(), 20U * 5 * 2);
  now += seconds(1);
  EXPECT_TRUE(ask(Verb::ANNOUNCE, 0));
  EXPECT_EQ(kernel.frames.size(), 21U * 5 * 2);
}

// --------------------------------------------------------------------------------------- sockets

TEST_F(BrokerTest, PlansSocketsFromTheConfigurationAlone) {
  begin();
  EXPECT_TRUE(ask(Verb::OPEN_RECEIVE_SOCKET, 0));
  EXPECT_TRUE(ask(Verb::OPEN_SEND_SOCKET, 0));
  EXPECT_TRUE(ask(Verb::OPEN_SEND_SOCKET, 1, 1, 1));
  ASSERT_EQ(kernel.receivePlans.size(), 1U);
  EXPECT_EQ(kernel.receivePlans[0].virtualRouterIds, VirtualRouterIds().set(10));
  EXPECT_EQ(kernel.receivePlans[0].index, 2);
  EXPECT_EQ(kernel.receivePlans[0].group, IpAddress::parse("224.0.0.18"));
  ASSERT_EQ(kernel.sendPlans.size(), 2U);
  EXPECT_EQ(kernel.sendPlans[0].destination.toString(), "224.0.0.18");
  EXPECT_EQ(kernel.sendPlans[0].source.toString(), "10.9.0.1");
  EXPECT_EQ(kernel.sendPlans[1].destination.toString(), "10.9.0.3");
  ASSERT_EQ(sent.size(), 3U);
  for (const Sent& answer : sent) {
    EXPECT_EQ(answer.event.kind, Kind::SOCKET);
    EXPECT_EQ(answer.event.result, 0U);
    EXPECT_TRUE(answer.descriptor);
  }
  EXPECT_EQ(sent[2].event.peer, 1);
}

TEST_F(BrokerTest, OneSocketHearsForAllThatListenInOnePlace) {
  Configuration config = twoInstances();
  const Instance first = config.instances[0];
  const auto add = [&](std::uint8_t id) -> Instance& {
    config.instances.push_back(first);
    config.instances.back().virtualRouterId = id;
    return config.instances.back();
  };
  add(20);
  add(30).family = AddressFamily::kIpv6;
  add(40).group = *IpAddress::parse("224.0.0.19");
  add(50).authenticationHeader = true;
  add(60).peers = {*IpAddress::parse("10.9.0.2")};
  begin(std::move(config));
  EXPECT_TRUE(ask(Verb::OPEN_RECEIVE_SOCKET, 2));
  ASSERT_EQ(kernel.receivePlans.size(), 1U);
  EXPECT_EQ(kernel.receivePlans[0].virtualRouterIds, VirtualRouterIds().set(10).set(20));
}

TEST_F(BrokerTest, SaysWhyThereIsNoSocket) {
  begin();
  kernel.openError = EMFILE;
  ask(Verb::OPEN_RECEIVE_SOCKET, 0);
  kernel.openError = 0;
  kernel.links.clear();
  kernel.others.clear();
  broker.overrun();
  ask(Verb::OPEN_RECEIVE_SOCKET, 0);
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].event.result, static_cast<std::uint32_t>(EMFILE));
  EXPECT_EQ(sent[1].event.result, static_cast<std::uint32_t>(ENODEV));
  EXPECT_FALSE(sent[0].descriptor || sent[1].descriptor);
}

TEST_F(BrokerTest, WithoutASourceThereIsNoSendSocket) {
  kernel.others.clear();
  begin();
  ask(Verb::OPEN_SEND_SOCKET, 0);
  EXPECT_EQ(sent.at(0).event.result, static_cast<std::uint32_t>(EADDRNOTAVAIL));
}

// ---------------------------------------------------------------------------------------- reload

TEST_F(BrokerTest, AReloadKeepsWhatBothGenerationsHold) {
  begin();
  ask(Verb::TAKE, 0);
  ask(Verb::TAKE, 1);
  Configuration next = twoInstances();
  next.instances.erase(next.instances.begin());
  begin(next, 2);
  ASSERT_EQ(loadError, 0);
  EXPECT_TRUE(ask(Verb::TAKE, 0, 2));
  const unsigned adds = kernel.adds;
  broker.retire(Generation{1});
  EXPECT_EQ(kernel.adds, adds);
  EXPECT_FALSE(kernel.has(2, "10.9.0.101", 24));
  EXPECT_TRUE(kernel.has(2, "10.9.0.102", 32));
  EXPECT_TRUE(kernel.has(3, "10.8.0.1", 24));
  EXPECT_TRUE(ask(Verb::TAKE, 1, 1)) << "crossed with the retirement: not done, and no offence";
  EXPECT_FALSE(kernel.has(2, "10.9.0.101", 24));
  EXPECT_FALSE(ask(Verb::TAKE, 1, 2)) << "the new generation has one instance";
}

TEST_F(BrokerTest, AReloadedVrrpdIsToldWhatTheSameRouterWas) {
  begin();
  ask(Verb::NOTE_STATE, 0);
  ask(Verb::NOTE_STATE, 1);
  Configuration next = twoInstances();
  next.instances.erase(next.instances.begin());
  Instance other = next.instances[0];
  other.virtualRouterId = static_cast<std::uint8_t>(other.virtualRouterId + 1);
  next.instances.push_back(other);
  begin(next, 2);
  ASSERT_EQ(loadError, 0);
  takeSent();
  EXPECT_TRUE(ask(Verb::HELLO, 0, 2));
  std::vector<std::uint32_t> noted;
  for (const auto& each : sent) {
    if (each.event.kind == Kind::NOTED) {
      EXPECT_EQ(each.event.generation, Generation{2});
      EXPECT_EQ(each.event.state, schema::VrrpState::MASTER);
      noted.push_back(each.event.instance);
    }
  }
  EXPECT_EQ(noted, std::vector<std::uint32_t>{0}) << "another virtual router id is another router";
}

// The new vrrpd is ready before it has a socket to advertise on, and takes nothing before that.
TEST_F(BrokerTest, TheSameRouterHoldsItsAddressesAcrossAReload) {
  begin();
  ask(Verb::TAKE, 0);
  ask(Verb::NOTE_STATE, 0);
  ask(Verb::TAKE, 1);
  state = schema::VrrpState::BACKUP;
  ask(Verb::NOTE_STATE, 1);
  begin(twoInstances(), 2);
  ASSERT_EQ(loadError, 0);
  EXPECT_TRUE(ask(Verb::HELLO, 0, 2));
  const std::size_t held = kernel.present.size();
  broker.retire(Generation{1});
  EXPECT_LT(kernel.present.size(), held) << "what a backup still held goes";
  EXPECT_TRUE(kernel.has(2, "10.9.0.101", 24));
  EXPECT_TRUE(ask(Verb::YIELD, 0, 2));
  EXPECT_FALSE(kernel.has(2, "10.9.0.101", 24)) << "held by nobody else";
}

TEST_F(BrokerTest, AMasterThatGoesOnHasOnlyItsNewAddressesAnnounced) {
  begin();
  ask(Verb::TAKE, 0);
  ask(Verb::NOTE_STATE, 0);
  Configuration next = twoInstances();
  next.instances[0].addresses.push_back(virtualAddress("10.9.0.103", 32));
  begin(next, 2);
  EXPECT_TRUE(ask(Verb::HELLO, 0, 2));
  EXPECT_TRUE(ask(Verb::TAKE, 0, 2));
  ASSERT_EQ(kernel.frames.size(), 5U) << "garp_master_repeat";
  const std::vector<std::uint8_t> address = {10, 9, 0, 103};
  for (const auto& [index, frame] : kernel.frames) {
    EXPECT_FALSE(std::search(frame.begin(), frame.end(), address.begin(), address.end()) ==
                 frame.end());
  }
  EXPECT_TRUE(ask(Verb::TAKE, 0, 2));
  EXPECT_EQ(kernel.frames.size(), 5U) << "nothing was new";
}

TEST_F(BrokerTest, WhatWasNotedOutlivesTheNextReloadToo) {
  begin();
  ask(Verb::NOTE_STATE, 0);
  for (std::uint32_t generation = 2; generation <= 3; ++generation) {
    begin(twoInstances(), generation);
    ASSERT_EQ(loadError, 0);
    takeSent();
    EXPECT_TRUE(ask(Verb::HELLO, 0, generation));
    broker.retire(Generation{generation - 1});
    EXPECT_TRUE(std::any_of(sent.begin(), sent.end(),
                            [](const Sent& each) {
                              return each.event.kind == Kind::NOTED &&
                                     each.event.state == schema::VrrpState::MASTER;
                            }))
        << "generation " << generation;
  }
}

// -------------------------------------------------------------------------------- its own crash

class RememberingTest : public ::testing::Test {
 protected:
  [[nodiscard]] Notebook notebook() const {
    return std::move(Notebook::open(memory_.get())).value();
  }
  // A privd that is started `gap` after the one before died.
  void startAgain(Duration gap = milliseconds(100)) {
    const TimePoint now = h_ ? h_->now : TimePoint(seconds(1000));
    const FakeKernel kernel = h_ ? h_->kernel : FakeKernel();
    h_.emplace();
    h_->now = now + gap;
    h_->kernel.present = kernel.present;
    h_->kernel.settings = kernel.settings;
    h_->broker.remember(notebook(), now);
    Configuration config = twoInstances();
    config.instances[0].absenceLimit = seconds(2);
    config.instances[0].promoteSecondaries = true;
    h_->begin(config);
  }
  void becomeMaster() {
    startAgain();
    h_->ask(Verb::HELLO, 0);
    h_->ask(Verb::TAKE, 0);
    h_->ask(Verb::NOTE_STATE, 0);
  }

  UniqueFd memory_ = std::move(createNotebook()).value();
  std::optional<BrokerHarness> h_;
};

TEST_F(RememberingTest, AVrrpdThatDiedTooIsToldWhatItWas) {
  becomeMaster();
  startAgain(milliseconds(300));
  EXPECT_TRUE(h_->ask(Verb::HELLO, 0));
  const auto told = h_->takeSent();
  const auto noted = std::find_if(told.begin(), told.end(),
                                  [](const auto& each) { return each.event.kind == Kind::NOTED; });
  ASSERT_NE(noted, told.end());
  EXPECT_EQ(noted->event.state, schema::VrrpState::MASTER);
  EXPECT_EQ(noted->event.priority, 100);
  EXPECT_EQ(noted->event.result, 300U) << "since the death of the privd before";
  EXPECT_TRUE(h_->kernel.has(2, "10.9.0.101", 24));
}

TEST_F(RememberingTest, TheSilenceBeganWhenVrrpdWasLostFirst) {
  becomeMaster();
  h_->broker.vrrpdLost(h_->now);
  h_->now += milliseconds(1);
  h_->settle();
  h_->now += milliseconds(999);
  startAgain(milliseconds(300));
  EXPECT_TRUE(h_->ask(Verb::HELLO, 0));
  for (const auto& each : h_->takeSent()) {
    EXPECT_TRUE(each.event.kind != Kind::NOTED || each.event.result == 1300U);
  }
}

TEST_F(RememberingTest, WithoutAVrrpdTheAddressesGoInTime) {
  becomeMaster();
  startAgain(seconds(30));
  EXPECT_TRUE(h_->kernel.has(2, "10.9.0.101", 24)) << "a living vrrpd has to be heard first";
  h_->now += seconds(2);
  h_->settle();
  EXPECT_FALSE(h_->kernel.has(2, "10.9.0.101", 24));
}

TEST_F(RememberingTest, SettingsArePutBackByTheNext) {
  becomeMaster();
  EXPECT_EQ(h_->kernel.promoting(), std::set<int>{2});
  startAgain();
  h_->broker.releaseEverything();
  EXPECT_TRUE(h_->kernel.promoting().empty());
  h_->now += milliseconds(1);
  h_->settle();
  EXPECT_TRUE(notebook().read()->settings.empty());
}

TEST_F(RememberingTest, WhatIsOfAnotherConfigurationIsNotBelieved) {
  Notes notes;
  notes.entries = {{{Generation{1}, InstanceId{7}}, {schema::VrrpState::MASTER, 100}},
                   {{Generation{9}, InstanceId{0}}, {schema::VrrpState::MASTER, 100}}};
  notes.settings = {{77, Setting::kPromoteSecondaries, 0}};
  notebook().write(notes);
  startAgain();
  EXPECT_TRUE(h_->ask(Verb::HELLO, 0));
  for (const auto& each : h_->takeSent()) {
    EXPECT_NE(each.event.kind, Kind::NOTED);
  }
  EXPECT_EQ(h_->kernel.adds + h_->kernel.removes, 0U);
}

TEST_F(BrokerTest, AConfigurationIsLoadedOnceAndOnlySoMany) {
  begin();
  EXPECT_EQ(broker.load(Generation{1}, twoInstances()), EEXIST);
  for (std::uint32_t generation = 2; generation <= 4; ++generation) {
    EXPECT_EQ(broker.load(Generation{generation}, twoInstances()), 0);
  }
  EXPECT_EQ(broker.load(Generation{5}, twoInstances()), EBUSY);
}

TEST_F(BrokerTest, WithoutTheKernelsViewNothingIsLoaded) {
  kernel.snapshotError = EPERM;
  EXPECT_EQ(broker.load(Generation{1}, twoInstances()), EIO);
  EXPECT_EQ(broker.state(), policy::BrokerState::kIdle);
}

}  // namespace
}  // namespace holdfast::privd
