// Finished sockets and frames, seen from the other end of the cable.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "network_lab.h"
#include "privd/broker/frames.h"
#include "privd/broker/linux_kernel.h"
#include "privd/broker/sockets.h"

namespace holdfast::privd {
namespace {

using Bytes = std::vector<std::uint8_t>;

// A VRRP PDU for `router`: version 2, no addresses; the checksum is left to the kernel or nobody.
Bytes advert(std::uint8_t router) {
  return {0x21, router, 100, 0, 0, 1, 0, 0};
}

struct Packet {
  Bytes bytes;
  int hopLimit = -1;
  std::optional<in6_pktinfo> info;
};

// What arrives within a time that only a failure reaches.
std::optional<Packet> receive(int fd, int milliseconds = 10000) {
  pollfd poll{fd, POLLIN, 0};
  if (::poll(&poll, 1, milliseconds) != 1) {
    return std::nullopt;
  }
  Packet packet;
  packet.bytes.resize(2048);
  alignas(cmsghdr) std::array<char, 256> control{};
  iovec part{packet.bytes.data(), packet.bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t size = ::recvmsg(fd, &header, MSG_DONTWAIT);
  if (size < 0) {
    return std::nullopt;
  }
  packet.bytes.resize(static_cast<std::size_t>(size));
  for (cmsghdr* cmsg = CMSG_FIRSTHDR(&header); cmsg != nullptr; cmsg = CMSG_NXTHDR(&header, cmsg)) {
    if (cmsg->cmsg_type == IPV6_HOPLIMIT) {
      std::memcpy(&packet.hopLimit, CMSG_DATA(cmsg), sizeof(int));
    } else if (cmsg->cmsg_type == IPV6_PKTINFO) {
      packet.info.emplace();
      std::memcpy(&*packet.info, CMSG_DATA(cmsg), sizeof(in6_pktinfo));
    }
  }
  return packet;
}

void sendAdvert(const UniqueFd& fd, std::uint8_t router) {
  const Bytes bytes = advert(router);
  EXPECT_EQ(::send(fd.get(), bytes.data(), bytes.size(), 0), 8) << std::strerror(errno);
}

class SocketsKernelTest : public LabTest {
 protected:
  static IpAddress ip(const char* text) { return *IpAddress::parse(text); }
  static VirtualRouterIds only(std::uint8_t id) { return VirtualRouterIds().set(id); }

  UniqueFd receiver(const ReceiveSocketPlan& plan) {
    Result<UniqueFd> fd = openReceiveSocket(plan);
    EXPECT_TRUE(fd) << fd.error().message;
    return std::move(fd).value();
  }
  static UniqueFd sender(const SendSocketPlan& plan) {
    Result<SendSocket> socket = openSendSocket(plan);
    EXPECT_TRUE(socket) << socket.error().message;
    return std::move(socket).value().fd;
  }
  UniqueFd receiverThere(ReceiveSocketPlan plan) {
    return lab_->inThere([&] {
      plan.index = indexOf("e1");
      return receiver(plan);
    });
  }
};

TEST_F(SocketsKernelTest, SendsIpv4MulticastAsTheRfcSays) {
  const UniqueFd there =
      receiverThere({AddressFamily::kIpv4, only(10), 0, ip("224.0.0.18"), 1 << 20});
  const UniqueFd here =
      sender({AddressFamily::kIpv4, indexOf("e0"), ip("10.9.0.1"), ip("224.0.0.18"), 255});
  sendAdvert(here, 11);
  sendAdvert(here, 10);
  const auto packet = receive(there.get());
  ASSERT_TRUE(packet);
  ASSERT_EQ(packet->bytes.size(), 28U);
  const Bytes& bytes = packet->bytes;
  EXPECT_EQ(bytes[1], 0xc0) << "internetwork control";
  EXPECT_EQ(bytes[6], 0) << "no fragment flags";
  EXPECT_EQ(bytes[8], 255) << "TTL";
  EXPECT_EQ(bytes[9], kVrrpProtocol);
  EXPECT_EQ((Bytes{bytes.begin() + 12, bytes.begin() + 20}), (Bytes{10, 9, 0, 1, 224, 0, 0, 18}));
  EXPECT_EQ(bytes[21], 10) << "the advertisement for router 11 is filtered";
  EXPECT_FALSE(receive(there.get(), 0));
}

TEST_F(SocketsKernelTest, HearsEveryRouterThatListensThere) {
  VirtualRouterIds several;
  for (const std::size_t id : {1U, 31U, 32U, 100U, 255U}) {
    several.set(id);
  }
  for (const auto family : {AddressFamily::kIpv4, AddressFamily::kIpv6}) {
    const bool isIpv4 = family == AddressFamily::kIpv4;
    const IpAddress group = ip(isIpv4 ? "224.0.0.18" : "ff02::12");
    const UniqueFd there = receiverThere({family, several, 0, group, 0});
    const UniqueFd here =
        sender({family, indexOf("e0"), ip(isIpv4 ? "10.9.0.1" : "fe80::ff:fe00:1"), group, 255});
    VirtualRouterIds heard;
    for (std::size_t id = 0; id < several.size(); ++id) {
      sendAdvert(here, static_cast<std::uint8_t>(id));
      if (several[id]) {
        const auto packet = receive(there.get());
        ASSERT_TRUE(packet) << id;
        heard.set(packet->bytes[isIpv4 ? 21 : 1]);
      }
    }
    EXPECT_EQ(heard, several);
    EXPECT_FALSE(receive(there.get(), 0));
  }
}

TEST_F(SocketsKernelTest, HasRoomForABurstOfEveryRouterThatListensThere) {
  const auto roomOf = [&](std::uint32_t bytes, std::uint32_t unsized) {
    const UniqueFd fd =
        receiver({AddressFamily::kIpv4, VirtualRouterIds().set(), 0, std::nullopt, bytes, unsized});
    int value = 0;
    socklen_t size = sizeof(value);
    EXPECT_EQ(::getsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &value, &size), 0);
    return value;
  };
  EXPECT_EQ(roomOf(0, 256), 2 * 256 * 8192);
  EXPECT_EQ(roomOf(65536, 0), 2 * 65536) << "as configured";
  EXPECT_EQ(roomOf(65536, 255), 2 * (65536 + 255 * 8192));
  EXPECT_GT(roomOf(4096, 1), 2 * 65536) << "one that says little leaves the other what is usual";
}

TEST_F(SocketsKernelTest, SendsIpv4UnicastToItsPeer) {
  const UniqueFd there = receiverThere({AddressFamily::kIpv4, only(10), 0, std::nullopt, 0});
  const UniqueFd anyDevice = sender({AddressFamily::kIpv4, 0, ip("10.9.0.1"), ip("10.9.0.2"), 7});
  sendAdvert(anyDevice, 10);
  const auto packet = receive(there.get());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->bytes[8], 7) << "unicast_ttl";
  EXPECT_EQ(packet->bytes[19], 2);
}

TEST_F(SocketsKernelTest, SendsIpv6FromTheLinkLocalAddress) {
  const IpAddress source = ip("fe80::ff:fe00:1");
  const UniqueFd there = receiverThere({AddressFamily::kIpv6, only(10), 0, ip("ff02::12"), 0});
  const UniqueFd here = sender({AddressFamily::kIpv6, indexOf("e0"), source, ip("ff02::12"), 255});
  sendAdvert(here, 11);
  sendAdvert(here, 10);
  const auto packet = receive(there.get());
  ASSERT_TRUE(packet);
  ASSERT_EQ(packet->bytes.size(), 8U) << "a raw IPv6 socket shows the PDU alone";
  EXPECT_EQ(packet->bytes[1], 10);
  EXPECT_NE(packet->bytes[6] << 8 | packet->bytes[7], 0) << "the kernel fills the checksum in";
  EXPECT_EQ(packet->hopLimit, 255);
  ASSERT_TRUE(packet->info);
  EXPECT_EQ(IpAddress::fromIpv6(packet->info->ipi6_addr), ip("ff02::12"));
}

TEST_F(SocketsKernelTest, SendsIpv6UnicastToItsPeer) {
  const UniqueFd there = receiverThere({AddressFamily::kIpv6, only(10), 0, std::nullopt, 0});
  const UniqueFd here = sender(
      {AddressFamily::kIpv6, indexOf("e0"), ip("fe80::ff:fe00:1"), ip("fe80::ff:fe00:2"), 64});
  sendAdvert(here, 10);
  const auto packet = receive(there.get());
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->hopLimit, 64);
}

