#include "watchd/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>

#include "ipc/unique_fd.h"
#include "watchd/process_match.h"

namespace holdfast::watchd {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::optional<std::string> contentOf(pid_t pid, const char* file, std::size_t most) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + file;
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    return std::nullopt;
  }
  std::string content;
  std::array<char, 4096> buffer;
  while (content.size() < most) {
    const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
    if (size < 0) {
      return std::nullopt;  // it has ended meanwhile
    }
    if (size == 0) {
      break;
    }
    content.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return content.substr(0, most);
}

}  // namespace

std::optional<pid_t> parsePid(std::string_view name) {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  const bool isPid = error == std::errc{} && end == name.data() + name.size() && pid > 0;
  return isPid ? std::optional(pid) : std::nullopt;
}

std::vector<pid_t> allPids() {
  std::vector<pid_t> pids;
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir("/proc"));
  while (directory != nullptr) {
    const dirent* const entry = ::readdir(directory.get());
    if (entry == nullptr) {
      break;
    }
    if (const auto pid = parsePid(entry->d_name)) {
      pids.push_back(*pid);
    }
  }
  return pids;
}

std::optional<std::string> nameOfProcess(pid_t pid) {
  constexpr std::size_t kMostWithEnd = 64;
  auto name = contentOf(pid, "comm", kMostWithEnd);
  if (name && name->ends_with('\n')) {
    name->pop_back();
  }
  return name;
}

std::string commandLineOf(pid_t pid) {
  return contentOf(pid, "cmdline", kMaxCommandLine).value_or("");
}

bool areOthersHidden() {
  return !nameOfProcess(1).has_value();
}

}  // namespace holdfast::watchd
