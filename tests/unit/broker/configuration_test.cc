#include "privd/broker/configuration.h"

#include <capnp/message.h>
#include <gtest/gtest.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <functional>
#include <string>

namespace holdfast::privd {
namespace {

void put(schema::Address::Builder builder, const char* text) {
  const IpAddress address = *IpAddress::parse(text);
  builder.setFamily(address.family == AddressFamily::kIpv4 ? schema::Family::IPV4
                                                           : schema::Family::IPV6);
  builder.setHigh(address.high());
  builder.setLow(address.low());
}

// What is sealed for a node with one instance.
void fill(schema::BrokerConfig::Builder config) {
  config.initInterfaces(2).set(0, "ens160");
  config.getInterfaces().set(1, "ens161");
  auto instance = config.initInstances(1)[0];
  instance.setName("VI_postfix");
  instance.setVirtualRouterId(173);
  instance.setVersion(2);
  instance.setHasInterface(true);
  instance.setHasSource(true);
  put(instance.initSource(), "10.12.49.35");
  put(instance.initGroup(), "224.0.0.18");
  put(instance.initPeers(1)[0], "10.12.49.36");
  instance.setTtl(64);
  instance.setAnnounceMasterRepeat(5);
  instance.setArpIntervalNs(1000);
  auto address = instance.initAddresses(1)[0];
  put(address.initAddress(), "10.12.49.37");
  address.setPrefixLength(32);
  address.setInterface(1);
  address.setLabel("ens161:1");
}

// A route and a rule with something of everything that has bounds.
void fillRouting(schema::BrokerConfig::Builder config) {
  auto route = config.getInstances()[0].initRoutes(1)[0];
  route.setType(RTN_UNICAST);
  put(route.initDestination(), "10.1.0.0");
  route.setDestinationLength(16);
  route.setTable(RT_TABLE_MAIN);
  route.setProtocol(18);
  route.setHasGateway(true);
  put(route.initGateway(), "fd00::1");
  route.setHasInterface(true);
  route.setInterface(1);
  route.initMetrics(1)[0].setAttribute(RTAX_MTU);
  route.getMetrics()[0].setValue(1400);
  route.setCongestionControl("cubic");
  auto hop = route.initNextHops(1)[0];
  hop.setWeight(256);
  hop.initEncapsulation().setKind(schema::Encapsulation::Kind::MPLS);
  hop.getEncapsulation().initLabels(1).set(0, 100);
  auto rule = config.initStaticRules(1)[0];
  rule.setAction(FR_ACT_TO_TBL);
  rule.setTable(100);
  rule.setPreference(500);
  rule.setHasSource(true);
  put(rule.initSource(), "10.1.0.0");
  rule.setSourceLength(16);
  rule.setHasInput(true);
  rule.setInput(1);
  rule.setHasTrackGroup(true);
  rule.setTrackGroup(3);
}

// A VMAC on the first interface, which nothing is put on.
void fillLink(schema::BrokerConfig::Builder config) {
  config.setNftablesTable("keepalived");
  auto link = config.initLinks(1)[0];
  link.setKind(schema::Link::Kind::VMAC);
  link.setInterface(1);
  link.setParent(0);
  link.setMacAddress(0x00005e0001ad);
}

using Change = std::function<void(schema::BrokerConfig::Builder)>;

std::variant<Configuration, Refusal> readWith(const Change& change) {
  capnp::MallocMessageBuilder builder;
  auto config = builder.initRoot<schema::BrokerConfig>();
  fill(config);
  fillRouting(config);
  fillLink(config);
  change(config);
  return readConfiguration(config.asReader());
}

TEST(Configuration, CopiesWhatIsSealed) {
  const auto read = readWith([](auto) {});
  const auto* config = std::get_if<Configuration>(&read);
  ASSERT_NE(config, nullptr) << std::get<Refusal>(read).reason;
  ASSERT_EQ(config->instances.size(), 1U);
  const Instance& instance = config->instances[0];
  EXPECT_EQ(instance.name, "VI_postfix");
  EXPECT_EQ(instance.virtualRouterId, 173);
  EXPECT_EQ(instance.interface, InterfaceId{0});
  EXPECT_EQ(instance.source, IpAddress::parse("10.12.49.35"));
  ASSERT_EQ(instance.peers.size(), 1U);
  EXPECT_EQ(instance.peers[0].toString(), "10.12.49.36");
  EXPECT_EQ(instance.ttl, 64);
  EXPECT_EQ(instance.masterRepeat, 5U);
  EXPECT_EQ(instance.arpInterval, Duration(1000));
  ASSERT_EQ(instance.addresses.size(), 1U);
  EXPECT_EQ(instance.addresses[0].address.toString(), "10.12.49.37");
  EXPECT_EQ(instance.addresses[0].interface, InterfaceId{1});
  EXPECT_EQ(instance.addresses[0].label, "ens161:1");
  EXPECT_EQ(instance.addresses[0].preferredSeconds, 0xffffffff);
  ASSERT_EQ(config->links.size(), 1U);
  EXPECT_EQ(config->links[0].interface, InterfaceId{1});
  EXPECT_EQ(config->links[0].parent, InterfaceId{0});
  EXPECT_EQ(config->links[0].nature,
            (LinkNature{LinkKind::kVmac, MacAddress{0, 0, 0x5e, 0, 1, 173}}));
  EXPECT_TRUE(instance.addresses[0].tracked);
}

TEST(Configuration, AnIpvlansAddressIsAStaticOne) {
  const auto ipvlan = [](schema::BrokerConfig::Builder config, const char* address) {
    auto link = config.getLinks()[0];
    link.setKind(schema::Link::Kind::IPVLAN);
    link.setIpvlanMode(schema::Link::IpvlanMode::VEPA);
    link.setHasAddress(true);
    put(link.initAddress(), address);
    link.setPrefixLength(24);
  };
  const auto read = readWith([&](auto config) { ipvlan(config, "10.12.49.40"); });
  const auto* config = std::get_if<Configuration>(&read);
  ASSERT_NE(config, nullptr) << std::get<Refusal>(read).reason;
  EXPECT_EQ(config->links[0].nature, (LinkNature{LinkKind::kIpvlanVepa, std::nullopt}));
  EXPECT_FALSE(config->firewall.silencesLinks) << "nobody else has its address";
  ASSERT_FALSE(config->staticAddresses.empty());
  EXPECT_EQ(config->staticAddresses[0].address, IpAddress::parse("10.12.49.40"));
  EXPECT_EQ(config->staticAddresses[0].interface, InterfaceId{1});
  const auto bad = readWith([&](auto other) { ipvlan(other, "224.0.0.18"); });
  EXPECT_TRUE(std::holds_alternative<Refusal>(bad));
}

TEST(Configuration, SpeaksInAVrfWithoutAnInterface) {
  const auto inVrf = [](schema::BrokerConfig::Builder config, std::uint32_t vrf) {
    auto instance = config.getInstances()[0];
    instance.setHasInterface(false);
    instance.setHasLink(false);
    instance.setHasVrf(true);
    instance.setVrf(vrf);
  };
  const auto read = readWith([&](auto config) { inVrf(config, 1); });
  const auto* config = std::get_if<Configuration>(&read);
  ASSERT_NE(config, nullptr) << std::get<Refusal>(read).reason;
  EXPECT_EQ(config->instances[0].speaksOn(), InterfaceId{1});
  const auto bad = readWith([&](auto other) { inVrf(other, 99); });
  EXPECT_TRUE(std::holds_alternative<Refusal>(bad));
}

TEST(Configuration, CopiesRoutesAndRules) {
  const auto read = readWith([](auto) {});
  const auto* config = std::get_if<Configuration>(&read);
  ASSERT_NE(config, nullptr) << std::get<Refusal>(read).reason;
  EXPECT_TRUE(config->hasRouting());
  const Route& route = config->instances[0].routes.at(0);
  EXPECT_EQ(route.destination.toString(), "10.1.0.0");
  EXPECT_EQ(route.way.gateway, IpAddress::parse("fd00::1"));
  EXPECT_EQ(route.way.interface, InterfaceId{1});
  EXPECT_EQ(route.metrics.at(0).value, 1400U);
  EXPECT_EQ(route.congestionControl, "cubic");
  EXPECT_EQ(route.nextHops.at(0).weight, 256);
  EXPECT_EQ(route.nextHops.at(0).tunnel.labels, std::vector<std::uint32_t>{100});
  EXPECT_TRUE(route.tracked);
  const Rule& rule = config->staticRules.at(0);
  EXPECT_EQ(rule.source, IpAddress::parse("10.1.0.0"));
  EXPECT_EQ(rule.input, InterfaceId{1});
  EXPECT_EQ(rule.trackGroup, TrackGroupId{3});
}

struct Bad {
  const char* what;
  Change change;
};

auto instanceOf(schema::BrokerConfig::Builder config) {
  return config.getInstances()[0];
}
auto routeOf(schema::BrokerConfig::Builder config) {
  return config.getInstances()[0].getRoutes()[0];
}
auto hopOf(schema::BrokerConfig::Builder config) {
  return routeOf(config).getNextHops()[0];
}
auto ruleOf(schema::BrokerConfig::Builder config) {
  return config.getStaticRules()[0];
}
auto addressOf(schema::BrokerConfig::Builder config) {
  return config.getInstances()[0].getAddresses()[0];
}

auto linkOf(schema::BrokerConfig::Builder config) {
  return config.getLinks()[0];
}

const Bad kBad[] = {
    {"link that is no interface", [](auto c) { linkOf(c).setInterface(2); }},
    {"link on no interface", [](auto c) { linkOf(c).setParent(2); }},
    {"link on itself", [](auto c) { linkOf(c).setParent(1); }},
    {"link without a MAC address", [](auto c) { linkOf(c).setMacAddress(0); }},
    {"link with a multicast MAC address", [](auto c) { linkOf(c).setMacAddress(0x01005e000112); }},
    {"MAC address of 49 bits", [](auto c) { linkOf(c).setMacAddress(0x1000000000002); }},
    {"link without a nftables table", [](auto c) { c.setNftablesTable(""); }},
    {"address on no link",
     [](auto c) {
       addressOf(c).setHasLink(true);
       addressOf(c).setLink(1);
     }},
    {"instance on no link",
     [](auto c) {
       instanceOf(c).setHasLink(true);
       instanceOf(c).setLink(1);
     }},
    {"empty interface name", [](auto c) { c.getInterfaces().set(0, ""); }},
    {"long interface name", [](auto c) { c.getInterfaces().set(0, "abcdefghijklmnop"); }},
    {"slash in an interface name", [](auto c) { c.getInterfaces().set(0, "a/b"); }},
    {"colon in an interface name", [](auto c) { c.getInterfaces().set(0, "a:b"); }},
    {"space in an interface name", [](auto c) { c.getInterfaces().set(0, "a b"); }},
    {"interface called dot", [](auto c) { c.getInterfaces().set(0, "."); }},
    {"control character", [](auto c) { c.getInterfaces().set(0, "a\x1b"); }},
    {"repeated interface", [](auto c) { c.getInterfaces().set(0, "ens161"); }},
    {"no instance name", [](auto c) { instanceOf(c).setName(""); }},
    {"unprintable instance name", [](auto c) { instanceOf(c).setName("VI\n"); }},
    {"long instance name", [](auto c) { instanceOf(c).setName(std::string(256, 'x')); }},
    {"router id 0", [](auto c) { instanceOf(c).setVirtualRouterId(0); }},
    {"ttl 0", [](auto c) { instanceOf(c).setTtl(0); }},
    {"unknown family", [](auto c) { instanceOf(c).setFamily(static_cast<schema::Family>(7)); }},
    {"interface out of range", [](auto c) { instanceOf(c).setInterface(2); }},
    {"source of the other family", [](auto c) { put(instanceOf(c).getSource(), "fe80::1"); }},
    {"multicast source", [](auto c) { put(instanceOf(c).getSource(), "224.0.0.1"); }},
    {"multicast peer", [](auto c) { put(instanceOf(c).getPeers()[0], "224.0.0.18"); }},
    {"unspecified peer", [](auto c) { put(instanceOf(c).getPeers()[0], "0.0.0.0"); }},
    {"broadcast peer", [](auto c) { put(instanceOf(c).getPeers()[0], "255.255.255.255"); }},
    {"too many peers",
     [](auto c) {
       for (auto peer : instanceOf(c).initPeers(kMaxPeers + 1)) {
         put(peer, "10.0.0.1");
       }
     }},
    {"no peer and no interface",
     [](auto c) {
       instanceOf(c).initPeers(0);
       instanceOf(c).setHasInterface(false);
     }},
    {"no peer and a unicast group",
     [](auto c) {
       instanceOf(c).initPeers(0);
       put(instanceOf(c).getGroup(), "10.0.0.1");
     }},
    {"too many repeats", [](auto c) { instanceOf(c).setAnnounceMasterRepeat(kMaxRepeat + 1); }},
    {"interval too long",
     [](auto c) {
       instanceOf(c).setNaIntervalNs(static_cast<std::uint64_t>(kMaxInterval.count()) + 1);
     }},
    {"interval with the top bit",
     [](auto c) { instanceOf(c).setArpIntervalNs(~std::uint64_t{0}); }},
    {"receive buffer", [](auto c) { instanceOf(c).setReceiveBufferBytes(~0U); }},
    {"multicast virtual address", [](auto c) { put(addressOf(c).getAddress(), "224.0.0.1"); }},
    {"unspecified virtual address", [](auto c) { put(addressOf(c).getAddress(), "::"); }},
    {"IPv4 of more than 32 bits",
     [](auto c) { addressOf(c).getAddress().setLow(std::uint64_t{1} << 32); }},
    {"IPv4 with a high half", [](auto c) { addressOf(c).getAddress().setHigh(1); }},
    {"prefix length", [](auto c) { addressOf(c).setPrefixLength(33); }},
    {"IPv6 prefix length",
     [](auto c) {
       put(addressOf(c).getAddress(), "fd00::1");
       addressOf(c).setPrefixLength(129);
     }},
    {"interface of an address", [](auto c) { addressOf(c).setInterface(2); }},
    {"long label", [](auto c) { addressOf(c).setLabel("ens161:123456789"); }},
    {"unprintable label", [](auto c) { addressOf(c).setLabel("a\tb"); }},
    {"flag that is the kernel's", [](auto c) { addressOf(c).setFlags(IFA_F_PERMANENT); }},
    {"broadcast that is IPv6",
     [](auto c) {
       addressOf(c).setHasBroadcast(true);
       put(addressOf(c).initBroadcast(), "fd00::ff");
     }},
    {"peer of the other family",
     [](auto c) {
       addressOf(c).setHasPeer(true);
       put(addressOf(c).initPeer(), "fd00::2");
     }},
    {"route of no type", [](auto c) { routeOf(c).setType(RTN_UNSPEC); }},
    {"route of an unknown type", [](auto c) { routeOf(c).setType(RTN_MAX + 1); }},
    {"route prefix length", [](auto c) { routeOf(c).setDestinationLength(33); }},
    {"route of another family", [](auto c) { routeOf(c).setFamily(schema::Family::IPV6); }},
    {"route in no table", [](auto c) { routeOf(c).setTable(0); }},
    {"interface of a route", [](auto c) { routeOf(c).setInterface(2); }},
    {"VRF of a route",
     [](auto c) {
       routeOf(c).setHasVrf(true);
       routeOf(c).setVrf(2);
     }},
    {"multicast gateway", [](auto c) { put(routeOf(c).getGateway(), "224.0.0.1"); }},
    {"source of another family",
     [](auto c) {
       routeOf(c).setHasPreferredSource(true);
       put(routeOf(c).initPreferredSource(), "fd00::1");
     }},
    {"flag of a route", [](auto c) { routeOf(c).setFlags(RTNH_F_DEAD); }},
    {"metric LOCK", [](auto c) { routeOf(c).getMetrics()[0].setAttribute(RTAX_LOCK); }},
    {"metric CC_ALGO", [](auto c) { routeOf(c).getMetrics()[0].setAttribute(RTAX_CC_ALGO); }},
    {"unknown metric", [](auto c) { routeOf(c).getMetrics()[0].setAttribute(RTAX_MAX + 1); }},
    {"too many metrics", [](auto c) { routeOf(c).initMetrics(RTAX_MAX + 1); }},
    {"unknown lock", [](auto c) { routeOf(c).setLockedMetrics(1U << (RTAX_MAX + 1)); }},
    {"long congestion control",
     [](auto c) { routeOf(c).setCongestionControl("abcdefghijklmnop"); }},
    {"unprintable congestion control", [](auto c) { routeOf(c).setCongestionControl("a\n"); }},
    {"unknown placement",
     [](auto c) { routeOf(c).setPlacement(static_cast<schema::Route::Placement>(3)); }},
    {"weight 0", [](auto c) { hopOf(c).setWeight(0); }},
    {"weight 257", [](auto c) { hopOf(c).setWeight(257); }},
    {"interface of a nexthop",
     [](auto c) {
       hopOf(c).setHasInterface(true);
       hopOf(c).setInterface(2);
     }},
    {"too many nexthops", [](auto c) { routeOf(c).initNextHops(257); }},
    {"unknown encapsulation",
     [](auto c) {
       hopOf(c).getEncapsulation().setKind(static_cast<schema::Encapsulation::Kind>(5));
     }},
    {"long label", [](auto c) { hopOf(c).getEncapsulation().getLabels().set(0, 1U << 20); }},
    {"no label", [](auto c) { hopOf(c).getEncapsulation().initLabels(0); }},
    {"too many labels", [](auto c) { hopOf(c).getEncapsulation().initLabels(31); }},
    {"end of a tunnel of another family",
     [](auto c) {
       hopOf(c).getEncapsulation().setKind(schema::Encapsulation::Kind::IP);
       hopOf(c).getEncapsulation().setHasDestination(true);
       put(hopOf(c).getEncapsulation().initDestination(), "fd00::1");
     }},
    {"unknown action", [](auto c) { ruleOf(c).setAction(FR_ACT_RES3); }},
    {"rule with no table", [](auto c) { ruleOf(c).setTable(0); }},
    {"rule that goes back",
     [](auto c) {
       ruleOf(c).setAction(FR_ACT_GOTO);
       ruleOf(c).setTarget(500);
     }},
    {"rule prefix length", [](auto c) { ruleOf(c).setSourceLength(33); }},
    {"rule of another family", [](auto c) { ruleOf(c).setFamily(schema::Family::IPV6); }},
    {"interface of a rule", [](auto c) { ruleOf(c).setInput(2); }},
    {"ports that end before they begin",
     [](auto c) {
       ruleOf(c).setHasSourcePorts(true);
       ruleOf(c).setFirstSourcePort(2);
       ruleOf(c).setLastSourcePort(1);
     }},
    {"track group", [](auto c) { ruleOf(c).setTrackGroup(65'536); }},
};

TEST(Configuration, RefusesWhatIsOutOfBounds) {
  for (const Bad& bad : kBad) {
    const auto read = readWith(bad.change);
    EXPECT_TRUE(std::holds_alternative<Refusal>(read)) << bad.what;
  }
}

TEST(Configuration, RefusesTooManyOfAKind) {
  EXPECT_TRUE(std::holds_alternative<Refusal>(
      readWith([](auto c) { c.initInterfaces(kMaxInterfaces + 1); })));
  EXPECT_TRUE(std::holds_alternative<Refusal>(
      readWith([](auto c) { c.initInstances(kMaxInstances + 1); })));
  EXPECT_TRUE(std::holds_alternative<Refusal>(readWith([](auto c) {
    for (auto link : c.initLinks(kMaxLinks + 1)) {
      link.setKind(schema::Link::Kind::IPVLAN);
    }
  })));
  EXPECT_TRUE(std::holds_alternative<Refusal>(
      readWith([](auto c) { instanceOf(c).initAddresses(kMaxAddresses + 1); })));
  EXPECT_TRUE(std::holds_alternative<Refusal>(
      readWith([](auto c) { instanceOf(c).initRoutes(kMaxRoutes + 1); })));
  EXPECT_TRUE(
      std::holds_alternative<Refusal>(readWith([](auto c) { c.initStaticRules(kMaxRules + 1); })));
}

TEST(Configuration, SaysWhichObjectItWas) {
  const auto read = readWith([](auto c) {
    auto instances = c.initInstances(3);
    for (auto instance : instances) {
      instance.setName("VI");
      instance.setVirtualRouterId(1);
      instance.setTtl(255);
      put(instance.initPeers(1)[0], "10.0.0.1");
    }
    instances[2].setTtl(0);
  });
  ASSERT_TRUE(std::holds_alternative<Refusal>(read));
  EXPECT_EQ(std::get<Refusal>(read).object, 2U);
}

}  // namespace
}  // namespace holdfast::privd
