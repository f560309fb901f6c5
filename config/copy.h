// The configuration as a text to keep (config_save_dir).
#pragma once

#include <string>

#include "config/source.h"

namespace holdfast::config {

// The lines as they were understood: what includes, conditions and parameters have become, each
// file under its name. Secrets are masked.
[[nodiscard]] std::string copyOf(const Source& source);

}  // namespace holdfast::config
