// /etc/holdfast/policy itself: only what nobody but root can have written counts.
#pragma once

#include <optional>
#include <string>

#include "ipc/result.h"

namespace holdfast::policy {

// nullopt where there is no such file. An Error where it cannot be read, or where somebody else
// could replace it or write to it: what to do about it is in there.
[[nodiscard]] Result<std::optional<std::string>> readSitePolicyFile(const std::string& path);

}  // namespace holdfast::policy
