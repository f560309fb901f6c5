// Where the scripts of MISC_CHECK run: in a scriptd, never here.
#pragma once

#include <functional>
#include <memory>

#include "ipc/ids.h"
#include "ipc/script_outcome.h"

namespace holdfast::checkd {

// Owned by the Daemon, borrowed by every attempt.
class ScriptRuns {
 public:
  // Called once, from the event loop and never from run().
  using Ended = std::function<void(const ScriptOutcome& outcome)>;
  // Destroying it takes the request back: `ended` is not called any more.
  class Pending {
   public:
    Pending() = default;
    virtual ~Pending() = default;
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;
  };

  virtual ~ScriptRuns() = default;

  // `check` is an index of ScriptConfig.checks of this identity; one run of it at a time. The
  // scriptd holds it to its time limit; while there is no scriptd, it waits.
  [[nodiscard]] virtual std::unique_ptr<Pending> run(IdentityId identity, std::uint32_t check,
                                                     Ended ended) = 0;
};

}  // namespace holdfast::checkd
