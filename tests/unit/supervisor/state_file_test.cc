#include "privd/supervisor/state_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "ipc/shared_memory.h"

namespace holdfast::supervisor {
namespace {

namespace fs = std::filesystem;

class StateFileTest : public testing::Test {
 protected:
  StateFileTest() {
    std::string pattern = testing::TempDir() + "state_file_XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    path_ = directory_ / "keepalived.stats";
  }
  ~StateFileTest() override { fs::remove_all(directory_); }

  [[nodiscard]] Status publishText(const std::string& text) const {
    auto memory = createSharedMemory("state", text.size() + 1);
    auto mapped = SharedMapping::map(memory->get());
    std::memcpy(mapped->bytes().data(), text.data(), text.size());
    return publish(path_, 0640, memory->get(), text.size());
  }
  static std::string contentOf(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(directory_), fs::directory_iterator());
  }

  fs::path directory_;
  fs::path path_;
};

TEST_F(StateFileTest, HasTheModeThatIsWantedWhateverTheUmaskIs) {
  const mode_t before = ::umask(077);
  ASSERT_TRUE(publishText("one\n"));
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
  EXPECT_EQ(contentOf(path_), "one\n");
}

TEST_F(StateFileTest, IsReplacedAsAWhole) {
  ASSERT_TRUE(publishText("one, which is longer\n"));
  std::ifstream reader(path_);
  ASSERT_TRUE(publishText("two\n"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "one, which is longer\n")
      << "who reads the old one reads it to its end";
  EXPECT_EQ(contentOf(path_), "two\n");
  EXPECT_EQ(files(), 1);
}

TEST_F(StateFileTest, HasEveryByteOfALargeOne) {
  const std::string text(300'000, 'x');
  ASSERT_TRUE(publishText(text));
  EXPECT_EQ(contentOf(path_), text);
}

TEST_F(StateFileTest, ALinkIsReplacedAndNotFollowed) {
  const fs::path victim = directory_ / "victim";
  std::ofstream(victim) << "precious";
  fs::create_symlink(victim, path_);
  ASSERT_TRUE(publishText("one\n"));
  EXPECT_EQ(contentOf(victim), "precious");
  EXPECT_FALSE(fs::is_symlink(path_));
  EXPECT_EQ(contentOf(path_), "one\n");
}

TEST_F(StateFileTest, WhatCannotBeReplacedLeavesNothingBehind) {
  fs::create_directory(path_);
  EXPECT_FALSE(publishText("one\n"));
  EXPECT_EQ(files(), 1);
}

TEST_F(StateFileTest, ADirectoryThatIsNotThereIsNamed) {
  path_ = directory_ / "gone" / "keepalived.stats";
  const Status status = publishText("one\n");
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find(path_.string()), std::string::npos);
}

TEST_F(StateFileTest, CannotUpsetATerminal) {
  ASSERT_TRUE(publishText("a\x1b[2Jb\x7f\xff\n"));
  EXPECT_EQ(contentOf(path_), "a?[2Jb??\n");
}

}  // namespace
}  // namespace holdfast::supervisor
