#include "privd/broker/firewall.h"

#include <gtest/gtest.h>

#include "broker_harness.h"

namespace holdfast::privd {
namespace {

const IpAddress kFirst = *IpAddress::parse("10.9.0.81");
const IpAddress kLinkLocal = *IpAddress::parse("fe80::81");

Barrier barrierOf(const IpAddress& address) {
  Barrier barrier;
  barrier.add(address, 0);
  return barrier;
}

class FirewallTest : public ::testing::Test, protected LogReader {
 protected:
  FakeKernel kernel_;
  Firewall firewall_{kernel_, log()};
  const FirewallTable table_{.blocksAddresses = true};
};

TEST_F(FirewallTest, WhoNeedsNoneTouchesNone) {
  firewall_.want({}, {});
  firewall_.remove();
  EXPECT_TRUE(kernel_.firewalls.empty());
  EXPECT_EQ(kernel_.firewallsRemoved, 0);
}

TEST_F(FirewallTest, TheFirstChangeReplacesWhatACrashLeft) {
  firewall_.want(table_, {});
  ASSERT_EQ(kernel_.firewalls.size(), 1U);
  EXPECT_TRUE(kernel_.firewalls[0].replacesAll);
  firewall_.want(table_, barrierOf(kFirst));
  firewall_.want(table_, barrierOf(kFirst));
  ASSERT_EQ(kernel_.firewalls.size(), 2U) << "what is there is not said again";
  EXPECT_FALSE(kernel_.firewalls[1].replacesAll);
  EXPECT_EQ(kernel_.firewalls[1].barrier, barrierOf(kFirst));
}

TEST_F(FirewallTest, WhatIsRefusedIsReplacedAndSaidOnce) {
  firewall_.want(table_, {});
  kernel_.firewallError = ENOENT;
  firewall_.want(table_, barrierOf(kFirst));
  ASSERT_EQ(kernel_.firewalls.size(), 3U);
  EXPECT_TRUE(kernel_.firewalls[2].replacesAll) << "somebody else may have removed it";
  firewall_.want(table_, barrierOf(kFirst));
  const std::string text = take();
  EXPECT_NE(text.find("no_accept has no effect"), std::string::npos) << text;
  EXPECT_EQ(text.find("no_accept"), text.rfind("no_accept")) << text;
  kernel_.firewallError = 0;
  firewall_.want(table_, barrierOf(kFirst));
  EXPECT_TRUE(kernel_.firewalls.back().replacesAll);
}

TEST_F(FirewallTest, WhatSomebodyTakesAwayIsBackWithinASecond) {
  const TimePoint start{std::chrono::hours(1)};
  firewall_.want(table_, {});
  EXPECT_EQ(firewall_.check(start), kNever) << "there is nothing in it";
  firewall_.want(table_, barrierOf(kFirst));
  const TimePoint next = firewall_.check(start);
  EXPECT_LE(next, start + std::chrono::seconds(1));
  const std::size_t before = kernel_.firewalls.size();
  kernel_.isFirewallThere = false;
  EXPECT_EQ(firewall_.check(next - Duration(1)), next);
  EXPECT_EQ(kernel_.firewalls.size(), before);
  EXPECT_GT(firewall_.check(next), next);
  ASSERT_EQ(kernel_.firewalls.size(), before + 1);
  EXPECT_TRUE(kernel_.firewalls.back().replacesAll);
  EXPECT_EQ(kernel_.firewalls.back().barrier, barrierOf(kFirst));
  EXPECT_NE(take().find("it is back"), std::string::npos);
}

TEST_F(FirewallTest, AnotherTableReplacesTheOneBefore) {
  firewall_.want(table_, barrierOf(kFirst));
  firewall_.want({.name = "other", .blocksAddresses = true}, barrierOf(kFirst));
  EXPECT_EQ(kernel_.firewallsRemoved, 1);
  EXPECT_EQ(kernel_.firewalls.back().table.name, "other");
  firewall_.want({.name = "other"}, {});
  EXPECT_EQ(kernel_.firewallsRemoved, 2) << "a reload that needs none";
}

TEST(Barrier, ALinkLocalAddressIsBarredOnItsDevice) {
  Barrier barrier;
  barrier.add(kFirst, 3);
  EXPECT_FALSE(barrier.has(AddressFamily::kIpv6));
  barrier.add(kLinkLocal, 3);
  EXPECT_TRUE(barrier.has(AddressFamily::kIpv6));
  EXPECT_EQ(barrier.linkLocal, (std::set<std::pair<IpAddress, int>>{{kLinkLocal, 3}}));
  EXPECT_EQ(barrier.addresses, std::set<IpAddress>{kFirst});
}

// ---------------------------------------------------------------------------------- the broker's

class BrokerFirewallTest : public ::testing::Test, protected BrokerHarness {
 protected:
  static Configuration configuration() {
    Configuration config = twoInstances();
    config.instances[0].blocksAddresses = true;
    config.firewall.blocksAddresses = true;
    return config;
  }
};

TEST_F(BrokerFirewallTest, AddressesAreBarredWhileTheyAreHeld) {
  const Configuration config = configuration();
  begin(config);
  ask(Verb::TAKE, 1);
  EXPECT_TRUE(kernel.firewalls.back().barrier.empty()) << "its addresses take packets";
  ask(Verb::TAKE, 0);
  Barrier barrier;
  for (const VirtualAddress& address : config.instances[0].addresses) {
    barrier.add(address.address, 0);
  }
  EXPECT_EQ(kernel.firewalls.back().barrier.addresses, barrier.addresses);
  ask(Verb::YIELD, 0);
  EXPECT_TRUE(kernel.firewalls.back().barrier.empty());
  broker.releaseEverything();
  EXPECT_EQ(kernel.firewallsRemoved, 1);
}

TEST_F(BrokerFirewallTest, BarsBeforeItAdds) {
  begin(configuration());
  kernel.onFirewall = [this] { EXPECT_TRUE(kernel.present.empty()); };
  ask(Verb::TAKE, 0);
  EXPECT_FALSE(kernel.present.empty());
  kernel.onFirewall = [this] {
    EXPECT_TRUE(kernel.present.empty()) << "removes before it lets in";
  };
  ask(Verb::YIELD, 0);
}

}  // namespace
}  // namespace holdfast::privd
