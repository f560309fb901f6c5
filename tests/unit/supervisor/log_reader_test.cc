#include "privd/supervisor/log_reader.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ipc/log.h"

namespace holdfast::supervisor {
namespace {

class LogReaderTest : public testing::Test {
 protected:
  LogReaderTest() : loop_(std::move(EventLoop::create().value())) {
    auto ends = std::move(Channel::createPair().value());
    worker_ = std::move(ends.first);
    read(std::move(ends.second));
  }

  void read(UniqueFd fd, std::optional<LogRate> rate = std::nullopt) {
    reader_ = std::make_unique<LogReader>(
        loop_, Channel(std::move(fd)), "Keepalived_vrrp", 42,
        [this](const LogRecord& record) {
          idents_.emplace_back(record.ident);
          lines_.emplace_back(record.text);
          severities_.push_back(record.severity);
        },
        [this] { ++broken_; }, rate);
    EXPECT_TRUE(reader_->watch());
  }

  void flood(int count);

  EventLoop loop_;
  UniqueFd worker_;
  std::unique_ptr<LogReader> reader_;
  std::vector<std::string> idents_;
  std::vector<std::string> lines_;
  std::vector<int> severities_;
  int broken_ = 0;
};

TEST_F(LogReaderTest, PassesLinesOnUnderTheWorkersIdent) {
  Log log(worker_.get());
  log.warning("(VI_1) something");
  ASSERT_TRUE(loop_.turnOnce());
  EXPECT_EQ(lines_, std::vector<std::string>{"(VI_1) something"});
  EXPECT_EQ(idents_, std::vector<std::string>{"Keepalived_vrrp"});
  EXPECT_EQ(severities_, std::vector<int>{4});
}

TEST_F(LogReaderTest, GarbageEndsTheReadingOnce) {
  std::uint64_t state = 1;
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::uint64_t> words(static_cast<std::size_t>(1 + i % 16));
    for (std::uint64_t& word : words) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      word = i % 3 == 0 ? state : state >> 45;
    }
    auto ends = std::move(Channel::createPair().value());
    worker_ = std::move(ends.first);
    read(std::move(ends.second));
    const std::size_t linesBefore = lines_.size();
    broken_ = 0;
    for (int times = 0; times < 2; ++times) {
      static_cast<void>(
          ::send(worker_.get(), words.data(), words.size() * 8, MSG_DONTWAIT | MSG_NOSIGNAL));
      ASSERT_TRUE(loop_.turnOnce(EventLoop::now()));
    }
    ASSERT_LE(broken_, 1);
    // A line with a count of those that were lost is two lines.
    ASSERT_TRUE(broken_ == 1 ? lines_.size() == linesBefore : lines_.size() >= linesBefore + 2);
  }
  for (const int severity : severities_) {
    EXPECT_LE(severity, 7);
  }
}

TEST_F(LogReaderTest, WhatADeadWorkerLeftBehindIsRead) {
  Log log(worker_.get());
  log.error("last words");
  worker_.reset();
  reader_->drain();
  EXPECT_EQ(lines_, std::vector<std::string>{"last words"});
}

// Writes until `count` lines have got through, and reads all the while.
void LogReaderTest::flood(int count) {
  Log log(worker_.get());
  for (int written = 0; written < count;) {
    const std::uint64_t before = log.droppedEver();
    log.error("flood");
    if (log.droppedEver() == before) {
      ++written;
    } else {
      ASSERT_TRUE(loop_.turnOnce());
    }
  }
}

TEST_F(LogReaderTest, AFloodIsCutShortAndCounted) {
  auto ends = std::move(Channel::createPair().value());
  worker_ = std::move(ends.first);
  read(std::move(ends.second), LogRate());
  flood(LogRate::kBurst + 1000);
  const auto isReported = [this] {
    return lines_.back().ends_with(" lines of Keepalived_vrrp suppressed: more than 50 a second");
  };
  const TimePoint giveUp = EventLoop::now() + std::chrono::seconds(30);
  while (!isReported() && EventLoop::now() < giveUp) {
    ASSERT_TRUE(loop_.turnOnce(giveUp));
  }
  EXPECT_TRUE(isReported()) << lines_.back();
  EXPECT_LT(lines_.size(), LogRate::kBurst + 1000U);
  EXPECT_GE(lines_.size(), static_cast<std::size_t>(LogRate::kBurst));
  // The next line is read at once again.
  Log(worker_.get()).warning("quiet again");
  ASSERT_TRUE(loop_.turnOnce());
  EXPECT_EQ(lines_.back(), "quiet again");
}

TEST_F(LogReaderTest, WhatADeadFlooderLeftIsCounted) {
  auto ends = std::move(Channel::createPair().value());
  worker_ = std::move(ends.first);
  read(std::move(ends.second), LogRate());
  flood(LogRate::kBurst + 1000);
  worker_.reset();
  reader_->drain();
  EXPECT_TRUE(lines_.back().find("suppressed") != std::string::npos) << lines_.back();
}

TEST(LogRate, AllowsABurstAndThenARate) {
  LogRate rate;
  const TimePoint start = TimePoint{} + std::chrono::hours(1);
  for (int i = 0; i < LogRate::kBurst; ++i) {
    ASSERT_TRUE(rate.take(start));
  }
  EXPECT_FALSE(rate.take(start));
  for (int i = 0; i < LogRate::kPerSecond; ++i) {
    ASSERT_TRUE(rate.take(start + std::chrono::seconds(1)));
  }
  EXPECT_FALSE(rate.take(start + std::chrono::seconds(1)));
}

}  // namespace
}  // namespace holdfast::supervisor