TEST_F(SocketsKernelTest, ReceivesOnItsOwnDeviceOnly) {
  NetworkLab::run(
      "ip link add x0 type veth peer name x1 && ip link set x0 up && "
      "ip link set x1 up && ip addr add 10.7.0.1/24 dev x0");
  const UniqueFd other =
      receiver({AddressFamily::kIpv4, only(10), indexOf("x0"), ip("224.0.0.18"), 0});
  const UniqueFd own =
      receiver({AddressFamily::kIpv4, only(10), indexOf("e0"), ip("224.0.0.18"), 0});
  const UniqueFd there = lab_->inThere([&] {
    return sender({AddressFamily::kIpv4, indexOf("e1"), ip("10.9.0.2"), ip("224.0.0.18"), 255});
  });
  sendAdvert(there, 10);
  EXPECT_TRUE(receive(own.get()));
  EXPECT_FALSE(receive(other.get(), 0));
}

TEST_F(SocketsKernelTest, WithoutTheGroupNothingOfItArrives) {
  // Another socket of this host has joined; this one is for unicast.
  const UniqueFd joined =
      receiver({AddressFamily::kIpv4, only(10), indexOf("e0"), ip("224.0.0.18"), 0});
  const UniqueFd unicast =
      receiver({AddressFamily::kIpv4, only(10), indexOf("e0"), std::nullopt, 0});
  const UniqueFd there = lab_->inThere([&] {
    return sender({AddressFamily::kIpv4, indexOf("e1"), ip("10.9.0.2"), ip("224.0.0.18"), 255});
  });
  sendAdvert(there, 10);
  EXPECT_TRUE(receive(joined.get()));
  EXPECT_FALSE(receive(unicast.get(), 0));
}

