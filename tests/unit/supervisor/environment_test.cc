#include "privd/supervisor/environment.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace holdfast::supervisor {
namespace {

using namespace std::chrono_literals;

Duration watchdogWith(const char* microseconds, const char* pid = nullptr) {
  ::setenv("WATCHDOG_USEC", microseconds, 1);
  if (pid != nullptr) {
    ::setenv("WATCHDOG_PID", pid, 1);
  }
  return takeEnvironment().watchdog;
}

TEST(Environment, WatchdogIsInMicroseconds) {
  EXPECT_EQ(watchdogWith("30000000"), 30s);
  EXPECT_EQ(watchdogWith("30000000", std::to_string(::getpid()).c_str()), 30s);
}

TEST(Environment, WatchdogOfAnotherProcessIsNotOurs) {
  EXPECT_EQ(watchdogWith("30000000", "1"), 0s);
}

TEST(Environment, NonsenseIsNoWatchdog) {
  for (const char* nonsense : {"", "x", "1x", "-1", " 1", "99999999999999999999"}) {
    EXPECT_EQ(watchdogWith(nonsense), 0s) << nonsense;
  }
}

TEST(Environment, IsCleared) {
  ::setenv("RUNTIME_DIRECTORY", "/run/one:/run/two", 1);
  EXPECT_EQ(takeEnvironment().runtimeDirectory, "/run/one");
  EXPECT_EQ(std::getenv("RUNTIME_DIRECTORY"), nullptr);
}

TEST(Environment, TheRestIsForTheConfigurationAlone) {
  ::setenv("LD_PRELOAD", "/tmp/evil.so", 1);
  EXPECT_EQ(takeEnvironment().variables,
            std::vector<std::string>{"HOLDFAST_ENV_LD_PRELOAD=/tmp/evil.so"});
  EXPECT_EQ(std::getenv("LD_PRELOAD"), nullptr);
}

TEST(Environment, SecretsAreWhereTheServiceManagerSays) {
  ::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/holdfast.service", 1);
  EXPECT_EQ(takeEnvironment().credentialsDirectory, "/run/credentials/holdfast.service");
  EXPECT_EQ(std::getenv("CREDENTIALS_DIRECTORY"), nullptr);
  EXPECT_EQ(takeEnvironment().credentialsDirectory, "");
}

}  // namespace
}  // namespace holdfast::supervisor
