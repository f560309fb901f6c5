#include "privd/supervisor/log_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

namespace holdfast::supervisor {
namespace {

// The console is a pipe that nobody has to read.
class LogSinkTest : public testing::Test {
 protected:
  LogSinkTest() : saved_(::dup(STDERR_FILENO)) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reader_.reset(ends[0]);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[1]);
    ::fcntl(reader_.get(), F_SETFL, O_NONBLOCK);
  }
  ~LogSinkTest() override { ::dup2(saved_.get(), STDERR_FILENO); }

  [[nodiscard]] std::string drain() const {
    std::string all;
    std::array<char, 65536> part{};
    for (;;) {
      const ssize_t size = ::read(reader_.get(), part.data(), part.size());
      if (size <= 0) {
        return all;
      }
      all.append(part.data(), static_cast<std::size_t>(size));
    }
  }

  UniqueFd saved_;
  UniqueFd reader_;
};

TEST_F(LogSinkTest, WritesPrintableLinesUpToItsDetail) {
  LogSink sink({.console = true, .syslog = false, .facility = 3, .detail = 1});
  sink.own(kInfo, "one \033[2J\n two");
  sink.own(kInfo, "detail", 1);
  sink.own(kInfo, "more detail", 2);
  const std::string text = drain();
  EXPECT_NE(text.find(": one ?[2J? two\n"), std::string::npos) << text;
  EXPECT_NE(text.find(": detail\n"), std::string::npos);
  EXPECT_EQ(text.find("more detail"), std::string::npos);
}

TEST_F(LogSinkTest, AFullConsoleHoldsNobodyUpAndTheLossIsTold) {
  LogSink sink({.console = true, .syslog = false, .facility = 3, .detail = 0});
  const std::string line(1000, 'x');
  for (int i = 0; i < 200; ++i) {
    sink.own(kInfo, line);
  }
  static_cast<void>(drain());
  sink.own(kInfo, "after");
  const std::string text = drain();
  EXPECT_NE(text.find(": after\n"), std::string::npos) << text;
  EXPECT_NE(text.find(" log lines were lost"), std::string::npos) << text;
}

}  // namespace
}  // namespace holdfast::supervisor
