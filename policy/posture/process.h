// What /proc tells about one running process of ours. Gathered by holdfast-posture, which reads and
// never changes anything.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policy/process_status.h"
#include "policy/role.h"

namespace holdfast::policy {

// How many sockets of each kind: "unix", "netlink route", "packet", "raw vrrp", "tcp", ...
using SocketCounts = std::map<std::string, int>;

// Ends of FIFOs that have a name.
struct FifoCounts {
  int toRead = 0;
  int toWrite = 0;
};

struct ObservedProcess {
  ProcessStatus status;
  std::optional<Role> role;  // nullopt: a script, or what a script started
  std::string executable;    // the last component of /proc/PID/exe
  // Whether it can be inspected and dumps core; nullopt for uid 0, where /proc cannot tell.
  std::optional<bool> dumpable;
  SocketCounts sockets;
  FifoCounts fifos;
};

// The supervisor first, then its children in the order of their pids, each followed by its own.
// Processes that end meanwhile are left out. An Error: there is no such process, or it is not a
// supervisor.
[[nodiscard]] Result<std::vector<ObservedProcess>> observeTree(pid_t supervisor);

}  // namespace holdfast::policy
