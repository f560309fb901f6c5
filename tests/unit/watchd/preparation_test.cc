#include "watchd/preparation.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>

#include "tests/unit/watchd/scratch.h"
#include "watchd/paths.h"

namespace holdfast::watchd {
namespace {

class PreparationTest : public Scratch {
 protected:
  void initialize(const std::string& name, bool overwrite = false) {
    initializeFiles({{.name = "f",
                      .path = at(name),
                      .create = true,
                      .overwrite = overwrite,
                      .initialValue = -7}},
                    log_);
  }
};

TEST_F(PreparationTest, InitFileMakesAFileThatOthersCanRead) {
  initialize("f");
  EXPECT_EQ(read(at("f")), "-7\n");
  struct stat status {};
  ASSERT_EQ(::stat(at("f").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0644U);
}

TEST_F(PreparationTest, InitFileLeavesAFileThatIsThere) {
  write(at("f"), "20");
  initialize("f");
  EXPECT_EQ(read(at("f")), "20");
  initialize("f", true);
  EXPECT_EQ(read(at("f")), "-7\n");
}

TEST_F(PreparationTest, InitFileFollowsNoLink) {
  write(at("target"), "20");
  std::filesystem::create_symlink(at("target"), at("f"));
  initialize("f", true);
  EXPECT_EQ(read(at("target")), "20");
  std::filesystem::create_symlink(at("nowhere"), at("dangling"));
  initialize("dangling", true);
  EXPECT_FALSE(std::filesystem::exists(at("nowhere")));
}

TEST_F(PreparationTest, InitFileWritesPlainFilesOnly) {
  ASSERT_EQ(::mkfifo(at("f").c_str(), 0600), 0);
  const UniqueFd reader(::open(at("f").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  initialize("f", true);
  char byte = 0;
  EXPECT_LE(::read(reader.get(), &byte, 1), 0);
}

std::string nameOf(const UniqueFd& fd) {
  char name[PATH_MAX];
  const auto size =
      ::readlink(("/proc/self/fd/" + std::to_string(fd.get())).c_str(), name, sizeof(name));
  return {name, static_cast<std::size_t>(size)};
}

TEST_F(PreparationTest, TheDirectoriesAreThoseOfTheFilesAndOfWhatLinksLeadTo) {
  std::filesystem::create_directory(at("a"));
  std::filesystem::create_directory(at("b"));
  write(at("b/target"), "1");
  std::filesystem::create_symlink(at("b/target"), at("a/f"));
  const auto directories =
      directoriesOf({.files = {{.name = "f", .path = at("a/f")}}, .processes = {}}, log_);
  ASSERT_EQ(directories.size(), 2U);
  EXPECT_EQ(nameOf(directories[0]), at("a"));
  EXPECT_EQ(nameOf(directories[1]), at("b"));
}

TEST_F(PreparationTest, OfADirectoryThatIsNotThereItIsTheNearestButNeverTheRoot) {
  auto directories =
      directoriesOf({.files = {{.name = "f", .path = at("a/b/f")}}, .processes = {}}, log_);
  ASSERT_EQ(directories.size(), 1U);
  EXPECT_EQ(nameOf(directories[0]), directory_);
  directories = directoriesOf(
      {.files = {{.name = "f", .path = "/no-such-directory/f"}}, .processes = {}}, log_);
  EXPECT_TRUE(directories.empty());
}

TEST_F(PreparationTest, ProcIsReadWhereProcessesCount) {
  const auto directories = directoriesOf(
      {.files = {}, .processes = {ProcessMatch({"x"}, Parameters::kIgnored, false)}}, log_);
  ASSERT_EQ(directories.size(), 1U);
  EXPECT_EQ(nameOf(directories[0]), "/proc");
}

TEST(Paths, TheDirectoryOfAFile) {
  EXPECT_EQ(directoryOf("/a/b"), "/a");
  EXPECT_EQ(directoryOf("/a"), "/");
}

}  // namespace
}  // namespace holdfast::watchd
