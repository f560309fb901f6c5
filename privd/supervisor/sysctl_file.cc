#include "privd/supervisor/sysctl_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "ipc/unique_fd.h"

namespace holdfast::supervisor {

Result<std::string> readSysctl(const char* path) {
  const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text{};
  const ssize_t size = file ? ::read(file.get(), text.data(), text.size()) : -1;
  if (size < 0) {
    return systemError(path);
  }
  const std::string_view all(text.data(), static_cast<std::size_t>(size));
  return std::string(all.substr(0, all.find('\n')));
}

Status writeSysctl(const char* path, std::string_view text) {
  const UniqueFd file(::open(path, O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), text.data(), text.size()) < 0) {
    return systemError(path);
  }
  return success();
}

}  // namespace holdfast::supervisor
