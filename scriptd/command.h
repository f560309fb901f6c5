// One script or hook as it was configured, and what has been said about it in the log.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/log.h"
#include "ipc/result.h"
#include "ipc/time.h"
#include "policy/script_path.h"
#include "scriptd/output_filter.h"

namespace holdfast::scriptd {

class Command {
 public:
  // `label` is how the log calls it: "VRRP_Script(chk)". `arguments` are not empty.
  Command(std::string label, std::vector<std::string> arguments)
      : label_(std::move(label)), arguments_(std::move(arguments)) {}

  [[nodiscard]] const std::string& label() const { return label_; }
  [[nodiscard]] const std::string& path() const { return arguments_.front(); }
  [[nodiscard]] const std::vector<std::string>& arguments() const { return arguments_; }

  // Each says something only when it is not what was said before, and within the line budget.
  void noteVerdict(Log& log, TimePoint now, const policy::ScriptVerdict& verdict,
                   policy::ScriptIdentity identity, bool scriptSecurity);
  void noteStart(Log& log, TimePoint now, const Status& started);
  void noteOutput(Log& log, TimePoint now, std::string_view line);

 private:
  [[nodiscard]] bool maySay(Log& log, TimePoint now);

  std::string label_;
  std::vector<std::string> arguments_;
  std::optional<policy::ScriptFinding> lastFinding_;
  std::string lastError_;
  std::string lastLine_;
  bool plainTextNoted_ = false;
  LineBudget budget_;
};

}  // namespace holdfast::scriptd
