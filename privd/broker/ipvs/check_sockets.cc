#include "privd/broker/ipvs/check_sockets.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "privd/broker/socket_options.h"

namespace holdfast::privd::ipvs {
namespace {

constexpr int kOn = 1;

Result<UniqueFd> openSocket(const CheckSocket& plan) {
  const bool ipv4 = plan.family == AddressFamily::kIpv4;
  int type = SOCK_DGRAM;
  int protocol = IPPROTO_UDP;
  switch (plan.kind) {
    case CheckSocket::Kind::kTcp:
      type = SOCK_STREAM;
      protocol = IPPROTO_TCP;
      break;
    case CheckSocket::Kind::kUdp:
      break;
    case CheckSocket::Kind::kPing:
      protocol = ipv4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
      break;
  }
  UniqueFd fd(::socket(socketFamily(plan.family), type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  return fd ? Result<UniqueFd>(std::move(fd)) : Result<UniqueFd>(systemError("socket"));
}

Status setOptions(int fd, const CheckSocket& plan) {
  SocketOptions options(fd);
  if (plan.mark != 0) {
    options.set(SOL_SOCKET, SO_MARK, plan.mark, "SO_MARK");
  }
  if (!plan.interface.empty()) {
    std::array<char, IFNAMSIZ> name{};
    plan.interface.copy(name.data(), name.size() - 1);
    options.set(SOL_SOCKET, SO_BINDTODEVICE, name, "SO_BINDTODEVICE");
  }
  if (plan.sourcePort != 0) {
    // The connection of the check before lingers for a minute.
    options.set(SOL_SOCKET, SO_REUSEADDR, kOn, "SO_REUSEADDR");
  } else if (plan.source && plan.kind == CheckSocket::Kind::kTcp) {
    // The same port can serve connections to different servers.
    options.set(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, kOn, "IP_BIND_ADDRESS_NO_PORT");
  }
  return options.status();
}

Status bindSource(int fd, const CheckSocket& plan) {
  if (!plan.source && plan.sourcePort == 0) {
    return success();
  }
  int bound = 0;
  if (plan.family == AddressFamily::kIpv4) {
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_port = htons(plan.sourcePort);
    from.sin_addr = plan.source ? plan.source->toIpv4() : in_addr{INADDR_ANY};
    bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof(from));
  } else {
    sockaddr_in6 from{};
    from.sin6_family = AF_INET6;
    from.sin6_port = htons(plan.sourcePort);
    from.sin6_addr = plan.source ? plan.source->toIpv6() : in6addr_any;
    bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof(from));
  }
  return bound == 0 ? success() : Status(systemError("bind"));
}

}  // namespace

Result<UniqueFd> openCheckSocket(const CheckSocket& plan) {
  Result<UniqueFd> fd = openSocket(plan);
  if (!fd) {
    return fd;
  }
  Status status = setOptions(fd->get(), plan);
  status = status ? bindSource(fd->get(), plan) : status;
  return status ? std::move(fd) : Result<UniqueFd>(status.error());
}

}  // namespace holdfast::privd::ipvs
