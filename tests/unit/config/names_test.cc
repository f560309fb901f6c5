#include "config/names.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast::config {
namespace {

TEST(Names, AreNumberedInTheirOrderAndOnce) {
  Names names;
  EXPECT_EQ(names.find("eth0"), std::nullopt);
  EXPECT_EQ(names.add("eth0"), 0U);
  EXPECT_EQ(names.add("eth1"), 1U);
  EXPECT_EQ(names.add("eth0"), 0U);
  EXPECT_EQ(names.find("eth1"), 1U);
  EXPECT_EQ(names.find("eth10"), std::nullopt);
  EXPECT_EQ(names.find(""), std::nullopt);
  EXPECT_EQ(names.all(), (std::vector<std::string>{"eth0", "eth1"}));
}

TEST(Names, KeepTheirNumbersWhenThereAreMany) {
  constexpr std::uint32_t kMany = 100'000;
  Names names;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    ASSERT_EQ(names.add("vrrp4.0." + std::to_string(i)), i);
  }
  for (std::uint32_t i = 0; i < kMany; ++i) {
    ASSERT_EQ(names.find("vrrp4.0." + std::to_string(i)), i);
  }
  EXPECT_EQ(names.find("vrrp4.0." + std::to_string(kMany)), std::nullopt);
}

}  // namespace
}  // namespace holdfast::config
