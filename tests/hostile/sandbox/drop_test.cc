// The drop is exact and cannot be undone, in every way of starting.
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/hostile/sandbox/child.h"
#include "tests/hostile/sandbox/sandbox_test.h"

namespace holdfast::policy {
namespace {

struct Case {
  const char* name;
  Role role;
  StartMode mode;
  uid_t uid;
  gid_t gid;
  CapabilitySet started;  // ambient mode: with what
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.name;
}

SandboxRequest requestOf(const Case& c) {
  SandboxRequest request;
  request.role = c.role;
  request.uid = c.uid;
  request.gid = c.gid;
  request.capabilities = c.role == Role::kPrivd ? kBrokerCapabilities : CapabilitySet{};
  request.noNewPrivileges = c.role != Role::kScriptd;
  return request;
}

ProcessStatus statusOf(const Child& child) {
  const auto status = readProcessStatus("/proc/" + std::to_string(child.pid()) + "/status");
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().message);
  return status.ok() ? *status : ProcessStatus{};
}

class Drop : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) {
      GTEST_SKIP() << "needs root";
    }
  }
};

TEST_P(Drop, IsExact) {
  const Case& c = GetParam();
  Child child({.before = [&] { becomeStarted(c.mode, c.started); }, .request = requestOf(c)});
  ASSERT_EQ(child.refusal(), "");
  const ProcessStatus status = statusOf(child);
  for (const uid_t uid : status.uids) {
    EXPECT_EQ(uid, c.uid);
  }
  for (const gid_t gid : status.gids) {
    EXPECT_EQ(gid, c.gid);
  }
  EXPECT_EQ(status.permitted, requestOf(c).capabilities);
  EXPECT_EQ(status.effective, requestOf(c).capabilities);
  EXPECT_EQ(status.inheritable, CapabilitySet{});
  EXPECT_EQ(status.ambient, CapabilitySet{});
  if (c.mode == StartMode::kRoot) {
    EXPECT_EQ(status.bounding, CapabilitySet{});
    EXPECT_EQ(status.groups, std::vector<gid_t>{c.gid});
  }
  EXPECT_EQ(status.noNewPrivileges, c.role != Role::kScriptd);
  EXPECT_EQ(status.seccompMode, c.role == Role::kScriptd ? 0U : 2U);
}

TEST_P(Drop, LeavesNothingToInspect) {
  const Case& c = GetParam();
  Child child({.before = [&] { becomeStarted(c.mode, c.started); }, .request = requestOf(c)});
  ASSERT_EQ(child.refusal(), "");
  struct stat memory {};
  ASSERT_EQ(::stat(("/proc/" + std::to_string(child.pid()) + "/mem").c_str(), &memory), 0);
  EXPECT_EQ(memory.st_uid, 0U) << "dumpable";
}

constexpr CapabilitySet kAmbient{CAP_NET_ADMIN, CAP_NET_RAW};
constexpr CapabilitySet kAmbientWithIds{CAP_NET_ADMIN, CAP_NET_RAW, CAP_SETUID, CAP_SETGID,
                                        CAP_KILL};

const Case kCases[] = {
    {"PrivdFromRoot", Role::kPrivd, StartMode::kRoot, kOther, kOtherGroup, {}},
    {"ConfdFromRoot", Role::kConfd, StartMode::kRoot, 0, 0, {}},
    {"VrrpdFromRoot", Role::kVrrpd, StartMode::kRoot, kOther, kOtherGroup, {}},
    {"ScriptdFromRoot", Role::kScriptd, StartMode::kRoot, kOther, kOtherGroup, {}},
    {"PrivdFromAmbient", Role::kPrivd, StartMode::kAmbient, kNobody, kNobody, kAmbient},
    {"ConfdFromAmbient", Role::kConfd, StartMode::kAmbient, kNobody, kNobody, kAmbient},
    {"VrrpdFromAmbient", Role::kVrrpd, StartMode::kAmbient, kNobody, kNobody, kAmbient},
    {"ScriptdFromAmbient", Role::kScriptd, StartMode::kAmbient, kNobody, kNobody, kAmbient},
    {"PrivdOtherFromAmbient", Role::kPrivd, StartMode::kAmbient, kOther, kOtherGroup,
     kAmbientWithIds},
    {"ScriptdOtherFromAmbient", Role::kScriptd, StartMode::kAmbient, kOther, kOtherGroup,
     kAmbientWithIds},
    {"ConfdFromShell", Role::kConfd, StartMode::kUnprivileged, kNobody, kNobody, {}},
};

