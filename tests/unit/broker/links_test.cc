// VMACs and ipvlans: made, found, made again and removed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>

#include "broker_harness.h"

namespace holdfast::privd {
namespace {

using std::chrono::seconds;

constexpr MacAddress kMac{0, 0, 0x5e, 0, 1, 10};
constexpr int kE0 = 2;

// VI_1 of twoInstances() with a VMAC on e0.
Configuration withLink() {
  Configuration config = twoInstances();
  config.interfaces.emplace_back("vrrp.10");
  config.links = {
      {.interface = InterfaceId{2}, .parent = InterfaceId{0}, .nature = {LinkKind::kVmac, kMac}}};
  config.firewall.silencesLinks = true;
  Instance& instance = config.instances[0];
  instance.link = InterfaceId{2};
  for (VirtualAddress& address : instance.addresses) {
    address.interface = InterfaceId{2};
  }
  return config;
}

// The same with an ipvlan that has an address of its own.
Configuration withIpvlan() {
  Configuration config = withLink();
  config.links[0].nature = {LinkKind::kIpvlanBridge, std::nullopt};
  config.firewall.silencesLinks = false;
  config.instances[0].source = IpAddress::parse("10.9.0.7");
  config.staticAddresses.push_back(
      {.address = *IpAddress::parse("10.9.0.7"), .prefixLength = 32, .interface = InterfaceId{2}});
  return config;
}

class LinksTest : public ::testing::Test, protected BrokerHarness {
 protected:
  [[nodiscard]] std::ptrdiff_t asked(const std::string& what) const {
    return std::ranges::count(kernel.order, what);
  }
  [[nodiscard]] const Link* link() const {
    const auto found = std::ranges::find(kernel.links, "vrrp.10", &Link::name);
    return found == kernel.links.end() ? nullptr : &*found;
  }
  void hear(NetlinkMessage::Kind kind, const Link& about) {
    NetlinkMessage message;
    message.kind = kind;
    message.link = about;
    tell(message);
  }
};

TEST_F(LinksTest, IsSilencedBeforeItIsUp) {
  bool wasDown = false;
  kernel.onFirewall = [&] {
    wasDown = wasDown || (link() != nullptr && (link()->flags & 1) == 0 &&
                          kernel.firewalls.back().barrier.links.contains({link()->index, kE0}));
  };
  begin(withLink());
  ASSERT_NE(link(), nullptr);
  EXPECT_TRUE(wasDown);
  EXPECT_NE(link()->flags & 1, 0U);
  EXPECT_EQ(link()->parent, kE0);
  EXPECT_EQ(link()->mac, kMac);
}

TEST_F(LinksTest, IsSetUpAtLast) {
  kernel.setUpError = ENOMEM;
  begin(withLink());
  EXPECT_EQ(link()->flags & 1, 0U);
  const TimePoint next = broker.settle(now);
  EXPECT_LE(next, now + seconds(1));
  EXPECT_GT(next, now);
  kernel.setUpError = 0;
  static_cast<void>(broker.settle(next));
  EXPECT_NE(link()->flags & 1, 0U);
}

TEST_F(LinksTest, SocketsAndAddressesAreOnIt) {
  begin(withLink());
  ask(Verb::HELLO, 0);
  ask(Verb::OPEN_RECEIVE_SOCKET, 0);
  ask(Verb::OPEN_SEND_SOCKET, 0);
  ask(Verb::TAKE, 0);
  ASSERT_EQ(kernel.receivePlans.size(), 1U);
  EXPECT_EQ(kernel.receivePlans[0].index, link()->index);
  ASSERT_EQ(kernel.sendPlans.size(), 1U);
  EXPECT_EQ(kernel.sendPlans[0].index, link()->index);
  EXPECT_EQ(kernel.sendPlans[0].source, *IpAddress::parse("10.9.0.1")) << "of the interface below";
  EXPECT_TRUE(kernel.sendPlans[0].isOnAnother);
  EXPECT_TRUE(kernel.has(link()->index, "10.9.0.101", 24));
}

TEST_F(LinksTest, AnIpvlanHasItsParentsAddressAndOneOfItsOwn) {
  begin(withIpvlan());
  ASSERT_NE(link(), nullptr);
  hear(NetlinkMessage::Kind::kLink, *link());
  ask(Verb::HELLO, 0);
  ask(Verb::OPEN_SEND_SOCKET, 0);
  EXPECT_EQ(link()->mac, std::nullopt) << "nothing is asked for";
  EXPECT_TRUE(kernel.has(link()->index, "10.9.0.7", 32));
  ASSERT_EQ(kernel.sendPlans.size(), 1U);
  EXPECT_EQ(kernel.sendPlans[0].source, *IpAddress::parse("10.9.0.7"));
  EXPECT_EQ((kernel.settings[{kE0, Setting::kArpIgnore}]), 0U) << "its parent is as it was";
}

TEST_F(LinksTest, IsInTheVrfOfItsParent) {
  constexpr int kVrf = 40;
  begin(withLink());
  Link parent = *std::ranges::find(kernel.links, kE0, &Link::index);
  parent.vrf = kVrf;
  hear(NetlinkMessage::Kind::kLink, parent);
  EXPECT_EQ(link()->vrf, kVrf);
  EXPECT_EQ(asked("vrf 40 " + std::to_string(link()->index)), 1);
  hear(NetlinkMessage::Kind::kLink, *link());
  parent.vrf = 0;
  hear(NetlinkMessage::Kind::kLink, parent);
  EXPECT_EQ(link()->vrf, 0);
}

TEST_F(LinksTest, WithoutAnInterfaceSocketsAreInTheVrf) {
  Configuration config = twoInstances();
  Instance& instance = config.instances[0];
  instance.link = std::exchange(instance.interface, std::nullopt);
  instance.source = IpAddress::parse("10.9.0.1");
  instance.peers = {*IpAddress::parse("10.9.0.2")};
  begin(std::move(config));
  ask(Verb::HELLO, 0);
  ask(Verb::OPEN_RECEIVE_SOCKET, 0);
  ask(Verb::OPEN_SEND_SOCKET, 0);
  ASSERT_EQ(kernel.receivePlans.size(), 1U);
  EXPECT_EQ(kernel.receivePlans[0].index, kE0);
  ASSERT_EQ(kernel.sendPlans.size(), 1U);
  EXPECT_EQ(kernel.sendPlans[0].index, kE0);
}

TEST_F(LinksTest, ItsParentDoesNotAnswerForIt) {
  kernel.settings[{kE0, Setting::kArpIgnore}] = 2;
  begin(withLink());
  EXPECT_EQ((kernel.settings[{kE0, Setting::kArpIgnore}]), 2U) << "stricter than what is needed";
  EXPECT_EQ((kernel.settings[{kE0, Setting::kArpFilter}]), 1U);
  broker.releaseEverything();
  EXPECT_EQ((kernel.settings[{kE0, Setting::kArpIgnore}]), 2U);
  EXPECT_EQ((kernel.settings[{kE0, Setting::kArpFilter}]), 0U);
  EXPECT_EQ(link(), nullptr);
}

TEST_F(LinksTest, IsMadeAgainWhenSomebodyRemovesIt) {
  begin(withLink());
  const Link first = *link();
  kernel.links.pop_back();
  hear(NetlinkMessage::Kind::kLinkGone, first);
  ASSERT_NE(link(), nullptr);
  EXPECT_NE(link()->index, first.index);
  EXPECT_EQ(asked("+link vrrp.10"), 2);
}

TEST_F(LinksTest, WaitsForItsParent) {
  const Link parent = kernel.links.front();
  kernel.links.erase(kernel.links.begin());
  begin(withLink());
  EXPECT_EQ(link(), nullptr);
  kernel.links.push_back(parent);
  hear(NetlinkMessage::Kind::kLink, parent);
  EXPECT_NE(link(), nullptr);
}

TEST_F(LinksTest, FollowsTheNameOfItsParent) {
  begin(withLink());
  Link other = kernel.links.front();
  other.index = 77;
  kernel.links.front() = other;
  hear(NetlinkMessage::Kind::kLink, other);
  ASSERT_NE(link(), nullptr);
  EXPECT_EQ(link()->parent, 77) << "another device has the name now";
}

TEST_F(LinksTest, ANameThatIsTakenIsSaidOnceAndTriedAgain) {
  kernel.linkError = EEXIST;
  begin(withLink());
  for (int i = 0; i < 5; ++i) {
    now += seconds(1);
    settle();
  }
  const std::string text = log.take();
  EXPECT_NE(text.find("is another"), std::string::npos) << text;
  EXPECT_EQ(text.find("is another"), text.rfind("is another")) << text;
  kernel.linkError = 0;
  now += seconds(1);
  settle();
  EXPECT_NE(link(), nullptr);
}

TEST_F(LinksTest, AForeignInterfaceOfItsNameIsNotUsed) {
  kernel.linkError = EEXIST;
  kernel.links.push_back({.index = 9, .name = "vrrp.10", .flags = 0x41, .mtu = 1500, .mac = kMac});
  begin(withLink());
  ask(Verb::TAKE, 0);
  EXPECT_FALSE(kernel.has(9, "10.9.0.101", 24));
}

TEST_F(LinksTest, AReloadKeepsTheSameAndRemovesTheOther) {
  begin(withLink());
  const int index = link()->index;
  begin(withLink(), 2);
  broker.retire(Generation{1});
  settle();
  ASSERT_NE(link(), nullptr);
  EXPECT_EQ(link()->index, index);
  EXPECT_EQ(asked("+link vrrp.10"), 1);
  begin(twoInstances(), 3);
  broker.retire(Generation{2});
  settle();
  EXPECT_EQ(link(), nullptr);
}

}  // namespace
}  // namespace holdfast::privd
