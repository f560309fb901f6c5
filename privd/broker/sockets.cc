#include "privd/broker/sockets.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/pkt_sched.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "privd/broker/socket_filter.h"
#include "privd/broker/socket_options.h"

namespace holdfast::privd {
namespace {

// RFC 9568, 5.1.1.4 and keepalived's practice: internetwork control.
constexpr int kTypeOfService = 0xc0;
constexpr int kMulticastTtl = 255;
constexpr int kChecksumOffset = 6;  // in the VRRP header, all versions
// Bytes of a receive buffer. The second is what the kernel gives unless net.core.rmem_default says
// otherwise.
constexpr std::uint32_t kRoomForARouter = 8192;
constexpr std::uint32_t kUsualBuffer = 208 << 10;
constexpr int kLoopbackIndex = 1;  // LOOPBACK_IFINDEX of the kernel, in every namespace
constexpr int kOn = 1;
constexpr int kOff = 0;

using Options = SocketOptions;

void setFilter(Options& options, SocketFilter program) {
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  options.set(SOL_SOCKET, SO_ATTACH_FILTER, filter, "SO_ATTACH_FILTER");
}

// Throws away what came in between socket(2) and the first filter.
void drain(int fd) {
  std::array<char, 1> byte{};
  while (::recv(fd, byte.data(), byte.size(), MSG_DONTWAIT | MSG_TRUNC) >= 0) {
  }
}

Result<UniqueFd> openRaw(AddressFamily family, bool authenticationHeader) {
  UniqueFd fd(::socket(socketFamily(family), SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                       authenticationHeader ? IPPROTO_AH : kVrrpProtocol));
  if (!fd) {
    return systemError("raw socket");
  }
  return fd;
}

void bindToDevice(Options& options, int index) {
  if (index != 0) {
    options.set(SOL_SOCKET, SO_BINDTOIFINDEX, index, "SO_BINDTOIFINDEX");
  }
}

void joinGroup(Options& options, const ReceiveSocketPlan& plan) {
  if (plan.family == AddressFamily::kIpv4) {
    // Without this, a socket gets what any other socket of the host has joined.
    options.set(IPPROTO_IP, IP_MULTICAST_ALL, kOff, "IP_MULTICAST_ALL");
    if (plan.group) {
      const ip_mreqn membership{plan.group->toIpv4(), {}, plan.index};
      options.set(IPPROTO_IP, IP_ADD_MEMBERSHIP, membership, "IP_ADD_MEMBERSHIP");
    }
    return;
  }
  options.set(IPPROTO_IPV6, IPV6_MULTICAST_ALL, kOff, "IPV6_MULTICAST_ALL");
  if (plan.group) {
    const ipv6_mreq membership{plan.group->toIpv6(), static_cast<unsigned>(plan.index)};
    options.set(IPPROTO_IPV6, IPV6_JOIN_GROUP, membership, "IPV6_JOIN_GROUP");
  }
}

void setBuffer(Options& options, const ReceiveSocketPlan& plan) {
  const std::uint32_t needed = plan.bufferBytes + plan.unsized * kRoomForARouter;
  // What is configured for one of them must not leave less than usual to another.
  if (plan.unsized == 0 || needed > kUsualBuffer) {
    const int value = static_cast<int>(needed);
    options.set(SOL_SOCKET, SO_RCVBUFFORCE, value, "SO_RCVBUFFORCE");
  }
}

void setMulticastSender(Options& options, const SendSocketPlan& plan) {
  if (plan.family == AddressFamily::kIpv4) {
    const ip_mreqn interface { {}, plan.source.toIpv4(), plan.index };
    options.set(IPPROTO_IP, IP_MULTICAST_IF, interface, "IP_MULTICAST_IF");
    options.set(IPPROTO_IP, IP_MULTICAST_TTL, kMulticastTtl, "IP_MULTICAST_TTL");
    options.set(IPPROTO_IP, IP_MULTICAST_LOOP, kOff, "IP_MULTICAST_LOOP");
  } else {
    options.set(IPPROTO_IPV6, IPV6_MULTICAST_IF, plan.index, "IPV6_MULTICAST_IF");
    options.set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, kMulticastTtl, "IPV6_MULTICAST_HOPS");
    options.set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, kOff, "IPV6_MULTICAST_LOOP");
  }
  options.set(SOL_SOCKET, SO_DONTROUTE, kOn, "SO_DONTROUTE");
}

void setHeader(Options& options, const SendSocketPlan& plan) {
  const int ttl = plan.ttl;
  if (plan.family == AddressFamily::kIpv4) {
    options.set(IPPROTO_IP, IP_TOS, kTypeOfService, "IP_TOS");
    options.set(IPPROTO_IP, IP_TTL, ttl, "IP_TTL");
    // No DF flag, as keepalived; but without it older kernels do not count the identification.
    const int discovery = plan.authenticationHeader ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;
    options.set(IPPROTO_IP, IP_MTU_DISCOVER, discovery, "IP_MTU_DISCOVER");
  } else {
    options.set(IPPROTO_IPV6, IPV6_TCLASS, kTypeOfService, "IPV6_TCLASS");
    options.set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl, "IPV6_UNICAST_HOPS");
    options.set(IPPROTO_IPV6, IPV6_CHECKSUM, kChecksumOffset, "IPV6_CHECKSUM");
    if (plan.isOnAnother) {
      options.set(IPPROTO_IPV6, IPV6_FREEBIND, kOn, "IPV6_FREEBIND");
    }
  }
  if (plan.destination.isMulticast()) {
    setMulticastSender(options, plan);
  }
  // After IP_TOS, which sets the priority too.
  const int priority = TC_PRIO_CONTROL;
  options.set(SOL_SOCKET, SO_PRIORITY, priority, "SO_PRIORITY");
}

