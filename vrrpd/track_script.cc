#include "vrrpd/track_script.h"

#include <cstring>

#include "ipc/concat.h"

namespace holdfast::vrrpd {

bool TrackScript::record(const ScriptOutcome& outcome, Actions& out) {
  logStatusChange(outcome, out);
  const Condition observed = outcome.isSuccess() ? Condition::kGood : Condition::kBad;
  if (observed == condition_) {
    contrary_ = 0;
    return false;
  }
  ++contrary_;
  if (contrary_ < contraryNeeded()) {
    return false;
  }
  contrary_ = 0;
  condition_ = observed;
  if (condition_ == Condition::kGood) {
    logInfo(out, concat("VRRP_Script(", config_.name, ") succeeded"));
  } else {
    logFailure(outcome, out);
  }
  return true;
}

std::uint32_t TrackScript::contraryNeeded() const {
  switch (condition_) {
    case Condition::kUnknown:
      return 1;
    case Condition::kGood:
      return config_.fall;
    case Condition::kBad:
      return config_.rise;
  }
  return 1;
}

void TrackScript::logStatusChange(const ScriptOutcome& outcome, Actions& out) {
  if (outcome.kind == ScriptOutcome::Kind::kExited && outcome.status != lastStatus_) {
    lastStatus_ = outcome.status;
    logInfo(out, concat("Script `", config_.name, "` now returning ", outcome.status));
  }
}

void TrackScript::logFailure(const ScriptOutcome& outcome, Actions& out) const {
  const std::string script = concat("VRRP_Script(", config_.name, ")");
  switch (outcome.kind) {
    case ScriptOutcome::Kind::kExited:
      logInfo(out, concat(script, " failed (exited with status ", outcome.status, ")"));
      return;
    case ScriptOutcome::Kind::kSignalled:
      logInfo(out, concat(script, " failed (due to signal ", outcome.status, ")"));
      return;
    case ScriptOutcome::Kind::kTimedOut:
      logInfo(out, concat(script, " timed_out"));
      return;
    case ScriptOutcome::Kind::kNotStarted:
      logInfo(out, concat(script, " failed (could not be started: ",
                          outcome.status == 0 ? "its path was refused"
                                              : std::strerror(static_cast<int>(outcome.status)),
                          ")"));
      return;
  }
}

}  // namespace holdfast::vrrpd
