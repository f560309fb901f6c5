// The filter behind restrictIdentities, apart so that it can be evaluated by a test.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <span>
#include <vector>

namespace holdfast::policy {

// setresuid only to `users`, setresgid only to `groups` (each of the three ids, or -1); every other
// call that changes an id is refused with EPERM; all else is allowed.
[[nodiscard]] std::vector<sock_filter> identityProgram(std::span<const std::uint32_t> users,
                                                       std::span<const std::uint32_t> groups);

}  // namespace holdfast::policy
