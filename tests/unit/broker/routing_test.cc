// Virtual and static routes and rules, and static addresses, with a kernel that remembers.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "broker_harness.h"
#include "ipc/notebook.h"

namespace holdfast::privd {
namespace {

using Kind = Event::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kRoute = "route 10.1.0.0/16 via 10.9.0.9 dev e0";
constexpr const char* kLooseRoute = "route 10.2.0.0/16 via 10.9.0.9 dev e0";
constexpr const char* kRule = "rule from 10.1.0.0/16 lookup 100 preference 500";
constexpr const char* kStaticRoute = "route 10.3.0.0/16 via 10.9.0.8 dev e1";
constexpr const char* kStaticRule = "rule from 10.3.0.0/16 lookup 101 preference 600";

NetlinkMessage routeGone(const char* destination, std::uint8_t length) {
  NetlinkMessage message;
  message.kind = NetlinkMessage::Kind::kRouteGone;
  message.route = {AddressFamily::kIpv4, *IpAddress::parse(destination), length};
  return message;
}

NetlinkMessage ruleGone(std::uint32_t preference) {
  NetlinkMessage message;
  message.kind = NetlinkMessage::Kind::kRuleGone;
  message.rule = {AddressFamily::kIpv4, preference};
  return message;
}

class RoutingTest : public ::testing::Test, public BrokerHarness {
 protected:
  // VI_1 with a route, a route that is not tracked, and a rule.
  static Configuration withRouting() {
    Configuration config = twoInstances();
    Instance& instance = config.instances[0];
    instance.routes = {virtualRoute("10.1.0.0", 16, "10.9.0.9"),
                       virtualRoute("10.2.0.0", 16, "10.9.0.9")};
    instance.routes[1].tracked = false;
    instance.rules = {virtualRule("10.1.0.0", 16, 100, 500)};
    return config;
  }
  // An address, a route and a rule that are static, on e1; the route and the rule in group 7.
  static Configuration withStatic() {
    Configuration config = twoInstances();
    config.staticAddresses = {virtualAddress("10.7.0.1", 24, 1)};
    config.staticRoutes = {virtualRoute("10.3.0.0", 16, "10.9.0.8", 1)};
    config.staticRoutes[0].trackGroup = TrackGroupId{7};
    config.staticRules = {virtualRule("10.3.0.0", 16, 101, 600)};
    config.staticRules[0].trackGroup = TrackGroupId{7};
    return config;
  }
  NetlinkMessage deleteRoute(const char* text, const char* destination) {
    kernel.routing.erase(text);
    return routeGone(destination, 16);
  }
  NetlinkMessage linkNews(int index, const char* name, std::uint32_t flags) {
    NetlinkMessage message;
    message.kind = NetlinkMessage::Kind::kLink;
    message.link = {index, name, flags, 1500, MacAddress{2, 0, 0, 0, 0, 1}};
    return message;
  }
  std::vector<Event> trackGroups() {
    std::vector<Event> events;
    for (const Sent& one : takeSent()) {
      if (one.event.kind == Kind::TRACK_GROUP) {
        events.push_back(one.event);
      }
    }
    return events;
  }
};

// ------------------------------------------------------------------------------- virtual ones

TEST_F(RoutingTest, AddressesThenRoutesThenRulesAndBack) {
  begin(withRouting());
  EXPECT_TRUE(ask(Verb::TAKE, 0));
  EXPECT_EQ(kernel.order,
            (std::vector<std::string>{"+10.9.0.101/24", "+10.9.0.102/32", std::string("+") + kRoute,
                                      std::string("+") + kLooseRoute, std::string("+") + kRule}));
  EXPECT_EQ(takeSent()[0].event.result, 0U);
  const std::string said = log.take();
  EXPECT_NE(said.find("(VI_1) setting Virtual Routes\n(VI_1) setting Virtual Rules\n"),
            std::string::npos)
      << said;
  kernel.order.clear();
  EXPECT_TRUE(ask(Verb::YIELD, 0));
  EXPECT_EQ(kernel.order, (std::vector<std::string>{
                              std::string("-") + kRule, std::string("-") + kRoute,
                              std::string("-") + kLooseRoute, "-10.9.0.101/24", "-10.9.0.102/32"}));
  EXPECT_TRUE(kernel.routing.empty());
}

TEST_F(RoutingTest, WhatAnUnchangedInstanceHasIsNotTouchedByAReload) {
  begin(withRouting());
  ask(Verb::TAKE, 0);
  kernel.order.clear();
  begin(withRouting(), 2);
  ask(Verb::HELLO, 0, 2);
  ask(Verb::TAKE, 0, 2);
  broker.retire(Generation{1});
  settle();
  EXPECT_EQ(kernel.order, std::vector<std::string>{});
  EXPECT_TRUE(kernel.routes(kRoute) && kernel.routes(kRule));
}

TEST_F(RoutingTest, AReloadReplacesARouteThatWasChanged) {
  begin(withRouting());
  ask(Verb::TAKE, 0);
  Configuration changed = withRouting();
  changed.instances[0].routes[0].way.gateway = IpAddress::parse("10.9.0.7");
  begin(changed, 2);
  ask(Verb::TAKE, 0, 2);
  EXPECT_TRUE(kernel.routes("route 10.1.0.0/16 via 10.9.0.7 dev e0"));
  EXPECT_TRUE(kernel.routes(kRoute)) << "without a gap";
  broker.retire(Generation{1});
  settle();
  EXPECT_FALSE(kernel.routes(kRoute));
  EXPECT_TRUE(kernel.routes("route 10.1.0.0/16 via 10.9.0.7 dev e0"));
  EXPECT_TRUE(kernel.routes(kRule));
}

TEST_F(RoutingTest, PutsBackWhatSomeoneElseDeletes) {
  begin(withRouting());
  ask(Verb::TAKE, 0);
  takeSent();
  log.take();
  tell(deleteRoute(kRoute, "10.1.0.0"));
  EXPECT_TRUE(kernel.routes(kRoute));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(takeSent()[0].event.kind, Kind::RESTORED);
  EXPECT_EQ(log.take(), "(VI_1) put route 10.1.0.0/16 via 10.9.0.9 dev e0 back\n");
  kernel.routing.erase(kRule);
  tell(ruleGone(500));
  EXPECT_TRUE(kernel.routes(kRule));
  EXPECT_EQ(takeSent()[0].event.kind, Kind::RESTORED);
  tell(deleteRoute(kLooseRoute, "10.2.0.0"));
  EXPECT_FALSE(kernel.routes(kLooseRoute)) << "it is not tracked";
  EXPECT_TRUE(sent.empty());
}

TEST_F(RoutingTest, ALikeRouteOfSomeoneElseIsNoLoss) {
  begin(withRouting());
  ask(Verb::TAKE, 0);
  takeSent();
  log.take();
  for (int i = 0; i < 100; ++i) {
    tell(routeGone("10.1.0.0", 16));
    tell(ruleGone(500));
  }
  EXPECT_TRUE(sent.empty());
  EXPECT_EQ(log.take(), "");
  tell(deleteRoute(kRoute, "10.1.0.0"));
  EXPECT_TRUE(kernel.routes(kRoute)) << "and does not slow down what is one";
}

TEST_F(RoutingTest, AFightOverARouteIsRateLimited) {
  begin(withRouting());
  ask(Verb::TAKE, 0);
  const unsigned before = kernel.adds;
  for (int i = 0; i < 1000; ++i) {
    now += milliseconds(1);
    tell(deleteRoute(kRoute, "10.1.0.0"));
  }
  EXPECT_EQ(kernel.adds - before, 5U);
  now = wake;
  settle();
  EXPECT_TRUE(kernel.routes(kRoute)) << "and never given up";
}

TEST_F(RoutingTest, ARouteThatCannotBePutBackIsALoss) {
  begin(withRouting());
  ask(Verb::TAKE, 0);
  takeSent();
  log.take();
  kernel.addError = ENETUNREACH;
  tell(deleteRoute(kRoute, "10.1.0.0"));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].event.kind, Kind::LOST);
  EXPECT_EQ(sent[0].event.result, static_cast<std::uint32_t>(ENETUNREACH));
  EXPECT_NE(log.take().find("(VI_1) cannot set route 10.1.0.0/16 via 10.9.0.9 dev e0: Network is "
                            "unreachable: its gateway has to be in a network of its interface"),
            std::string::npos);
}

