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

namespace holdfast::checkd {

// Owned by the Daemon. At most one run of a script is under way for whoever waits for it.
class ScriptRuns {
 public:
  // Nothing: its scriptd is gone.
  using Ended = std::function<void(const std::optional<ScriptEnd>& end)>;
  // Has the scriptd of that identity run it; false: there is none.
  using Ask = std::function<bool(IdentityId identity, std::uint32_t script)>;

  explicit ScriptRuns(Ask ask) : ask_(std::move(ask)) {}

  // False: it cannot run now, and `ended` will not be called.
  [[nodiscard]] bool run(const MiscCheck& check, Ended ended);
  // What it ends with is not wanted any more.
  void abandon(const MiscCheck& check) { waiting_.erase({check.identity, check.script}); }

  void ended(IdentityId identity, std::uint32_t script, const std::optional<ScriptEnd>& end);
  // The scriptd of that identity is gone.
  void lost(IdentityId identity);

 private:
  Ask ask_;
  std::map<std::pair<IdentityId, std::uint32_t>, Ended> waiting_;
};

// MISC_CHECK: one run.
[[nodiscard]] std::unique_ptr<Attempt> makeMiscAttempt(EventLoop& loop, ScriptRuns& runs,
                                                       const MiscCheck& check, Attempt::Done done);

}  // namespace holdfast::checkd
