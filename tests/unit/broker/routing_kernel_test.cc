// Routes and rules against the running kernel, set and read back with ip(8).
#include <gtest/gtest.h>
#include <linux/fib_rules.h>
#include <linux/lwtunnel.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "fake_kernel.h"
#include "network_lab.h"
#include "privd/broker/linux_kernel.h"
#include "privd/broker/netlink.h"

namespace holdfast::privd {
namespace {

using Kind = NetlinkMessage::Kind;

class RoutingKernelTest : public LabTest {
 protected:
  void SetUp() override {
    LabTest::SetUp();
    if (!IsSkipped()) {
      NetworkLab::run("ip addr add fd00::1/64 dev e0 nodad");
      device_ = std::make_unique<OneDevice>(indexOf("e0"));
      requests_ = std::make_unique<NetlinkRequests>(std::move(NetlinkRequests::open().value()));
    }
  }
  template <typename Object>
  int change(Change change, const Object& object) {
    const Placement placement{&object, device_.get()};
    return requests_->change(change, {&placement, 1}).front();
  }
  // Puts it, expects that `command` then shows `shown`, that it is known to be there, and that it
  // can be removed as it was put.
  template <typename Object>
  void goesAndComes(const Object& object, const char* command, const std::string& shown) {
    SCOPED_TRACE(shown);
    EXPECT_EQ(change(Change::kAdd, object), 0);
    const std::string output = NetworkLab::output(command);
    EXPECT_NE(output.find(shown), std::string::npos) << output;
    EXPECT_EQ(change(Change::kAdd, object), EEXIST);
    EXPECT_EQ(change(Change::kRemove, object), 0);
    EXPECT_TRUE(isGone(&object, change(Change::kRemove, object)));
    EXPECT_EQ(NetworkLab::output(command).find(shown), std::string::npos);
  }
  void routeGoesAndComes(const Route& route, const std::string& shown) {
    goesAndComes(route, "ip -d route show table all; ip -d -6 route show table all", shown);
  }
  void ruleGoesAndComes(const Rule& rule, const std::string& shown) {
    goesAndComes(rule, "ip -d rule; ip -d -6 rule", shown);
  }

