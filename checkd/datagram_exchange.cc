#include "checkd/datagram_exchange.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "checkd/connect.h"

namespace holdfast::checkd {

DatagramExchange::DatagramExchange(EventLoop& loop, SocketSource& sockets, SocketKind kind,
                                   const Connection& to, std::vector<std::uint8_t> request,
                                   Handlers handlers)
    : loop_(loop),
      sockets_(sockets),
      kind_(kind),
      to_(to),
      request_(std::move(request)),
      handlers_(std::move(handlers)),
      timer_(loop, [this](TimePoint, Duration) { expired(); }) {}

DatagramExchange::~DatagramExchange() {
  close();
}

void DatagramExchange::start(TimePoint now) {
  timer_.arm(now + to_.timeout);
  pending_ =
      sockets_.open(kind_, to_, [this](Result<UniqueFd> socket) { adopt(std::move(socket)); });
}

void DatagramExchange::close() {
  timer_.disarm();
  pending_.reset();
  if (socket_) {
    loop_.removeReader(socket_.get());
    socket_.reset();
  }
}

void DatagramExchange::adopt(Result<UniqueFd> socket) {
  if (!socket) {
    failLater(socket.error().message);
    return;
  }
  UniqueFd opened = std::move(socket).value();
  if (Status watched = loop_.addReader(opened.get(), Turn::kRest, [this] { onReadable(); });
      !watched) {
    failLater(watched.error().message);
    return;
  }
  socket_ = std::move(opened);
  if (Status asked = ask(); !asked) {
    failLater(asked.error().message);
  }
}

// Without IP_RECVERR the kernel keeps to itself that a host cannot be reached (ip(7)).
Status DatagramExchange::ask() {
  constexpr int kOn = 1;
  if (kind_ == SocketKind::kUdp) {
    const bool isIpv4 = to_.address.family == AddressFamily::kIpv4;
    if (::setsockopt(socket_.get(), isIpv4 ? IPPROTO_IP : IPPROTO_IPV6,
                     isIpv4 ? IP_RECVERR : IPV6_RECVERR, &kOn, sizeof kOn) != 0) {
      return systemError("IP_RECVERR");
    }
  }
  if (Status connected = connectSocket(socket_.get(), to_); !connected) {
    return connected;
  }
  if (::send(socket_.get(), request_.data(), request_.size(), MSG_NOSIGNAL) < 0) {
    return systemError("cannot send");
  }
  return success();
}

void DatagramExchange::onReadable() {
  static std::array<std::uint8_t, kMostBytes> buffer;
  const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size >= 0) {
    const auto received = handlers_.received;
    received(std::span(buffer).first(static_cast<std::size_t>(size)));
  } else if (errno != EAGAIN && errno != EINTR) {
    const auto failed = std::move(handlers_.failed);
    const std::string why = ::strerror(errno);
    close();
    failed(why);
  }
}

void DatagramExchange::failLater(std::string why) {
  failure_ = std::move(why);
  timer_.arm(EventLoop::now());
}

// Timers come before descriptors in a turn: after a stall an answer may be there.
void DatagramExchange::expired() {
  if (failure_.empty() && !socket_) {
    failure_ = "its socket was not made in time";
  } else if (failure_.empty() && !std::exchange(isOverdue_, true)) {
    timer_.arm(EventLoop::now());
    return;
  }
  close();
  if (!failure_.empty()) {
    const auto failed = std::move(handlers_.failed);
    failed(failure_);
    return;
  }
  const auto silent = std::move(handlers_.silent);
  silent();
}

}  // namespace holdfast::checkd
