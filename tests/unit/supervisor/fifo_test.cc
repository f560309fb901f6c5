#include "privd/supervisor/fifo.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

namespace holdfast::supervisor {
namespace {

class FifoTest : public testing::Test {
 protected:
  FifoTest() {
    std::string pattern = "/run/fifo_XXXXXX";  // nobody can write there but root
    if (::geteuid() == 0 && ::mkdtemp(pattern.data()) != nullptr) {
      directory_ = pattern;
    }
  }
  ~FifoTest() override {
    if (!directory_.empty()) {
      std::filesystem::remove_all(directory_);
    }
  }
  void SetUp() override {
    if (directory_.empty()) {
      GTEST_SKIP() << "needs root";
    }
  }

  [[nodiscard]] FifoPlan plan(uid_t uid = 0) const { return {directory_ + "/fifo", uid, uid}; }
  [[nodiscard]] struct stat status() const {
    struct stat status {};
    EXPECT_EQ(::lstat(plan().path.c_str(), &status), 0);
    return status;
  }

  std::string directory_;
};

TEST_F(FifoTest, IsMadeForItsOwnerAndRemoved) {
  {
    const auto fifo = Fifo::open(plan(65534), 0640);
    ASSERT_TRUE(fifo) << fifo.error().message;
    EXPECT_TRUE(S_ISFIFO(status().st_mode));
    EXPECT_EQ(status().st_mode & 07777, 0640U);
    EXPECT_EQ(status().st_uid, 65534U);
  }
  EXPECT_FALSE(std::filesystem::exists(plan().path));
}

TEST_F(FifoTest, OneThatIsThereStaysAsItIs) {
  ASSERT_EQ(::mkfifo(plan().path.c_str(), 0600), 0);
  EXPECT_TRUE(Fifo::open(plan(65534), 0644));
  EXPECT_EQ(status().st_mode & 07777, 0600U);
  EXPECT_EQ(status().st_uid, 0U);
}

TEST_F(FifoTest, OneThatHasBeenReplacedIsLeftToWhoeverDidIt) {
  {
    const auto fifo = Fifo::open(plan(), 0600);
    ASSERT_TRUE(fifo);
    ASSERT_EQ(::unlink(plan().path.c_str()), 0);
    ASSERT_EQ(::mkfifo(plan().path.c_str(), 0600), 0);
  }
  EXPECT_TRUE(std::filesystem::exists(plan().path));
}

TEST_F(FifoTest, TheWriterCannotRead) {
  const auto fifo = Fifo::open(plan(), 0600);
  ASSERT_TRUE(fifo);
  EXPECT_EQ(::write(fifo->writer(), "x\n", 2), 2);
  char byte = 0;
  EXPECT_EQ(::read(fifo->writer(), &byte, 1), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(::fcntl(fifo->writer(), F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_WRONLY | O_NONBLOCK);
}

TEST_F(FifoTest, NothingElseIsOpened) {
  const std::string path = plan().path;
  std::ofstream(path) << "text";
  EXPECT_FALSE(Fifo::open(plan(), 0600));
  ASSERT_EQ(::unlink(path.c_str()), 0);

  const std::string target = directory_ + "/target";
  ASSERT_EQ(::mkfifo(target.c_str(), 0600), 0);
  ASSERT_EQ(::symlink(target.c_str(), path.c_str()), 0);
  EXPECT_FALSE(Fifo::open(plan(), 0600));
  EXPECT_TRUE(std::filesystem::is_symlink(path));
  ASSERT_EQ(::unlink(path.c_str()), 0);

  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
  EXPECT_FALSE(Fifo::open(plan(65534), 0600));
}

TEST_F(FifoTest, NorWhereAnotherUserCouldReplaceIt) {
  ASSERT_EQ(::chmod(directory_.c_str(), 0777), 0);
  EXPECT_FALSE(Fifo::open(plan(), 0600));
  ASSERT_EQ(::chmod(directory_.c_str(), 01777), 0);
  EXPECT_TRUE(Fifo::open(plan(), 0600));
  ASSERT_EQ(::chown(directory_.c_str(), 12345, 12345), 0);
  EXPECT_FALSE(Fifo::open(plan(), 0600));
}

TEST_F(FifoTest, ThePathIsAbsolute) {
  EXPECT_FALSE(Fifo::open({"fifo", 0, 0}, 0600));
  EXPECT_FALSE(Fifo::open({"/", 0, 0}, 0600));
  EXPECT_FALSE(Fifo::open({directory_ + "/", 0, 0}, 0600));
}

}  // namespace
}  // namespace holdfast::supervisor
