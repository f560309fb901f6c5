// A server on the loopback device that does what a test says, in the event loop of that test.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <string>
#include <string_view>

#include "checkd/socket_source.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// Sockets without a source, an interface or a mark.
class PlainSockets : public SocketSource {
 public:
  std::unique_ptr<Pending> open(SocketKind kind, const Connection& to, Opened opened) override {
    UniqueFd fd(::socket(socketFamily(to.address.family),
                         (kind == SocketKind::kTcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK, 0));
    opened(fd ? Result<UniqueFd>(std::move(fd)) : Result<UniqueFd>(systemError("socket")));
    return nullptr;
  }
};

// One TCP listener and the last connection that it has accepted.
class TestServer {
 public:
  explicit TestServer(EventLoop& loop) : loop_(loop), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    EXPECT_TRUE(loop.addReader(listener_.get(), Turn::kRest, [this] { accept(); }).ok());
  }
  ~TestServer() {
    hangUp();
    stopListening();
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // Called with what a client has sent, all of it so far.
  std::function<void(const std::string& all)> onRequest = [](const std::string&) {};
  std::function<void()> onConnection = [] {};
  // The client is gone: 0 where it closed the connection in order, -1 where it did not.
  std::function<void(ssize_t result)> onEnd = [](ssize_t) {};

  [[nodiscard]] Connection connection(Duration timeout = std::chrono::seconds(5)) const {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    Connection to;
    to.address = *IpAddress::parse("127.0.0.1");
    to.port = ntohs(address.sin_port);
    to.timeout = timeout;
    return to;
  }

  void send(std::string_view bytes) {
    EXPECT_EQ(::send(client_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void hangUp() {
    if (client_) {
      loop_.removeReader(client_.get());
      client_.reset();
    }
  }
  // With RST in place of FIN.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(client_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    hangUp();
  }
  void stopListening() {
    if (listener_) {
      loop_.removeReader(listener_.get());
      listener_.reset();
    }
  }
  [[nodiscard]] int client() const { return client_.get(); }

 private:
  void accept() {
    hangUp();
    client_.reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK));
    all_.clear();
    EXPECT_TRUE(loop_.addReader(client_.get(), Turn::kRest, [this] { read(); }).ok());
    onConnection();
  }
  void read() {
    char buffer[4096];
    const ssize_t size = ::recv(client_.get(), buffer, sizeof(buffer), 0);
    if (size <= 0) {
      hangUp();
      onEnd(size);
      return;
    }
    all_.append(buffer, static_cast<std::size_t>(size));
    onRequest(all_);
  }

  EventLoop& loop_;
  UniqueFd listener_;
  UniqueFd client_;
  std::string all_;
};

// Serves turns until `done`, for at most 20 s. False where it never was.
inline bool runUntil(EventLoop& loop, const std::function<bool()>& done) {
  const TimePoint limit = EventLoop::now() + std::chrono::seconds(20);
  while (!done() && EventLoop::now() < limit) {
    EXPECT_TRUE(loop.turnOnce(limit).ok());
  }
  return done();
}

}  // namespace holdfast::checkd
