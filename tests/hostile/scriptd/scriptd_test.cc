// What scriptd promises, from outside: design invariants 1, 4 and 5.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "ipc/event_loop.h"
#include "policy/sandbox.h"
#include "sandbox/child.h"
#include "scriptd/scriptd_process.h"
#include "tests/unit/scriptd/script_fixture.h"

namespace holdfast::scriptd {
namespace {

using Outcome = schema::ScriptEvent::Outcome;
using schema::VrrpState;
using std::chrono::milliseconds;

constexpr uid_t kUser = 61001;

class ScriptdTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) {
      GTEST_SKIP() << "needs root to become the script's user";
    }
    ASSERT_EQ(::chmod(directory_.at("").c_str(), 01777), 0);
  }

  [[nodiscard]] Plan planFor(uid_t uid) const {
    Plan plan;
    plan.uid = uid;
    plan.gid = uid;
    plan.scripts.push_back({"s", {directory_.at("s")}});
    return plan;
  }
  static bool eventually(const std::function<bool()>& condition) {
    const TimePoint until = EventLoop::now() + std::chrono::seconds(20);
    while (!condition() && EventLoop::now() < until) {
      ::usleep(2000);
    }
    return condition();
  }
  bool appears(const std::string& name) const {
    return eventually([&] { return directory_.read(name).ends_with('\n'); });
  }
  static bool gone(pid_t pid) {
    return eventually([pid] { return ::kill(pid, 0) != 0; });
  }
  void expectNoCapability(const Plan& plan, const char* bounding) {
    directory_.script("s", "#!/bin/sh\nexec /bin/grep -E '^(Cap|Groups)' /proc/self/status\n");
    ScriptdProcess scriptd(plan);
    ASSERT_TRUE(scriptd.begin());
    const auto report = scriptd.nextReport();
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->status, 0U);
    for (const char* set : {"CapInh: ", "CapPrm: ", "CapEff: ", "CapAmb: "}) {
      EXPECT_TRUE(scriptd.waitForLog(set + std::string("0000000000000000"))) << set;
    }
    if (bounding != nullptr) {
      EXPECT_TRUE(scriptd.waitForLog(std::string("CapBnd: ") + bounding));
    }
  }

  ScriptDirectory directory_;
};

TEST_F(ScriptdTest, AScriptHasNoCapabilityWhenStartedByRoot) {
  expectNoCapability(planFor(kUser), "0000000000000000");
}

TEST_F(ScriptdTest, AScriptHasNoCapabilityWhenStartedWithAmbientOnes) {
  Plan plan = planFor(policy::kNobody);
  plan.before = [] {
    policy::becomeStarted(policy::StartMode::kAmbient,
                          policy::kBrokerCapabilities | policy::kSupervisorCapabilities);
  };
  expectNoCapability(plan, nullptr);
}

TEST_F(ScriptdTest, IdentityRootKeepsRootsPowersButNothingAmbient) {
  directory_.script("s", "#!/bin/sh\nexec /bin/grep -E '^Cap' /proc/self/status\n");
  ScriptdProcess scriptd(planFor(0));
  ASSERT_TRUE(scriptd.begin());
  ASSERT_TRUE(scriptd.nextReport().has_value());
  EXPECT_TRUE(scriptd.waitForLog("CapAmb: 0000000000000000"));
  EXPECT_FALSE(scriptd.log().empty());
  for (const std::string& line : scriptd.log()) {
    EXPECT_EQ(line.find("CapEff: 0000000000000000"), std::string::npos);
  }
}

TEST_F(ScriptdTest, NothingOfTheEnvironmentComesThrough) {
  directory_.script("s", "#!/bin/sh\nexport -p | grep -c -E 'leaked|LD_|IFS|BASH_ENV|SECRET'\n");
  Plan plan = planFor(kUser);
  plan.environment = {"LD_PRELOAD=", "IFS=leaked", "BASH_ENV=/leaked", "SECRET=leaked",
                      "LD_LIBRARY_PATH=/leaked"};
  ScriptdProcess scriptd(plan);
  ASSERT_TRUE(scriptd.begin());
  EXPECT_TRUE(scriptd.waitForLog("VRRP_Script(s): 0"));
}

