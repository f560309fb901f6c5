#include "watchd/process_match.h"

#include <gtest/gtest.h>

#include "watchd/process_table.h"

namespace holdfast::watchd {
namespace {

using namespace std::string_view_literals;

TEST(ProcessMatch, ANameAloneIsComparedWithTheProcesssName) {
  const ProcessMatch match({"haproxy"}, Parameters::kIgnored, false);
  EXPECT_FALSE(match.needsCommandLine());
  EXPECT_TRUE(match.matches("haproxy", ""));
  EXPECT_FALSE(match.matches("haproxy2", ""));
  EXPECT_FALSE(match.matches("hapro", ""));
  EXPECT_FALSE(match.matches("", ""));
}

TEST(ProcessMatch, ANameIsWhatTheKernelKeepsOfIt) {
  EXPECT_TRUE(ProcessMatch({"a-name-of-many-letters"}, Parameters::kIgnored, false)
                  .matches("a-name-of-many-", ""));
  EXPECT_TRUE(
      ProcessMatch({"/usr/sbin/haproxy"}, Parameters::kIgnored, false).matches("haproxy", ""));
}

TEST(ProcessMatch, TheFullCommandIsTheFirstWordOfTheCommandLine) {
  const ProcessMatch match({"/usr/bin/x"}, Parameters::kIgnored, true);
  EXPECT_TRUE(match.needsCommandLine());
  EXPECT_TRUE(match.matches("other", "/usr/bin/x\0"sv));
  EXPECT_TRUE(match.matches("other", "/usr/bin/x\0-v\0"sv));
  EXPECT_FALSE(match.matches("x", "x\0"sv));
  EXPECT_FALSE(match.matches("x", "/usr/bin/xy\0"sv));
  EXPECT_FALSE(match.matches("x", "")) << "a kernel thread";
}

TEST(ProcessMatch, ParametersCountAsTheConfigurationSays) {
  struct Row {
    std::string_view commandLine;
    bool exact;
    bool initial;
    bool partial;
  };
  for (const Row& row : {
           Row{"/x\0a\0bc\0"sv, true, true, true},
           Row{"/x\0a\0bcd\0"sv, false, true, false},
           Row{"/x\0a\0bc\0d\0"sv, false, false, true},
           Row{"/x\0a\0bcd\0e\0"sv, false, false, false},
           Row{"/x\0a\0"sv, false, false, false},
           Row{"/x\0ab\0c\0"sv, false, false, false},
           Row{"/x\0a\0bc"sv, true, true, true},
           Row{"/x\0a\0bc\0\0\0\0"sv, true, true, true},
           Row{""sv, false, false, false},
           Row{"\0\0"sv, false, false, false},
       }) {
    const auto matches = [&](Parameters parameters) {
      return ProcessMatch({"/x", "a", "bc"}, parameters, false).matches("x", row.commandLine);
    };
    EXPECT_EQ(matches(Parameters::kExact), row.exact) << row.commandLine;
    EXPECT_EQ(matches(Parameters::kInitial), row.initial) << row.commandLine;
    EXPECT_EQ(matches(Parameters::kPartial), row.partial) << row.commandLine;
  }
}

TEST(ProcessMatch, ExactlyNoParameters) {
  const ProcessMatch match({"/x"}, Parameters::kExact, false);
  EXPECT_TRUE(match.matches("x", "/x\0"sv));
  EXPECT_FALSE(match.matches("x", "/x\0a\0"sv));
}

TEST(ProcessTable, CountsEachProcessOnceForEachMonitor) {
  ProcessTable table(3);
  EXPECT_EQ(table.set(10, {0, 2}), (MonitorIds{0, 2}));
  EXPECT_EQ(table.set(10, {0, 2}), MonitorIds{});
  EXPECT_EQ(table.set(11, {2}), MonitorIds{2});
  EXPECT_EQ(table.count(0), 1U);
  EXPECT_EQ(table.count(1), 0U);
  EXPECT_EQ(table.count(2), 2U);
  EXPECT_EQ(table.set(10, {1, 2}), (MonitorIds{0, 1})) << "another program";
  EXPECT_EQ(table.remove(10), (MonitorIds{1, 2}));
  EXPECT_EQ(table.remove(10), MonitorIds{}) << "never twice";
  EXPECT_EQ(table.count(2), 1U);
}

}  // namespace
}  // namespace holdfast::watchd
