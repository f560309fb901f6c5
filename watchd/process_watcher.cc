#include "watchd/process_watcher.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "watchd/connector_message.h"
#include "watchd/proc.h"

namespace holdfast::watchd {
namespace {

constexpr int kMessagesInATurn = 256;
constexpr std::size_t kMaxConnectorMessage = 1024;
// Left for files and channels, below the limit of descriptors (policy/limits.cc).
constexpr std::size_t kMostHeld = 8000;

UniqueFd openPidfd(pid_t pid) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
}

bool hasEnded(const UniqueFd& pidfd) {
  pollfd poller{pidfd.get(), POLLIN, 0};
  return ::poll(&poller, 1, 0) != 0;
}

}  // namespace

ProcessWatcher::ProcessWatcher(EventLoop& loop, Log& log, std::vector<ProcessMatch> monitors,
                               Counted counted)
    : loop_(loop),
      log_(log),
      monitors_(std::move(monitors)),
      counted_(std::move(counted)),
      table_(monitors_.size()),
      scanTimer_(loop, [this](TimePoint, Duration) { scan(); }),
      needsCommandLine_(std::ranges::any_of(monitors_, &ProcessMatch::needsCommandLine)) {}

ProcessWatcher::~ProcessWatcher() {
  loop_.removeReader(connector_.get());
  for (const auto& [pid, pidfd] : held_) {
    loop_.removeReader(pidfd.get());
  }
}

void ProcessWatcher::start() {
  if (areOthersHidden()) {
    log_.warning(
        "/proc hides the processes of other users (hidepid=, or ProtectProc= in the unit): "
        "they are not counted");
  }
  scan();
  hasStarted_ = true;
  for (std::size_t i = 0; i < monitors_.size(); ++i) {
    counted_(i, table_.count(i), false);
  }
}

void ProcessWatcher::adoptConnector(UniqueFd connector, int error) {
  if (!connector) {
    loseConnector(error);
    return;
  }
  loop_.removeReader(connector_.get());
  connector_ = std::move(connector);
  if (Status watched = loop_.addReader(connector_.get(), Turn::kRest, [this] { readConnector(); });
      !watched) {
    loseConnector(watched.error().code);
    return;
  }
  log_.info("Processes are tracked by the kernel's process connector");
  scan();
}

void ProcessWatcher::loseConnector(int error) {
  loop_.removeReader(connector_.get());
  connector_.reset();
  log_.info(std::string("Processes are tracked by a look at /proc every second, since the kernel "
                        "has no process connector for us: ") +
            std::strerror(error));
  scan();
}

// A process that was born, became another program or took another name in this turn is looked at
// once, as what it is now.
void ProcessWatcher::readConnector() {
  std::map<pid_t, bool> touched;  // by fork alone
  std::array<std::byte, kMaxConnectorMessage> buffer;
  for (int i = 0; i < kMessagesInATurn; ++i) {
    const ssize_t size = ::recv(connector_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && errno == ENOBUFS) {
      log_.info("Too many processes came at once: looking at all of them");
      scan();
      return;
    }
    if (size <= 0) {
      if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
        loseConnector(size == 0 ? EPIPE : errno);
        return;
      }
      break;
    }
    const auto event =
        parseConnectorMessage(std::span(buffer).first(static_cast<std::size_t>(size)));
    if (event) {
      const auto [found, isNew] = touched.try_emplace(event->pid, event->isFork);
      found->second = found->second && event->isFork;
    }
  }
  for (const auto& [pid, byFork] : touched) {
    examine(pid, byFork);
  }
}

void ProcessWatcher::scan() {
  const std::vector<pid_t> pids = allPids();
  for (const pid_t pid : pids) {
    examine(pid, true);
  }
  if (!connector_) {
    scanTimer_.arm(EventLoop::now() + kInterval);
  } else {
    scanTimer_.disarm();
  }
}

// What it is is read between opening its pidfd and seeing that it has not ended: so it is this
// process's, and no other one's that has its number now.
void ProcessWatcher::examine(pid_t pid, bool byFork) {
  MonitorIds monitors = monitorsOf(pid);
  if (!monitors.empty() && !held_.contains(pid)) {
    if (!hold(pid)) {
      return;
    }
    monitors = monitorsOf(pid);
    if (hasEnded(held_[pid])) {
      monitors.clear();
    }
  }
  if (monitors.empty()) {
    release(pid);
  }
  tell(table_.set(pid, monitors), byFork);
}

MonitorIds ProcessWatcher::monitorsOf(pid_t pid) const {
  MonitorIds monitors;
  const auto name = nameOfProcess(pid);
  if (!name) {
    return monitors;
  }
  const std::string commandLine = needsCommandLine_ ? commandLineOf(pid) : "";
  for (std::size_t i = 0; i < monitors_.size(); ++i) {
    if (monitors_[i].matches(*name, commandLine)) {
      monitors.push_back(i);
    }
  }
  return monitors;
}

bool ProcessWatcher::hold(pid_t pid) {
  if (held_.size() >= kMostHeld) {
    if (std::exchange(saysTooMany_, false)) {
      log_.warning("more than " + std::to_string(kMostHeld) + " processes match: not counted");
    }
    return false;
  }
  UniqueFd pidfd = openPidfd(pid);
  if (!pidfd) {
    return false;
  }
  const Status watched = loop_.addReader(pidfd.get(), Turn::kRest, [this, pid] { ended(pid); });
  if (!watched) {
    log_.error(watched.error().message);
    return false;
  }
  held_[pid] = std::move(pidfd);
  return true;
}

void ProcessWatcher::release(pid_t pid) {
  const auto found = held_.find(pid);
  if (found != held_.end()) {
    loop_.removeReader(found->second.get());
    held_.erase(found);
  }
}

// Its number can be another process's already.
void ProcessWatcher::ended(pid_t pid) {
  release(pid);
  tell(table_.remove(pid), false);
  examine(pid, true);
}

void ProcessWatcher::tell(const MonitorIds& changed, bool byFork) {
  for (const std::size_t monitor : changed) {
    if (hasStarted_) {
      counted_(monitor, table_.count(monitor), byFork);
    }
  }
}

}  // namespace holdfast::watchd