TEST_F(RoutingTest, RoutesThatGoWithTheirInterfaceComeBackWithIt) {
  begin(withRouting());
  ask(Verb::TAKE, 0);
  takeSent();
  log.take();
  // The kernel removes them without a word.
  kernel.routing.erase(kRoute);
  kernel.routing.erase(kLooseRoute);
  tell(linkNews(2, "e0", 0));
  EXPECT_FALSE(kernel.routes(kRoute));
  EXPECT_TRUE(sent.empty()) << "vrrpd decides about the interface";
  tell(linkNews(2, "e0", 0x41));
  EXPECT_TRUE(kernel.routes(kRoute));
  EXPECT_TRUE(kernel.routes(kLooseRoute)) << "nobody deleted it";
  EXPECT_TRUE(kernel.routes(kRule));
}

TEST_F(RoutingTest, ARouteOfAnInterfaceThatIsDownIsPutWhenItComesUp) {
  kernel.links[0].flags = 0;
  begin(withRouting());
  EXPECT_TRUE(ask(Verb::TAKE, 0));
  EXPECT_EQ(takeSent()[0].event.result, 0U);
  EXPECT_FALSE(kernel.routes(kRoute));
  tell(linkNews(2, "e0", 0x41));
  EXPECT_TRUE(kernel.routes(kRoute) && kernel.routes(kLooseRoute));
}

