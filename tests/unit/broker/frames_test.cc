#include "privd/broker/frames.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace holdfast::privd {
namespace {

constexpr MacAddress kMac{0x92, 0x26, 0x4c, 0xeb, 0xc3, 0x62};

template <typename Frame>
std::string hex(const Frame& frame) {
  std::string text;
  for (const std::uint8_t byte : frame) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", byte);
    text += digits;
  }
  return text;
}

// Both are what keepalived 2.2.7 puts on the wire, byte for byte.
TEST(Frames, GratuitousArp) {
  EXPECT_EQ(hex(buildGratuitousArp(kMac, *IpAddress::parse("10.9.0.101"))),
            "ffffffffffff92264cebc3620806"
            "0001080006040001"
            "92264cebc3620a090065"
            "ffffffffffff0a090065");
}

TEST(Frames, NeighbourAdvertisement) {
  EXPECT_EQ(hex(buildNeighbourAdvert(kMac, *IpAddress::parse("fd00::1"), false)),
            "33330000000192264cebc36286dd"
            "6000000000203aff"
            "fd000000000000000000000000000001"
            "ff020000000000000000000000000001"
            "8800ba2720000000"
            "fd000000000000000000000000000001"
            "020192264cebc362");
}

TEST(Frames, ARouterSaysSo) {
  const NeighbourAdvertFrame host = buildNeighbourAdvert(kMac, *IpAddress::parse("fd00::1"), false);
  const NeighbourAdvertFrame router =
      buildNeighbourAdvert(kMac, *IpAddress::parse("fd00::1"), true);
  EXPECT_EQ(host[58], 0x20);
  EXPECT_EQ(router[58], 0xa0);
  // The checksum goes down by what the flags went up.
  EXPECT_EQ((host[56] << 8 | host[57]) - (router[56] << 8 | router[57]), 0x8000);
}

}  // namespace
}  // namespace holdfast::privd
