#include "vrrpd/received_datagram.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace holdfast::vrrpd {
namespace {

struct Ipv6Around {
  IpAddress destination;
  int hopLimit = -1;
};

Ipv6Around controlMessagesOf(msghdr& message) {
  Ipv6Around around;
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level != IPPROTO_IPV6) {
      continue;
    }
    if (control->cmsg_type == IPV6_PKTINFO && control->cmsg_len >= CMSG_LEN(sizeof(in6_pktinfo))) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(control), sizeof(info));
      around.destination = IpAddress::fromIpv6(info.ipi6_addr);
    } else if (control->cmsg_type == IPV6_HOPLIMIT &&
               control->cmsg_len >= CMSG_LEN(sizeof(around.hopLimit))) {
      std::memcpy(&around.hopLimit, CMSG_DATA(control), sizeof(around.hopLimit));
    }
  }
  return around;
}

std::optional<Envelope> openIpv6(std::span<const std::uint8_t> payload,
                                 const sockaddr_storage& from, msghdr& message) {
  const Ipv6Around around = controlMessagesOf(message);
  if (around.hopLimit < 0 || from.ss_family != AF_INET6) {
    return std::nullopt;
  }
  sockaddr_in6 source{};
  std::memcpy(&source, &from, sizeof(source));
  return envelopeIpv6(payload, IpAddress::fromIpv6(source.sin6_addr), around.destination,
                      static_cast<std::uint8_t>(around.hopLimit));
}

}  // namespace

std::optional<ReceivedDatagram> takeDatagram(int fd, AddressFamily family, DatagramBuffer& buffer) {
  alignas(cmsghdr) std::array<char, 256> control;
  sockaddr_storage from{};
  iovec vector{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof(from);
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = ::recvmsg(fd, &message, MSG_DONTWAIT);
  if (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
    size = ::recvmsg(fd, &message, MSG_DONTWAIT);
  }
  if (size < 0) {
    return std::nullopt;
  }
  const std::span<const std::uint8_t> bytes(buffer.data(), static_cast<std::size_t>(size));
  return ReceivedDatagram{.bytes = bytes.size(),
                          .virtualRouterId = virtualRouterIdAt(bytes, family),
                          .envelope = family == AddressFamily::kIpv4
                                          ? openIpv4(bytes)
                                          : openIpv6(bytes, from, message)};
}

}  // namespace holdfast::vrrpd
