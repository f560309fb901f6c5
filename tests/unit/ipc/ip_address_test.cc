#include "ipc/ip_address.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(IpAddress, ParsesBothFamiliesAndNothingElse) {
  EXPECT_EQ(IpAddress::parse("10.12.49.37")->toString(), "10.12.49.37");
  EXPECT_EQ(IpAddress::parse("fe80::1")->toString(), "fe80::1");
  EXPECT_EQ(IpAddress::parse("0.10.255.0")->toString(), "0.10.255.0");
  for (const char* bad :
       {"", "10.12.49", "10.12.49.256", "10.12.49.37/24", "fe80::1%e0", "host", "10.12.49.",
        "10.12..49", ".10.12.49", "10.12.49.37.1", "10.12.49.037", "10.12.49.00", "10.12.49.1000",
        "10.12.49.-1", " 10.12.49.37", "10.12.49.37 ", "10,12,49,37", "10.12.49.3a",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"}) {
    EXPECT_FALSE(IpAddress::parse(bad)) << bad;
  }
}

TEST(IpAddress, HalvesRoundTrip) {
  for (const char* text :
       {"0.0.0.0", "10.12.49.37", "255.255.255.255", "::", "fe80::20c:29ff:fe01:1"}) {
    const IpAddress address = *IpAddress::parse(text);
    EXPECT_EQ(IpAddress::fromHalves(address.family, address.high(), address.low()), address)
        << text;
  }
  EXPECT_EQ(IpAddress::parse("10.0.0.1")->low(), 0x0a000001U);
}

TEST(IpAddress, OrdersAsTheTieBreakDoes) {
  EXPECT_LT(*IpAddress::parse("10.12.49.35"), *IpAddress::parse("10.12.49.36"));
  EXPECT_LT(*IpAddress::parse("9.255.255.255"), *IpAddress::parse("10.0.0.0"));
  EXPECT_LT(*IpAddress::parse("fe80::1"), *IpAddress::parse("fe80::1:0"));
}

TEST(IpAddress, KnowsMulticastAndLinkLocal) {
  EXPECT_TRUE(IpAddress::parse("224.0.0.18")->isMulticast());
  EXPECT_FALSE(IpAddress::parse("223.255.255.255")->isMulticast());
  EXPECT_TRUE(IpAddress::parse("ff02::12")->isMulticast());
  EXPECT_TRUE(IpAddress::parse("febf::1")->isIpv6LinkLocal());
  EXPECT_FALSE(IpAddress::parse("fec0::1")->isIpv6LinkLocal());
}

}  // namespace
}  // namespace holdfast
