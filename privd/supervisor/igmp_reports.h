// disable_local_igmp: the kernel tells routers nothing of groups in 224.0.0.0/24 (ip-sysctl,
// igmp_link_local_mcast_reports), so a VMAC has nothing to tell of the group of VRRP.
#pragma once

#include <string>

#include "privd/supervisor/log_sink.h"
#include "privd/supervisor/plan.h"

namespace holdfast::supervisor {

class IgmpReports {
 public:
  // Where the plan says so. To be called in the daemon's network namespace, before the drop. What
  // cannot be done is logged.
  void disable(const Plan& plan, LogSink& log);
  // As it was before. A supervisor that is killed leaves it as it is.
  void putBack(LogSink& log);

 private:
  std::string before_;  // empty: nothing was changed
};

}  // namespace holdfast::supervisor
