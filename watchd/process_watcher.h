// How many processes run that a vrrp_track_process counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "ipc/event_loop.h"
#include "ipc/log.h"
#include "ipc/unique_fd.h"
#include "watchd/process_match.h"
#include "watchd/process_table.h"

namespace holdfast::watchd {

// Owned by the Daemon. A process that counts is held by a pidfd, which tells of its end whatever
// becomes of its number. Its birth is told by the kernel's process connector; without that, /proc
// is looked at every kInterval. Whoever appears and ends in between has never counted.
class ProcessWatcher {
 public:
  static constexpr Duration kInterval = std::chrono::seconds(1);

  // `byFork`: the count has grown by the copy of a process.
  using Counted = std::function<void(std::size_t monitor, std::uint32_t count, bool byFork)>;

  ProcessWatcher(EventLoop& loop, Log& log, std::vector<ProcessMatch> monitors, Counted counted);
  ~ProcessWatcher();
  ProcessWatcher(const ProcessWatcher&) = delete;
  ProcessWatcher& operator=(const ProcessWatcher&) = delete;

  // Tells of every monitor, and from now on of every change.
  void start();
  // The process connector, or the errno that says why there is none. Replaces an earlier one.
  void adoptConnector(UniqueFd connector, int error);

 private:
  void readConnector();
  void loseConnector(int error);
  void scan();
  void examine(pid_t pid, bool byFork);
  void ended(pid_t pid);
  [[nodiscard]] MonitorIds monitorsOf(pid_t pid) const;
  [[nodiscard]] bool hold(pid_t pid);
  void release(pid_t pid);
  void tell(const MonitorIds& changed, bool byFork);

  EventLoop& loop_;
  Log& log_;
  std::vector<ProcessMatch> monitors_;
  Counted counted_;
  ProcessTable table_;
  std::map<pid_t, UniqueFd> held_;
  UniqueFd connector_;
  Timer scanTimer_;
  bool needsCommandLine_ = false;
  bool hasStarted_ = false;
  bool saysTooMany_ = true;
};

}  // namespace holdfast::watchd
