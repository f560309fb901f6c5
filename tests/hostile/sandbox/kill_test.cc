// What a taken-over process would try next, tried: the kernel ends it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/seccomp.h"
#include "tests/hostile/sandbox/child.h"

namespace holdfast::policy {
namespace {

constexpr uid_t kOther = 12345;
constexpr unsigned long kX32 = 0x40000000;

SandboxRequest requestOf(Role role) {
  SandboxRequest request{.role = role, .uid = kOther, .gid = kOther};
  request.capabilities = role == Role::kPrivd ? kBrokerCapabilities : CapabilitySet{};
  return request;
}

struct Attempt {
  const char* name;
  void (*make)();
};

void openForWriting() {
  ::syscall(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY);
}
void executeShell() {
  char* const arguments[] = {nullptr};
  ::syscall(SYS_execve, "/bin/sh", arguments, nullptr);
}
void mapCode() {
  ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
void makeCode() {
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

// Forbidden to privd, confd and vrrpd alike.
const Attempt kForAll[] = {
    {"open for writing", openForWriting},
    {"exec", executeShell},
    {"fork", [] { ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
    {"kill", [] { ::kill(::getppid(), 0); }},
    {"map code", mapCode},
    {"make code", makeCode},
    {"ptrace", [] { ::syscall(SYS_ptrace, PTRACE_ATTACH, 1, 0, 0); }},
    {"process_vm_readv", [] { ::syscall(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0); }},
    {"pidfd_open", [] { ::syscall(SYS_pidfd_open, 1, 0); }},
    {"unshare", [] { ::syscall(SYS_unshare, 0x10000000); }},
    {"io_uring", [] { ::syscall(SYS_io_uring_setup, 1, nullptr); }},
    {"TCP socket", [] { ::socket(AF_INET, SOCK_STREAM, 0); }},
    {"a number of no call", [] { ::syscall(1023); }},
#ifdef __x86_64__
    {"x32", [] { ::syscall(static_cast<long>(kX32 | SYS_getpid)); }},
#endif
};

const Attempt kForVrrpd[] = {
    {"open", [] { ::syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY); }},
    {"socket", [] { ::socket(AF_INET, SOCK_RAW, 112); }},
    {"setsockopt", [] { ::setsockopt(0, SOL_SOCKET, SO_MARK, nullptr, 0); }},
    {"bind", [] { ::bind(0, nullptr, 0); }},
    {"connect", [] { ::connect(0, nullptr, 0); }},
    {"sendmsg", [] { ::sendmsg(0, nullptr, 0); }},
    {"sendto an address",
     [] {
       sockaddr_in to{};
       ::sendto(0, "", 1, 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
     }},
};

const Attempt kForPrivd[] = {
    {"open", [] { ::syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY); }},
    {"raw socket of another protocol", [] { ::socket(AF_INET, SOCK_RAW, IPPROTO_RAW); }},
    {"ioctl", [] { ::syscall(SYS_ioctl, 0, 0, 0); }},
};

void expectKilled(Role role, const Attempt& attempt) {
  Child child({.request = requestOf(role), .afterwards = attempt.make});
  ASSERT_EQ(child.refusal(), "");
  const int status = child.finish();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
      << nameOf(role) << " survived: " << attempt.name << ", status " << status;
}

class KillTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) {
      GTEST_SKIP() << "needs root";
    }
    if (kSeccompOnlyLogs) {
      GTEST_SKIP() << "built with -Dseccomp=log";
    }
  }
};

TEST_F(KillTest, ForAll) {
  for (const Role role : {Role::kPrivd, Role::kConfd, Role::kVrrpd}) {
    for (const Attempt& attempt : kForAll) {
      expectKilled(role, attempt);
    }
  }
}

TEST_F(KillTest, ForVrrpd) {
  for (const Attempt& attempt : kForVrrpd) {
    expectKilled(Role::kVrrpd, attempt);
  }
}

TEST_F(KillTest, ForPrivd) {
  for (const Attempt& attempt : kForPrivd) {
    expectKilled(Role::kPrivd, attempt);
  }
}

TEST_F(KillTest, AbortIsStillAnAbort) {
  for (const Role role : {Role::kPrivd, Role::kConfd, Role::kVrrpd}) {
    Child child({.request = requestOf(role), .afterwards = [] { std::abort(); }});
    ASSERT_EQ(child.refusal(), "");
    const int status = child.finish();
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
        << nameOf(role) << " " << status;
    EXPECT_FALSE(WCOREDUMP(status));
  }
}

TEST_F(KillTest, ConfdReadsAndNoMore) {
  Child child({.request = {.role = Role::kConfd, .uid = kOther, .gid = kOther}, .afterwards = [] {
                 const int file = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
                 char byte = 0;
                 say(::read(file, &byte, 1) == 1);
               }});
  ASSERT_EQ(child.refusal(), "");
  EXPECT_EQ(child.finish(), 0);
}

// Siblings of one uid, as under DynamicUser=: from a script, which is under a list of what it may
// not call, and from a process under no filter at all.
class SiblingTest : public KillTest {};

TEST_F(SiblingTest, AScriptCannotReachIntoAWorker) {
  Child victim({.request = {.role = Role::kVrrpd, .uid = kOther, .gid = kOther}});
  ASSERT_EQ(victim.refusal(), "");
  const pid_t target = victim.pid();
  Child script(
      {.request = {.role = Role::kScriptd, .uid = kOther, .gid = kOther}, .afterwards = [target] {
         char byte = 0;
         iovec here{&byte, 1};
         iovec there{&byte, 1};
         say(::ptrace(PTRACE_ATTACH, target, nullptr, nullptr) != 0 && errno == EPERM &&
             ::process_vm_readv(target, &here, 1, &there, 1, 0) < 0 && errno == EPERM &&
             ::syscall(SYS_pidfd_getfd, 0, 0, 0) < 0 && errno == EPERM);
       }});
  ASSERT_EQ(script.refusal(), "");
  EXPECT_EQ(script.finish(), 0);
}

TEST_F(SiblingTest, NorCanAnybodyElseOfThatUser) {
  Child victim({.request = {.role = Role::kVrrpd, .uid = kNobody, .gid = kNobody}});
  ASSERT_EQ(victim.refusal(), "");
  const pid_t pid = ::fork();
  if (pid == 0) {
    becomeStarted(StartMode::kUnprivileged, {});
    const std::string memory = "/proc/" + std::to_string(victim.pid()) + "/mem";
    say(::ptrace(PTRACE_ATTACH, victim.pid(), nullptr, nullptr) != 0 &&
        ::open(memory.c_str(), O_RDONLY) < 0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

TEST_F(SiblingTest, AScriptOfTheSharedUserCannotEndAWorker) {
  Child victim({.before = [] { becomeStarted(StartMode::kAmbient, {}); },
                .request = {.role = Role::kVrrpd, .uid = kNobody, .gid = kNobody}});
  ASSERT_EQ(victim.refusal(), "");
  const pid_t target = victim.pid();
  Child script({.before = [] { becomeStarted(StartMode::kAmbient, {}); },
                .request = {.role = Role::kScriptd, .uid = kNobody, .gid = kNobody},
                .afterwards = [target] { say(::kill(target, SIGKILL) != 0 && errno == EPERM); }});
  ASSERT_EQ(script.refusal(), "");
  const int status = script.finish();
  if (status != 0) {
    GTEST_SKIP() << "the kernel's Landlock is older than version 6";
  }
}

}  // namespace
}  // namespace holdfast::policy
