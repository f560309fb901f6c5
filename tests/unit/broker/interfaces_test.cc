#include "privd/broker/interfaces.h"

#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <net/if.h>

#include <string>

namespace holdfast::privd {
namespace {

LinkAddress address(int index, const char* text, std::uint8_t prefixLength,
                    std::uint32_t flags = 0) {
  return {index, *IpAddress::parse(text), prefixLength, 0, flags};
}

class InterfacesTest : public ::testing::Test {
 protected:
  InterfacesTest()
      : interfaces_([this](Slot slot, const InterfaceStatus& status) {
          seen_ += interfaces_.nameOf(slot) + (status.exists ? "+" : "-") + (status.up ? "u" : "") +
                   (status.running ? "r" : "") + " ";
        }) {
    e0_ = interfaces_.follow("e0");
    e1_ = interfaces_.follow("e1");
  }
  static Link link(int index, const char* name, std::uint32_t flags = IFF_UP | IFF_RUNNING) {
    return {index, name, flags, 1500, std::nullopt};
  }
  std::string takeSeen() { return std::exchange(seen_, ""); }

  std::string seen_;
  Interfaces interfaces_;
  Slot e0_{};
  Slot e1_{};
};

TEST_F(InterfacesTest, FollowsEachNameOnce) {
  EXPECT_EQ(interfaces_.follow("e0"), e0_);
  EXPECT_NE(e0_, e1_);
}

TEST_F(InterfacesTest, ReportsComingGoingAndChanges) {
  interfaces_.linkChanged(link(7, "e0", 0));
  interfaces_.linkChanged(link(7, "e0", IFF_UP));
  interfaces_.linkChanged(link(7, "e0"));
  interfaces_.linkChanged(link(7, "e0"));
  interfaces_.linkChanged(link(8, "other"));
  interfaces_.linkRemoved(8);
  interfaces_.linkRemoved(7);
  EXPECT_EQ(takeSeen(), "e0+ e0+u e0+ur e0- ");
}

TEST_F(InterfacesTest, ARenamedDeviceGoesFromOneNameToTheOther) {
  interfaces_.linkChanged(link(7, "e0"));
  EXPECT_EQ(takeSeen(), "e0+ur ");
  EXPECT_TRUE(interfaces_.takeSnapshotWanted());
  interfaces_.linkChanged(link(7, "e1"));
  EXPECT_EQ(takeSeen(), "e0- e1+ur ");
  EXPECT_TRUE(interfaces_.takeSnapshotWanted()) << "the addresses of e1 are not known";
  interfaces_.linkChanged(link(7, "away"));
  EXPECT_EQ(takeSeen(), "e1- ");
}

TEST_F(InterfacesTest, AReplacedDeviceIsSeenToGoFirst) {
  interfaces_.linkChanged(link(7, "e0"));
  takeSeen();
  interfaces_.linkChanged(link(9, "e0"));
  EXPECT_EQ(takeSeen(), "e0- e0+ur ");
  EXPECT_EQ(interfaces_.indexOf(e0_), 9);
  interfaces_.replaceAll({{link(11, "e0")}, {}});
  EXPECT_EQ(takeSeen(), "e0- e0+ur ");
  interfaces_.replaceAll({{link(11, "e0")}, {}});
  EXPECT_EQ(takeSeen(), "");
  interfaces_.replaceAll({});
  EXPECT_EQ(takeSeen(), "e0- ");
}

TEST_F(InterfacesTest, ItsSourceIsThePrimaryAddressThatIsNotOurs) {
  interfaces_.setVirtual({{e0_, *IpAddress::parse("10.9.0.101"), 24}});
  interfaces_.linkChanged(link(7, "e0"));
  interfaces_.addressAdded(address(7, "10.9.0.101", 24));
  EXPECT_EQ(interfaces_.statusOf(e0_).sourceIpv4, std::nullopt);
  interfaces_.addressAdded(address(7, "10.9.0.5", 24, IFA_F_SECONDARY));
  EXPECT_EQ(interfaces_.statusOf(e0_).sourceIpv4, IpAddress::parse("10.9.0.5"));
  interfaces_.addressAdded(address(7, "10.9.0.1", 24));
  interfaces_.addressAdded(address(7, "10.9.0.0", 16));
  EXPECT_EQ(interfaces_.statusOf(e0_).sourceIpv4, IpAddress::parse("10.9.0.1"));
  interfaces_.addressRemoved(address(7, "10.9.0.1", 24));
  EXPECT_EQ(interfaces_.statusOf(e0_).sourceIpv4, IpAddress::parse("10.9.0.0"));
  // The same value with another prefix length is the owner's own.
  interfaces_.addressRemoved(address(7, "10.9.0.0", 16));
  interfaces_.addressRemoved(address(7, "10.9.0.5", 24));
  interfaces_.addressAdded(address(7, "10.9.0.101", 16));
  EXPECT_EQ(interfaces_.statusOf(e0_).sourceIpv4, IpAddress::parse("10.9.0.101"));
}

TEST_F(InterfacesTest, AnIpv6SourceIsLinkLocalAndProven) {
  interfaces_.linkChanged(link(7, "e0"));
  interfaces_.addressAdded(address(7, "fd00::1", 64));
  interfaces_.addressAdded(address(7, "fe80::1", 64, IFA_F_TENTATIVE));
  EXPECT_EQ(interfaces_.statusOf(e0_).sourceIpv6, std::nullopt);
  interfaces_.addressAdded(address(7, "fe80::1", 64));
  EXPECT_EQ(interfaces_.statusOf(e0_).sourceIpv6, IpAddress::parse("fe80::1"));
  interfaces_.addressAdded(address(7, "fe80::1", 64, IFA_F_DADFAILED));
  EXPECT_EQ(interfaces_.statusOf(e0_).sourceIpv6, std::nullopt);
}

TEST_F(InterfacesTest, AddressesGoWithTheirDevice) {
  interfaces_.linkChanged(link(7, "e0"));
  interfaces_.addressAdded(address(7, "10.9.0.1", 24));
  interfaces_.addressAdded(address(99, "10.9.0.2", 24));
  EXPECT_TRUE(interfaces_.hasAddress(e0_, *IpAddress::parse("10.9.0.1"), 24));
  EXPECT_FALSE(interfaces_.hasAddress(e0_, *IpAddress::parse("10.9.0.1"), 25));
  EXPECT_FALSE(interfaces_.hasAddress(e0_, *IpAddress::parse("10.9.0.2"), 24));
  interfaces_.linkRemoved(7);
  EXPECT_FALSE(interfaces_.hasAddress(e0_, *IpAddress::parse("10.9.0.1"), 24));
}

}  // namespace
}  // namespace holdfast::privd
