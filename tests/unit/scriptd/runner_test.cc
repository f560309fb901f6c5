#include "scriptd/runner.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <map>

#include "script_fixture.h"
#include "scriptd/environment.h"

namespace holdfast::scriptd {
namespace {

constexpr SlotId kSlot{0};

class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    // As the sandbox leaves scriptd: whoever starts the tests may ignore some.
    for (int number = 1; number < NSIG; ++number) {
      std::signal(number, SIG_DFL);
    }
    make(true);
  }

  void make(bool scriptSecurity) {
    runner_.reset();
    const policy::ScriptIdentity identity{::geteuid(), ::getegid()};
    runner_ = std::make_unique<Runner>(
        loop_, log_,
        RunnerSettings{identity, scriptSecurity, false, buildEnvironment("tester", identity, true)},
        [this](SlotId slot, const RunResult& result) { results_.insert_or_assign(slot, result); });
    ASSERT_TRUE(runner_->watch().ok());
  }

  std::optional<RunResult> start(Command& command, std::vector<std::string> more = {}) {
    results_.clear();
    return runner_->start(kSlot, command, more);
  }
  RunResult runToEnd(Command& command, std::vector<std::string> more = {}) {
    if (const auto failed = start(command, std::move(more))) {
      return *failed;
    }
    EXPECT_TRUE(turnUntil(loop_, [this] { return results_.contains(kSlot); }));
    return results_[kSlot];
  }
  RunResult runText(const std::string& text) {
    Command command("test", {directory_.script("s", text)});
    return runToEnd(command);
  }
  void expectGone(const std::string& pidFile) {
    const pid_t pid = std::atoi(directory_.read(pidFile).c_str());
    ASSERT_GT(pid, 1) << pidFile;
    EXPECT_TRUE(turnUntil(loop_, [pid] { return ::kill(pid, 0) != 0; })) << pidFile;
  }

  ScriptDirectory directory_;
  LogCapture capture_;
  EventLoop loop_ = std::move(EventLoop::create()).value();
  Log log_{capture_.fd()};
  std::map<SlotId, RunResult> results_;
  std::unique_ptr<Runner> runner_;
};

TEST_F(RunnerTest, TellsHowARunEnded) {
  EXPECT_EQ(runText("#!/bin/sh\nexit 0\n").outcome, Outcome::kExited);
  const RunResult three = runText("#!/bin/sh\nexit 3\n");
  EXPECT_EQ(three.outcome, Outcome::kExited);
  EXPECT_EQ(three.status, 3U);
  const RunResult killed = runText("#!/bin/sh\nkill -9 $$\n");
  EXPECT_EQ(killed.outcome, Outcome::kSignalled);
  EXPECT_EQ(killed.status, 9U);
  EXPECT_GT(killed.ran.count(), 0);
}

TEST_F(RunnerTest, PassesArgumentsAndTheOwnPath) {
  const std::string script =
      directory_.script("s", "#!/bin/sh\nprintf '%s|' \"$0\" \"$@\" > \"$1\"\n");
  Command command("test", {script, directory_.at("out"), "a b"});
  EXPECT_EQ(runToEnd(command, {"INSTANCE", "VI_1"}).status, 0U);
  EXPECT_EQ(directory_.read("out"), script + "|" + directory_.at("out") + "|a b|INSTANCE|VI_1|");
}

TEST_F(RunnerTest, RunsProgramsByDescriptor) {
  Command command("test", {"/bin/grep", "-q", "root", "/etc/passwd"});
  EXPECT_EQ(runToEnd(command).status, 0U);
  Command missing("test", {"/bin/grep", "-q", "nobody would call a user this", "/etc/passwd"});
  EXPECT_EQ(runToEnd(missing).status, 1U);
}

TEST_F(RunnerTest, RunsPlainTextThroughTheShellAndSaysSoOnce) {
  Command command("test", {directory_.script("s", "exit $1\n"), "7"});
  EXPECT_EQ(runToEnd(command).status, 7U);
  EXPECT_EQ(runToEnd(command).status, 7U);
  EXPECT_EQ(capture_.count("Please add a #! shebang"), 1U);
}

