// What docs/design.md promises about each process, compared with what runs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "policy/posture/process.h"

namespace holdfast::policy {

// What an auditor asks first of a role, in words.
[[nodiscard]] std::string_view promiseOf(Role role);

struct Judgement {
  // A promise that is not kept.
  std::vector<std::string> differences;
  // Allowed by the design, because somebody configured it or started it so, and said out loud.
  std::vector<std::string> findings;
};

// `processes` is as observeTree gives it: the supervisor first.
[[nodiscard]] Judgement judge(std::span<const ObservedProcess> processes);

}  // namespace holdfast::policy
