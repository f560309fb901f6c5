// The filters of vrrpd's receive sockets: classic BPF, run by the kernel on each packet before it
// reaches the socket (Documentation/networking/filter.rst of the kernel).
#pragma once

#include <linux/filter.h>

#include <vector>

#include "privd/broker/kernel.h"

namespace holdfast::privd {

using SocketFilter = std::vector<sock_filter>;

[[nodiscard]] SocketFilter dropEverything();

// Accepts VRRP, behind an authentication header (RFC 2402) where the plan says so, with one of the
// plan's virtual router ids. A raw IPv6 socket sees no IPv6 header, and only VRRP.
[[nodiscard]] SocketFilter acceptAdvertisements(const ReceiveSocketPlan& plan);

}  // namespace holdfast::privd
