// What every process finds at its start: its descriptors' numbers (docs/design.md, Descriptors),
// and nothing in its environment, but for confd.
#pragma once

#include <string_view>

namespace holdfast {

inline constexpr int kControlFd =
    3;                            // ControlRequest in, ControlEvent out (confd: CompilerEvent out)
inline constexpr int kLogFd = 4;  // LogLine out

// Before the names of variables that are for the configuration's ${_ENV NAME}, so that neither the
// loader nor a library takes one for its own.
inline constexpr std::string_view kVariablePrefix = "HOLDFAST_ENV_";

}  // namespace holdfast
