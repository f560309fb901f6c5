// A user swaps links and files while root's scripts run, and does not get one run (invariant 4).
// HOLDFAST_SWAP_RUNS sets how many runs; the design's figure is 100,000.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>

#include "scriptd/environment.h"
#include "scriptd/runner.h"
#include "tests/unit/scriptd/script_fixture.h"

namespace holdfast::scriptd {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kAttacker = 61002;
constexpr SlotId kSlot{0};

int wantedRuns() {
  const char* text = ::getenv("HOLDFAST_SWAP_RUNS");
  return text == nullptr ? 2000 : std::atoi(text);
}

// A process that does the same thing over and over, until it is destroyed.
class Repeater {
 public:
  Repeater(uid_t user, const std::function<void()>& swap) : pid_(::fork()) {
    if (pid_ == 0) {
      const bool changed = ::setgroups(0, nullptr) == 0 && ::setresgid(user, user, user) == 0 &&
                           ::setresuid(user, user, user) == 0;
      while (changed) {
        swap();
      }
      ::_exit(1);
    }
  }
  ~Repeater() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Repeater(const Repeater&) = delete;
  Repeater& operator=(const Repeater&) = delete;

 private:
  pid_t pid_;
};

void exchange(const std::string& a, const std::string& b) {
  ::syscall(SYS_renameat2, AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
}

class SwapTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) {
      GTEST_SKIP() << "needs root to run as two users";
    }
    ASSERT_TRUE(runner_.watch().ok());
    directory("safe", 0755, 0);
    directory_.script("safe/good", "#!/bin/sh\n");
    directory("shared", 01777, 0);
    directory("theirs", 0755, kAttacker);
    evil("theirs/evil");
  }

  void directory(const std::string& name, mode_t mode, uid_t owner) const {
    ::mkdir(directory_.at(name).c_str(), 0700);
    ASSERT_EQ(::chown(directory_.at(name).c_str(), owner, owner), 0);
    ASSERT_EQ(::chmod(directory_.at(name).c_str(), mode), 0);
  }
  void evil(const std::string& name) const {
    directory_.script(name, "#!/bin/sh\necho > " + directory_.at("evil-ran") + "\n");
    ASSERT_EQ(::chown(directory_.at(name).c_str(), kAttacker, kAttacker), 0);
  }
  void link(const std::string& name, const std::string& target, uid_t owner) const {
    fs::create_symlink(target, directory_.at(name));
    ASSERT_EQ(::lchown(directory_.at(name).c_str(), owner, owner), 0);
  }

  // How many of the runs took place.
  int run(const std::string& path, const std::vector<std::string>& more, int runs) {
    int ran = 0;
    std::vector<std::string> words{path};
    words.insert(words.end(), more.begin(), more.end());
    Command command("test", words);
    for (int i = 0; i < runs; ++i) {
      results_.clear();
      if (runner_.start(kSlot, command, {})) {
        continue;
      }
      EXPECT_TRUE(turnUntil(loop_, [this] { return results_.contains(kSlot); }));
      ran += results_[kSlot].outcome == Outcome::kExited ? 1 : 0;
    }
    EXPECT_FALSE(fs::exists(directory_.at("evil-ran")));
    return ran;
  }

  ScriptDirectory directory_;
  LogCapture capture_;
  EventLoop loop_ = std::move(EventLoop::create()).value();
  Log log_{capture_.fd()};
  std::map<SlotId, RunResult> results_;
  Runner runner_{
      loop_, log_, RunnerSettings{{0, 0}, true, false, buildEnvironment("root", {0, 0}, true)},
      [this](SlotId slot, const RunResult& result) { results_.insert_or_assign(slot, result); }};
};

TEST_F(SwapTest, ALinkInASharedDirectory) {
  link("shared/s", directory_.at("safe/good"), kAttacker);
  link("shared/other", directory_.at("theirs/evil"), kAttacker);
  const Repeater attacker(
      kAttacker, [this] { exchange(directory_.at("shared/s"), directory_.at("shared/other")); });
  EXPECT_EQ(run(directory_.at("shared/s"), {}, wantedRuns()), 0);
}

TEST_F(SwapTest, AFileOfRootsIsLinkedIntoASharedDirectory) {
  const Repeater attacker(kAttacker, [this] {
    const std::string target = directory_.at("shared/s");
    for (const char* source : {"safe/good", "theirs/evil"}) {
      // Each call may come too late or too early; trying is the point.
      [[maybe_unused]] const int linked = ::link(directory_.at(source).c_str(), target.c_str());
      ::unlink(target.c_str());
    }
  });
  run(directory_.at("shared/s"), {}, wantedRuns());
}

TEST_F(SwapTest, ADirectoryInTheMiddle) {
  link("safe/way", "../shared/step/good", 0);
  link("shared/step", directory_.at("safe"), kAttacker);
  evil("theirs/good");
  link("shared/other", directory_.at("theirs"), kAttacker);
  const Repeater attacker(
      kAttacker, [this] { exchange(directory_.at("shared/step"), directory_.at("shared/other")); });
  EXPECT_EQ(run(directory_.at("safe/way"), {}, wantedRuns()), 0);
}

TEST_F(SwapTest, ADirectoryOfTheAttacker) {
  directory("theirs/a", 0755, kAttacker);
  directory("theirs/b", 0755, kAttacker);
  link("theirs/a/s", directory_.at("safe/good"), kAttacker);
  evil("theirs/b/s");
  const Repeater attacker(
      kAttacker, [this] { exchange(directory_.at("theirs/a"), directory_.at("theirs/b")); });
  EXPECT_EQ(run(directory_.at("theirs/a/s"), {}, wantedRuns()), 0);
}

TEST_F(SwapTest, AnInterpreterThatIsSwapped) {
  link("shared/sh", "/bin/sh", kAttacker);
  link("shared/other", directory_.at("theirs/evil"), kAttacker);
  directory_.script("safe/s", "#!" + directory_.at("shared/sh") + "\n");
  const Repeater attacker(
      kAttacker, [this] { exchange(directory_.at("shared/sh"), directory_.at("shared/other")); });
  EXPECT_EQ(run(directory_.at("safe/s"), {}, wantedRuns()), 0);
}

// Even root swaps here: a program is run by the descriptor that was judged. /bin/true does nothing
// with its argument, and /bin/touch would leave a file.
TEST_F(SwapTest, AProgramIsTheOneThatWasJudged) {
  fs::copy_file("/bin/true", directory_.at("safe/program"));
  fs::copy_file("/bin/touch", directory_.at("safe/other"));
  ASSERT_EQ(::chown(directory_.at("safe/other").c_str(), kAttacker, kAttacker), 0);
  const Repeater swapper(
      0, [this] { exchange(directory_.at("safe/program"), directory_.at("safe/other")); });
  EXPECT_GT(run(directory_.at("safe/program"), {directory_.at("evil-ran")}, wantedRuns()), 0);
}

}  // namespace
}  // namespace holdfast::scriptd
