#include "policy/posture/process.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "policy/posture/sockets.h"

namespace holdfast::policy {
namespace {

namespace fs = std::filesystem;

std::string pathOf(pid_t pid, const std::string& file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

std::vector<pid_t> allPids() {
  std::vector<pid_t> pids;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec == std::errc{} && parsed.ptr == name.data() + name.size()) {
      pids.push_back(pid);
    }
  }
  std::sort(pids.begin(), pids.end());
  return pids;
}

std::string executableName(pid_t pid) {
  char target[PATH_MAX];
  const ssize_t length = ::readlink(pathOf(pid, "exe").c_str(), target, sizeof target);
  if (length <= 0) {
    return {};
  }
  std::string name = fs::path(std::string(target, static_cast<std::size_t>(length))).filename();
  constexpr std::string_view kDeleted = " (deleted)";  // the package was upgraded meanwhile
  if (name.ends_with(kDeleted)) {
    name.resize(name.size() - kDeleted.size());
  }
  return name;
}

std::optional<Role> roleOf(const std::string& executable) {
  for (const Role role : kRoles) {
    if (executable == executableOf(role)) {
      return role;
    }
  }
  return std::nullopt;
}

// The kernel gives the files of a process that is not dumpable to root.
std::optional<bool> dumpableOf(const ProcessStatus& status) {
  struct stat memory {};
  if (status.uids[1] == 0 || ::stat(pathOf(status.pid, "mem").c_str(), &memory) != 0) {
    return std::nullopt;
  }
  return memory.st_uid != 0;
}

// The access mode of an open file, O_RDONLY, O_WRONLY or O_RDWR: proc(5), fdinfo.
int accessMode(pid_t pid, const std::string& descriptor) {
  std::ifstream info(pathOf(pid, "fdinfo/" + descriptor));
  for (std::string word; info >> word;) {
    if (word == "flags:" && info >> word) {
      return static_cast<int>(std::strtol(word.c_str(), nullptr, 8)) & O_ACCMODE;
    }
  }
  return O_RDWR;
}

// A pipe of pipe(2) has no name: its link leads to no path.
FifoCounts countFifos(pid_t pid) {
  FifoCounts counts;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(pathOf(pid, "fd"), error)) {
    struct stat file {};
    const fs::path target = fs::read_symlink(entry.path(), error);
    if (target.is_absolute() && ::stat(entry.path().c_str(), &file) == 0 &&
        S_ISFIFO(file.st_mode)) {
      const int mode = accessMode(pid, entry.path().filename());
      counts.toRead += mode != O_WRONLY ? 1 : 0;
      counts.toWrite += mode != O_RDONLY ? 1 : 0;
    }
  }
  return counts;
}

ObservedProcess observe(ProcessStatus status) {
  ObservedProcess process;
  process.executable = executableName(status.pid);
  process.role = roleOf(process.executable);
  process.dumpable = dumpableOf(status);
  process.sockets = countSockets(status.pid);
  process.fifos = countFifos(status.pid);
  process.status = std::move(status);
  return process;
}

// Each child, followed by its own children. A loop cannot be: every process has one parent.
void appendChildren(pid_t parent, const std::vector<ProcessStatus>& all,
                    std::vector<ProcessStatus>& into) {
  for (const ProcessStatus& status : all) {
    if (status.parent == parent && into.size() < all.size()) {
      into.push_back(status);
      appendChildren(status.pid, all, into);
    }
  }
}

std::vector<ProcessStatus> descendantsOf(pid_t supervisor) {
  std::vector<ProcessStatus> all;
  for (const pid_t pid : allPids()) {
    if (auto status = readProcessStatus(pathOf(pid, "status")); status.ok()) {
      all.push_back(std::move(status).value());
    }
  }
  std::vector<ProcessStatus> descendants;
  appendChildren(supervisor, all, descendants);
  return descendants;
}

}  // namespace

Result<std::vector<ObservedProcess>> observeTree(pid_t supervisor) {
  auto status = readProcessStatus(pathOf(supervisor, "status"));
  if (!status.ok()) {
    return Error{"no process " + std::to_string(supervisor) + ": holdfast is not running", ESRCH};
  }
  std::vector<ObservedProcess> processes{observe(std::move(status).value())};
  if (processes.front().role != Role::kSupervisor) {
    return Error{"process " + std::to_string(supervisor) + " is " + processes.front().executable +
                     ", not " + std::string(executableOf(Role::kSupervisor)),
                 EINVAL};
  }
  for (ProcessStatus& descendant : descendantsOf(supervisor)) {
    processes.push_back(observe(std::move(descendant)));
  }
  return processes;
}

}  // namespace holdfast::policy
