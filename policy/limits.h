// The resource limits of each role.
#pragma once

#include <sys/resource.h>

#include <span>

#include "ipc/result.h"
#include "policy/role.h"

namespace holdfast::policy {

struct Limit {
  int resource;  // RLIMIT_*
  rlim_t value;
  bool hard;  // false: what the process starts can raise it again
  const char* reason;
};

[[nodiscard]] std::span<const Limit> limitsOf(Role role);

// Sets one limit. Never raises: a lower hard limit that the process was started with stays.
[[nodiscard]] Status applyLimit(const Limit& limit);

}  // namespace holdfast::policy
