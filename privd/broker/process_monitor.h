// The kernel's process connector, finished: what is to be told is chosen and locked. Who gets it
// can read which processes are born, run another program or take another name, and nothing else.
#pragma once

#include <cstdint>

#include "ipc/result.h"
#include "ipc/unique_fd.h"

namespace holdfast::privd {

// How much of its news is kept until it is read.
struct ProcessMonitorBuffer {
  std::uint32_t bytes = 0;  // 0 for the system's default
  bool force = false;       // also beyond rmem_max
};

// Non-blocking. An Error, with the errno, in any namespace but the first ones.
[[nodiscard]] Result<UniqueFd> openProcessMonitor(const ProcessMonitorBuffer& buffer);

}  // namespace holdfast::privd
