// Directories of files, also of those that are not there.
#pragma once

#include <string>

namespace holdfast::watchd {

// Of an absolute path: "/" of "/file".
[[nodiscard]] std::string directoryOf(const std::string& path);

// The directory itself, or the first one above it that can be entered.
[[nodiscard]] std::string nearestExisting(const std::string& directory);

}  // namespace holdfast::watchd
