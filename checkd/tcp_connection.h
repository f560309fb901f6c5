// A TCP connection to a server that is checked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "checkd/attempt.h"
#include "checkd/socket_source.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// Owned by one attempt. It never blocks, and ends in time: it fails when nothing moves for as long
// as `timeout` of its Connection, which begins anew with each thing that the other side does, and
// when all of it takes kWholeTimeouts times that.
//
// Handlers are called from the event loop, never from start() or send(); the connection may be
// destroyed in any of them. After `failed` and `ended` there is no further call.
class TcpConnection {
 public:
  static constexpr int kWholeTimeouts = 10;
  static constexpr std::size_t kReadBytes = 16384;

  struct Handlers {
    std::function<void()> connected;
    // At most kReadBytes at once.
    std::function<void(std::span<const std::uint8_t> bytes)> received;
    std::function<void()> ended;  // the other side has closed it in order
    // Why, in words for an operator: a few printable characters; or it was not made.
    std::function<void(Verdict verdict)> failed;
  };

  TcpConnection(EventLoop& loop, SocketSource& sockets, Connection to, Handlers handlers);
  ~TcpConnection();
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;

  // Once.
  void start(TimePoint now);
  // Once connected. What cannot be sent at once is kept until it can.
  void send(std::string_view bytes);
  // In order, without waiting for the other side. No handler is called any more.
  void close();
  // Once it has failed: the other side was there, and has broken it off.
  [[nodiscard]] bool wasBrokenOff() const { return wasBrokenOff_; }

 private:
  enum class Phase : std::uint8_t { kConnecting, kConnected, kOver };

  void adopt(Result<UniqueFd> socket);
  [[nodiscard]] Status connect();
  void onConnected();
  void onReadable();
  void flush();
  void onTimeout(TimePoint now, Duration lateness);
  void waitOn(TimePoint now);
  void failLater(Verdict verdict);
  void fail(Verdict verdict);

  EventLoop& loop_;
  SocketSource& sockets_;
  Connection to_;
  Handlers handlers_;
  std::unique_ptr<SocketSource::Pending> pending_;
  UniqueFd socket_;
  std::string unsent_;
  std::optional<Verdict> failure_;  // to be told in the next turn
  TimePoint wholeDeadline_ = kNever;
  Timer timer_;
  bool isOverdue_ = false;
  bool wasBrokenOff_ = false;
  Phase phase_ = Phase::kConnecting;
};

}  // namespace holdfast::checkd
