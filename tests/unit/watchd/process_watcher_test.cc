#include "watchd/process_watcher.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <vector>

#include "privd/broker/process_monitor.h"
#include "tests/unit/watchd/scratch.h"
#include "tests/unit/watchd/sleeper.h"

namespace holdfast::watchd {
namespace {

class ProcessWatcherTest : public Scratch {
 protected:
  ProcessWatcherTest() : name_("wt" + std::to_string(::getpid())), program_(at(name_)) {
    std::filesystem::copy_file("/bin/sleep", program_);
  }
  void watch(std::vector<ProcessMatch> monitors) {
    counts_.assign(monitors.size(), 99);
    watcher_.emplace(loop_, log_, std::move(monitors),
                     [this](std::size_t monitor, std::uint32_t count, bool) {
                       counts_[monitor] = count;
                       history_.push_back(count);
                     });
    watcher_->start();
  }
  [[nodiscard]] bool becomes(std::uint32_t count) {
    return turnUntil([&] { return counts_[0] == count; });
  }
  [[nodiscard]] ProcessMatch byName() const {
    return ProcessMatch({name_}, Parameters::kIgnored, false);
  }

  std::string name_;
  std::string program_;
  std::vector<std::uint32_t> counts_;
  std::vector<std::uint32_t> history_;
  std::optional<ProcessWatcher> watcher_;
};

TEST_F(ProcessWatcherTest, CountsWhatRunsAlready) {
  const Sleeper one(program_, "100");
  watch({byName()});
  EXPECT_TRUE(becomes(1));
}

TEST_F(ProcessWatcherTest, SeesProcessesComeByLookingAndGoAtOnce) {
  watch({byName()});
  EXPECT_EQ(counts_[0], 0U);
  {
    const Sleeper one(program_, "100");
    EXPECT_TRUE(becomes(1));
    const Sleeper two(program_, "100");
    EXPECT_TRUE(becomes(2));
  }
  EXPECT_TRUE(becomes(0));
}

TEST_F(ProcessWatcherTest, ComparesParameters) {
  watch({ProcessMatch({program_, "100"}, Parameters::kExact, false),
         ProcessMatch({program_, "1"}, Parameters::kInitial, false)});
  const Sleeper one(program_, "101");
  EXPECT_TRUE(turnUntil([&] { return counts_[1] == 1; }));
  EXPECT_EQ(counts_[0], 0U);
}

TEST_F(ProcessWatcherTest, AProcessThatIsDeadNeverCounts) {
  const Sleeper dead(program_, "100");
  dead.becomeZombie();
  watch({byName()});
  EXPECT_EQ(history_, std::vector<std::uint32_t>{0});
}

TEST_F(ProcessWatcherTest, AConnectorThatBreaksIsReplacedByLooking) {
  watch({byName()});
  auto ends = std::move(Channel::createPair()).value();
  watcher_->adoptConnector(std::move(ends.first), 0);
  ends.second.reset();
  const Sleeper one(program_, "100");
  EXPECT_TRUE(becomes(1));
}

TEST_F(ProcessWatcherTest, GarbageFromTheConnectorChangesNothing) {
  watch({byName()});
  auto ends = std::move(Channel::createPair()).value();
  watcher_->adoptConnector(std::move(ends.first), 0);
  const std::vector<std::byte> garbage(200, std::byte{0xff});
  for (std::size_t size = 1; size <= garbage.size(); ++size) {
    ASSERT_GT(::send(ends.second.get(), garbage.data(), size, 0), 0);
  }
  turn();
  EXPECT_EQ(history_, std::vector<std::uint32_t>{0});
}

// What privd gives; in any namespace but the first ones there is none.
TEST_F(ProcessWatcherTest, TheConnectorTellsOfBirthsAtOnce) {
  auto connector = privd::openProcessMonitor({});
  if (!connector) {
    GTEST_SKIP() << connector.error().message;
  }
  const int borrowed = connector->get();
  watch({byName()});
  watcher_->adoptConnector(std::move(connector).value(), 0);
  for (int i = 0; i < 3; ++i) {
    const Sleeper one(program_, "100");
    const TimePoint born = EventLoop::now();
    EXPECT_TRUE(becomes(1));
    EXPECT_LT(EventLoop::now() - born, ProcessWatcher::kInterval / 2);
  }
  EXPECT_TRUE(becomes(0));
  constexpr int kOff = 0;
  EXPECT_NE(::setsockopt(borrowed, SOL_SOCKET, SO_DETACH_FILTER, &kOff, sizeof(kOff)), 0);
  sockaddr_nl peer{};
  socklen_t size = sizeof(peer);
  ASSERT_EQ(::getpeername(borrowed, reinterpret_cast<sockaddr*>(&peer), &size), 0);
  EXPECT_NE(peer.nl_pid, 0U) << "the kernel";
}

}  // namespace
}  // namespace holdfast::watchd