TEST_F(RoutingTest, ARouteThatGoesWithAnAddressIsPutBack) {
  begin(withRouting());
  ask(Verb::TAKE, 0);
  kernel.routing.erase(kRoute);
  NetlinkMessage gone;
  gone.kind = NetlinkMessage::Kind::kAddressGone;
  gone.address = {2, *IpAddress::parse("10.9.0.1"), 24, 0, 0};
  tell(gone);
  EXPECT_TRUE(kernel.routes(kRoute));
}

TEST_F(RoutingTest, AfterAnOverrunRoutesAndRulesAreLookedAtToo) {
  begin(withRouting());
  ask(Verb::TAKE, 0);
  kernel.routing.clear();
  broker.overrun();
  settle();
  EXPECT_TRUE(kernel.routes(kRoute) && kernel.routes(kRule));
  EXPECT_FALSE(kernel.routes(kLooseRoute));
}

TEST_F(RoutingTest, WhatTheKernelDoesNotRemoveIsTriedAgain) {
  begin(withRouting());
  ask(Verb::TAKE, 0);
  log.take();
  kernel.removeError = EPERM;
  ask(Verb::YIELD, 0);
  EXPECT_NE(
      log.take().find("(VI_1) cannot remove rule from 10.1.0.0/16 lookup 100 preference 500:"),
      std::string::npos);
  kernel.removeError = 0;
  now = wake;
  settle();
  EXPECT_TRUE(kernel.routing.empty());
}

TEST_F(RoutingTest, ARouteThatWasRefusedIsTriedAgainWhenAnAddressComes) {
  kernel.addError = ENETUNREACH;
  kernel.refused = {kRoute};
  begin(withRouting());
  EXPECT_TRUE(ask(Verb::TAKE, 0));
  EXPECT_EQ(takeSent()[0].event.result, static_cast<std::uint32_t>(ENETUNREACH));
  kernel.addError = 0;
  NetlinkMessage came;
  came.kind = NetlinkMessage::Kind::kAddress;
  came.address = {2, *IpAddress::parse("10.9.0.200"), 24, 0, 0};
  tell(came);
  EXPECT_TRUE(kernel.routes(kRoute));
}

TEST_F(RoutingTest, ARouteThatIsNotTrackedAndCannotComeBackIsNoLoss) {
  begin(withRouting());
  ask(Verb::TAKE, 0);
  takeSent();
  kernel.routing.erase(kLooseRoute);
  tell(linkNews(2, "e0", 0));
  kernel.addError = ENETUNREACH;
  kernel.refused = {kLooseRoute};
  tell(linkNews(2, "e0", 0x41));
  EXPECT_TRUE(sent.empty());
  kernel.addError = 0;
  now = wake;
  settle();
  EXPECT_TRUE(kernel.routes(kLooseRoute)) << "but it is tried again";
}

TEST_F(RoutingTest, ARouteOfAVrfWaitsForAnInterfaceThatIsOne) {
  Configuration config = withRouting();
  config.instances[0].routes[0].vrf = InterfaceId{1};
  begin(config);
  EXPECT_TRUE(ask(Verb::TAKE, 0));
  EXPECT_EQ(takeSent()[0].event.result, static_cast<std::uint32_t>(ENODEV));
  EXPECT_EQ(kernel.routing, (std::set<std::string>{kLooseRoute, kRule})) << "nor in another table";
  kernel.links[1].vrfTable = 300;
  broker.overrun();
  settle();
  EXPECT_TRUE(kernel.routes("route 10.1.0.0/16 via 10.9.0.9 dev e0 vrf e1"));
}

// -------------------------------------------------------------------------------- static ones

