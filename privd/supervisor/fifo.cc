#include "privd/supervisor/fifo.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "policy/script_path.h"
#include "policy/users.h"

namespace holdfast::supervisor {
namespace {

constexpr mode_t kModeUntilItIsGiven = 0600;

// Another descriptor of the very file that was judged.
UniqueFd reopen(int fd, int flags) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  return UniqueFd(::open(path.c_str(), flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

bool isSameFile(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

Result<Fifo> Fifo::open(const FifoPlan& plan, mode_t mode) {
  const std::size_t slash = plan.path.rfind('/');
  if (plan.path.empty() || plan.path.front() != '/' || slash + 1 == plan.path.size()) {
    return Error{plan.path + " is not the absolute path of a FIFO", EINVAL};
  }
  auto directory = policy::openSafeDirectory(plan.path.substr(0, std::max<std::size_t>(slash, 1)),
                                             {plan.uid, plan.gid});
  if (!directory) {
    return directory.error();
  }
  Fifo fifo;
  fifo.directory_ = std::move(directory).value();
  fifo.name_ = plan.path.substr(slash + 1);
  Status opened = fifo.make(plan, mode);
  if (opened) {
    opened = fifo.openEnds();
  }
  if (!opened) {
    return Error{plan.path + ": " + opened.error().message, opened.error().code};
  }
  return fifo;
}

Status Fifo::make(const FifoPlan& plan, mode_t mode) {
  isMade_ = ::mkfifoat(directory_.get(), name_.c_str(), kModeUntilItIsGiven) == 0;
  if (!isMade_ && errno != EEXIST) {
    return systemError("mkfifo");
  }
  itself_.reset(::openat(directory_.get(), name_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!itself_) {
    return systemError("open");
  }
  if (Status judged = judge(plan); !judged || !isMade_) {
    return judged;
  }
  const std::string path = "/proc/self/fd/" + std::to_string(itself_.get());
  if (::fchownat(itself_.get(), "", plan.uid, plan.gid, AT_EMPTY_PATH) != 0) {
    return systemError("cannot be given to " + policy::userName(plan.uid));
  }
  return ::chmod(path.c_str(), mode) == 0 ? success() : Status(systemError("chmod"));
}

// Links to a FIFO of somebody else count as a replacement of the one that was made.
Status Fifo::judge(const FifoPlan& plan) {
  struct stat status {};
  if (::fstat(itself_.get(), &status) != 0) {
    return systemError("stat");
  }
  if (!S_ISFIFO(status.st_mode)) {
    return Error{"is there, and is not a FIFO", EEXIST};
  }
  const bool isOwn = status.st_uid == ::geteuid();
  if (isMade_ ? !isOwn || status.st_nlink != 1
              : !isOwn && status.st_uid != 0 && status.st_uid != plan.uid) {
    return Error{"is there already, and belongs to " + policy::userName(status.st_uid), EPERM};
  }
  return success();
}

Status Fifo::openEnds() {
  keeper_ = reopen(itself_.get(), O_RDWR);
  if (keeper_) {
    writer_ = reopen(itself_.get(), O_WRONLY);
  }
  return writer_ ? success() : Status(systemError("open"));
}

std::vector<int> Fifo::descriptors() const {
  return {directory_.get(), itself_.get(), keeper_.get(), writer_.get()};
}

void Fifo::close() {
  writer_.reset();
  keeper_.reset();
}

Fifo::~Fifo() {
  struct stat made {};
  struct stat named {};
  if (isMade_ && itself_ && ::fstat(itself_.get(), &made) == 0 &&
      ::fstatat(directory_.get(), name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
      isSameFile(made, named)) {
    ::unlinkat(directory_.get(), name_.c_str(), 0);
  }
}

}  // namespace holdfast::supervisor
