// MISC_CHECK, once.
#pragma once

#include <memory>

#include "checkd/attempt.h"
#include "checkd/configuration.h"
#include "checkd/script_runs.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// What the end of a run says of the server. The why is as keepalived's log has it: "failed (exited
// with status 1)".
[[nodiscard]] Verdict verdictOf(const MiscCheck& check, const ScriptOutcome& outcome);

// All but `done` is borrowed, and outlives the attempt.
[[nodiscard]] std::unique_ptr<Attempt> makeMiscAttempt(EventLoop& loop, ScriptRuns& scripts,
                                                       const MiscCheck& check, Attempt::Done done);

}  // namespace holdfast::checkd
