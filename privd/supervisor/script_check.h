// The look at every configured script when a configuration is loaded, so that an operator hears of
// an unsafe or missing script then and not at the first failover. Its scriptd looks again before
// each run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "privd/supervisor/plan.h"

namespace holdfast::supervisor {

struct ScriptMessage {
  bool warning = true;  // else a notice
  std::string file;     // of the statement that names the script; empty for what holds for all
  std::uint32_t line = 0;
  std::string message;

  // As confd writes its own: the file is named where the configuration is more than one.
  [[nodiscard]] std::string text(bool withFile) const;
};

struct ScriptReport {
  std::vector<ScriptMessage> messages;  // in the order of the configuration
  bool insecure = false;                // at least one could be replaced by somebody else
  bool unusable = false;                // at least one can never run
  bool checkUnusable = false;           // that is a check, and it fails
  // Scripts run, and enable_script_security is not set.
  bool vrrpScriptsUnguarded = false;
  bool serverScriptsUnguarded = false;

  [[nodiscard]] bool isViolation() const {
    return vrrpScriptsUnguarded || serverScriptsUnguarded || insecure;
  }
};

[[nodiscard]] ScriptReport checkScripts(const Plan& plan);

}  // namespace holdfast::supervisor
