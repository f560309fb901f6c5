// /proc, as far as processes are recognized by it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::watchd {

// Every process that can be seen; threads are none.
[[nodiscard]] std::vector<pid_t> allPids();

// Its name, of 15 bytes at most; nullopt where there is no such process, or none that can be seen.
[[nodiscard]] std::optional<std::string> nameOfProcess(pid_t pid);

// Its words, each with a NUL behind it, and kMaxCommandLine bytes at most.
[[nodiscard]] std::string commandLineOf(pid_t pid);

// Whether processes of other users are hidden (hidepid=, or ProtectProc= in the unit).
[[nodiscard]] bool areOthersHidden();

// A name in /proc: the number, where it is one.
[[nodiscard]] std::optional<pid_t> parsePid(std::string_view name);

}  // namespace holdfast::watchd
