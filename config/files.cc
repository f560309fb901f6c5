#include "config/files.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "ipc/unique_fd.h"

namespace holdfast::config {

std::string RealFiles::absolute(const std::string& path) const {
  std::error_code error;
  const std::filesystem::path full = std::filesystem::absolute(path, error);
  return error ? path : full.lexically_normal().string();
}

Files::Kind RealFiles::kind(const std::string& path) const {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return Kind::kMissing;
  }
  if (S_ISDIR(status.st_mode)) {
    return Kind::kDirectory;
  }
  if (!S_ISREG(status.st_mode)) {
    return Kind::kOther;
  }
  const bool executable = (status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
  return executable ? Kind::kExecutable : Kind::kRegular;
}

Result<std::string> RealFiles::read(const std::string& path, std::size_t maxBytes) const {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) {
    return systemError(path);
  }
  std::string content;
  struct stat status {};
  if (::fstat(fd.get(), &status) == 0 && status.st_size > 0) {
    content.reserve(std::min(static_cast<std::size_t>(status.st_size), maxBytes) + 1);
  }
  for (;;) {
    constexpr std::size_t kChunk = 65536;
    const std::size_t before = content.size();
    if (before > maxBytes) {
      return Error{path + ": more than " + std::to_string(maxBytes) + " bytes"};
    }
    content.resize(std::max(before + 1, std::min(before + kChunk, content.capacity())));
    const ssize_t got = ::read(fd.get(), content.data() + before, content.size() - before);
    if (got < 0) {
      return systemError(path);
    }
    content.resize(before + static_cast<std::size_t>(got));
    if (got == 0) {
      return content;
    }
  }
}

std::vector<std::string> RealFiles::match(const std::string& pattern) const {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return paths;
}

std::string directoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace holdfast::config
