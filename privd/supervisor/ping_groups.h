// Who may send echo requests: the kernel lets members of a range of groups have ICMP datagram
// sockets, which can do nothing else (icmp(7), ping_group_range).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "privd/supervisor/log_sink.h"
#include "privd/supervisor/plan.h"
#include "privd/supervisor/worker_specs.h"

namespace holdfast::supervisor {

// The range `present` ("1\t0" for nobody) made wide enough for these two; nothing where it is
// already, or is no range.
[[nodiscard]] std::optional<std::string> widenedRange(std::string_view present, gid_t one,
                                                      gid_t other);

// Where the plan needs it: the groups of checkd and privd may. To be called in the daemon's network
// namespace, before the drop. What cannot be done is logged: PING_CHECKs will fail.
void letPing(const Plan& plan, const WorkerUsers& users, LogSink& log);

}  // namespace holdfast::supervisor
