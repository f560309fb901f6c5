// Which workers a configuration needs, and how each is started.
#pragma once

#include <sys/types.h>

#include <vector>

#include "privd/supervisor/plan.h"
#include "privd/supervisor/worker.h"

namespace holdfast::supervisor {

// Whom the workers become.
struct WorkerUsers {
  uid_t privdUid = 0;
  gid_t privdGid = 0;
  uid_t vrrpdUid = 0;
  gid_t vrrpdGid = 0;
  uid_t checkdUid = 0;
  gid_t checkdGid = 0;
};

// In the order in which they are started. Log lines of more than this detail stay in the workers.
[[nodiscard]] std::vector<WorkerSpec> workersFor(const Plan& plan, const WorkerUsers& users,
                                                 int logDetail);

}  // namespace holdfast::supervisor
