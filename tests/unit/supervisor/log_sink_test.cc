#include "privd/supervisor/log_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
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

// As one that nobody reads, or that was stopped with Ctrl-S: it has room for a part of a line.
TEST(LogSink, ATerminalThatIsFullHoldsNobodyUp) {
  const UniqueFd terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  ASSERT_TRUE(terminal.valid() && ::grantpt(terminal.get()) == 0 &&
              ::unlockpt(terminal.get()) == 0);
  const UniqueFd standardError(::open(::ptsname(terminal.get()), O_WRONLY | O_NOCTTY | O_CLOEXEC));
  ASSERT_TRUE(standardError.valid());
  const UniqueFd saved(::dup(STDERR_FILENO));
  ::dup2(standardError.get(), STDERR_FILENO);
  ::alarm(20);  // a failure would wait for ever
  LogSink sink({.console = true, .syslog = false, .facility = 3, .detail = 0});
  const std::string filling(990, 'x');
  for (int i = 0; i < 200; ++i) {
    sink.own(kInfo, "line " + std::to_string(i) + " " + filling);
  }
  std::string text;
  for (int i = 0; text.find(": the end\r\n") == std::string::npos && i < 1000; ++i) {
    std::array<char, 65536> part{};
    const ssize_t size = ::read(terminal.get(), part.data(), part.size());
    text.append(part.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    sink.own(kInfo, "the end");
  }
  ::alarm(0);
  ::dup2(saved.get(), STDERR_FILENO);
  EXPECT_NE(text.find(": the end\r\n"), std::string::npos);
  for (std::size_t at = 0; (at = text.find(": line ", at)) != std::string::npos; ++at) {
    const std::size_t end = text.find("\r\n", at);
    EXPECT_EQ(text.substr(end - filling.size(), filling.size()), filling) << text.substr(at, 20);
  }
}

}  // namespace
}  // namespace holdfast::supervisor
