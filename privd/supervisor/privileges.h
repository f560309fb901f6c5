// What the supervisor may do at its start, and what is left of it once it runs.
#pragma once

#include <string>
#include <vector>

#include "ipc/result.h"
#include "privd/supervisor/log_sink.h"
#include "privd/supervisor/plan.h"
#include "privd/supervisor/worker_specs.h"

namespace holdfast::supervisor {

// An Error names the capability that is missing.
[[nodiscard]] Status checkPermissions();

// What the plan cannot have is said and left out of it.
void checkLowPorts(Plan& plan, LogSink& log);

// Enters /run/netns/NAME; nothing for an empty name. Needs CAP_SYS_ADMIN, which is dropped later.
[[nodiscard]] Status enterNetNamespace(const std::string& name);

// Started as root, each worker has a system user of its own; an Error says which one is missing.
// Started as another user, the workers share it.
[[nodiscard]] Result<WorkerUsers> workerUsers();

// Keeps only what this configuration needs, for ever: a reload that would need more is refused.
// Answers with one line for the log.
[[nodiscard]] Result<std::string> dropPrivileges(const Plan& plan, const WorkerUsers& users,
                                                 std::vector<int> keepDescriptors);

}  // namespace holdfast::supervisor
