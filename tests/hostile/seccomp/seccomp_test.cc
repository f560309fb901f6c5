// The compiled filters against the golden tables. With --update the tables are written anew.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "policy/identity_filter.h"
#include "tests/hostile/seccomp/system_calls_page.h"
#include "tests/hostile/seccomp/verdict_table.h"

namespace holdfast::policy {
namespace {

bool update = false;

std::string goldenFile(Role role) {
  return std::string(HOLDFAST_GOLDEN_DIRECTORY) + "/" + std::string(nameOf(role)) + ".txt";
}

// With --update it is written instead.
void expectFile(const std::string& path, const std::string& text) {
  if (update) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream file(path);
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(golden.str(), text) << "run this program with --update, and look at the difference";
}

std::vector<sock_filter> compiled(Verdict otherwise, std::span<const Rule> rules) {
  auto program = compileFilter(otherwise, rules, kTestPid);
  EXPECT_TRUE(program.ok()) << (program.ok() ? "" : program.error().message);
  return program.ok() ? std::move(program).value() : std::vector<sock_filter>{};
}

std::vector<sock_filter> compiled(Role role) {
  const Filter filter = filterOf(role);
  return compiled(filter.otherwise, filter.rules());
}

class SeccompTest : public testing::TestWithParam<Role> {
 protected:
  void SetUp() override {
#ifndef __x86_64__
    GTEST_SKIP() << "the golden tables are those of x86_64";
#endif
    if (kSeccompOnlyLogs) {
      GTEST_SKIP() << "built with -Dseccomp=log";
    }
  }
};

TEST_P(SeccompTest, IsTheGoldenTable) {
  const Filter filter = filterOf(GetParam());
  const auto rules = filter.rules();
  expectFile(goldenFile(GetParam()), verdictTable(compiled(GetParam()), rules, filter.otherwise));
}

TEST(SystemCallsPage, IsThatOfTheTables) {
  expectFile(HOLDFAST_SYSTEM_CALLS_PAGE, systemCallsPage());
}

// No rule is hidden behind another, and none is without effect.
TEST_P(SeccompTest, EveryRuleMatters) {
  const Filter filter = filterOf(GetParam());
  const auto rules = filter.rules();
  const std::string whole = verdictTable(compiled(GetParam()), rules, filter.otherwise);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    auto without = rules;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    const auto program = compiled(filter.otherwise, without);
    EXPECT_NE(verdictTable(program, rules, filter.otherwise), whole)
        << "rule " << i << " (" << rules[i].reason << ") could be left out";
  }
}

TEST_P(SeccompTest, ForeignInterfacesAreKilled) {
  const auto program = compiled(GetParam());
  for (unsigned number = 0; number < kNumbers; ++number) {
    ASSERT_EQ(verdictOf(program, AUDIT_ARCH_I386, number), "KILL") << number;
    ASSERT_EQ(verdictOf(program, AUDIT_ARCH_X86_64, 0x40000000U | number), "KILL") << number;
  }
}

INSTANTIATE_TEST_SUITE_P(Roles, SeccompTest, testing::ValuesIn(kRoles),
                         [](const auto& tested) { return std::string(nameOf(tested.param)); });

// What may not happen, said a second time and not by way of the tables.
struct Promise {
  Role role;
  int call;
  std::vector<std::uint64_t> arguments;
  const char* verdict;
};

const Promise kPromises[] = {
    {Role::kVrrpd, SCMP_SYS(socket), {}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(setsockopt), {}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(bind), {}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(connect), {}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(sendmsg), {}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(sendmmsg), {}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(sendto), {5, 1, 1, 0, 0, 0}, "allow"},
    {Role::kVrrpd, SCMP_SYS(sendto), {5, 1, 1, 0, 0x7fff0000, 16}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(sendto), {5, 1, 1, 0, 0, 16}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(sendto), {5, 1, 1, 0, 1ULL << 32, 0}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(openat), {}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(open), {}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(execve), {}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(clone), {}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(clone3), {}, "ENOSYS"},
    {Role::kVrrpd, SCMP_SYS(kill), {1, 9}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(tgkill), {kTestPid, kTestPid, 6}, "allow"},
    {Role::kVrrpd, SCMP_SYS(tgkill), {1, 1, 9}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(mmap), {0, 4096, PROT_READ | PROT_WRITE}, "allow"},
    {Role::kVrrpd, SCMP_SYS(mmap), {0, 4096, PROT_READ | PROT_EXEC}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(mprotect), {0, 4096, PROT_EXEC}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(ptrace), {}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(process_vm_readv), {}, "KILL"},
    {Role::kVrrpd, SCMP_SYS(pidfd_getfd), {}, "KILL"},
    {Role::kPrivd, SCMP_SYS(socket), {AF_NETLINK, SOCK_RAW, NETLINK_ROUTE}, "allow"},
    {Role::kPrivd, SCMP_SYS(socket), {AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER}, "allow"},
    {Role::kPrivd, SCMP_SYS(socket), {AF_NETLINK, SOCK_RAW, NETLINK_AUDIT}, "KILL"},
    {Role::kPrivd, SCMP_SYS(socket), {AF_NETLINK, SOCK_DGRAM, NETLINK_CONNECTOR}, "allow"},
    {Role::kPrivd, SCMP_SYS(socket), {AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0}, "allow"},
    {Role::kPrivd, SCMP_SYS(socket), {AF_PACKET, SOCK_RAW, 0x0300}, "KILL"},
    {Role::kPrivd, SCMP_SYS(socket), {AF_INET, SOCK_RAW | SOCK_NONBLOCK, 112}, "allow"},
    {Role::kPrivd, SCMP_SYS(socket), {AF_INET, SOCK_RAW, 255}, "KILL"},
    {Role::kPrivd, SCMP_SYS(socket), {AF_INET, SOCK_STREAM, 0}, "KILL"},
    {Role::kPrivd, SCMP_SYS(socket), {AF_UNIX, SOCK_STREAM, 0}, "KILL"},
    {Role::kPrivd, SCMP_SYS(openat), {}, "KILL"},
    {Role::kPrivd, SCMP_SYS(execve), {}, "KILL"},
    {Role::kPrivd, SCMP_SYS(fork), {}, "KILL"},
    {Role::kPrivd, SCMP_SYS(kill), {}, "KILL"},
    {Role::kPrivd, SCMP_SYS(ioctl), {}, "KILL"},
    {Role::kConfd, SCMP_SYS(openat), {0, 1, O_RDONLY | O_CLOEXEC}, "allow"},
    {Role::kConfd, SCMP_SYS(openat), {0, 1, O_WRONLY}, "KILL"},
    {Role::kConfd, SCMP_SYS(openat), {0, 1, O_RDWR}, "KILL"},
    {Role::kConfd, SCMP_SYS(openat), {0, 1, O_RDONLY | O_CREAT}, "KILL"},
    {Role::kConfd, SCMP_SYS(openat), {0, 1, O_RDONLY | O_TRUNC}, "KILL"},
    {Role::kConfd, SCMP_SYS(openat), {0, 1, O_RDONLY | O_DIRECTORY}, "allow"},
    {Role::kConfd, SCMP_SYS(socket), {}, "KILL"},
    {Role::kConfd, SCMP_SYS(connect), {}, "KILL"},
    {Role::kConfd, SCMP_SYS(execve), {}, "KILL"},
    {Role::kConfd, SCMP_SYS(unlink), {}, "KILL"},
    {Role::kConfd, SCMP_SYS(renameat2), {}, "KILL"},
    {Role::kWatchd, SCMP_SYS(openat), {0, 1, O_RDONLY | O_NONBLOCK | O_CLOEXEC}, "allow"},
    {Role::kWatchd, SCMP_SYS(openat), {0, 1, O_WRONLY}, "KILL"},
    {Role::kWatchd, SCMP_SYS(openat), {0, 1, O_RDWR}, "KILL"},
    {Role::kWatchd, SCMP_SYS(openat), {0, 1, O_RDONLY | O_CREAT}, "KILL"},
    {Role::kWatchd, SCMP_SYS(openat), {0, 1, O_RDONLY | O_TRUNC}, "KILL"},
    {Role::kWatchd, SCMP_SYS(open), {}, "KILL"},
    {Role::kWatchd, SCMP_SYS(ftruncate), {}, "KILL"},
    {Role::kWatchd, SCMP_SYS(fchmod), {}, "KILL"},
    {Role::kWatchd, SCMP_SYS(socket), {}, "KILL"},
    {Role::kWatchd, SCMP_SYS(connect), {}, "KILL"},
    {Role::kWatchd, SCMP_SYS(sendmsg), {}, "KILL"},
    {Role::kWatchd, SCMP_SYS(sendto), {5, 1, 1, 0, 0, 0}, "allow"},
    {Role::kWatchd, SCMP_SYS(sendto), {5, 1, 1, 0, 0x7fff0000, 12}, "KILL"},
    {Role::kWatchd, SCMP_SYS(execve), {}, "KILL"},
    {Role::kWatchd, SCMP_SYS(kill), {1, 9}, "KILL"},
    {Role::kWatchd, SCMP_SYS(pidfd_open), {}, "allow"},
    {Role::kWatchd, SCMP_SYS(pidfd_send_signal), {}, "KILL"},
    {Role::kWatchd, SCMP_SYS(pidfd_getfd), {}, "KILL"},
    {Role::kWatchd, SCMP_SYS(ptrace), {}, "KILL"},
    {Role::kWatchd, SCMP_SYS(inotify_add_watch), {}, "allow"},
    {Role::kScriptd, SCMP_SYS(execve), {}, "allow"},
    {Role::kScriptd, SCMP_SYS(ptrace), {}, "EPERM"},
    {Role::kScriptd, SCMP_SYS(clone), {CLONE_CHILD_SETTID | SIGCHLD}, "allow"},
    {Role::kScriptd, SCMP_SYS(clone), {CLONE_NEWNET | SIGCHLD}, "EPERM"},
    {Role::kScriptd, SCMP_SYS(mount), {}, "EPERM"},
    {Role::kScriptd, SCMP_SYS(prlimit64), {0, 7}, "allow"},
    {Role::kScriptd, SCMP_SYS(prlimit64), {17, 7}, "EPERM"},
    {Role::kScriptd, SCMP_SYS(prlimit64), {1ULL << 32 | 17, 7}, "EPERM"},
    {Role::kScriptd, SCMP_SYS(setpriority), {PRIO_PROCESS, 0, 5}, "allow"},
    {Role::kScriptd, SCMP_SYS(setpriority), {1ULL << 32 | PRIO_USER, 0, 5}, "EPERM"},
    {Role::kScriptd, SCMP_SYS(setpriority), {PRIO_PROCESS, 17, 5}, "EPERM"},
    {Role::kSupervisor, SCMP_SYS(setpriority), {PRIO_PROCESS, 17, 5}, "allow"},
    {Role::kSupervisor, SCMP_SYS(mount), {}, "allow"},
    {Role::kSupervisor, SCMP_SYS(setresuid), {}, "allow"},
    {Role::kSupervisor, SCMP_SYS(unshare), {CLONE_NEWNS}, "allow"},
    {Role::kSupervisor, SCMP_SYS(unshare), {CLONE_NEWNS | CLONE_NEWUSER}, "EPERM"},
    {Role::kSupervisor, SCMP_SYS(unshare), {0xffffffff00000000 | CLONE_NEWUSER}, "EPERM"},
    {Role::kSupervisor, SCMP_SYS(ptrace), {}, "EPERM"},
    {Role::kSupervisor, SCMP_SYS(keyctl), {}, "ENOSYS"},
};

TEST_F(SeccompTest, KeepsEveryPromise) {
  for (const Promise& promise : kPromises) {
    EXPECT_EQ(verdictOf(compiled(promise.role), AUDIT_ARCH_X86_64,
                        static_cast<unsigned>(promise.call), promise.arguments),
              promise.verdict)
        << nameOf(promise.role) << ", call " << promise.call;
  }
}

TEST_F(SeccompTest, IdentitiesAreThoseOfTheConfiguration) {
  std::vector<std::uint32_t> users;
  for (std::uint32_t i = 0; i < 300; ++i) {
    users.push_back(1000 + i);
  }
  const std::uint32_t groups[] = {7, 8};
  const auto program = identityProgram(users, groups);
  const auto ask = [&](int call, std::vector<std::uint64_t> ids) {
    return verdictOf(program, AUDIT_ARCH_X86_64, static_cast<unsigned>(call), ids);
  };
  constexpr std::uint64_t kKeep = 0xffffffff;
  EXPECT_EQ(ask(SCMP_SYS(setresuid), {1000, 1000, 1000}), "allow");
  EXPECT_EQ(ask(SCMP_SYS(setresuid), {1000, 1299, kKeep}), "allow");
  EXPECT_EQ(ask(SCMP_SYS(setresuid), {~0ULL, ~0ULL, 1150}), "allow");
  EXPECT_EQ(ask(SCMP_SYS(setresuid), {0, 1000, 1000}), "EPERM");
  EXPECT_EQ(ask(SCMP_SYS(setresuid), {1000, 0, 1000}), "EPERM");
  EXPECT_EQ(ask(SCMP_SYS(setresuid), {1000, 1000, 0}), "EPERM");
  EXPECT_EQ(ask(SCMP_SYS(setresuid), {1000, 1000, 1300}), "EPERM");
  EXPECT_EQ(ask(SCMP_SYS(setresuid), {1000, 1000, 1ULL << 32}), "EPERM");
  EXPECT_EQ(ask(SCMP_SYS(setresgid), {7, 8, kKeep}), "allow");
  EXPECT_EQ(ask(SCMP_SYS(setresgid), {7, 8, 1000}), "EPERM");
  for (const int call : {SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setreuid), SCMP_SYS(setregid),
                         SCMP_SYS(setfsuid), SCMP_SYS(setfsgid)}) {
    EXPECT_EQ(ask(call, {1000, 1000}), "EPERM") << call;
  }
  EXPECT_EQ(ask(SCMP_SYS(execve), {}), "allow");
}

}  // namespace
}  // namespace holdfast::policy

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  holdfast::policy::update = argc == 2 && std::strcmp(argv[1], "--update") == 0;
  return RUN_ALL_TESTS();
}
