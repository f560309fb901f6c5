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
      timer_(loop, [this](TimePoint now, Duration lateness) { expired(now, lateness); }) {}

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
  loop_.close(std::move(socket_));
}

void DatagramExchange::adopt(Result<UniqueFd> socket) {
  if (!socket) {
    failLater(withoutSocket(socket.error()));
    return;
  }
  UniqueFd opened = std::move(socket).value();
  if (Status watched = loop_.addReader(opened.get(), Turn::kRest, [this] { onReadable(); });
      !watched) {
    failLater(Verdict::fail(watched.error().message));
    return;
  }
  socket_ = std::move(opened);
  if (Status asked = ask(); !asked) {
    failLater(Verdict::fail(asked.error().message));
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
    fail(Verdict::fail(::strerror(errno)));
  }
}

// Handlers are not called from within what their owner calls.
void DatagramExchange::failLater(Verdict verdict) {
  close();
  failure_ = std::move(verdict);
  timer_.arm(TimePoint{});
}

void DatagramExchange::fail(Verdict verdict) {
  close();
  const auto failed = std::move(handlers_.failed);
  failed(std::move(verdict));
}

void DatagramExchange::expired(TimePoint now, Duration lateness) {
  if (failure_) {
    fail(*std::move(failure_));
  } else if (!std::exchange(isOverdue_, true)) {
    // Where this process was held up, the answer may have come in time and is only not read yet.
    timer_.arm(now + lateness);
  } else if (!socket_) {
    fail(Verdict::notMade("its socket was not made in time"));
  } else {
    close();
    const auto silent = std::move(handlers_.silent);
    silent();
  }
}

}  // namespace holdfast::checkd
