// One request in a datagram, and what comes back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "checkd/attempt.h"
#include "checkd/socket_source.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// Owned by one attempt. It never blocks, and is over when the timeout of its Connection is.
//
// Handlers are called from the event loop, never from start(); the exchange may be destroyed in any
// of them. After `silent` and `failed` there is no further call.
class DatagramExchange {
 public:
  static constexpr std::size_t kMostBytes = 65536;

  struct Handlers {
    // One datagram from the address that was asked; there may be more.
    std::function<void(std::span<const std::uint8_t> datagram)> received;
    std::function<void()> silent;  // the time is over
    // An error that the network has reported, for example; or it was not made.
    std::function<void(Verdict verdict)> failed;
  };

  DatagramExchange(EventLoop& loop, SocketSource& sockets, SocketKind kind, const Connection& to,
                   std::vector<std::uint8_t> request, Handlers handlers);
  ~DatagramExchange();
  DatagramExchange(const DatagramExchange&) = delete;
  DatagramExchange& operator=(const DatagramExchange&) = delete;

  // Once.
  void start(TimePoint now);
  // No handler is called any more.
  void close();

 private:
  void adopt(Result<UniqueFd> socket);
  [[nodiscard]] Status ask();
  void onReadable();
  void failLater(Verdict verdict);
  void fail(Verdict verdict);
  void expired(TimePoint now, Duration lateness);

  EventLoop& loop_;
  SocketSource& sockets_;
  SocketKind kind_;
  const Connection& to_;
  std::vector<std::uint8_t> request_;
  Handlers handlers_;
  std::unique_ptr<SocketSource::Pending> pending_;
  UniqueFd socket_;
  std::optional<Verdict> failure_;  // to be told in the next turn
  bool isOverdue_ = false;          // what has come in time is read before time is up
  Timer timer_;
};

}  // namespace holdfast::checkd
