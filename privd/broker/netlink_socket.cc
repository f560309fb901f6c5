#include "privd/broker/netlink_socket.h"

#include <linux/netlink.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace holdfast::privd {

Result<UniqueFd> openNetlink(int protocol) {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  return fd ? Result<UniqueFd>(std::move(fd)) : Result<UniqueFd>(systemError("netlink socket"));
}

Status setReceiveBuffer(int fd, const ReceiveBuffer& buffer) {
  const auto bytes = static_cast<int>(buffer.bytes);
  const int option = buffer.force ? SO_RCVBUFFORCE : SO_RCVBUF;
  if (bytes != 0 && ::setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof(bytes)) != 0) {
    return systemError("netlink: receive buffer");
  }
  return success();
}

NetlinkDatagram receiveNetlink(int fd, std::span<std::byte> buffer) {
  sockaddr_nl sender{};
  socklen_t senderSize = sizeof(sender);
  ssize_t size = 0;
  do {
    size = ::recvfrom(fd, buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC,
                      reinterpret_cast<sockaddr*>(&sender), &senderSize);
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    return {errno, {}};
  }
  const auto bytes = static_cast<std::size_t>(size);
  if (bytes > buffer.size()) {
    return {ENOBUFS, {}};
  }
  // Port 0 is the kernel.
  if (senderSize != sizeof(sender) || sender.nl_pid != 0) {
    return {};
  }
  return {0, buffer.first(bytes)};
}

Status sendNetlink(int fd, std::span<const std::byte> bytes) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent = 0;
  do {
    sent = ::sendto(fd, bytes.data(), bytes.size(), MSG_DONTWAIT,
                    reinterpret_cast<const sockaddr*>(&kernel), sizeof(kernel));
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? Status(systemError("send to netlink")) : success();
}

int readNetlinkError(nlmsghdr* header, int whenMissing) {
  int error = 0;
  if (static_cast<std::size_t>(nlmsg_datalen(header)) < sizeof(error)) {
    return whenMissing;
  }
  std::memcpy(&error, nlmsg_data(header), sizeof(error));
  return error < 0 && error > -4096 ? -error : (error == 0 ? 0 : EPROTO);
}

}  // namespace holdfast::privd
