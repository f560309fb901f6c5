#include "scriptd/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "ipc/unique_fd.h"

namespace holdfast::scriptd {
namespace {

// A tree that still grows after so many rounds forks faster than it can be ended.
constexpr int kMaxRounds = 64;
constexpr std::size_t kMaxFileBytes = std::size_t{256} * 1024;

std::string readAll(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> buffer{};
  while (file && text.size() < kMaxFileBytes) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got <= 0) {
      break;
    }
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

// The parent as /proc/PID/stat has it, after the name in parentheses and the state; 0 when gone.
pid_t parentOf(pid_t pid) {
  const std::string stat = readAll("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name = stat.rfind(')');
  if (name == std::string::npos || name + 4 >= stat.size()) {
    return 0;
  }
  pid_t parent = 0;
  std::from_chars(stat.data() + name + 4, stat.data() + stat.size(), parent);
  return parent;
}

struct DirectoryCloser {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// One pass over a tree. A process number may be used again at any time, so each is held by a pidfd
// and looked at once more before it is signalled.
class Pass {
 public:
  Pass(std::set<pid_t>& ended, std::set<pid_t>& refused) : ended_(ended), refused_(refused) {}

  void run(pid_t root, const std::set<pid_t>& spared) {
    std::vector<std::pair<pid_t, pid_t>> work;  // child, parent
    seen_.insert(root);
    for (const pid_t child : childrenOf(root)) {
      if (!spared.contains(child)) {
        work.emplace_back(child, root);
      }
    }
    while (!work.empty()) {
      const auto [pid, parent] = work.back();
      work.pop_back();
      if (seen_.insert(pid).second) {
        for (const pid_t child : childrenOf(pid)) {
          work.emplace_back(child, pid);
        }
        end(pid);
      }
    }
  }
  [[nodiscard]] bool foundNew() const { return foundNew_; }

 private:
  void end(pid_t pid) {
    if (ended_.contains(pid) || refused_.contains(pid)) {
      return;
    }
    const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
    const pid_t parent = parentOf(pid);
    // A parent that has just died has left it to one further up.
    if (!process || (parent != ::getpid() && !seen_.contains(parent))) {
      return;
    }
    foundNew_ = true;
    if (::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0U) == 0) {
      ended_.insert(pid);
    } else {
      refused_.insert(pid);
    }
  }

  std::set<pid_t>& ended_;
  std::set<pid_t>& refused_;
  std::set<pid_t> seen_;
  bool foundNew_ = false;
};

std::vector<pid_t> endTree(pid_t root, const std::set<pid_t>& spared) {
  std::set<pid_t> ended;
  std::set<pid_t> refused;
  for (int round = 0; round < kMaxRounds; ++round) {
    Pass pass(ended, refused);
    pass.run(root, spared);
    if (!pass.foundNew()) {
      break;
    }
  }
  return {refused.begin(), refused.end()};
}

}  // namespace

std::vector<pid_t> childrenOf(pid_t pid) {
  std::vector<pid_t> children;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  const std::unique_ptr<DIR, DirectoryCloser> directory(::opendir(tasks.c_str()));
  while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
    if (entry->d_name[0] == '.') {
      continue;
    }
    const std::string text = readAll(tasks + "/" + entry->d_name + "/children");
    const char* at = text.data();
    const char* const end = at + text.size();
    pid_t child = 0;
    for (auto number = std::from_chars(at, end, child); number.ec == std::errc();
         number = std::from_chars(at, end, child)) {
      children.push_back(child);
      at = number.ptr == end ? end : number.ptr + 1;
    }
  }
  return children;
}

std::vector<pid_t> killDescendants(pid_t root) {
  return endTree(root, {});
}

std::vector<pid_t> killAdopted(const std::set<pid_t>& spared) {
  return endTree(::getpid(), spared);
}

}  // namespace holdfast::scriptd
