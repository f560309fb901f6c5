// Runs of MISC_CHECK scripts that checkd has asked scriptds for.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "checkd/attempt.h"
#include "checkd/configuration.h"
#include "checkd/script_link.h"
#include "ipc/event_loop.h"
#include "ipc/time.h"

namespace holdfast::checkd {

// Owned by the Daemon. Each run has a number: the end of one that was abandoned ends no other.
class ScriptRuns {
 public:
  // How much longer than its time limit a run may take until its scriptd has ended it.
  static constexpr Duration kMargin = std::chrono::seconds(5);

  // Nothing: its scriptd is gone.
  using Ended = std::function<void(const std::optional<ScriptEnd>& end)>;
  // Has the scriptd of that identity run it; false: there is none.
  using Ask =
      std::function<bool(IdentityId identity, std::uint32_t script, std::uint32_t sequence)>;

  explicit ScriptRuns(Ask ask) : ask_(std::move(ask)) {}

  // False: it cannot run now, and `ended` will not be called.
  [[nodiscard]] bool run(const MiscCheck& check, Ended ended);
  // What it ends with is not wanted any more.
  void abandon(const MiscCheck& check) { waiting_.erase({check.identity, check.script}); }

  void ended(IdentityId identity, std::uint32_t script, const ScriptEnd& end);
  // The scriptd of that identity is gone.
  void lost(IdentityId identity);

 private:
  struct Run {
    std::uint32_t sequence = 0;
    Ended ended;
  };

  Ask ask_;
  std::map<std::pair<IdentityId, std::uint32_t>, Run> waiting_;
  std::uint32_t asked_ = 0;
};

// MISC_CHECK: one run. A scriptd that cannot end it in time is not waited for: it has failed.
[[nodiscard]] std::unique_ptr<Attempt> makeMiscAttempt(EventLoop& loop, ScriptRuns& runs,
                                                       const MiscCheck& check, Attempt::Done done);

}  // namespace holdfast::checkd
