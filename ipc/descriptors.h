// The descriptor numbers that every process finds at its start (docs/design.md, Descriptors).
#pragma once

namespace holdfast {

inline constexpr int kControlFd =
    3;                            // ControlRequest in, ControlEvent out (confd: CompilerEvent out)
inline constexpr int kLogFd = 4;  // LogLine out

}  // namespace holdfast
