// The plan as sealed messages, one memfd for each reader.
#pragma once

#include <vector>

#include "config/plan.h"
#include "ipc/result.h"
#include "ipc/unique_fd.h"

namespace holdfast::config {

struct SealedPlan {
  UniqueFd supervisor;
  UniqueFd privd;
  UniqueFd vrrpd;
  UniqueFd ipvs;  // for privd; these two where a virtual_server is configured
  UniqueFd checkd;
  std::vector<UniqueFd> scriptds;  // by identity
  UniqueFd bfdd;
  UniqueFd mgmtd;
  UniqueFd watchd;  // where there is something to watch
};

[[nodiscard]] Result<SealedPlan> seal(const Plan& plan);

// For a check, which starts nobody: the supervisor's alone. What making the others could say is
// that one is too large; where that might be they are made too.
[[nodiscard]] Result<SealedPlan> sealForCheck(const Plan& plan, const Source& source);

}  // namespace holdfast::config
