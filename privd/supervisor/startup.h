// From the command line to a running Supervisor, and back to an exit status.
#pragma once

#include <span>

namespace holdfast::supervisor {

// The whole program.
[[nodiscard]] int run(std::span<char* const> arguments);

}  // namespace holdfast::supervisor
