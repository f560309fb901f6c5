// What the supervisor takes from its environment before it is cleared. Nothing else is ever read.
#pragma once

#include <string>

#include "ipc/time.h"

namespace holdfast::supervisor {

struct Environment {
  std::string notifySocket;              // NOTIFY_SOCKET
  std::string runtimeDirectory;          // the first of RUNTIME_DIRECTORY
  std::string credentialsDirectory;      // CREDENTIALS_DIRECTORY: secrets of the configuration
  Duration watchdog = Duration::zero();  // WATCHDOG_USEC, where it is meant for this process
};

// Reads and clears.
[[nodiscard]] Environment takeEnvironment();

}  // namespace holdfast::supervisor
