#include "privd/supervisor/state_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "ipc/unique_fd.h"

namespace holdfast::supervisor {
namespace {

bool writeAll(int fd, const char* data, std::size_t bytes) {
  while (bytes > 0) {
    const ssize_t written = ::write(fd, data, bytes);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    data += written;
    bytes -= static_cast<std::size_t>(written);
  }
  return true;
}

// What a terminal could act on is not passed on.
void makeHarmless(char* text, std::size_t bytes) {
  std::replace_if(
      text, text + bytes, [](char c) { return c != '\n' && c != '\t' && (c < ' ' || c > '~'); },
      '?');
}

bool copy(int from, int to, std::size_t bytes) {
  std::array<char, 65536> buffer;
  for (off_t offset = 0; static_cast<std::size_t>(offset) < bytes;) {
    const std::size_t wanted = std::min(buffer.size(), bytes - static_cast<std::size_t>(offset));
    const ssize_t got = ::pread(from, buffer.data(), wanted, offset);
    if (got <= 0) {
      return false;
    }
    makeHarmless(buffer.data(), static_cast<std::size_t>(got));
    if (!writeAll(to, buffer.data(), static_cast<std::size_t>(got))) {
      return false;
    }
    offset += got;
  }
  return true;
}

// mkostemp makes the file anew (O_EXCL), and rename replaces a name, wherever it leads.
template <typename Write>
Status replace(const std::string& path, const Write& write) {
  std::string temporary = path + ".XXXXXX";
  const UniqueFd file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file) {
    return systemError("cannot make a file beside " + path);
  }
  if (write(file.get()) && ::rename(temporary.c_str(), path.c_str()) == 0) {
    return success();
  }
  Error error = systemError("cannot write " + path);
  ::unlink(temporary.c_str());
  return error;
}

}  // namespace

Status publish(const std::string& path, mode_t mode, int memory, std::size_t bytes) {
  return replace(path,
                 [&](int file) { return copy(memory, file, bytes) && ::fchmod(file, mode) == 0; });
}

Status publish(const std::string& path, std::string text) {
  makeHarmless(text.data(), text.size());
  return replace(path, [&](int file) { return writeAll(file, text.data(), text.size()); });
}

}  // namespace holdfast::supervisor