INSTANTIATE_TEST_SUITE_P(Starts, Drop, testing::ValuesIn(kCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(SandboxTest, RefusesACapabilityThatItWasStartedWithout) {
  SandboxRequest request{.role = Role::kPrivd, .uid = kNobody, .gid = kNobody};
  request.capabilities = kBrokerCapabilities;
  const Child child(
      {.before = [] { becomeStarted(StartMode::kAmbient, {CAP_NET_RAW}); }, .request = request});
  EXPECT_NE(child.refusal().find("was started without net_admin"), std::string::npos)
      << child.refusal();
}

TEST_F(SandboxTest, RefusesAUserThatItCannotBecome) {
  const Child child(
      {.before = [] { becomeStarted(StartMode::kUnprivileged, {}); }, .request = vrrpd()});
  EXPECT_NE(child.refusal().find("setresgid"), std::string::npos) << child.refusal();
}

TEST_F(SandboxTest, CannotBeUndone) {
  Child child({.request = scriptd(), .afterwards = [] {
                 say(::setresuid(0, 0, 0) != 0 && ::setuid(0) != 0 && ::setresgid(0, 0, 0) != 0 &&
                     ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0) != 0);
               }});
  ASSERT_EQ(child.refusal(), "");
  EXPECT_EQ(child.finish(), 0);
}

TEST_F(SandboxTest, AProgramThatIsStartedHoldsNothing) {
  for (const StartMode mode : {StartMode::kRoot, StartMode::kAmbient}) {
    SandboxRequest request = scriptd();
    Child child({.before = [mode] { becomeStarted(mode, kAmbientWithIds); },
                 .request = request,
                 .afterwards =
                     [] {
                       ::execl("/bin/grep", "grep", "-qE", "Cap(Prm|Eff|Amb|Inh):.*[1-9a-f]",
                               "/proc/self/status", nullptr);
                     }});
    ASSERT_EQ(child.refusal(), "");
    const int status = child.finish();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << "grep found a capability";
  }
}

TEST_F(SandboxTest, SecureBitsAreLocked) {
  Child child({.request = scriptd(),
               .afterwards = [] { say(::prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) == 0xef); }});
  ASSERT_EQ(child.refusal(), "");
  EXPECT_EQ(child.finish(), 0);
}

TEST_F(SandboxTest, HandsOverNoMoreThanIsNeeded) {
  const SandboxRequest request{
      .role = Role::kPrivd, .uid = kOther, .gid = kOtherGroup, .capabilities = kBrokerCapabilities};
  for (const StartMode mode : {StartMode::kRoot, StartMode::kAmbient}) {
    int pipe[2] = {-1, -1};
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
      becomeStarted(mode, kAmbientWithIds);
      if (!handOver(request).ok()) {
        ::_exit(2);
      }
      ::dup2(pipe[1], 1);
      ::execl("/bin/grep", "grep", "CapEff", "/proc/self/status", nullptr);
      ::_exit(3);
    }
    ::close(pipe[1]);
    char text[128] = {};
    EXPECT_GT(::read(pipe[0], text, sizeof text - 1), 0);
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    const auto bits = CapabilitySet::fromBits(std::strtoull(text + 8, nullptr, 16));
    const CapabilitySet wanted = kBrokerCapabilities | CapabilitySet{CAP_SETUID, CAP_SETGID};
    EXPECT_EQ(bits.without({CAP_SETPCAP}).names(), wanted.names());
  }
}

}  // namespace
}  // namespace holdfast::policy
