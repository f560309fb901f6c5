// How a process runs: what a configuration can say about its place among the others of the machine
// (vrrp_priority and the like).
#pragma once

#include <string>
#include <vector>

#include "ipc/result.h"
#include "ipc/time.h"

namespace holdfast::supervisor {

struct ProcessSettings {
  std::string name;  // as ps -o comm shows it; empty for the program's
  int niceness = 0;
  int realtimePriority = 0;      // SCHED_RR; 0 for none
  Duration realtimeLimit{};      // RLIMIT_RTTIME while it is realtime
  bool noSwap = false;           // it may lock all of its memory
  std::vector<unsigned> cpus{};  // empty for all
};

// Between fork and exec, before privileges are handed over: the worker itself may not. Each
// Error names the keyword without its process; whatever can be set is.
[[nodiscard]] std::vector<Error> apply(const ProcessSettings& settings);

// Before the supervisor drops what this takes: its children can be allowed to lock their memory.
// They are not until apply() does it.
void keepMemoryLimitOpen();

}  // namespace holdfast::supervisor
