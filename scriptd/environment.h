// The environment of a script: built, never inherited.
#pragma once

#include <string>
#include <vector>

#include "policy/script_path.h"

namespace holdfast::scriptd {

// NAME=value words: PATH, LANG=C, SHELL, HOME, USER, LOGNAME. Without script security PATH is the
// usual one of a system service; with it, only those of its directories that nobody else could put
// a command into. HOME is as /etc/passwd has it, or / for a user that is not there.
[[nodiscard]] std::vector<std::string> buildEnvironment(const std::string& userName,
                                                        policy::ScriptIdentity identity,
                                                        bool scriptSecurity);

}  // namespace holdfast::scriptd
