// A request to a web server and the reply to it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "checkd/http_reply.h"
#include "checkd/socket_source.h"
#include "checkd/tcp_connection.h"
#include "checkd/tls_stream.h"
#include "ipc/event_loop.h"

namespace holdfast::checkd {

// Owned by whoever asks. It ends when the reply is complete, and in time (tcp_connection.h); the
// connection is closed by then.
class HttpExchange {
 public:
  struct Request {
    Connection to;
    std::shared_ptr<const TlsContext> tls;  // null for none
    TlsStream::Peer peer;                   // of TLS
    std::string text;
  };
  struct Handlers {
    // Once, before any of the body. What it returns is why the rest is not wanted.
    std::function<std::optional<std::string>(const HttpReply& reply)> header;
    std::function<void(std::span<const std::uint8_t> bytes)> body;
    // Once, at the end: nothing where the reply is complete, else what was wrong. The exchange may
    // be destroyed in it, and in no other.
    std::function<void(std::optional<Verdict> failure)> ended;
  };

  HttpExchange(EventLoop& loop, SocketSource& sockets, Request request, Handlers handlers);
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  // Once. No handler is called from within it.
  void start(TimePoint now) { connection_->start(now); }
  // Until when the server's certificate is valid, where there is one.
  [[nodiscard]] std::optional<std::int64_t> certificateEnds() const {
    return tls_ ? tls_->validUntil() : std::nullopt;
  }

 private:
  void onConnected();
  void onReceived(std::span<const std::uint8_t> bytes);
  void onEnded();
  void afterTls();
  void read(std::span<const std::uint8_t> bytes);
  void judge();
  void end(std::optional<Verdict> failure);

  Request request_;
  Handlers handlers_;
  HttpReply reply_;
  std::optional<std::string> refusal_;
  std::optional<TlsStream> tls_;
  std::optional<TcpConnection> connection_;  // none at the end
};

}  // namespace holdfast::checkd