// A link-local address or a group means something only on its link.
sockaddr_storage socketAddress(const IpAddress& address, int index, socklen_t& size) {
  sockaddr_storage storage{};
  if (address.family == AddressFamily::kIpv4) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    ipv4.sin_addr = address.toIpv4();
    size = sizeof(ipv4);
    std::memcpy(&storage, &ipv4, sizeof(ipv4));
    return storage;
  }
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_addr = address.toIpv6();
  if (address.isIpv6LinkLocal() || address.isMulticast()) {
    ipv6.sin6_scope_id = static_cast<unsigned>(index);
  }
  size = sizeof(ipv6);
  std::memcpy(&storage, &ipv6, sizeof(ipv6));
  return storage;
}

Status fixEnds(int fd, const SendSocketPlan& plan) {
  socklen_t size = 0;
  const sockaddr_storage source = socketAddress(plan.source, plan.index, size);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&source), size) != 0) {
    return systemError("bind to " + plan.source.toString());
  }
  const sockaddr_storage destination = socketAddress(plan.destination, plan.index, size);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&destination), size) != 0) {
    return systemError("connect to " + plan.destination.toString());
  }
  return success();
}

// The IP identification of the packet that has just been sent, which the kernel hands back.
Result<std::uint16_t> takeIdentification(int fd) {
  constexpr std::size_t kEthernetBytes = 14;
  std::array<std::uint8_t, kEthernetBytes + sizeof(iphdr)> packet{};
  const ssize_t size =
      ::recv(fd, packet.data(), packet.size(), MSG_ERRQUEUE | MSG_DONTWAIT | MSG_TRUNC);
  if (size < 0) {
    return systemError("IP identification");
  }
  constexpr std::size_t kAt = kEthernetBytes + offsetof(iphdr, id);
  return static_cast<std::uint16_t>(packet[kAt] << 8 | packet[kAt + 1]);
}

// From a packet that does not leave the host: it goes to the loopback device, where nobody has its
// destination.
Result<std::uint16_t> learnIdentification(int fd, const SendSocketPlan& plan) {
  Options options(fd);
  options.set(SOL_SOCKET, SO_BINDTOIFINDEX, kLoopbackIndex, "SO_BINDTOIFINDEX");
  options.set(IPPROTO_IP, IP_TTL, kOn, "IP_TTL");
  options.set(IPPROTO_IP, IP_MULTICAST_TTL, kOff, "IP_MULTICAST_TTL");
  const int handBack = SOF_TIMESTAMPING_TX_SOFTWARE;
  options.set(SOL_SOCKET, SO_TIMESTAMPING, handBack, "SO_TIMESTAMPING");
  if (options.status() && ::send(fd, nullptr, 0, MSG_DONTWAIT) != 0) {
    return systemError("IP identification: loopback device");
  }
  const Result<std::uint16_t> identification = takeIdentification(fd);
  const int ttl = plan.ttl;
  options.set(SOL_SOCKET, SO_TIMESTAMPING, kOff, "SO_TIMESTAMPING");
  options.set(IPPROTO_IP, IP_TTL, ttl, "IP_TTL");
  options.set(IPPROTO_IP, IP_MULTICAST_TTL, kMulticastTtl, "IP_MULTICAST_TTL");
  options.set(SOL_SOCKET, SO_BINDTOIFINDEX, plan.index, "SO_BINDTOIFINDEX");
  if (!options.status()) {
    return options.status().error();
  }
  return identification;
}

}  // namespace

Result<UniqueFd> openReceiveSocket(const ReceiveSocketPlan& plan) {
  Result<UniqueFd> fd = openRaw(plan.family, plan.authenticationHeader);
  if (!fd) {
    return fd;
  }
  Options options(fd->get());
  setFilter(options, dropEverything());
  drain(fd->get());
  bindToDevice(options, plan.index);
  joinGroup(options, plan);
  if (plan.family == AddressFamily::kIpv6) {
    options.set(IPPROTO_IPV6, IPV6_CHECKSUM, kChecksumOffset, "IPV6_CHECKSUM");
    options.set(IPPROTO_IPV6, IPV6_RECVPKTINFO, kOn, "IPV6_RECVPKTINFO");
    options.set(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, kOn, "IPV6_RECVHOPLIMIT");
  }
  setBuffer(options, plan);
  setFilter(options, acceptAdvertisements(plan));
  options.set(SOL_SOCKET, SO_LOCK_FILTER, kOn, "SO_LOCK_FILTER");
  if (!options.status()) {
    return options.status().error();
  }
  return fd;
}

Result<SendSocket> openSendSocket(const SendSocketPlan& plan) {
  Result<UniqueFd> fd = openRaw(plan.family, plan.authenticationHeader);
  if (!fd) {
    return fd.error();
  }
  Options options(fd->get());
  setFilter(options, dropEverything());
  options.set(SOL_SOCKET, SO_LOCK_FILTER, kOn, "SO_LOCK_FILTER");
  options.set(SOL_SOCKET, SO_RCVBUF, kOff, "SO_RCVBUF");
  bindToDevice(options, plan.index);
  setHeader(options, plan);
  if (!options.status()) {
    return options.status().error();
  }
  drain(fd->get());
  if (Status fixed = fixEnds(fd->get(), plan); !fixed) {
    return fixed.error();
  }
  SendSocket socket{.fd = std::move(fd).value()};
  if (plan.authenticationHeader) {
    const Result<std::uint16_t> identification = learnIdentification(socket.fd.get(), plan);
    if (!identification) {
      return identification.error();
    }
    socket.identification = *identification;
  }
  return socket;
}

}  // namespace holdfast::privd
