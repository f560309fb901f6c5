// The counters of an instance as keepalived.stats shows them, which monitoring reads.
#pragma once

#include <string>
#include <string_view>

#include "vrrpd/receive_checks.h"
#include "vrrpd/virtual_router.h"

namespace holdfast::vrrpd {

// Appends the lines of one instance, in keepalived's layout.
void appendStatistics(std::string& out, std::string_view name, const RouterCounters& router,
                      const ReceiveCounters& received);

// The same as members of a JSON object, with keepalived's names.
void appendStatisticsJson(std::string& out, const RouterCounters& router,
                          const ReceiveCounters& received);

}  // namespace holdfast::vrrpd
