// The look at every configured script when a configuration is loaded, so that an operator hears of
// an unsafe or missing script then and not at the first failover. Its scriptd looks again before
// each run.
#pragma once

#include <string>
#include <vector>

#include "privd/supervisor/plan.h"

namespace holdfast::supervisor {

struct ScriptReport {
  std::vector<std::string> lines;  // for the log, in the order of the configuration
  bool insecure = false;           // at least one could be replaced by somebody else
  bool unusable = false;           // at least one can never run
  bool securityViolation = false;  // scripts run, and enable_script_security is not set
};

[[nodiscard]] ScriptReport checkScripts(const Plan& plan);

}  // namespace holdfast::supervisor