TEST_F(RunnerTest, SaysOnceWhyItDoesNotRun) {
  Command command("VRRP_Script(x)", {directory_.at("s")});
  for (int i = 0; i < 3; ++i) {
    const RunResult result = runToEnd(command);
    EXPECT_EQ(result.outcome, Outcome::kNotStarted);
    EXPECT_EQ(result.status, 0U);
  }
  EXPECT_EQ(capture_.count(directory_.at("s") + " does not exist"), 1U);
  directory_.script("s", "#!/bin/sh\n");
  ::chmod(directory_.at("s").c_str(), 0777);
  EXPECT_EQ(runToEnd(command).outcome, Outcome::kNotStarted);
  EXPECT_EQ(capture_.count("mode 0777"), 1U);
  ::chmod(directory_.at("s").c_str(), 0755);
  EXPECT_EQ(runToEnd(command).outcome, Outcome::kExited);
  EXPECT_EQ(capture_.count("is in order again"), 1U);
}

TEST_F(RunnerTest, WithoutScriptSecurityItRunsWithAWarning) {
  make(false);
  Command command("VRRP_Script(x)", {directory_.script("s", "#!/bin/sh\n")});
  ::chmod(directory_.at("s").c_str(), 0777);
  EXPECT_EQ(runToEnd(command).outcome, Outcome::kExited);
  EXPECT_EQ(runToEnd(command).outcome, Outcome::kExited);
  EXPECT_EQ(capture_.count("script_security is not enabled"), 1U);
}

TEST_F(RunnerTest, ReportsTheErrnoOfAFailedExec) {
  Command command("test", {directory_.script("s", "\177ELF nonsense")});
  const RunResult result = runToEnd(command);
  EXPECT_EQ(result.outcome, Outcome::kNotStarted);
  EXPECT_EQ(result.status, static_cast<std::uint32_t>(ENOEXEC));
  EXPECT_EQ(runToEnd(command).outcome, Outcome::kNotStarted);
  EXPECT_EQ(capture_.count("Error exec-ing command"), 1U);
}

