#include "checkd/connect.h"

#include <netinet/in.h>
#include <sys/socket.h>

namespace holdfast::checkd {
namespace {

int connectTo(int socket, const IpAddress& address, std::uint16_t port) {
  if (address.family == AddressFamily::kIpv4) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr = address.toIpv4();
    to.sin_port = htons(port);
    return ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  }
  // A link-local one needs no scope: its socket is bound to an interface.
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_addr = address.toIpv6();
  to.sin6_port = htons(port);
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
}

}  // namespace

Status connectSocket(int socket, const Connection& to) {
  if (connectTo(socket, to.address, to.port) != 0 && errno != EINPROGRESS) {
    return systemError("connect");
  }
  return success();
}

std::string secondsOf(Duration duration) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  std::string text = std::to_string(milliseconds / 1000);
  if (milliseconds % 1000 != 0) {
    std::string digits = std::to_string(1000 + milliseconds % 1000).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += "." + digits;
  }
  return text + " s";
}

}  // namespace holdfast::checkd