TEST_F(SocketsKernelTest, ASendSocketReceivesNothing) {
  const UniqueFd here =
      sender({AddressFamily::kIpv4, indexOf("e0"), ip("10.9.0.1"), ip("10.9.0.2"), 255});
  const UniqueFd listening =
      receiver({AddressFamily::kIpv4, only(10), indexOf("e0"), std::nullopt, 0});
  const UniqueFd there = lab_->inThere([&] {
    return sender({AddressFamily::kIpv4, indexOf("e1"), ip("10.9.0.2"), ip("10.9.0.1"), 255});
  });
  sendAdvert(there, 10);
  EXPECT_TRUE(receive(listening.get()));
  EXPECT_FALSE(receive(here.get(), 0));
}

TEST_F(SocketsKernelTest, TheirFiltersAreLocked) {
  const UniqueFd fds[] = {
      receiver({AddressFamily::kIpv4, only(10), indexOf("e0"), ip("224.0.0.18"), 0}),
      receiver({AddressFamily::kIpv6, only(10), indexOf("e0"), ip("ff02::12"), 0}),
      sender({AddressFamily::kIpv4, indexOf("e0"), ip("10.9.0.1"), ip("224.0.0.18"), 255}),
      sender({AddressFamily::kIpv6, indexOf("e0"), ip("fe80::ff:fe00:1"), ip("ff02::12"), 255}),
  };
  for (const UniqueFd& fd : fds) {
    int value = 0;
    socklen_t size = sizeof(value);
    EXPECT_EQ(::getsockopt(fd.get(), SOL_SOCKET, SO_LOCK_FILTER, &value, &size), 0);
    EXPECT_EQ(value, 1);
    EXPECT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_DETACH_FILTER, &value, sizeof(value)), -1);
    EXPECT_EQ(errno, EPERM);
    sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0xffffffff);
    const sock_fprog program{1, &all};
    EXPECT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)), -1);
    EXPECT_EQ(errno, EPERM);
    value = 0;
    EXPECT_EQ(::setsockopt(fd.get(), SOL_SOCKET, SO_LOCK_FILTER, &value, sizeof(value)), -1);
    EXPECT_NE(::fcntl(fd.get(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, 0);
  }
}

// An authentication header with VRRP behind it for `router`; nothing is right but what is filtered.
Bytes sealedAdvert(std::uint8_t router) {
  Bytes bytes(24);
  bytes[0] = kVrrpProtocol;
  const Bytes pdu = advert(router);
  bytes.insert(bytes.end(), pdu.begin(), pdu.end());
  return bytes;
}