TEST_F(RunnerTest, BuildsTheEnvironment) {
  for (const char* name : {"LD_PRELOAD", "IFS", "BASH_ENV", "SECRET"}) {
    ::setenv(name, "leaked", 1);
  }
  Command command("test", {directory_.script("s", "#!/bin/sh\nexec /usr/bin/env > \"$1\"\n"),
                           directory_.at("out")});
  runToEnd(command);
  for (const char* name : {"LD_PRELOAD", "IFS", "BASH_ENV", "SECRET"}) {
    ::unsetenv(name);
  }
  const std::string environment = directory_.read("out");
  EXPECT_EQ(environment.find("leaked"), std::string::npos) << environment;
  std::vector<std::string> names;
  std::istringstream lines(environment);
  for (std::string line; std::getline(lines, line);) {
    names.push_back(line.substr(0, line.find('=')));
  }
  std::sort(names.begin(), names.end());
  // PWD is the shell's own.
  EXPECT_EQ(names,
            (std::vector<std::string>{"HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "USER"}));
  EXPECT_NE(environment.find("PWD=/\n"), std::string::npos);
}

TEST_F(RunnerTest, LeaksNoDescriptor) {
  std::vector<UniqueFd> open;
  for (int i = 0; i < 200; ++i) {
    open.emplace_back(::open("/dev/null", O_RDONLY));  // not close-on-exec
  }
  Command command("test", {"/bin/bash", "-c", "echo /proc/$$/fd/* > " + directory_.at("out")});
  EXPECT_EQ(runToEnd(command).status, 0U);
  std::istringstream words(directory_.read("out"));
  std::size_t count = 0;
  for (std::string word; words >> word;) {
    ++count;
  }
  // 0, 1, 2, and the directory that the shell is reading.
  EXPECT_LE(count, 4U) << directory_.read("out");
}

TEST_F(RunnerTest, GivesScriptsASessionAndDefaultSignals) {
  Command command("test",
                  {"/bin/grep", "-E", "^(SigBlk|SigIgn|NSsid|NSpid|CapAmb):", "/proc/self/status"});
  ASSERT_FALSE(start(command).has_value());
  ASSERT_TRUE(turnUntil(loop_, [this] { return results_.contains(kSlot); }));
  EXPECT_EQ(capture_.count("SigBlk: 0000000000000000"), 1U);
  EXPECT_EQ(capture_.count("SigIgn: 0000000000000000"), 1U);
  EXPECT_EQ(capture_.count("CapAmb: 0000000000000000"), 1U);
}

TEST_F(RunnerTest, LogsOutputPrintableAndBounded) {
  runText("#!/bin/sh\nprintf 'one\\033[2J\\ttwo\\nthree'\nprintf '\\nfour' >&2\n");
  EXPECT_EQ(capture_.lines(),
            (std::vector<std::string>{"test: one?[2J two", "test: three", "test: four"}));
}

TEST_F(RunnerTest, DrainsAGigabyteWithoutBlocking) {
  const RunResult result =
      runText("#!/bin/sh\nyes \"$(printf '\\033]0;title\\007')\" | head -c 1000000000\n");
  EXPECT_EQ(result.outcome, Outcome::kExited);
  EXPECT_EQ(result.status, 0U);
  std::size_t bytes = 0;
  for (const std::string& line : capture_.lines()) {
    bytes += line.size();
    EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  }
  EXPECT_LT(bytes, 4096U);
  EXPECT_LE(capture_.lines().size(), kMaxLinesPerRun + 1);
}

TEST_F(RunnerTest, EndsTheWholeTree) {
  // A child in the group, one in a session of its own, one that is nobody's child any more; all of
  // them ignore TERM, and so does the script.
  const std::string at = directory_.at("");
  const std::string script =
      directory_.script("s",
                        "#!/bin/bash\ntrap '' TERM\n"
                        "sleep 1000 & echo $! > " +
                            at +
                            "group\n"
                            "setsid bash -c 'trap \"\" TERM; echo $$ > " +
                            at +
                            "session; sleep 1000' &\n"
                            "( setsid env -i bash -c 'trap \"\" TERM; echo $$ > " +
                            at +
                            "orphan; while :; do sleep 1; done' & ) \n"
                            "echo $$ > " +
                            at + "self\nwhile :; do sleep 1; done\n");
  Command command("test", {script});
  ASSERT_FALSE(start(command).has_value());
  ASSERT_TRUE(turnUntil(loop_, [this] {
    return directory_.read("group").ends_with('\n') && directory_.read("session").ends_with('\n') &&
           directory_.read("orphan").ends_with('\n') && directory_.read("self").ends_with('\n');
  }));
  runner_->terminate(kSlot);
  runner_->kill(kSlot);
  ASSERT_TRUE(turnUntil(loop_, [this] { return results_.contains(kSlot); }));
  EXPECT_EQ(results_[kSlot].outcome, Outcome::kSignalled);
  for (const char* name : {"self", "group", "session", "orphan"}) {
    expectGone(name);
  }
}

TEST_F(RunnerTest, EndsWhatIsLeftWhenTheScriptItselfHeedsTerm) {
  const std::string at = directory_.at("");
  const std::string script = directory_.script(
      "s", "#!/bin/bash\n( setsid bash -c 'trap \"\" TERM; echo $$ > " + at +
               "orphan; while :; do sleep 1; done' & )\nwhile :; do sleep 0.1; done\n");
  Command command("test", {script});
  ASSERT_FALSE(start(command).has_value());
  ASSERT_TRUE(turnUntil(loop_, [this] { return directory_.read("orphan").ends_with('\n'); }));
  runner_->terminate(kSlot);
  ASSERT_TRUE(turnUntil(loop_, [this] { return results_.contains(kSlot); }));
  expectGone("orphan");
}

TEST_F(RunnerTest, SparesADaemonThatAnEarlierRunHasStarted) {
  const std::string at = directory_.at("");
  const std::string starter = directory_.script(
      "starter", "#!/bin/sh\n( setsid sleep 1000 & echo $! > " + at + "daemon )\n");
  Command first("first", {starter});
  EXPECT_EQ(runToEnd(first).status, 0U);
  const pid_t daemon = std::atoi(directory_.read("daemon").c_str());
  ASSERT_GT(daemon, 1);
  Command second("second", {"/bin/sleep", "1000"});
  ASSERT_FALSE(start(second).has_value());
  runner_->terminate(kSlot);
  ASSERT_TRUE(turnUntil(loop_, [this] { return results_.contains(kSlot); }));
  EXPECT_EQ(::kill(daemon, 0), 0);
  ::kill(daemon, SIGKILL);
  expectGone("daemon");
}

TEST_F(RunnerTest, ADaemonThatKeepsPrintingIsNotHurt) {
  const std::string at = directory_.at("");
  const std::string starter = directory_.script(
      "starter", "#!/bin/bash\n(setsid bash -c 'echo $$ > " + at +
                     "daemon; for i in {1..20000}; do echo $i; done; echo done > " + at +
                     "done' & )\n");
  Command command("test", {starter});
  EXPECT_EQ(runToEnd(command).status, 0U);
  EXPECT_TRUE(turnUntil(loop_, [this] { return directory_.read("done") == "done\n"; }));
  expectGone("daemon");
}

}  // namespace
}  // namespace holdfast::scriptd