TEST_F(RoutingTest, StaticOnesAreThereFromTheStartToTheEnd) {
  ASSERT_EQ(broker.load(Generation{1}, withStatic()), 0);
  EXPECT_TRUE(kernel.routing.empty()) << "not before the start";
  broker.start(now);
  EXPECT_EQ(kernel.order, (std::vector<std::string>{"+10.7.0.1/24", std::string("+") + kStaticRoute,
                                                    std::string("+") + kStaticRule}));
  kernel.order.clear();
  begin(withStatic(), 2);
  broker.retire(Generation{1});
  settle();
  EXPECT_EQ(kernel.order, std::vector<std::string>{}) << "a reload does not touch them";
  broker.beginLeaving();
  broker.releaseEverything();
  EXPECT_TRUE(kernel.routing.empty());
  EXPECT_TRUE(kernel.present.empty());
}

TEST_F(RoutingTest, AReloadRemovesWhatIsNotStaticAnyMore) {
  begin(withStatic());
  begin(twoInstances(), 2);
  EXPECT_TRUE(kernel.routes(kStaticRoute));
  broker.retire(Generation{1});
  settle();
  EXPECT_TRUE(kernel.routing.empty());
  EXPECT_TRUE(kernel.present.empty());
}

TEST_F(RoutingTest, NoRequestCanNameWhatIsStatic) {
  begin(withStatic());
  EXPECT_FALSE(ask(Verb::YIELD, static_cast<std::uint32_t>(kStatic)));
  EXPECT_FALSE(ask(Verb::TAKE, static_cast<std::uint32_t>(kStatic)));
  EXPECT_FALSE(ask(Verb::YIELD, 2));
  EXPECT_TRUE(kernel.routes(kStaticRoute));
}

TEST_F(RoutingTest, StaticOnesSurviveThatVrrpdIsAway) {
  Configuration config = withStatic();
  config.instances[0].absenceLimit = seconds(3);
  begin(config);
  broker.vrrpdLost(now);
  now += std::chrono::hours(1);
  settle();
  EXPECT_TRUE(kernel.routes(kStaticRoute));
}

TEST_F(RoutingTest, ATrackGroupIsToldWhatItLacks) {
  begin(withStatic());
  ask(Verb::HELLO, 0);
  EXPECT_TRUE(trackGroups().empty()) << "all of it is there";
  log.take();
  tell(deleteRoute(kStaticRoute, "10.3.0.0"));
  EXPECT_TRUE(trackGroups().empty()) << "put back before anybody notices";
  EXPECT_EQ(log.take(), "Restoring deleted static route 10.3.0.0/16 via 10.9.0.8 dev e1\n");
  kernel.addError = EPERM;
  tell(deleteRoute(kStaticRoute, "10.3.0.0"));
  std::vector<Event> events = trackGroups();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].instance, 7U);
  EXPECT_EQ(events[0].result, static_cast<std::uint32_t>(EPERM));
  ask(Verb::HELLO, 0);
  EXPECT_EQ(trackGroups().size(), 1U) << "whoever begins later is told";
  kernel.addError = 0;
  now = wake;
  settle();
  events = trackGroups();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].result, 0U);
}

TEST_F(RoutingTest, ATrackGroupLacksWhatItsInterfaceTookAway) {
  begin(withStatic());
  ask(Verb::HELLO, 0);
  takeSent();
  kernel.routing.erase(kStaticRoute);
  tell(linkNews(3, "e1", 0));
  std::vector<Event> events = trackGroups();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].result, static_cast<std::uint32_t>(ENETDOWN));
  tell(linkNews(3, "e1", 0x41));
  events = trackGroups();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].result, 0U);
  EXPECT_TRUE(kernel.routes(kStaticRoute));
}

// ------------------------------------------------------------------------ leftovers of a crash

TEST_F(RoutingTest, WhatACrashOfEverybodyLeftIsRemovedOnce) {
  kernel.leftovers = 3;
  Configuration config = withStatic();
  begin(config);
  EXPECT_EQ(kernel.sweeps, 1U);
  EXPECT_NE(log.take().find("removed 3 addresses, routes and rules that an earlier crash had left"),
            std::string::npos);
  begin(config, 2);
  EXPECT_EQ(kernel.sweeps, 1U) << "not at a reload";
}

TEST_F(RoutingTest, APrivdThatGoesOnRemovesNothing) {
  const UniqueFd memory = std::move(createNotebook().value());
  {
    Kernel& same = kernel;
    Broker before(same, log.log(), *this);
    before.remember(std::move(Notebook::open(memory.get()).value()), now);
    Configuration config = withRouting();
    ASSERT_EQ(before.load(Generation{1}, config), 0);
    before.start(now);
    static_cast<void>(before.settle(now));
  }
  EXPECT_EQ(kernel.sweeps, 1U);
  broker.remember(std::move(Notebook::open(memory.get()).value()), now);
  begin(withRouting());
  EXPECT_EQ(kernel.sweeps, 1U);
}

}  // namespace
}  // namespace holdfast::privd
