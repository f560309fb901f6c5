#include "privd/broker/configuration.h"

#include <capnp/message.h>
#include <gtest/gtest.h>
#include <linux/if_addr.h>

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

using Change = std::function<void(schema::BrokerConfig::Builder)>;

std::variant<Configuration, Refusal> readWith(const Change& change) {
  capnp::MallocMessageBuilder builder;
  auto config = builder.initRoot<schema::BrokerConfig>();
  fill(config);
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
  EXPECT_TRUE(instance.addresses[0].tracked);
}

struct Bad {
  const char* what;
  Change change;
};

auto instanceOf(schema::BrokerConfig::Builder config) {
  return config.getInstances()[0];
}
auto addressOf(schema::BrokerConfig::Builder config) {
  return config.getInstances()[0].getAddresses()[0];
}

const Bad kBad[] = {
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
  EXPECT_TRUE(std::holds_alternative<Refusal>(
      readWith([](auto c) { instanceOf(c).initAddresses(kMaxAddresses + 1); })));
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
