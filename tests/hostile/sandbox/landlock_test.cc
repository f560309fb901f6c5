// Landlock alone, without the system call filter in front of it, in every version that the running
// kernel can act.
#include "policy/landlock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/hostile/sandbox/child.h"

namespace holdfast::policy {
namespace {

// Runs `attempt` in a confined child; true is what is wished for.
bool confined(const LandlockRules& rules, int version, bool (*attempt)()) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    say(enterLandlock(rules, version).ok() && attempt());
  }
  int status = -1;
  ::waitpid(pid, &status, 0);
  return status == 0;
}

bool cannotRead() {
  return ::open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES;
}
bool cannotCreate() {
  return ::open("/tmp/holdfast.landlock", O_CREAT | O_WRONLY, 0600) < 0;
}
bool canRead() {
  return ::open("/etc/passwd", O_RDONLY) >= 0;
}
bool cannotExecute() {
  ::execl("/bin/true", "true", nullptr);
  return errno == EACCES;
}
bool cannotConnect() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 && errno == EACCES;
}
bool cannotSignal() {
  return ::kill(::getppid(), 0) != 0 && errno == EPERM;
}

class LandlockTest : public testing::Test {
 protected:
  void SetUp() override {
    if (landlockVersion() == 0) {
      GTEST_SKIP() << "the kernel has no Landlock";
    }
  }
  static int versions() { return landlockVersion(); }
};

TEST_F(LandlockTest, NoFile) {
  for (int version = 1; version <= versions(); ++version) {
    EXPECT_TRUE(confined({}, version, cannotRead)) << version;
    EXPECT_TRUE(confined({}, version, cannotCreate)) << version;
    EXPECT_TRUE(confined({}, version, cannotExecute)) << version;
  }
}

TEST_F(LandlockTest, ReadingOnly) {
  for (int version = 1; version <= versions(); ++version) {
    EXPECT_TRUE(confined({.files = FileAccess::kRead}, version, canRead)) << version;
    EXPECT_TRUE(confined({.files = FileAccess::kRead}, version, cannotCreate)) << version;
    EXPECT_TRUE(confined({.files = FileAccess::kRead}, version, cannotExecute)) << version;
  }
}

TEST_F(LandlockTest, NoTcp) {
  if (versions() < 4) {
    GTEST_SKIP() << "version " << versions();
  }
  EXPECT_TRUE(confined({}, versions(), cannotConnect));
}

TEST_F(LandlockTest, NoSignal) {
  if (versions() < 6) {
    GTEST_SKIP() << "version " << versions();
  }
  EXPECT_TRUE(confined({}, versions(), cannotSignal));
}

TEST_F(LandlockTest, AKernelWithoutItIsNoError) {
  const auto entered = enterLandlock({}, 0);
  ASSERT_TRUE(entered.ok());
  EXPECT_EQ(*entered, 0);
}

}  // namespace
}  // namespace holdfast::policy
