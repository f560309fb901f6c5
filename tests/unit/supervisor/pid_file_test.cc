#include "privd/supervisor/pid_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace holdfast::supervisor {
namespace {

class PidFileTest : public testing::Test {
 protected:
  PidFileTest() {
    std::string pattern = testing::TempDir() + "pid_file_XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    path_ = directory_ + "/keepalived.pid";
  }
  ~PidFileTest() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string content() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string directory_;
  std::string path_;
};

TEST_F(PidFileTest, HoldsThePidWithTheRightMode) {
  const mode_t before = ::umask(0777);
  auto file = PidFile::acquire(path_);
  ::umask(before);
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_TRUE(file->write(4711));
  EXPECT_EQ(content(), "4711\n");
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0644U);
  file->remove();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(PidFileTest, OneHolderAtATime) {
  auto first = PidFile::acquire(path_);
  ASSERT_TRUE(first);
  const auto second = PidFile::acquire(path_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, kPidFileHeld);
  first->remove();
  EXPECT_TRUE(PidFile::acquire(path_));
}

TEST_F(PidFileTest, AStaleFileStopsNobody) {
  std::ofstream(path_) << ::getpid() << "\n";  // alive, but no daemon
  EXPECT_TRUE(PidFile::acquire(path_));
}

TEST_F(PidFileTest, ARunningKeepalivedIsRespected) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::ofstream("/proc/self/comm") << "keepalived";
    ::pause();
    ::_exit(0);
  }
  std::string comm;
  while (comm != "keepalived") {
    std::ifstream("/proc/" + std::to_string(child) + "/comm") >> comm;
  }
  std::ofstream(path_) << child << "\n";
  const auto file = PidFile::acquire(path_);
  EXPECT_FALSE(file);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST_F(PidFileTest, FollowsNoLink) {
  const std::string target = directory_ + "/target";
  std::ofstream(target) << "precious";
  std::filesystem::create_symlink(target, path_);
  EXPECT_FALSE(PidFile::acquire(path_));
  std::string text;
  std::ifstream(target) >> text;
  EXPECT_EQ(text, "precious");
}

TEST_F(PidFileTest, SaysWhatCannotBeOpened) {
  const auto file = PidFile::acquire(directory_ + "/missing/keepalived.pid");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("/missing/keepalived.pid"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::supervisor