  std::unique_ptr<OneDevice> device_;
  std::unique_ptr<NetlinkRequests> requests_;
};

Route plain(std::uint8_t type = RTN_UNICAST) {
  Route route = virtualRoute("10.50.0.0", 16, "10.9.0.9");
  route.type = type;
  if (type != RTN_UNICAST) {
    route.way = {};
    route.placement = Route::Placement::kAdd;
  }
  return route;
}

TEST_F(RoutingKernelTest, RoutesOfEveryType) {
  routeGoesAndComes(plain(),
                    "unicast 10.50.0.0/16 via 10.9.0.9 dev e0 table main proto keepalived scope "
                    "global");
  routeGoesAndComes(plain(RTN_BLACKHOLE), "blackhole 10.50.0.0/16 table main proto keepalived");
  routeGoesAndComes(plain(RTN_UNREACHABLE), "unreachable 10.50.0.0/16 table main proto keepalived");
  routeGoesAndComes(plain(RTN_PROHIBIT), "prohibit 10.50.0.0/16 table main proto keepalived");
  routeGoesAndComes(plain(RTN_THROW), "throw 10.50.0.0/16 table main proto keepalived");
  Route local = plain(RTN_LOCAL);
  local.way.interface = InterfaceId{0};
  local.scope = RT_SCOPE_HOST;
  routeGoesAndComes(local, "local 10.50.0.0/16 dev e0 table main proto keepalived scope host");
  Route everywhere = virtualRoute("0.0.0.0", 0, "10.9.0.9");
  everywhere.metric = 900;
  routeGoesAndComes(everywhere,
                    "unicast default via 10.9.0.9 dev e0 table main proto keepalived "
                    "scope global metric 900");
}

TEST_F(RoutingKernelTest, RoutesWithEveryOption) {
  Route route = virtualRoute("10.50.0.0", 16, "10.9.0.9");
  route.way = {};
  route.way.interface = InterfaceId{0};
  route.way.realms = 5U << 16 | 6;
  route.preferredSource = IpAddress::parse("10.9.0.1");
  route.table = 77'777;
  route.tos = 0x10;
  route.metric = 7;
  route.scope = RT_SCOPE_LINK;
  route.protocol = RTPROT_BIRD;
  route.metrics = {{RTAX_MTU, 1400},      {RTAX_WINDOW, 2000},  {RTAX_RTT, 2400},
                   {RTAX_RTTVAR, 1000},   {RTAX_SSTHRESH, 9},   {RTAX_CWND, 10},
                   {RTAX_ADVMSS, 70'000}, {RTAX_REORDERING, 5}, {RTAX_HOPLIMIT, 33},
                   {RTAX_INITCWND, 20},   {RTAX_FEATURES, 1},   {RTAX_RTO_MIN, 200},
                   {RTAX_INITRWND, 21},   {RTAX_QUICKACK, 1}};
  route.lockedMetrics = 1U << RTAX_MTU | 1U << RTAX_CWND;
  route.congestionControl = "cubic";
  routeGoesAndComes(route,
                    "unicast 10.50.0.0/16 tos 0x10 dev e0 table 77777 proto bird scope link src "
                    "10.9.0.1 metric 7 realms 5/6 mtu lock 1400 window 2000 rtt 300ms rttvar 250ms "
                    "ssthresh 9 cwnd lock 10 advmss 65495 reordering 5 hoplimit 33 initcwnd 20 "
                    "features ecn rto_min 200ms initrwnd 21 quickack 1 congctl cubic");
  Route onlink = virtualRoute("10.51.0.0", 16, "192.0.2.1");
  onlink.way.flags = RTNH_F_ONLINK;
  routeGoesAndComes(onlink,
                    "10.51.0.0/16 via 192.0.2.1 dev e0 table main proto keepalived scope "
                    "global onlink");
  Route via = virtualRoute("10.52.0.0", 16, "fd00::9");
  routeGoesAndComes(via, "10.52.0.0/16 via inet6 fd00::9 dev e0");
}

TEST_F(RoutingKernelTest, RoutesOfIpv6) {
  Route route = virtualRoute("fd50::", 32, "fd00::9");
  route.metric = 100;
  route.preference = 1;
  route.expiresSeconds = 1000;
  routeGoesAndComes(route,
                    "fd50::/32 via fd00::9 dev e0 table main proto keepalived scope global "
                    "metric 100 expires");
  Route from = virtualRoute("fd51::", 32, "fd00::9");
  from.source = IpAddress::parse("fd00::");
  from.sourceLength = 64;
  routeGoesAndComes(from, "fd51::/32 from fd00::/64 via fd00::9 dev e0");
  Route several = virtualRoute("fd52::", 32, "fd00::9");
  several.nextHops = {several.way, several.way};
  several.nextHops[1].gateway = IpAddress::parse("fd00::8");
  several.way = {};
  routeGoesAndComes(several, "fd52::/32 table main proto keepalived scope global metric 1024");
}

TEST_F(RoutingKernelTest, RoutesWithNexthopsAndTunnels) {
  Route several = virtualRoute("10.50.0.0", 16, "10.9.0.9");
  several.nextHops = {several.way, several.way};
  several.nextHops[0].weight = 3;
  several.nextHops[1].gateway = IpAddress::parse("10.9.0.8");
  several.nextHops[1].weight = 256;
  several.way = {};
  routeGoesAndComes(several,
                    "nexthop via 10.9.0.9 dev e0 weight 3 \n\tnexthop via 10.9.0.8 dev e0 weight "
                    "256");
  Route tunnel = virtualRoute("10.51.0.0", 16, "10.9.0.9");
  tunnel.way.tunnel.kind = Tunnel::Kind::kIp;
  tunnel.way.tunnel.id = 5;
  tunnel.way.tunnel.destination = IpAddress::parse("1.2.3.4");
  tunnel.way.tunnel.source = IpAddress::parse("10.9.0.1");
  tunnel.way.tunnel.tos = 4;
  tunnel.way.tunnel.ttl = 9;
  routeGoesAndComes(tunnel, "encap ip id 5 src 10.9.0.1 dst 1.2.3.4 ttl 9 tos 4 via 10.9.0.9");
  Route tunnel6 = virtualRoute("fd53::", 32, "fd00::9");
  tunnel6.way.tunnel.kind = Tunnel::Kind::kIp6;
  tunnel6.way.tunnel.id = 7;
  tunnel6.way.tunnel.destination = IpAddress::parse("fd00::77");
  tunnel6.way.tunnel.ttl = 9;
  tunnel6.way.tunnel.tos = 3;
  routeGoesAndComes(tunnel6, "encap ip6 id 7 src :: dst fd00::77 hoplimit 9 tc 3 via fd00::9");
}

TEST_F(RoutingKernelTest, AppendedRoutesStandBehindAndPrependedOnesBefore) {
  NetworkLab::run("ip route add 10.50.0.0/16 via 10.9.0.5 dev e0");
  Route first = virtualRoute("10.50.0.0", 16, "10.9.0.9");
  Route last = virtualRoute("10.50.0.0", 16, "10.9.0.8");
  last.placement = Route::Placement::kAppend;
  Route only = virtualRoute("10.50.0.0", 16, "10.9.0.7");
  only.placement = Route::Placement::kAdd;
  EXPECT_EQ(change(Change::kAdd, first), 0);
  EXPECT_EQ(change(Change::kAdd, last), 0);
  EXPECT_EQ(change(Change::kAdd, only), EEXIST);
  EXPECT_EQ(NetworkLab::output("ip route show 10.50.0.0/16"),
            "10.50.0.0/16 via 10.9.0.9 dev e0 proto keepalived \n"
            "10.50.0.0/16 via 10.9.0.5 dev e0 \n"
            "10.50.0.0/16 via 10.9.0.8 dev e0 proto keepalived \n");
  EXPECT_EQ(change(Change::kRemove, first), 0);
  EXPECT_EQ(change(Change::kRemove, last), 0);
  EXPECT_EQ(NetworkLab::output("ip route show 10.50.0.0/16"), "10.50.0.0/16 via 10.9.0.5 dev e0 \n")
      << "somebody else's stays";
}

TEST_F(RoutingKernelTest, OfTwoRoutesThatDifferInAMetricOnlyTheRightOneGoes) {
  Route old = virtualRoute("10.50.0.0", 16, "10.9.0.9");
  old.metrics = {{RTAX_MTU, 1300}};
  Route fresh = old;
  fresh.metrics = {{RTAX_MTU, 1400}};
  EXPECT_EQ(change(Change::kAdd, old), 0);
  EXPECT_EQ(change(Change::kAdd, fresh), 0);
  EXPECT_EQ(change(Change::kRemove, old), 0);
  EXPECT_NE(NetworkLab::output("ip route").find("mtu 1400"), std::string::npos);
}

TEST_F(RoutingKernelTest, RoutesOfAVrf) {
  if (!NetworkLab::run("ip link add v1 type vrf table 300 2>/dev/null && ip link set v1 up && "
                       "ip link set e0 master v1")) {
    GTEST_SKIP() << "this kernel has no VRF";
  }
  const Result<LinkSnapshot> snapshot = requests_->snapshot();
  const auto vrf = std::find_if(snapshot->links.begin(), snapshot->links.end(),
                                [](const Link& link) { return link.name == "v1"; });
  ASSERT_NE(vrf, snapshot->links.end());
  EXPECT_EQ(vrf->vrfTable, 300U);
  device_ = std::make_unique<OneDevice>(indexOf("e0"), "e0", vrf->vrfTable);
  Route route = plain();
  route.vrf = InterfaceId{0};
  route.table = 0;
  routeGoesAndComes(route, "unicast 10.50.0.0/16 via 10.9.0.9 dev e0 table 300 proto keepalived");
}

TEST_F(RoutingKernelTest, RulesWithEveryOption) {
  ruleGoesAndComes(virtualRule("10.50.0.0", 16, 100, 500),
                   "500:\tfrom 10.50.0.0/16 lookup 100 proto keepalived");
  Rule rule = virtualRule("10.50.0.0", 16, 77'777, 501);
  rule.invert = true;
  rule.destination = IpAddress::parse("10.51.0.0");
  rule.destinationLength = 16;
  rule.tos = 0x10;
  rule.mark = Rule::Mark{5, 0xff};
  rule.input = InterfaceId{0};
  rule.output = InterfaceId{0};
  rule.realms = 3U << 16 | 4;
  rule.suppressPrefixLength = 8;
  rule.suppressGroup = 5;
  rule.uids = Rule::Range<std::uint32_t>{100, 200};
  rule.ipProtocol = 6;
  rule.sourcePorts = Rule::Range<std::uint16_t>{100, 200};
  rule.destinationPorts = Rule::Range<std::uint16_t>{300, 300};
  rule.tunnelId = 77;
  ruleGoesAndComes(rule,
                   "501:\tnot from 10.50.0.0/16 to 10.51.0.0/16 tos 0x10 fwmark 0x5/0xff iif e0 "
                   "oif e0 uidrange 100-200 ipproto tcp sport 100-200 dport 300 tun_id 77 lookup "
                   "77777 suppress_prefixlength 8 suppress_ifgroup 5 realms 3/4 proto keepalived");
}

TEST_F(RoutingKernelTest, RulesOfEveryAction) {
  Rule rule = virtualRule("10.50.0.0", 16, 0, 502);
  rule.action = FR_ACT_BLACKHOLE;
  ruleGoesAndComes(rule, "502:\tfrom 10.50.0.0/16 blackhole proto keepalived");
  rule.action = FR_ACT_UNREACHABLE;
  ruleGoesAndComes(rule, "502:\tfrom 10.50.0.0/16 unreachable proto keepalived");
  rule.action = FR_ACT_PROHIBIT;
  ruleGoesAndComes(rule, "502:\tfrom 10.50.0.0/16 prohibit proto keepalived");
  rule.action = FR_ACT_NOP;
  ruleGoesAndComes(rule, "502:\tfrom 10.50.0.0/16 nop proto keepalived");
  rule.action = FR_ACT_GOTO;
  rule.target = 32'766;
  ruleGoesAndComes(rule, "502:\tfrom 10.50.0.0/16 goto 32766 proto keepalived");
  Rule l3mdev = virtualRule("10.50.0.0", 16, 0, 503);
  l3mdev.l3mdev = true;
  ruleGoesAndComes(l3mdev, "503:\tfrom 10.50.0.0/16 lookup [l3mdev-table] proto keepalived");
  ruleGoesAndComes(virtualRule("fd00::", 64, 58, 504),
                   "504:\tfrom fd00::/64 lookup 58 proto keepalived");
}

TEST_F(RoutingKernelTest, ManyLargeOnesAreSentInParts) {
  std::vector<Route> routes;
  for (int i = 0; i < 200; ++i) {
    Route route = virtualRoute(("10.60." + std::to_string(i) + ".0").c_str(), 24, "10.9.0.9");
    route.nextHops.resize(100, route.way);
    for (std::size_t k = 0; k < route.nextHops.size(); ++k) {
      route.nextHops[k].gateway = IpAddress::parse("10.9.0." + std::to_string(k + 2));
    }
    route.way = {};
    routes.push_back(route);
  }
  std::vector<Placement> placements;
  for (const Route& route : routes) {
    placements.push_back({&route, device_.get()});
  }
  EXPECT_EQ(requests_->change(Change::kAdd, placements), std::vector<int>(200, 0));
  EXPECT_EQ(requests_->change(Change::kRemove, placements), std::vector<int>(200, 0));
}

TEST_F(RoutingKernelTest, RemovesWhatHasTheMarkAndNothingElse) {
  NetworkLab::run(
      "ip route add 10.50.0.0/16 via 10.9.0.5 proto keepalived && "
      "ip route add 10.51.0.0/16 via 10.9.0.5 proto keepalived table 200 && "
      "ip route add 10.52.0.0/16 via 10.9.0.5 && "
      "ip -6 route add fd50::/32 via fd00::5 proto keepalived && "
      "ip rule add from 10.50.0.0/16 lookup 200 preference 500 proto keepalived && "
      "ip rule add from 10.50.0.0/16 lookup 200 preference 501 && "
      "ip -6 rule add from fd50::/32 lookup 200 preference 502 proto keepalived");
  const VirtualAddress own = virtualAddress("10.20.0.1", 32);
  EXPECT_EQ(change(Change::kAdd, own), 0);
  const Result<std::size_t> removed = requests_->removeMarked();
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(*removed, 6U);
  EXPECT_EQ(NetworkLab::output("ip route show table all proto keepalived"), "");
  EXPECT_EQ(NetworkLab::output("ip -6 route show table all proto keepalived"), "");
  EXPECT_EQ(NetworkLab::output("ip rule; ip -6 rule").find("keepalived"), std::string::npos);
  EXPECT_NE(NetworkLab::output("ip rule").find("501:"), std::string::npos);
  EXPECT_NE(NetworkLab::output("ip route").find("10.52.0.0/16"), std::string::npos);
  EXPECT_EQ(NetworkLab::output("ip addr show dev e0").find("10.20.0.1"), std::string::npos);
  EXPECT_NE(NetworkLab::output("ip addr show dev e0").find("10.9.0.1"), std::string::npos);
  EXPECT_EQ(*requests_->removeMarked(), 0U);
}

TEST_F(RoutingKernelTest, AnotherDaemonOfTheNamespaceKeepsWhatIsItsOwn) {
  NetworkLab::run("ip route add 10.50.0.0/16 via 10.9.0.5 proto keepalived");
  NetlinkRequests second = std::move(NetlinkRequests::open().value());
  EXPECT_EQ(*second.removeMarked(), 0U);
  EXPECT_NE(NetworkLab::output("ip route").find("10.50.0.0/16"), std::string::npos);
}

TEST_F(RoutingKernelTest, HearsOfRoutesThatGoAndOfRules) {
  NetlinkNews news = std::move(NetlinkNews::open().value());
  ASSERT_TRUE(news.hearRouting());
  NetworkLab::run(
      "ip route add 10.50.0.0/16 via 10.9.0.5 && ip route replace 10.50.0.0/16 via 10.9.0.6 && "
      "ip route del 10.50.0.0/16 && ip -6 route add fd50::/32 via fd00::5 && "
      "ip -6 route del fd50::/32 && ip rule add from 10.50.0.0/16 lookup 200 preference 500 && "
      "ip rule del preference 500");
  std::string seen;
  EXPECT_EQ(news.read([&](const NetlinkMessage& message) {
    if (message.kind == Kind::kRoute) {
      seen += "+route ";
    } else if (message.kind == Kind::kRouteGone) {
      seen += "-" + message.route.destination.toString() + "/" +
              std::to_string(message.route.destinationLength) + " ";
    } else if (message.kind == Kind::kRuleGone) {
      seen += "-" + std::to_string(message.rule.preference) + " ";
    }
  }),
            NetlinkNews::Outcome::kDrained);
  EXPECT_EQ(seen, "-10.50.0.0/16 -10.50.0.0/16 -fd50::/32 -500 ")
      << "replaced, then deleted; new ones are not even delivered";
}

}  // namespace
}  // namespace holdfast::privd
