// What the supervisor takes from its environment before it is cleared. The rest only confd gets,
// for
// ${_ENV NAME} in the configuration.
#pragma once

#include <string>
#include <vector>

#include "ipc/time.h"

namespace holdfast::supervisor {

struct Environment {
  std::string notifySocket;              // NOTIFY_SOCKET
  std::string runtimeDirectory;          // the first of RUNTIME_DIRECTORY
  std::string credentialsDirectory;      // CREDENTIALS_DIRECTORY: secrets of the configuration
  Duration watchdog = Duration::zero();  // WATCHDOG_USEC, where it is meant for this process
  std::vector<std::string> variables;    // all of it, NAME=VALUE behind kVariablePrefix
};

// Reads and clears.
[[nodiscard]] Environment takeEnvironment();

}  // namespace holdfast::supervisor
