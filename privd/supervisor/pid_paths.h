// Where files of the running daemon are. What a configured instance name and a network namespace
// put into names: pid files, state files, syslog idents.
#pragma once

#include <string>

#include "privd/supervisor/command_line.h"
#include "privd/supervisor/environment.h"
#include "privd/supervisor/plan.h"
#include "privd/supervisor/state_dump.h"

namespace holdfast::supervisor {

struct PidPaths {
  // To be made when it is missing, and removed with the last pid file in it. Empty: not ours.
  std::string directory;
  std::string supervisor;
  std::string vrrpd;
  std::string checkd;
};

// The command line's, else the configuration's; empty: that of the start.
[[nodiscard]] const std::string& netNamespaceOf(const CommandLine& line, const Plan& plan);

// "_NETNS_INSTANCE", each only where there is one, in keepalived's order.
[[nodiscard]] std::string nameSuffix(const CommandLine& line, const Plan& plan);

// keepalived's places (/run/keepalived.pid, or /run/keepalived/keepalived_INSTANCE.pid), unless the
// command line or the service manager's RUNTIME_DIRECTORY names others.
[[nodiscard]] PidPaths pidPaths(const CommandLine& line, const Plan& plan,
                                const Environment& environment);

// Where what a signal asks for is written to: beside the pid files, unless the configuration says
// otherwise.
[[nodiscard]] std::string dumpPath(StateDump::What what, const CommandLine& line, const Plan& plan,
                                   const Environment& environment);

}  // namespace holdfast::supervisor
