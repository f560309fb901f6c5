#include "scriptd/output_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace holdfast::scriptd {
namespace {

std::vector<std::string> filter(const std::vector<std::string>& pieces) {
  OutputFilter filter;
  std::vector<std::string> lines;
  const auto keep = [&lines](std::string_view line) { lines.emplace_back(line); };
  for (const std::string& piece : pieces) {
    filter.feed(piece, keep);
  }
  filter.finish(keep);
  return lines;
}

using Lines = std::vector<std::string>;

TEST(OutputFilter, CutsLinesAcrossPieces) {
  EXPECT_EQ(filter({"a", "b\nc", "\n\n", "d"}), (Lines{"ab", "c", "d"}));
  EXPECT_EQ(filter({""}), Lines{});
}

TEST(OutputFilter, ShowsNothingThatIsNotPrintable) {
  EXPECT_EQ(filter({std::string("\x1b[31m\0\xff\x7f\r\n", 10)}), Lines{"?[31m????"});
}

TEST(OutputFilter, CutsLongLinesAndManyLines) {
  const Lines longLine = filter({std::string(1000, 'x') + "\nnext\n"});
  EXPECT_EQ(longLine, (Lines{std::string(kMaxOutputLine, 'x'), "next", "... (760 more bytes)"}));
  Lines many;
  for (int i = 0; i < 100; ++i) {
    many.emplace_back("l\n");
  }
  const Lines kept = filter(many);
  EXPECT_EQ(kept.size(), kMaxLinesPerRun + 1);
  EXPECT_EQ(kept.back(), "... (184 more bytes)");
}

TEST(LineBudget, AllowsABurstAndThenARate) {
  LineBudget budget;
  const TimePoint start = TimePoint{} + std::chrono::hours(1);
  for (int i = 0; i < LineBudget::kBurst; ++i) {
    EXPECT_TRUE(budget.take(start));
  }
  EXPECT_FALSE(budget.take(start));
  EXPECT_FALSE(budget.take(start + LineBudget::kRefill - Duration(1)));
  EXPECT_TRUE(budget.take(start + LineBudget::kRefill));
  EXPECT_EQ(budget.takeRefused(), 2U);
  EXPECT_FALSE(budget.take(start + LineBudget::kRefill));
  EXPECT_TRUE(budget.take(start + 100 * LineBudget::kRefill));
}

}  // namespace
}  // namespace holdfast::scriptd