TEST_F(ScriptdTest, NoDescriptorComesThrough) {
  directory_.script("s", "#!/bin/bash\necho /proc/$$/fd/*\n");
  Plan plan = planFor(kUser);
  plan.before = [] {
    for (int i = 0; i < 200; ++i) {
      static_cast<void>(::open("/etc/passwd", O_RDONLY));
    }
  };
  ScriptdProcess scriptd(plan);
  ASSERT_TRUE(scriptd.begin());
  ASSERT_TRUE(scriptd.waitForLog("VRRP_Script(s): /proc/"));
  for (const std::string& line : scriptd.log()) {
    if (line.find("/fd/") != std::string::npos) {
      std::istringstream words(line);
      std::size_t count = 0;
      for (std::string word; words >> word;) {
        ++count;
      }
      // The label, 0, 1, 2, the script, and the directory that is being read.
      EXPECT_LE(count, 6U) << line;
    }
  }
}

TEST_F(ScriptdTest, ATimeoutEndsEverythingThatTheScriptHasStarted) {
  const std::string at = directory_.at("");
  directory_.script("s",
                    "#!/bin/bash\ntrap '' TERM\n"
                    "( setsid env -i bash -c 'trap \"\" TERM; echo $$ > " +
                        at +
                        "orphan; while :; do sleep 1; done' & )\n"
                        "echo $$ > " +
                        at + "self\nwhile :; do sleep 1; done\n");
  Plan plan = planFor(kUser);
  plan.scripts[0].timeout = milliseconds(500);
  ScriptdProcess scriptd(plan);
  ASSERT_TRUE(scriptd.begin());
  const auto report = scriptd.nextReport();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->outcome, Outcome::TIMED_OUT);
  ASSERT_TRUE(appears("orphan"));
  ASSERT_TRUE(appears("self"));
  EXPECT_TRUE(gone(std::atoi(directory_.read("self").c_str())));
  EXPECT_TRUE(gone(std::atoi(directory_.read("orphan").c_str())));
  EXPECT_TRUE(scriptd.alive());
}

TEST_F(ScriptdTest, AnUnsafeScriptIsReportedAsNotStarted) {
  directory_.script("s", "#!/bin/sh\n");
  ASSERT_EQ(::chown(directory_.at("s").c_str(), kUser + 1, kUser + 1), 0);
  ScriptdProcess scriptd(planFor(kUser));
  ASSERT_TRUE(scriptd.begin());
  const auto report = scriptd.nextReport();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->outcome, Outcome::NOT_STARTED);
  EXPECT_EQ(report->status, 0U);
  EXPECT_TRUE(scriptd.waitForLog("owner " + std::to_string(kUser + 1)));
}

// The kernel could read its #! line, and scriptd cannot: the interpreter would run unjudged.
TEST_F(ScriptdTest, AScriptThatCannotBeReadDoesNotRun) {
  const std::string interpreter =
      directory_.script("interpreter", "#!/bin/sh\necho > " + directory_.at("ran") + "\n");
  directory_.script("s", "#!" + interpreter + "\n");
  ASSERT_EQ(::chmod(directory_.at("s").c_str(), 0711), 0);
  ScriptdProcess scriptd(planFor(kUser));
  ASSERT_TRUE(scriptd.begin());
  const auto report = scriptd.nextReport();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->outcome, Outcome::NOT_STARTED);
  EXPECT_EQ(report->status, static_cast<std::uint32_t>(ENOENT));
  EXPECT_FALSE(std::filesystem::exists(directory_.at("ran")));
}

