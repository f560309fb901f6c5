// A file that other programs read while it is replaced.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "ipc/result.h"

namespace holdfast::supervisor {

// Puts the first `bytes` of `memory` in the place of the file `path`, whole or not at all. What is
// there is replaced, a link too, and never followed.
[[nodiscard]] Status publish(const std::string& path, mode_t mode, int memory, std::size_t bytes);
// The same with a text, in a file of mode 0600.
[[nodiscard]] Status publish(const std::string& path, std::string text);

}  // namespace holdfast::supervisor
