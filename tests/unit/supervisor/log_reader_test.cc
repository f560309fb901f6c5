#include "privd/supervisor/log_reader.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstdint>
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

  void read(UniqueFd fd) {
    reader_ = std::make_unique<LogReader>(
        loop_, Channel(std::move(fd)), "Keepalived_vrrp", 42,
        [this](const LogRecord& record) {
          idents_.emplace_back(record.ident);
          lines_.emplace_back(record.text);
          severities_.push_back(record.severity);
        },
        [this] { ++broken_; });
    EXPECT_TRUE(reader_->watch());
  }

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

}  // namespace
}  // namespace holdfast::supervisor