TEST_F(ScriptdTest, HooksRunInOrderWithTheirStateAppended) {
  directory_.script("s", "#!/bin/sh\n");
  const std::string hook =
      directory_.script("hook", "#!/bin/sh\nprintf '%s ' \"$@\" >> \"$1\"; echo >> \"$1\"\n");
  Plan plan = planFor(kUser);
  plan.hooks.push_back(
      {"VI_1", schema::NotifyHook::Event::MASTER, {hook, directory_.at("out")}, false});
  plan.hooks.push_back({"VI_1", schema::NotifyHook::Event::ANY, {hook, directory_.at("out")}});
  ScriptdProcess scriptd(plan);
  ASSERT_TRUE(scriptd.begin());
  scriptd.notify(0, VrrpState::MASTER, 1);
  scriptd.notify(1, VrrpState::MASTER, 1);
  scriptd.request(schema::ControlRequest::Verb::STOP);
  EXPECT_TRUE(scriptd.waitForStopped());
  EXPECT_EQ(scriptd.waitForExit(), 0);
  const std::string out = directory_.at("out");
  EXPECT_EQ(directory_.read("out"), out + " \n" + out + " INSTANCE VI_1 MASTER 100 \n");
}

TEST_F(ScriptdTest, StopAndEndOfFileLeaveNoScript) {
  for (const bool byEndOfFile : {false, true}) {
    directory_.script("s", "#!/bin/bash\ntrap '' TERM\necho $$ > " + directory_.at("self") +
                               "\nwhile :; do sleep 1; done\n");
    ScriptdProcess scriptd(planFor(kUser));
    ASSERT_TRUE(scriptd.begin());
    ASSERT_TRUE(appears("self"));
    const TimePoint before = EventLoop::now();
    if (byEndOfFile) {
      scriptd.closeControl();
    } else {
      scriptd.request(schema::ControlRequest::Verb::STOP);
      EXPECT_TRUE(scriptd.waitForStopped());
    }
    EXPECT_EQ(scriptd.waitForExit(), 0);
    EXPECT_LT(EventLoop::now() - before, std::chrono::seconds(3));
    EXPECT_TRUE(gone(std::atoi(directory_.read("self").c_str())));
    ::unlink(directory_.at("self").c_str());
  }
}

TEST_F(ScriptdTest, ItsDeathEndsItsScripts) {
  directory_.script("s", "#!/bin/sh\necho $$ > " + directory_.at("self") + "\nexec sleep 1000\n");
  ScriptdProcess scriptd(planFor(kUser));
  ASSERT_TRUE(scriptd.begin());
  ASSERT_TRUE(appears("self"));
  ::kill(scriptd.pid(), SIGKILL);
  EXPECT_NE(scriptd.waitForExit(), -1);
  EXPECT_TRUE(gone(std::atoi(directory_.read("self").c_str())));
}

TEST_F(ScriptdTest, TellsANewVrrpdTheLastResults) {
  directory_.script("s", "#!/bin/sh\nexit 5\n");
  ScriptdProcess scriptd(planFor(kUser));
  ASSERT_TRUE(scriptd.begin());
  ASSERT_TRUE(scriptd.nextReport().has_value());
  scriptd.attach();
  scriptd.hello();
  const auto report = scriptd.nextReport();
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->status, 5U);
  EXPECT_TRUE(scriptd.waitForHelloEnd());
}

TEST_F(ScriptdTest, AVrrpdThatDoesNotReadGetsTheLatestResultLater) {
  // One byte for each run, and in the end more than a socket holds messages.
  constexpr std::uintmax_t kManyRuns = 500;
  directory_.script("s", "#!/bin/sh\nprintf x >> " + directory_.at("runs") + "\n[ -e " +
                             directory_.at("six") + " ] && exit 6\nexit 5\n");
  Plan plan = planFor(kUser);
  plan.scripts[0].interval = milliseconds(1);
  ScriptdProcess scriptd(plan);
  ASSERT_TRUE(scriptd.begin());
  ASSERT_TRUE(scriptd.nextReport().has_value());
  EXPECT_TRUE(eventually([this] { return directory_.read("runs").size() > kManyRuns; }));
  EXPECT_TRUE(scriptd.alive());
  directory_.script("six", "");
  std::optional<RunReport> report;
  do {
    report = scriptd.nextReport();
  } while (report && report->status != 6);
  EXPECT_TRUE(report.has_value());
}

// ------------------------------------------------------------------------------- what it refuses

