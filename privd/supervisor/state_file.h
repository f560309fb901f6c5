// A file that other programs read while it is replaced.
#pragma once

#include <cstddef>
#include <string>

#include "ipc/result.h"

namespace holdfast::supervisor {

// Puts the first `bytes` of `memory` in the place of the file `path`, whole or not at all. What is
// there is replaced, a link too, and never followed. Its mode is 0600.
[[nodiscard]] Status publish(const std::string& path, int memory, std::size_t bytes);
// The same with a text.
[[nodiscard]] Status publish(const std::string& path, std::string text);

}  // namespace holdfast::supervisor
