// What all netlink sockets of the broker have in common. None of them ever blocks.
#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "ipc/result.h"
#include "ipc/unique_fd.h"

namespace holdfast::privd {

[[nodiscard]] Result<UniqueFd> openNetlink(int protocol);

// How much is kept until it is read.
struct ReceiveBuffer {
  std::uint32_t bytes = 0;  // 0 for what there is already
  bool force = false;       // also beyond net.core.rmem_max
};
[[nodiscard]] Status setReceiveBuffer(int fd, const ReceiveBuffer& buffer);

struct NetlinkDatagram {
  int error = 0;
  std::span<std::byte> bytes;  // empty when it was not from the kernel
};

// A datagram that does not fit counts as lost: ENOBUFS. EAGAIN where there is none.
[[nodiscard]] NetlinkDatagram receiveNetlink(int fd, std::span<std::byte> buffer);

// To the kernel.
[[nodiscard]] Status sendNetlink(int fd, std::span<const std::byte> bytes);

// The errno value of a NLMSG_ERROR or NLMSG_DONE; a message too short for one has `whenMissing`.
[[nodiscard]] int readNetlinkError(nlmsghdr* header, int whenMissing);

}  // namespace holdfast::privd
