#include "checkd/tcp_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "checkd/connect.h"

namespace holdfast::checkd {

TcpConnection::TcpConnection(EventLoop& loop, SocketSource& sockets, Connection to,
                             Handlers handlers)
    : loop_(loop),
      sockets_(sockets),
      to_(std::move(to)),
      handlers_(std::move(handlers)),
      timer_(loop, [this](TimePoint now, Duration lateness) { onTimeout(now, lateness); }) {}

TcpConnection::~TcpConnection() {
  close();
}

void TcpConnection::start(TimePoint now) {
  wholeDeadline_ = now + kWholeTimeouts * to_.timeout;
  waitOn(now);
  pending_ = sockets_.open(SocketKind::kTcp, to_,
                           [this](Result<UniqueFd> socket) { adopt(std::move(socket)); });
}

void TcpConnection::adopt(Result<UniqueFd> socket) {
  if (phase_ == Phase::kOver) {
    return;
  }
  if (!socket) {
    failLater(withoutSocket(socket.error()));
    return;
  }
  socket_ = std::move(*socket);
  if (Status status = connect(); !status) {
    failLater(Verdict::fail(status.error().message));
  }
}

Status TcpConnection::connect() {
  if (Status status = connectSocket(socket_.get(), to_); !status) {
    return status;
  }
  return loop_.addReader(
      socket_.get(), Turn::kRest, [this] { onReadable(); }, [this] { onConnected(); });
}

void TcpConnection::onConnected() {
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    errno = error;
    fail(Verdict::fail(systemError("connect").message));
    return;
  }
  phase_ = Phase::kConnected;
  waitOn(EventLoop::now());
  const auto connected = handlers_.connected;
  connected();
}

void TcpConnection::onReadable() {
  if (phase_ != Phase::kConnected) {
    return;
  }
  std::array<std::uint8_t, kReadBytes> buffer;
  const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (size > 0) {
    waitOn(EventLoop::now());
    const auto received = handlers_.received;
    received(std::span(buffer).first(static_cast<std::size_t>(size)));
  } else if (size == 0) {
    close();
    const auto ended = handlers_.ended;
    ended();
  } else if (errno != EAGAIN && errno != EINTR) {
    wasBrokenOff_ = true;
    fail(Verdict::fail(systemError("read").message));
  }
}

void TcpConnection::send(std::string_view bytes) {
  unsent_ += bytes;
  flush();
}

void TcpConnection::flush() {
  if (phase_ != Phase::kConnected) {
    return;
  }
  const ssize_t sent = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    unsent_.erase(0, static_cast<std::size_t>(sent));
  } else if (errno != EAGAIN && errno != EINTR) {
    wasBrokenOff_ = true;
    failLater(Verdict::fail(systemError("write").message));
    return;
  }
  if (!unsent_.empty()) {
    loop_.onceWritable(socket_.get(), [this] { flush(); });
  }
}

void TcpConnection::waitOn(TimePoint now) {
  isOverdue_ = now >= wholeDeadline_;
  timer_.arm(std::min(now + to_.timeout, wholeDeadline_));
}

void TcpConnection::onTimeout(TimePoint now, Duration lateness) {
  if (failure_) {
    fail(*std::move(failure_));
  } else if (!std::exchange(isOverdue_, true)) {
    // Where this process was held up, the answer may have come in time and is only not read yet.
    timer_.arm(now + lateness);
  } else if (!socket_) {
    fail(Verdict::notMade("its socket was not made in time"));
  } else if (phase_ == Phase::kConnecting) {
    fail(Verdict::fail("no connection within " + secondsOf(to_.timeout)));
  } else if (now >= wholeDeadline_) {
    fail(Verdict::fail("no end within " + secondsOf(kWholeTimeouts * to_.timeout)));
  } else {
    fail(Verdict::fail("no answer within " + secondsOf(to_.timeout)));
  }
}

// Handlers are not called from within what their owner calls.
void TcpConnection::failLater(Verdict verdict) {
  close();
  failure_ = std::move(verdict);
  timer_.arm(TimePoint{});
}

void TcpConnection::fail(Verdict verdict) {
  close();
  const auto failed = handlers_.failed;
  failed(std::move(verdict));
}

void TcpConnection::close() {
  phase_ = Phase::kOver;
  timer_.disarm();
  pending_.reset();
  loop_.close(std::move(socket_));
}

}  // namespace holdfast::checkd