TEST_F(ScriptdTest, BadConfigurationsAreRefusedWithoutHarm) {
  directory_.script("s", "#!/bin/sh\n");
  ScriptdProcess scriptd(planFor(kUser));
  const UniqueFd unsealed(::open("/etc/passwd", O_RDONLY));
  EXPECT_NE(scriptd.load(unsealed.get()).value_or(0), 0U);

  Plan other = planFor(kUser);
  other.uid = kUser + 1;
  const ScriptdProcess foreign(other);
  EXPECT_EQ(scriptd.load(foreign.sealedConfig().get()).value_or(0),
            static_cast<std::uint32_t>(EPERM));

  for (const auto& spoil : std::vector<std::function<void(Plan&)>>{
           [](Plan& p) { p.scripts[0].interval = Duration(0); },
           [](Plan& p) { p.scripts[0].timeout = Duration(0); },
           [](Plan& p) { p.scripts[0].interval = Duration(-1); },
           [](Plan& p) { p.scripts[0].arguments.clear(); },
           [](Plan& p) { p.scripts[0].arguments.emplace_back("a\0b", 3); },
       }) {
    Plan plan = planFor(kUser);
    spoil(plan);
    const ScriptdProcess source(plan);
    EXPECT_EQ(scriptd.load(source.sealedConfig().get()).value_or(0),
              static_cast<std::uint32_t>(EINVAL));
  }
  EXPECT_TRUE(scriptd.begin());
  EXPECT_EQ(scriptd.load(scriptd.sealedConfig().get()).value_or(0),
            static_cast<std::uint32_t>(EBUSY));
}

TEST_F(ScriptdTest, AVrrpdThatBreaksTheRulesIsCutOff) {
  directory_.script("s", "#!/bin/sh\n");
  MessageBuffer<schema::ScriptRequest> good;
  good.root().setVerb(schema::ScriptRequest::Verb::HELLO);
  const auto bytes = good.bytes();
  const std::string hello(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::string badVerb = hello;
  badVerb[8] = 9;
  std::string notify = hello;
  notify[8] = 1;
  notify[12] = static_cast<char>(ScriptdProcess::kGeneration);
  std::string badState = notify;
  badState[10] = 77;
  const std::vector<std::string> messages = {
      std::string(),
      "x",
      hello.substr(0, hello.size() - 8),
      hello + std::string(8, '\0'),
      std::string(4096, '\xff'),
      std::string(5000, 'a'),
      badVerb,
      badState,
      notify,  // there is no hook
  };
  for (std::size_t i = 0; i < messages.size(); ++i) {
    SCOPED_TRACE(i);
    ScriptdProcess scriptd(planFor(kUser));
    ASSERT_TRUE(scriptd.begin());
    scriptd.sendRaw(messages[i]);
    EXPECT_TRUE(scriptd.vrrpdChannelClosed());
    // An empty message is how the channel's own end looks.
    if (!messages[i].empty()) {
      EXPECT_TRUE(scriptd.waitForLog("vrrpd sent"));
      const int status = scriptd.waitForExit();
      EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
    }
  }
  ScriptdProcess scriptd(planFor(kUser));
  ASSERT_TRUE(scriptd.begin());
  const UniqueFd gift(::open("/etc/passwd", O_RDONLY));
  scriptd.sendRaw(hello, gift.get());
  EXPECT_TRUE(scriptd.vrrpdChannelClosed());
}

TEST_F(ScriptdTest, ANotificationOfAnotherConfigurationIsLeftOut) {
  directory_.script("s", "#!/bin/sh\n");
  ScriptdProcess scriptd(planFor(kUser));
  ASSERT_TRUE(scriptd.begin());
  MessageBuffer<schema::ScriptRequest> message;
  message.root().setVerb(schema::ScriptRequest::Verb::NOTIFY);
  message.root().setGeneration(ScriptdProcess::kGeneration + 1);
  message.root().setScript(1000);
  const auto bytes = message.bytes();
  scriptd.sendRaw(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  EXPECT_TRUE(scriptd.waitForLog("another configuration"));
  EXPECT_TRUE(scriptd.alive());
}

}  // namespace
}  // namespace holdfast::scriptd
