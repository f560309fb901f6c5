// What /proc/PID/status says about who a process is and what it may do. Read by the drop about
// itself, and by posture about everybody.
#pragma once

#include <sys/types.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/result.h"
#include "policy/capabilities.h"

namespace holdfast::policy {

struct ProcessStatus {
  std::string name;
  pid_t pid = 0;
  pid_t parent = 0;
  // Real, effective, saved, filesystem.
  std::array<uid_t, 4> uids{};
  std::array<gid_t, 4> gids{};
  std::vector<gid_t> groups;
  CapabilitySet inheritable;
  CapabilitySet permitted;
  CapabilitySet effective;
  CapabilitySet bounding;
  CapabilitySet ambient;
  bool noNewPrivileges = false;
  unsigned seccompMode = 0;     // 0 none, 1 strict, 2 filter
  unsigned seccompFilters = 0;  // how many are in force; 0 also where the kernel does not tell
};

// Refuses a text in which one of the fields above (except the number of filters) is missing.
[[nodiscard]] Result<ProcessStatus> parseProcessStatus(std::string_view text);

// `path` is /proc/self/status or /proc/PID/status.
[[nodiscard]] Result<ProcessStatus> readProcessStatus(const std::string& path);

}  // namespace holdfast::policy
