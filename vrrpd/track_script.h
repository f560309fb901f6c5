// A tracked script as its instances see it: the ends of its runs, counted by rise and fall.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "vrrpd/action.h"
#include "vrrpd/priority.h"

namespace holdfast::vrrpd {

struct ScriptOutcome {
  enum class Kind : std::uint8_t { kExited, kSignalled, kTimedOut, kNotStarted };
  Kind kind = Kind::kExited;
  std::uint32_t status = 0;  // exit status, signal, or errno (0: the check of its path refused it)

  [[nodiscard]] bool isSuccess() const { return kind == Kind::kExited && status == 0; }
  friend bool operator==(const ScriptOutcome&, const ScriptOutcome&) = default;
};

struct TrackScriptConfig {
  std::string name;
  std::uint32_t rise = 1;  // so many successes in a row make a failed script good again
  std::uint32_t fall = 1;  // so many failures in a row make a good one failed
  bool initFail = false;   // failed until `rise` successes; else its first run decides
  bool neverRuns = false;  // failed for good: nobody may or can run it
};

// Owned by vrrpd, one for each vrrp_script. Without a clock: when to run and how long is scriptd's
// business.
class TrackScript {
 public:
  explicit TrackScript(TrackScriptConfig config)
      : config_(std::move(config)),
        condition_(config_.initFail || config_.neverRuns ? Condition::kBad : Condition::kUnknown) {}

  // After a crash of this process the first run decides, init_fail or not: the script has not
  // just begun.
  void carryOn() { condition_ = config_.neverRuns ? Condition::kBad : Condition::kUnknown; }

  // A run has ended. Returns whether condition() changed.
  bool record(const ScriptOutcome& outcome, Actions& out);

  // kUnknown until the first run has ended; with init_fail, or without runs, never.
  [[nodiscard]] Condition condition() const { return condition_; }
  [[nodiscard]] const std::string& name() const { return config_.name; }

 private:
  [[nodiscard]] std::uint32_t contraryNeeded() const;
  void logStatusChange(const ScriptOutcome& outcome, Actions& out);
  void logFailure(const ScriptOutcome& outcome, Actions& out) const;

  TrackScriptConfig config_;
  Condition condition_;
  std::uint32_t contrary_ = 0;  // outcomes in a row that speak against condition_
  std::uint32_t lastStatus_ = 0;
};

}  // namespace holdfast::vrrpd
