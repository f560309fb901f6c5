#include "watchd/file_watcher.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <vector>

#include "tests/unit/watchd/scratch.h"

namespace holdfast::watchd {
namespace {

class FileWatcherTest : public Scratch {
 protected:
  void watch(const std::string& name) { watchAll({name}); }
  void watchAll(const std::vector<std::string>& names) {
    std::vector<FileEntry> entries;
    for (const std::string& name : names) {
      entries.push_back({.name = name, .path = at(name)});
    }
    numbers_.assign(names.size(), -1);
    watcher_.emplace(loop_, log_, UniqueFd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), entries,
                     [this](std::size_t file, std::int32_t number) {
                       numbers_[file] = number;
                       ++changes_;
                     });
    ASSERT_TRUE(watcher_->start().ok());
  }
  [[nodiscard]] bool becomes(std::int32_t number, std::size_t file = 0) {
    return turnUntil([&] { return numbers_[file] == number; });
  }

  std::vector<std::int32_t> numbers_;
  int changes_ = 0;
  std::optional<FileWatcher> watcher_;
};

TEST_F(FileWatcherTest, TellsOfEachFileAtOnce) {
  write(at("f"), "7\n");
  watchAll({"f", "absent"});
  EXPECT_EQ(numbers_, (std::vector<std::int32_t>{7, 0}));
}

TEST_F(FileWatcherTest, SeesWhatIsWrittenAndOnlyWhenItsWriterIsDone) {
  write(at("f"), "7\n");
  watch("f");
  {
    std::ofstream writer(at("f"), std::ios::trunc);
    write(at("other"), "");
    turn();
    EXPECT_EQ(numbers_[0], 7) << "an empty file in the middle of a write is no 0";
    writer << "8";
    writer.flush();
    turn();
  }
  EXPECT_TRUE(becomes(8));
  EXPECT_EQ(changes_, 2);
}

TEST_F(FileWatcherTest, SeesAFileThatIsReplacedRemovedAndMadeAgain) {
  write(at("f"), "1");
  watch("f");
  write(at("new"), "2");
  std::filesystem::rename(at("new"), at("f"));
  EXPECT_TRUE(becomes(2));
  std::filesystem::remove(at("f"));
  EXPECT_TRUE(becomes(0));
  write(at("f"), "3");
  EXPECT_TRUE(becomes(3));
  std::filesystem::rename(at("f"), at("elsewhere"));
  EXPECT_TRUE(becomes(0));
}

TEST_F(FileWatcherTest, SeesADirectoryThatComesLateGoesAndComesAgain) {
  watch("a/b/f");
  EXPECT_EQ(numbers_[0], 0);
  std::filesystem::create_directory(at("a"));
  turn();
  std::filesystem::create_directory(at("a/b"));
  turn();
  write(at("a/b/f"), "5");
  EXPECT_TRUE(becomes(5));
  std::filesystem::remove_all(at("a"));
  EXPECT_TRUE(becomes(0));
  std::filesystem::create_directories(at("a/b"));
  write(at("a/b/f"), "6");
  EXPECT_TRUE(becomes(6));
}

TEST_F(FileWatcherTest, SeesADirectoryThatIsReplacedByAnother) {
  std::filesystem::create_directory(at("d"));
  write(at("d/f"), "1");
  watch("d/f");
  std::filesystem::create_directory(at("e"));
  write(at("e/f"), "2");
  std::filesystem::rename(at("d"), at("old"));
  std::filesystem::rename(at("e"), at("d"));
  EXPECT_TRUE(becomes(2));
  write(at("old/f"), "9");
  write(at("d/f"), "3");
  EXPECT_TRUE(becomes(3));
}

TEST_F(FileWatcherTest, SeesTheTargetOfALink) {
  std::filesystem::create_directory(at("elsewhere"));
  write(at("elsewhere/target"), "4");
  std::filesystem::create_symlink(at("elsewhere/target"), at("f"));
  watch("f");
  EXPECT_EQ(numbers_[0], 4);
  write(at("elsewhere/target"), "5");
  EXPECT_TRUE(becomes(5));
}

TEST_F(FileWatcherTest, ANumberThatMeansNothingChangesNothing) {
  write(at("f"), "4");
  watch("f");
  write(at("f"), "99999999999999999999");
  write(at("f"), "4");
  write(at("f"), "6");
  EXPECT_TRUE(becomes(6));
  EXPECT_EQ(changes_, 2);
}

TEST_F(FileWatcherTest, AFileThatCannotBeReadCountsAs0) {
  std::filesystem::create_directory(at("directory"));
  ASSERT_EQ(::mkfifo(at("fifo").c_str(), 0600), 0);
  watchAll({"directory", "fifo"});
  EXPECT_EQ(numbers_, (std::vector<std::int32_t>{0, 0}));
}

}  // namespace
}  // namespace holdfast::watchd
