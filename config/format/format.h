// The canonical layout of a configuration file: one statement a line, four spaces for each block,
// comments where they were. What the file means stays the same.
#pragma once

#include <string>
#include <string_view>

#include "ipc/result.h"

namespace holdfast::config {

// Works on this one file's text and follows no include. An Error where the result would be larger
// than a configuration file may be.
[[nodiscard]] Result<std::string> format(std::string_view text);

// The number of the first line in which they differ; 0 where they are the same.
[[nodiscard]] std::size_t firstDifference(std::string_view before, std::string_view after);

}  // namespace holdfast::config