// The check value covers the identification, so whoever sends has to know it beforehand.
TEST_F(SocketsKernelTest, KnowsTheIdentificationOfAuthenticatedPackets) {
  for (const char* to : {"224.0.0.18", "10.9.0.2"}) {
    const bool isMulticast = ip(to).isMulticast();
    const UniqueFd there =
        receiverThere({.family = AddressFamily::kIpv4,
                       .virtualRouterIds = only(10),
                       .group = isMulticast ? std::optional(ip(to)) : std::nullopt,
                       .authenticationHeader = true});
    Result<SendSocket> here = openSendSocket({.family = AddressFamily::kIpv4,
                                              .index = indexOf("e0"),
                                              .source = ip("10.9.0.1"),
                                              .destination = ip(to),
                                              .ttl = 200,
                                              .authenticationHeader = true});
    ASSERT_TRUE(here) << here.error().message;
    const Bytes other = sealedAdvert(11);
    const Bytes ours = sealedAdvert(10);
    ASSERT_EQ(::send(here->fd.get(), other.data(), other.size(), 0), 32);
    ASSERT_EQ(::send(here->fd.get(), ours.data(), ours.size(), 0), 32);
    const auto packet = receive(there.get());
    ASSERT_TRUE(packet);
    const Bytes& bytes = packet->bytes;
    ASSERT_EQ(bytes.size(), 52U) << "what the identification was learnt from stays on this host";
    EXPECT_EQ(bytes[4] << 8 | bytes[5], static_cast<std::uint16_t>(here->identification + 2)) << to;
    EXPECT_EQ(bytes[8], isMulticast ? 255 : 200);
    EXPECT_EQ(bytes[9], IPPROTO_AH);
    EXPECT_EQ(bytes[45], 10) << "the advertisement for router 11 is filtered";
    EXPECT_FALSE(receive(there.get(), 0));
    char byte = 0;
    EXPECT_LT(::recv(here->fd.get(), &byte, 1, MSG_ERRQUEUE | MSG_DONTWAIT), 0)
        << "nothing more is handed back";
  }
}

TEST_F(SocketsKernelTest, SendSocketsHaveControlPriority) {
  const UniqueFd fd =
      sender({AddressFamily::kIpv4, indexOf("e0"), ip("10.9.0.1"), ip("224.0.0.18"), 255});
  int value = 0;
  socklen_t size = sizeof(value);
  EXPECT_EQ(::getsockopt(fd.get(), SOL_SOCKET, SO_PRIORITY, &value, &size), 0);
  EXPECT_EQ(value, 7);
  EXPECT_EQ(::getsockopt(fd.get(), IPPROTO_IP, IP_MULTICAST_LOOP, &value, &size), 0);
  EXPECT_EQ(value, 0);
}

TEST_F(SocketsKernelTest, SaysWhatIsMissing) {
  const auto noSource =
      openSendSocket({AddressFamily::kIpv4, indexOf("e0"), ip("10.9.0.77"), ip("10.9.0.2"), 255});
  ASSERT_FALSE(noSource);
  EXPECT_EQ(noSource.error().code, EADDRNOTAVAIL);
  const auto noRoute =
      openSendSocket({AddressFamily::kIpv4, 0, ip("10.9.0.1"), ip("192.0.2.1"), 255});
  ASSERT_FALSE(noRoute);
  EXPECT_EQ(noRoute.error().code, ENETUNREACH);
  const auto noDevice =
      openReceiveSocket({AddressFamily::kIpv4, only(10), 999, ip("224.0.0.18"), 0});
  ASSERT_FALSE(noDevice);
  EXPECT_EQ(noDevice.error().code, ENODEV);
}

TEST_F(SocketsKernelTest, AnnouncementsArriveAsTheyWereBuilt) {
  const UniqueFd capture = lab_->inThere([] {
    UniqueFd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL)));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = indexOf("e1");
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  });
  LinuxKernel kernel = std::move(LinuxKernel::open().value());
  const MacAddress mac{2, 0, 0, 0, 0, 1};
  const ArpFrame arp = buildGratuitousArp(mac, ip("10.9.0.101"));
  const NeighbourAdvertFrame advertisement = buildNeighbourAdvert(mac, ip("fd00::1"), false);
  EXPECT_EQ(kernel.sendFrame(indexOf("e0"), arp), 0);
  EXPECT_EQ(kernel.sendFrame(indexOf("e0"), advertisement), 0);
  EXPECT_EQ(kernel.sendFrame(999, arp), ENXIO);
  const Bytes wanted[] = {{arp.begin(), arp.end()}, {advertisement.begin(), advertisement.end()}};
  for (const Bytes& frame : wanted) {
    bool seen = false;
    // The kernel sends frames of its own in between.
    for (auto packet = receive(capture.get()); packet && !seen; packet = receive(capture.get())) {
      seen = packet->bytes == frame;
      if (seen) {
        break;
      }
    }
    EXPECT_TRUE(seen);
  }
}

}  // namespace
}  // namespace holdfast::privd
