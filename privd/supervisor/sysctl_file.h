// A setting of the kernel beneath /proc/sys.
#pragma once

#include <string>
#include <string_view>

#include "ipc/result.h"

namespace holdfast::supervisor {

// Its text, of at most 64 bytes, without the line feed.
[[nodiscard]] Result<std::string> readSysctl(const char* path);
[[nodiscard]] Status writeSysctl(const char* path, std::string_view text);

}  // namespace holdfast::supervisor
