// keepalived is its genhash too: under that name, and with --genhash. Here it is another program.
#pragma once

#include <span>

namespace holdfast::supervisor {

[[nodiscard]] bool isForGenhash(std::span<char* const> arguments);

// Goes on as that program, with what the user who started this one has. Comes back with an exit
// status only where there is no such program.
[[nodiscard]] int becomeGenhash(std::span<char* const> arguments);

}  // namespace holdfast::supervisor
