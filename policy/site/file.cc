#include "policy/site/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "ipc/concat.h"
#include "ipc/unique_fd.h"
#include "policy/script_path.h"
#include "policy/site/parse.h"

namespace holdfast::policy {
namespace {

constexpr ScriptIdentity kRoot{0, 0};

Status judge(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) {
    return Error{concat(path, " is not a regular file")};
  }
  if (status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Error{concat(path, " can be written by others than root: chown root ", path,
                        " && chmod go-w ", path)};
  }
  if (static_cast<std::size_t>(status.st_size) > kMaxSitePolicyBytes) {
    return Error{concat(path, " has more than ", std::to_string(kMaxSitePolicyBytes), " bytes")};
  }
  return success();
}

Result<std::string> readAll(int fd, const std::string& path) {
  std::string text(kMaxSitePolicyBytes + 1, '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t more = ::read(fd, text.data() + have, text.size() - have);
    if (more < 0 && errno == EINTR) {
      continue;
    }
    if (more < 0) {
      return systemError("cannot read " + path);
    }
    if (more == 0) {
      text.resize(have);
      return text;
    }
    have += static_cast<std::size_t>(more);
  }
  return Error{path + " grows while it is read"};
}

}  // namespace

Result<std::optional<std::string>> readSitePolicyFile(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file && errno == ENOENT) {
    return std::optional<std::string>();
  }
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) {
    return systemError("cannot open " + path);
  }
  if (const auto directory = openSafeDirectory(path.substr(0, path.rfind('/')), kRoot);
      !directory) {
    return Error{concat(path, " could be replaced: ", directory.error().message)};
  }
  if (Status judged = judge(path, status); !judged) {
    return judged.error();
  }
  auto text = readAll(file.get(), path);
  if (!text) {
    return text.error();
  }
  return std::optional(std::move(text).value());
}

}  // namespace holdfast::policy
