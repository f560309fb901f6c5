// The pid file that only one running supervisor can hold: an open-file-description lock, so that a
// stale file (or a recycled pid in it) stops nobody.
#pragma once

#include <sys/types.h>

#include <string>

#include "ipc/result.h"
#include "ipc/unique_fd.h"

namespace holdfast::supervisor {

// Error::code of acquire() where another process holds the file.
inline constexpr int kPidFileHeld = EWOULDBLOCK;

// Makes a directory for pid files (mode 0755 whatever the umask is) unless there is one.
[[nodiscard]] Status makePidDirectory(const std::string& path);
// Removes it unless somebody has files in it; nothing for an empty path.
void removePidDirectory(const std::string& path);

class PidFile {
 public:
  // Creates or reuses `path` (mode 0644 whatever the umask is, no symbolic link followed) and locks
  // it. The lock goes with the process and what it forks.
  [[nodiscard]] static Result<PidFile> acquire(std::string path);
  PidFile() = default;  // of nobody: never written, and nothing to remove
  PidFile(PidFile&&) = default;
  PidFile& operator=(PidFile&&) = default;

  [[nodiscard]] Status write(pid_t pid);
  // Without this the file stays behind, harmless.
  void remove();

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  PidFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  UniqueFd fd_;
};

}  // namespace holdfast::supervisor
