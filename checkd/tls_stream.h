// One TLS connection, apart from the socket below it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "checkd/tls_context.h"
#include "ipc/ip_address.h"

struct bio_st;
struct ssl_st;

namespace holdfast::checkd {

// A plain object: bytes of the server go in, bytes for the server come out. It does no more in one
// call than what it is fed takes, and keeps at most one TLS record and one flight of the handshake.
class TlsStream {
 public:
  struct Peer {
    std::string serverName;  // SNI; empty for none
    std::string name;        // what a certificate is verified for; empty: `address`
    IpAddress address;
    bool mustEndInOrder = false;  // with close_notify
  };
  enum class State : std::uint8_t {
    kHandshake,
    kOpen,
    kEnded,   // the server will send no more
    kFailed,  // why() says why
  };
  using Plain = std::function<void(std::span<const std::uint8_t> bytes)>;

  TlsStream(std::shared_ptr<const TlsContext> context, const Peer& peer);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  // Once.
  void start();
  // `plain` is called with what the bytes say, before this returns. It must not destroy the stream.
  void receive(std::span<const std::uint8_t> bytes, const Plain& plain);
  // The connection below has ended.
  void end();
  // Once kOpen.
  void send(std::string_view text);
  // Takes leave: nothing is sent afterwards.
  void close();
  // What the server is to be sent now.
  [[nodiscard]] std::string takeOutput();

  [[nodiscard]] State state() const { return state_; }
  // At most 200 printable characters.
  [[nodiscard]] const std::string& why() const { return why_; }

  // From kOpen on: until when the server's certificate is valid, in seconds since 1970.
  [[nodiscard]] std::optional<std::int64_t> validUntil() const;

 private:
  void advance(const Plain& plain);
  void handshake();
  void read(const Plain& plain);
  [[nodiscard]] bool hasPinnedKey() const;
  void fail(std::string why);
  void failInHandshake();

  std::shared_ptr<const TlsContext> context_;
  ssl_st* ssl_;
  bio_st* incoming_;  // owned by ssl_, as is outgoing_
  bio_st* outgoing_;
  bool mustEndInOrder_;
  State state_ = State::kHandshake;
  std::string why_;
};

}  // namespace holdfast::checkd
