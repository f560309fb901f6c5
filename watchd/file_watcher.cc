#include "watchd/file_watcher.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "watchd/file_number.h"
#include "watchd/paths.h"

namespace holdfast::watchd {
namespace {

constexpr std::uint32_t kDirectoryGoes = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;
constexpr std::uint32_t kInDirectory = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                       IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t kFileChanges = IN_CLOSE_WRITE | IN_DELETE_SELF | IN_IGNORED;
constexpr std::uint32_t kOfFile = IN_CLOSE_WRITE | IN_DELETE_SELF | IN_ATTRIB;

std::string_view lastComponent(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

FileWatcher::FileWatcher(EventLoop& loop, Log& log, UniqueFd fd,
                         const std::vector<FileEntry>& files, Changed changed)
    : loop_(loop), log_(log), fd_(std::move(fd)), changed_(std::move(changed)) {
  for (const FileEntry& file : files) {
    files_.push_back({.name = file.name, .path = file.path});
  }
}

FileWatcher::~FileWatcher() {
  loop_.removeReader(fd_.get());
}

Status FileWatcher::start() {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    static_cast<void>(followDirectory(files_[i]));
    look(i);
  }
  return loop_.addReader(fd_.get(), Turn::kRest, [this] { readEvents(); });
}

void FileWatcher::readEvents() {
  alignas(inotify_event) std::array<char, 4096> buffer;
  const ssize_t size = ::read(fd_.get(), buffer.data(), buffer.size());
  for (ssize_t at = 0; at < size;) {
    const auto* const event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
    for (std::size_t i = 0; i < files_.size(); ++i) {
      serve(i, event->wd, event->mask, event->len == 0 ? "" : event->name);
    }
    at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
  }
}

// A file is looked at only when it was itself that changed: at another moment its writer may be in
// the middle, and it be empty.
void FileWatcher::serve(std::size_t index, int watch, std::uint32_t what, std::string_view name) {
  File& file = files_[index];
  const bool isLost = (what & IN_Q_OVERFLOW) != 0;
  const bool isInDirectory = watch == file.directoryWatch;
  const bool isItself = isInDirectory && file.isDirectoryThere && name == lastComponent(file.path);
  const bool followsElsewhere =
      isLost || (isInDirectory && (!file.isDirectoryThere || (what & kDirectoryGoes) != 0));
  const bool isTarget = watch == file.watch && ((what & kFileChanges) != 0 || file.errorSaid != 0);
  const bool hasMoved = followsElsewhere && followDirectory(file);
  if (isLost || isItself || hasMoved || isTarget) {
    look(index);
  }
}

// Whether it is watched elsewhere now.
bool FileWatcher::followDirectory(File& file) {
  const std::string directory = directoryOf(file.path);
  std::string nearest;
  int watch = kNone;
  do {  // until nothing has come in between
    nearest = nearestExisting(directory);
    watch =
        ::inotify_add_watch(fd_.get(), nearest.c_str(), kInDirectory | IN_ONLYDIR | IN_MASK_ADD);
  } while (watch >= 0 && nearest != nearestExisting(directory));
  if (watch < 0) {
    log_.warning(systemError("track file " + file.name + ": cannot watch " + nearest).message);
  }
  file.isDirectoryThere = nearest == directory;
  const int before = std::exchange(file.directoryWatch, watch);
  giveUp(before);
  return watch != before;
}

void FileWatcher::followFile(File& file) {
  const int watch = ::inotify_add_watch(fd_.get(), file.path.c_str(), kOfFile | IN_MASK_ADD);
  giveUp(std::exchange(file.watch, watch));
}

// What nobody watches any more. The kernel has forgotten those of a file that is gone.
void FileWatcher::giveUp(int watch) {
  const bool isUsed = std::ranges::any_of(files_, [watch](const File& file) {
    return file.watch == watch || file.directoryWatch == watch;
  });
  if (watch != kNone && !isUsed) {
    ::inotify_rm_watch(fd_.get(), watch);
  }
}

void FileWatcher::look(std::size_t index) {
  File& file = files_[index];
  followFile(file);
  const std::optional<std::int32_t> number = read(file);
  if (file.number.has_value() && (!number || number == file.number)) {
    return;
  }
  file.number = number.value_or(0);
  changed_(index, *file.number);
}

// Nothing for a number that means nothing: the one before it stands.
std::optional<std::int32_t> FileWatcher::read(File& file) {
  const UniqueFd fd(::open(file.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    complain(file, errno);
    return 0;
  }
  std::array<char, kMaxNumberText> text;
  const ssize_t size = S_ISREG(status.st_mode) ? ::read(fd.get(), text.data(), text.size()) : -1;
  if (size < 0) {
    complain(file, S_ISREG(status.st_mode) ? errno : EINVAL);
    return 0;
  }
  file.errorSaid = 0;
  const auto number = parseFileNumber({text.data(), static_cast<std::size_t>(size)});
  if (!number) {
    log_.info("Invalid number read from " + file.path + " - ignoring");
  }
  return number;
}

// Once for each reason in a row. That a file is not there is no reason to complain.
void FileWatcher::complain(File& file, int error) {
  const bool isAbsent = error == ENOENT || error == ENOTDIR;
  if (!isAbsent && error != file.errorSaid) {
    log_.warning("track file " + file.name + ": " + file.path +
                 " cannot be read, and counts as 0: " +
                 (error == EINVAL ? "it is not a plain file" : std::strerror(error)));
  }
  file.errorSaid = isAbsent ? 0 : error;
}

}  // namespace holdfast::watchd
