// Every bound of the reader, each met by a file that would go on without an end, or nearly so.
#include <gtest/gtest.h>

#include <functional>

#include "config/source.h"
#include "config/statement.h"
#include "tests/unit/config/memory_files.h"

namespace holdfast::config {
namespace {

constexpr const char* kMain = "/k/main";

struct LimitCase {
  const char* name;
  std::string text;
  Code code;
  bool refused;  // the configuration cannot be used; else one line of it is left out
  const char* message;
};

std::string repeated(std::size_t count, const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += text;
  }
  return out;
}

// $P0 is x, and each of the others is twice the one before it.
std::string doubled(int times) {
  std::string out = "$P0=x\n";
  for (int i = 1; i <= times; ++i) {
    const std::string before = "${P" + std::to_string(i - 1) + "}";
    out += "$P" + std::to_string(i) + "=" + before + before + "\n";
  }
  return out + "${P" + std::to_string(times) + "}\n";
}

// Each definition of two lines stands for the next, twice.
std::string doubledLines(int times) {
  std::string out;
  for (int i = 1; i <= times; ++i) {
    const std::string next = "$P" + std::to_string(i);
    out += "$P" + std::to_string(i - 1) + "= \\\n " + next + " \\\n " + next + "\n";
  }
  return out + "$P0\n";
}

class Limits : public testing::TestWithParam<LimitCase> {};

TEST_P(Limits, IsSaidAndKept) {
  MemoryFiles files;
  files.contents[kMain] = GetParam().text;
  files.contents["/k/one"] = "one\n";
  files.contents["/k/large"] = std::string(kMaxFileBytes + 1, '\n');
  SourceOptions options;
  options.maxLines = 20000;
  options.maxExpandedBytes = std::size_t{32} << 20;
  Report report;
  Source source = readSource(kMain, options, files, report);
  const Statements statements = parseStatements(source, report);
  ASSERT_FALSE(report.all().empty());
  const Diagnostic& first = report.all().front();
  EXPECT_EQ(first.code, GetParam().code) << first.message;
  EXPECT_NE(first.message.find(GetParam().message), std::string::npos) << first.message;
  EXPECT_EQ(report.refused(), GetParam().refused);
  EXPECT_EQ(report.exitCode(), 5U);
  EXPECT_LE(source.lines.size(), options.maxLines);
  // Where the rest of the file counts, it is there.
  const bool hasLast = !statements.empty() && statements.back().keyword() == "last";
  EXPECT_EQ(hasLast, !GetParam().refused);
}

INSTANTIATE_TEST_SUITE_P(
    Size, Limits,
    testing::Values(
        LimitCase{"aLine", std::string(kMaxRawLineBytes + 1, 'x') + "\nlast\n", Code::kLimit, false,
                  "line too long"},
        LimitCase{"aNulByte", std::string("a\0b\nlast\n", 9), Code::kLimit, false, "NUL byte"},
        LimitCase{"aDefinition",
                  "$A= \\\n" + repeated(20, std::string(kMaxRawLineBytes / 4, 'x') + " \\\n") +
                      "y\nlast\n",
                  Code::kLimit, false, "line too long"},
        LimitCase{"aFile", "include large\nlast\n", Code::kLimit, false, "more than"},
        LimitCase{"lines", "~SEQ(i,1,20001) x\n", Code::kLimit, true, "20000 lines"},
        LimitCase{"values", "~SEQ(i,1,100001) x\nlast\n", Code::kExpansion, false, "Invalid ~SEQ"},
        LimitCase{"valuesOfTwoSequences", "~SEQ(i,1,99999) ~SEQ(j,1,99999) $Z=1\n", Code::kLimit,
                  true, "does not come to an end"}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Recursion, Limits,
    testing::Values(
        LimitCase{"ofAParameter", "$A=$A\n$A\nlast\n", Code::kExpansion, false,
                  "substituting $A does not come to an end"},
        LimitCase{"ofAParameterThatGrows", "$A=x${A}${A}\n$A\nlast\n", Code::kExpansion, false,
                  "substituting $A does not come to an end"},
        LimitCase{"ofTwoParameters", "$A=${B}\n$B=${A}\n$A\nlast\n", Code::kExpansion, false,
                  "does not come to an end"},
        LimitCase{"ofADefinitionOfLines", "$A= \\\n x \\\n $A\n$A\n", Code::kLimit, true,
                  "does a definition use itself"},
        LimitCase{"doubling", doubled(17) + "last\n", Code::kExpansion, false,
                  "does not come to an end"},
        LimitCase{"doublingOfLines", doubledLines(60), Code::kLimit, true, "20000 lines"},
        LimitCase{"doublingOfNothing", doubledLines(70), Code::kLimit, true,
                  "does not come to an end"},
        LimitCase{"ofAFile", "include main\n", Code::kLimit, true, "does a file include itself"}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(Count, Limits,
                         testing::Values(LimitCase{"ofFiles", "~SEQ(i,1,10001) include one\n",
                                                   Code::kLimit, true, "more than 10000"},
                                         LimitCase{
                                             "ofNestedBlocks",
                                             repeated(17, "a {\n") + repeated(17, "}\n") + "last\n",
                                             Code::kBraces, false, "Unexpected '{'"}),
                         [](const auto& one) { return one.param.name; });

TEST(Limit, AlternativesOfAnIncludeDoNotMultiply) {
  MemoryFiles files;
  files.contents[kMain] = "include x" + repeated(30, "{a,b}") + "\nlast\n";
  Report report;
  const Source source = readSource(kMain, {}, files, report);
  EXPECT_EQ(source.lines.size(), 1U);
}

TEST(Limit, DiagnosticsAreCountedWhereTheyAreNotKept) {
  MemoryFiles files;
  files.contents[kMain] = repeated(Report::kMaxKept + 5, "}\n");
  Report report;
  Source source = readSource(kMain, {}, files, report);
  EXPECT_TRUE(parseStatements(source, report).empty());
  EXPECT_EQ(report.all().size(), Report::kMaxKept);
  EXPECT_EQ(report.notKept(), 5U);
}

}  // namespace
}  // namespace holdfast::config
