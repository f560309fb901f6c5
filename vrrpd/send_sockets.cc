#include "vrrpd/send_sockets.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace holdfast::vrrpd {
namespace {

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

void SendSockets::adopt(std::size_t destination, UniqueFd fd, std::uint16_t identification) {
  senders_.at(destination) = {std::move(fd), identification};
  awaited_[destination] = false;
}

bool SendSockets::areComplete() const {
  return std::ranges::find(awaited_, true) == awaited_.end();
}

std::uint16_t SendSockets::nextIdentification(std::size_t destination) const {
  return static_cast<std::uint16_t>(senders_.at(destination).identification + 1);
}

int SendSockets::send(std::size_t destination, std::span<const std::uint8_t> payload) {
  Sender& sender = senders_.at(destination);
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

}  // namespace holdfast::vrrpd
