// The text of /etc/holdfast/policy: rows of a keyword and values, '#' begins a comment
// (holdfast-policy(5)).
#pragma once

#include <string_view>

#include "ipc/result.h"
#include "policy/site/site_policy.h"

namespace holdfast::policy {

inline constexpr std::size_t kMaxSitePolicyBytes = 65'536;

// Nothing is skipped: a row that cannot be read is an Error, which names its line.
[[nodiscard]] Result<SitePolicy> parseSitePolicy(std::string_view text);

}  // namespace holdfast::policy
