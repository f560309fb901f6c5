// What a process inherits is closed, cleared, reset and limited, and it does not outlive its
// parent.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/hostile/sandbox/child.h"
#include "tests/hostile/sandbox/sandbox_test.h"

namespace holdfast::policy {
namespace {

// "soft hard", as /proc tells it.
std::string limitOf(const Child& child, const std::string& name) {
  std::ifstream limits("/proc/" + std::to_string(child.pid()) + "/limits");
  for (std::string line; std::getline(limits, line);) {
    if (line.starts_with(name)) {
      std::istringstream rest(line.substr(name.size()));
      std::string soft;
      std::string hard;
      rest >> soft >> hard;
      return soft + " " + hard;
    }
  }
  return "";
}

using InheritanceTest = SandboxTest;

TEST_F(InheritanceTest, ClosesWhatItInheritedAndFillsStandardDescriptors) {
  Child child({.before =
                   [] {
                     const int null = ::open("/dev/null", O_RDONLY);
                     ::dup2(null, 199);
                     ::dup2(null, 251);
                     for (const int fd : {0, 1, 2}) {
                       ::close(fd);
                     }
                   },
               .request = vrrpd()});
  ASSERT_EQ(child.refusal(), "");
  std::set<int> open;
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(child.pid()) + "/fd")) {
    open.insert(std::stoi(entry.path().filename()));
    ++files;
  }
  EXPECT_EQ(files, 5) << "three standard descriptors and the two pipes";
  for (const int fd : {0, 1, 2}) {
    EXPECT_TRUE(open.contains(fd)) << fd;
    EXPECT_EQ(std::filesystem::read_symlink("/proc/" + std::to_string(child.pid()) + "/fd/" +
                                            std::to_string(fd)),
              "/dev/null");
  }
}

TEST_F(InheritanceTest, ClearsEnvironmentMaskAndSignals) {
  Child child({.before =
                   [] {
                     ::setenv("LD_PRELOAD", "/tmp/evil.so", 1);
                     ::signal(SIGTERM, SIG_IGN);
                     sigset_t all;
                     sigfillset(&all);
                     ::sigprocmask(SIG_BLOCK, &all, nullptr);
                   },
               .request = scriptd(),
               .afterwards =
                   [] {
                     sigset_t blocked;
                     ::sigprocmask(SIG_BLOCK, nullptr, &blocked);
                     ::raise(SIGTERM);
                     say(::environ == nullptr && ::umask(0) == 077 &&
                         sigismember(&blocked, SIGUSR1) == 0);
                   }});
  ASSERT_EQ(child.refusal(), "");
  EXPECT_EQ(child.finish(), 0);
}

TEST_F(InheritanceTest, WorkersLeaveTerminationToTheSupervisor) {
  Child child({.request = vrrpd()});
  ASSERT_EQ(child.refusal(), "");
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE}) {
    ASSERT_EQ(::kill(child.pid(), signal), 0);
  }
  EXPECT_EQ(child.finish(), 0);
}

TEST_F(InheritanceTest, LimitsAreSet) {
  SandboxRequest request = vrrpd();
  request.maxDescriptors = 17;
  Child child({.request = request});
  ASSERT_EQ(child.refusal(), "");
  EXPECT_EQ(limitOf(child, "Max processes"), "0 0");
  EXPECT_EQ(limitOf(child, "Max file size"), "0 0");
  EXPECT_EQ(limitOf(child, "Max open files"), "17 17");
  EXPECT_EQ(limitOf(child, "Max core file size"), "0 0");
}

// Starts a sandboxed grandchild, which waits for ever in a read, and whose parent then dies; gives
// the grandchild's wait status.
int statusOfOrphan(SandboxRequest request) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  int silent[2] = {-1, -1};
  int answer[2] = {-1, -1};
  EXPECT_EQ(::pipe(silent), 0);
  EXPECT_EQ(::pipe(answer), 0);
  request.keepDescriptors = {silent[0], silent[1]};
  const pid_t parent = ::fork();
  if (parent == 0) {
    Child orphan({.request = request, .afterwards = [&silent] {
                    char byte = 0;
                    say(::read(silent[0], &byte, 1) == 0);
                  }});
    orphan.letGo();
    const pid_t pid = orphan.refusal().empty() ? orphan.pid() : -1;
    say(::write(answer[1], &pid, sizeof pid) == static_cast<ssize_t>(sizeof pid));
  }
  pid_t orphan = -1;
  EXPECT_EQ(::read(answer[0], &orphan, sizeof orphan), static_cast<ssize_t>(sizeof orphan));
  for (const int fd : {silent[0], silent[1], answer[0], answer[1]}) {
    ::close(fd);
  }
  EXPECT_GT(orphan, 0);
  int status = 0;
  EXPECT_EQ(::waitpid(parent, &status, 0), parent);
  EXPECT_EQ(::waitpid(orphan, &status, 0), orphan);
  return status;
}

TEST_F(InheritanceTest, AnOrphanedCompilerDiesAtOnce) {
  const int status = statusOfOrphan({.role = Role::kConfd});
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
}

TEST_F(InheritanceTest, AnOrphanedWorkerThatDoesNotLeaveIsEnded) {
  const int status = statusOfOrphan(vrrpd());
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) << status;
}

}  // namespace
}  // namespace holdfast::policy
