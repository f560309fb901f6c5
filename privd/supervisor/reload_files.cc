#include "privd/supervisor/reload_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "ipc/unique_fd.h"

namespace holdfast::supervisor {
namespace {

// No link is followed, and nobody else's pipe is waited for: others may write to the directory.
UniqueFd emptied(const std::string& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  return UniqueFd(::open(path.c_str(), kFlags, 0644));
}

}  // namespace

Result<ReadingMark> ReadingMark::make(const std::string& path) {
  if (!emptied(path)) {
    return systemError("cannot make the reload_file " + path);
  }
  return ReadingMark(path);
}

void ReadingMark::remove(const std::string& path) {
  if (!path.empty()) {
    ::unlink(path.c_str());
  }
}

ReadingMark::~ReadingMark() {
  remove(path_);
}

ReadingMark::ReadingMark(ReadingMark&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ReadingMark& ReadingMark::operator=(ReadingMark&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

Status writeReport(const std::string& path, const std::string& text) {
  const UniqueFd file = emptied(path);
  const bool written =
      file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return written ? success() : systemError("cannot write " + path);
}

}  // namespace holdfast::supervisor
