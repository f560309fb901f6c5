// Where the pid files are.
#pragma once

#include <string>

#include "privd/supervisor/command_line.h"
#include "privd/supervisor/environment.h"
#include "privd/supervisor/plan.h"

namespace holdfast::supervisor {

struct PidPaths {
  std::string supervisor;
  std::string vrrpd;
};

// keepalived's places (/run/keepalived.pid, or /run/keepalived/keepalived_INSTANCE.pid), unless the
// command line or the service manager's RUNTIME_DIRECTORY names others.
[[nodiscard]] PidPaths pidPaths(const CommandLine& line, const Plan& plan,
                                const Environment& environment);

}  // namespace holdfast::supervisor
