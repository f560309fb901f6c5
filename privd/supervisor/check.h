// holdfast -t: what the configuration has to be told, and an exit status. It starts confd and
// nothing else, signals nobody, and touches no pid file.
#pragma once

#include "privd/supervisor/command_line.h"

namespace holdfast::supervisor {

[[nodiscard]] int runCheck(const CommandLine& line);

}  // namespace holdfast::supervisor
