#include "vrrpd/advert_sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace holdfast::vrrpd {
namespace {

constexpr int kDatagramsInATurn = 64;

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

int trySend(int fd, std::span<const std::uint8_t> payload) {
  return ::send(fd, payload.data(), payload.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

// What an ICMP message said of an earlier packet, where a unicast peer is not there yet: this one
// has not been sent.
bool isAboutThePacketBefore(int error) {
  switch (error) {
    case ENOPROTOOPT:
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENONET:
    case EPROTO:
      return true;
    default:
      return false;
  }
}

}  // namespace

AdvertSockets::AdvertSockets(EventLoop& loop, AddressFamily family, std::size_t destinations,
                             Handlers handlers)
    : loop_(loop),
      family_(family),
      handlers_(std::move(handlers)),
      send_(destinations),
      awaited_(destinations + 1, true) {}

AdvertSockets::~AdvertSockets() {
  if (receive_) {
    loop_.removeReader(receive_.get());
  }
}

void AdvertSockets::expectAll() {
  awaited_.assign(awaited_.size(), true);
}

bool AdvertSockets::areComplete() const {
  return std::ranges::find(awaited_, true) == awaited_.end();
}

Status AdvertSockets::adopt(std::size_t destination, UniqueFd fd, std::uint16_t identification) {
  if (destination == kReceive) {
    if (Status status = loop_.addReader(fd.get(), Turn::kAdverts, [this] { read(); }); !status) {
      return status;
    }
    if (receive_) {
      loop_.removeReader(receive_.get());
    }
    receive_ = std::move(fd);
  } else {
    send_.at(destination) = {std::move(fd), identification};
  }
  awaited_[std::min(destination, send_.size())] = false;
  return success();
}

std::uint16_t AdvertSockets::nextIdentification(std::size_t destination) const {
  return static_cast<std::uint16_t>(send_.at(destination).identification + 1);
}

int AdvertSockets::send(std::size_t destination, std::span<const std::uint8_t> payload) {
  Sender& sender = send_.at(destination);
  if (!sender.fd) {
    return ENOTCONN;
  }
  int error = trySend(sender.fd.get(), payload);
  if (isAboutThePacketBefore(error)) {
    error = trySend(sender.fd.get(), payload);
  }
  ++sender.identification;
  return error;
}

void AdvertSockets::read() {
  for (int i = 0; i < kDatagramsInATurn && receive_ && readOne(); ++i) {
  }
}

bool AdvertSockets::readOne() {
  std::array<std::uint8_t, kMaxDatagramBytes + 1> buffer;
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
  const ssize_t size = ::recvmsg(receive_.get(), &message, MSG_DONTWAIT);
  if (size < 0) {
    // Anything but "nothing there" is an error that the kernel reports once: ENETDOWN and the like.
    return errno != EAGAIN && errno != EWOULDBLOCK;
  }
  const std::span<const std::uint8_t> datagram(buffer.data(), static_cast<std::size_t>(size));
  if (family_ == AddressFamily::kIpv4) {
    if (const std::optional<Envelope> envelope = openIpv4(datagram)) {
      handlers_.datagram(*envelope);
    } else {
      handlers_.unopened(datagram.size());
    }
    return true;
  }
  const Ipv6Around around = controlMessagesOf(message);
  if (around.hopLimit < 0 || from.ss_family != AF_INET6) {
    handlers_.unopened(datagram.size());
    return true;
  }
  sockaddr_in6 source{};
  std::memcpy(&source, &from, sizeof(source));
  handlers_.datagram(envelopeIpv6(datagram, IpAddress::fromIpv6(source.sin6_addr),
                                  around.destination, static_cast<std::uint8_t>(around.hopLimit)));
  return true;
}

}  // namespace holdfast::vrrpd
