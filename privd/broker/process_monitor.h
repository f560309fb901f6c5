// The kernel's process connector, finished: what is to be told is chosen and locked. Who gets it
// can read which processes are born, run another program or take another name, and nothing else.
#pragma once

#include "ipc/result.h"
#include "ipc/unique_fd.h"
#include "privd/broker/netlink_socket.h"

namespace holdfast::privd {

// Non-blocking. An Error, with the errno, in any namespace but the first ones.
[[nodiscard]] Result<UniqueFd> openProcessMonitor(const ReceiveBuffer& buffer);

}  // namespace holdfast::privd
