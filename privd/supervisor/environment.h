// What the supervisor takes from its environment before it is cleared. Nothing else is ever read.
#pragma once

#include <string>

namespace holdfast::supervisor {

struct Environment {
  std::string notifySocket;      // NOTIFY_SOCKET
  std::string runtimeDirectory;  // the first of RUNTIME_DIRECTORY
};

// Reads and clears.
[[nodiscard]] Environment takeEnvironment();

}  // namespace holdfast::supervisor
