// One compilation outside the supervisor's loop: for -t, and before the start.
#pragma once

#include "privd/supervisor/command_line.h"
#include "privd/supervisor/compiler.h"

namespace holdfast::supervisor {

// Waits until confd has ended, kTimeLimit at most. SIGCHLD has to be blocked.
[[nodiscard]] Result<Compilation> compileOnce(const CommandLine& line,
                                              const LogReader::Consumer& consumer);

}  // namespace holdfast::supervisor
