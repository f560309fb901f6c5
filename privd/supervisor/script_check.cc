#include "privd/supervisor/script_check.h"

#include "policy/script_path.h"

namespace holdfast::supervisor {
namespace {

std::string consequence(const policy::ScriptFinding& worst, bool scriptSecurity) {
  switch (policy::severityOf(worst.problem)) {
    case policy::ScriptSeverity::kUnchecked:
      return "cannot be checked now; it is checked before every run";
    case policy::ScriptSeverity::kUnsafe:
      return scriptSecurity ? "Unsafe permissions found for script - disabling"
                            : "Unsafe permissions found for script";
    case policy::ScriptSeverity::kUnusable:
      return "cannot be run";
  }
  return {};
}

void checkScript(const Plan& plan, const IdentityPlan& identity, const ScriptPlan& script,
                 ScriptReport& report) {
  const policy::ScriptIdentity user{identity.uid, identity.gid};
  const policy::ScriptVerdict verdict = policy::walkScriptPath(script.path, user);
  const bool unusable = verdict.unusable.has_value();
  report.insecure |= verdict.unsafe.has_value();
  report.unusable |= unusable;
  report.checkUnusable |= unusable && script.isCheck;
  if (!unusable && !plan.scriptSecurity) {
    (script.ofServers ? report.serverScriptsUnguarded : report.vrrpScriptsUnguarded) = true;
  }
  if (const policy::ScriptFinding* worst = verdict.worst()) {
    report.messages.push_back({script.isCheck || !unusable, script.file, script.line,
                               script.usedBy + " '" + script.path +
                                   "': " + consequence(*worst, plan.scriptSecurity) + ": " +
                                   policy::describe(*worst, user)});
  }
}

void sayUnguarded(ScriptReport& report, const char* which) {
  report.messages.push_back({true,
                             {},
                             0,
                             std::string("SECURITY VIOLATION - ") + which +
                                 " are being executed but script_security not enabled." +
                                 (report.insecure ? " There are insecure scripts." : "")});
}

}  // namespace

std::string ScriptMessage::text(bool withFile) const {
  if (line == 0) {
    return message;
  }
  return "(" + (withFile ? file + ": " : "") + "Line " + std::to_string(line) + ") " + message;
}

ScriptReport checkScripts(const Plan& plan) {
  ScriptReport report;
  for (const IdentityPlan& identity : plan.identities) {
    for (const ScriptPlan& script : identity.scripts) {
      checkScript(plan, identity, script, report);
    }
    if (identity.uid == 0) {
      report.messages.push_back(
          {false,
           {},
           0,
           "scripts run as root with all of root's powers: name a user with script_user or user"});
    }
  }
  if (report.vrrpScriptsUnguarded) {
    sayUnguarded(report, "scripts");
  }
  if (report.serverScriptsUnguarded) {
    sayUnguarded(report, "check scripts");
  }
  return report;
}

}  // namespace holdfast::supervisor
