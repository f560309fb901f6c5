#include "privd/supervisor/command_line.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "privd/supervisor/genhash.h"

namespace holdfast::supervisor {
namespace {

Result<CommandLine> parse(std::initializer_list<const char*> words) {
  std::vector<char*> arguments{const_cast<char*>("holdfast")};
  for (const char* word : words) {
    arguments.push_back(const_cast<char*>(word));
  }
  const std::size_t count = arguments.size();
  arguments.push_back(nullptr);
  return parseCommandLine({arguments.data(), count});
}

TEST(CommandLine, DefaultsAreKeepalivedsOwn) {
  const auto line = parse({});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->action, CommandLine::Action::kRun);
  EXPECT_EQ(line->configFile, "/etc/keepalived/keepalived.conf");
  EXPECT_FALSE(line->foreground);
  EXPECT_TRUE(line->syslog);
  EXPECT_EQ(line->facility, 3);
  EXPECT_FALSE(line->configId.empty());
}

TEST(CommandLine, TakesShortAndLongForms) {
  for (const auto& line :
       {parse({"-nlDD", "-f", "/a", "-p", "/p", "-r", "/r", "-i", "main", "-s", "blue", "-R"}),
        parse({"--dont-fork", "--log-console", "--log-detail", "--log-detail", "--use-file=/a",
               "--pid=/p", "--vrrp_pid=/r", "--config-id=main", "--namespace=blue",
               "--dont-respawn"})}) {
    ASSERT_TRUE(line) << line.error().message;
    EXPECT_TRUE(line->foreground && line->console);
    EXPECT_EQ(line->detail, 2);
    EXPECT_EQ(line->configFile, "/a");
    EXPECT_EQ(line->pidFile, "/p");
    EXPECT_EQ(line->vrrpPidFile, "/r");
    EXPECT_EQ(line->configId, "main");
    EXPECT_EQ(line->netNamespace, "blue");
    EXPECT_FALSE(line->respawn);
  }
}

TEST(CommandLine, MistakesAreNamed) {
  EXPECT_EQ(parse({"--foo"}).error().message, "Unknown option --foo");
  EXPECT_EQ(parse({"--foo=bar"}).error().message, "Unknown option --foo");
  EXPECT_EQ(parse({"-Z"}).error().message, "Unknown option -Z");
  EXPECT_EQ(parse({"-nZ"}).error().message, "Unknown option -Z");
  EXPECT_EQ(parse({"-f"}).error().message, "Missing parameter for option -f");
  EXPECT_EQ(parse({"--use-file="}).error().message, "Missing parameter for option --use-file");
  EXPECT_EQ(parse({"--signum=FOO"}).error().message, "Unknown sigfunc FOO");
}

TEST(CommandLine, PrintsTheNumbersOfSignals) {
  for (const auto& [name, number] :
       {std::pair("STOP", "15\n"), std::pair("RELOAD", "1\n"), std::pair("DATA", "10\n"),
        std::pair("STATS", "12\n"), std::pair("STATS_CLEAR", "63\n"), std::pair("JSON", "36\n")}) {
    const auto line = parse({(std::string("--signum=") + name).c_str()});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->printed, number);
    EXPECT_TRUE(line->printToStdout);
  }
}

TEST(CommandLine, TestTakesItsLogFileAttachedOnly) {
  EXPECT_EQ(parse({"-t"})->action, CommandLine::Action::kTest);
  EXPECT_FALSE(parse({"--config-test"})->testLog);
  EXPECT_EQ(parse({"--config-test=/log"})->testLog, "/log");
  EXPECT_TRUE(parse({"-t", "--format=json"})->jsonDiagnostics);
  EXPECT_FALSE(parse({"-t", "--format=xml"}));
}

TEST(CommandLine, AssumptionsAreForAChecksUseOnly) {
  const auto line = parse({"--strict", "--assume-interfaces=eth0,eth1", "-t"});
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_TRUE(line->strict);
  EXPECT_EQ(line->assumedInterfaces, "eth0,eth1");
  EXPECT_TRUE(parse({"-t", "--assume-all-interfaces"})->assumeAllInterfaces);
  EXPECT_FALSE(parse({"--strict"}));
  EXPECT_FALSE(parse({"--assume-interfaces=eth0"}));
  EXPECT_FALSE(parse({"-n", "--assume-all-interfaces"}));
  EXPECT_FALSE(parse({"-t", "--assume-all-interfaces", "--assume-interfaces=eth0"}));
}

TEST(CommandLine, WhatIsNotSupportedYetIsSaidAndNeverSilentlyDifferent) {
  const auto harmless = parse({"-x", "-a"});
  ASSERT_TRUE(harmless);
  EXPECT_EQ(harmless->remarks.size(), 2U);
  EXPECT_NE(harmless->remarks[0].find("--snmp"), std::string::npos);
  EXPECT_FALSE(parse({"--dont-release-vrrp"}));
}

TEST(CommandLine, GenhashIsAnotherProgram) {
  const auto isFor = [](std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words) {
      arguments.push_back(word.data());
    }
    return isForGenhash(arguments);
  };
  EXPECT_TRUE(isFor({"/usr/bin/genhash"}));
  EXPECT_TRUE(isFor({"genhash", "-s", "10.0.0.1"}));
  EXPECT_TRUE(isFor({"holdfast", "-T", "-h"}));
  EXPECT_TRUE(isFor({"holdfast", "--genhash"}));
  EXPECT_FALSE(isFor({"/usr/bin/genhash/holdfast", "-n"}));
  EXPECT_FALSE(isFor({"holdfast", "-n", "-T"}));
  EXPECT_FALSE(isFor({}));
  EXPECT_EQ(parse({"-n", "-T"}).error().message, "--genhash has to be the first option");
}

TEST(CommandLine, FacilitiesAreNamedOrNumbered) {
  EXPECT_EQ(parse({"-S", "local5"})->facility, 21);
  EXPECT_EQ(parse({"-S", "0"})->facility, 16);
  EXPECT_EQ(parse({"-S", "user"})->facility, 1);
  const auto bad = parse({"-S", "mail"});
  EXPECT_EQ(bad->facility, 3);
  EXPECT_EQ(bad->remarks.at(0), "Invalid log facility 'mail'");
}

}  // namespace
}  // namespace holdfast::supervisor
