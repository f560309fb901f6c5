#include "watchd/file_number.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast::watchd {
namespace {

using namespace std::string_view_literals;

TEST(FileNumber, IsReadAsKeepalivedReadsIt) {
  struct Row {
    std::string_view text;
    std::optional<std::int32_t> number;
  };
  for (const Row& row : {
           Row{"20\n", 20},
           Row{"20", 20},
           Row{"", 0},
           Row{"\n", 0},
           Row{"abc", 0},
           Row{"12abc", 12},
           Row{"-30", -30},
           Row{"+5", 5},
           Row{" \t\n6", 6},
           Row{"0x10", 16},
           Row{"010", 8},
           Row{"1e3", 1},
           Row{"5 6", 5},
           Row{"5\n7", 5},
           Row{"- 5", 0},
           Row{"\0\1"sv, 0},
           Row{"7\0008"sv, 7},
           Row{"\xff\xfe", 0},
           Row{"2147483647", 2147483647},
           Row{"-2147483648", -2147483647 - 1},
           Row{"2147483648", std::nullopt},
           Row{"-2147483649", std::nullopt},
           Row{"99999999999999999999", std::nullopt},
       }) {
    EXPECT_EQ(parseFileNumber(row.text), row.number) << row.text;
  }
}

TEST(FileNumber, WhatStandsFarBehindIsNotLookedAt) {
  EXPECT_EQ(parseFileNumber(std::string(kMaxNumberText, ' ') + "7"), 0);
  EXPECT_EQ(parseFileNumber(std::string(kMaxNumberText, '9')), std::nullopt);
  EXPECT_EQ(parseFileNumber("3" + std::string(1 << 20, 'x')), 3);
}

}  // namespace
}  // namespace holdfast::watchd
