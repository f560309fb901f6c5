#include "scriptd/command.h"

namespace holdfast::scriptd {

using policy::ScriptFinding;
using policy::ScriptSeverity;

bool Command::maySay(Log& log, TimePoint now) {
  if (!budget_.take(now)) {
    return false;
  }
  if (const std::size_t refused = budget_.takeRefused(); refused > 0) {
    log.info(label_ + ": " + std::to_string(refused) + " lines left out");
  }
  return true;
}

void Command::noteVerdict(Log& log, TimePoint now, const policy::ScriptVerdict& verdict,
                          policy::ScriptIdentity identity, bool scriptSecurity) {
  if (verdict.format == policy::ScriptFormat::kPlainText && !plainTextNoted_) {
    plainTextNoted_ = true;
    log.warning("Please add a #! shebang to script " + path() + " - running it with /bin/sh");
  }
  const ScriptFinding* finding = verdict.worst();
  const bool same = finding == nullptr ? !lastFinding_ : lastFinding_ == *finding;
  if (same || !maySay(log, now)) {
    return;
  }
  if (finding == nullptr) {
    lastFinding_.reset();
    log.info("Script " + path() + " is in order again");
    return;
  }
  lastFinding_ = *finding;
  const std::string why = describe(*finding, identity);
  switch (severityOf(finding->problem)) {
    case ScriptSeverity::kUnusable:
      log.error(label_ + " cannot run " + path() + ": " + why);
      return;
    case ScriptSeverity::kUnsafe:
      if (scriptSecurity) {
        log.error("Unsafe permissions found for script '" + path() + "' - disabling: " + why);
      } else {
        log.warning("Unsafe permissions found for script '" + path() +
                    "' - running it, since script_security is not enabled: " + why);
      }
      return;
    case ScriptSeverity::kUnchecked:
      log.warning(label_ + ": " + why);
      return;
  }
}

void Command::noteStart(Log& log, TimePoint now, const Status& started) {
  const std::string error = started ? std::string() : started.error().message;
  if (error == lastError_ || (!error.empty() && !maySay(log, now))) {
    return;
  }
  lastError_ = error;
  if (!error.empty()) {
    log.error("Error exec-ing command '" + path() + "': " + error);
  }
}

void Command::noteOutput(Log& log, TimePoint now, std::string_view line) {
  if (line == lastLine_ || !maySay(log, now)) {
    return;
  }
  lastLine_ = line;
  log.info(label_ + ": " + std::string(line));
}

}  // namespace holdfast::scriptd
