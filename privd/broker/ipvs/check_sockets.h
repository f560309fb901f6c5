// The sockets for checks that take a privilege: a mark, a low port, a device. checkd gets them
// finished but for their connection.
#pragma once

#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "privd/broker/ipvs/configuration.h"

namespace holdfast::privd::ipvs {

// One for ping is a datagram socket of ICMP, which can ask for echoes and nothing else
// (net.ipv4.ping_group_range has to have privd's group): whoever holds a raw one could forge
// packets.
[[nodiscard]] Result<UniqueFd> openCheckSocket(const CheckSocket& plan);

}  // namespace holdfast::privd::ipvs
