#include "privd/supervisor/pid_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <string_view>
#include <utility>

namespace holdfast::supervisor {
namespace {

constexpr mode_t kMode = 0644;
constexpr mode_t kDirectoryMode = 0755;

Status lock(int fd, const std::string& path) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(fd, F_OFD_SETLK, &whole) == 0) {
    return success();
  }
  if (errno == EAGAIN || errno == EACCES) {
    return Error{"another process has pid file " + path + " locked", kPidFileHeld};
  }
  return systemError("cannot lock pid file " + path);
}

// Whether the path still names what we have open: the last holder may have removed it in between.
bool stillNamed(int fd, const std::string& path) {
  struct stat open {};
  struct stat named {};
  return ::fstat(fd, &open) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

// keepalived before 2.3 does not lock its file.
bool namesRunningKeepalived(int fd) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size() - 1, 0);
  pid_t pid = 0;
  if (size <= 0 || std::from_chars(text.data(), text.data() + size, pid).ec != std::errc{} ||
      pid <= 1) {
    return false;
  }
  const std::string comm = "/proc/" + std::to_string(pid) + "/comm";
  const UniqueFd file(::open(comm.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 32> name{};
  const ssize_t length = file ? ::read(file.get(), name.data(), name.size()) : 0;
  return length > 0 &&
         std::string_view(name.data(), static_cast<std::size_t>(length)).starts_with("keepalived");
}

}  // namespace

Status makePidDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), kDirectoryMode) == 0) {
    return ::chmod(path.c_str(), kDirectoryMode) == 0
               ? success()
               : systemError("cannot set the mode of " + path);
  }
  return errno == EEXIST ? success() : systemError("cannot make the directory " + path);
}

void removePidDirectory(const std::string& path) {
  if (!path.empty()) {
    static_cast<void>(::rmdir(path.c_str()));
  }
}

Result<PidFile> PidFile::acquire(std::string path) {
  for (;;) {
    UniqueFd fd(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kMode));
    if (!fd) {
      return systemError("cannot open pid file " + path);
    }
    if (Status locked = lock(fd.get(), path); !locked) {
      return locked.error();
    }
    if (!stillNamed(fd.get(), path)) {
      continue;
    }
    if (namesRunningKeepalived(fd.get())) {
      return Error{"keepalived is running with pid file " + path, kPidFileHeld};
    }
    if (::fchmod(fd.get(), kMode) != 0) {
      return systemError("cannot set the mode of pid file " + path);
    }
    return PidFile(std::move(path), std::move(fd));
  }
}

Status PidFile::write(pid_t pid) {
  const std::string text = std::to_string(pid) + "\n";
  if (::ftruncate(fd_.get(), 0) != 0 ||
      ::pwrite(fd_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return systemError("cannot write pid file " + path_);
  }
  return success();
}

void PidFile::remove() {
  if (!fd_) {
    return;
  }
  // Emptied where the directory is no longer ours to change; what stays behind is harmless.
  const bool gone = ::unlink(path_.c_str()) == 0 || ::ftruncate(fd_.get(), 0) == 0;
  static_cast<void>(gone);
  fd_.reset();
}

}  // namespace holdfast::supervisor
