// One end of an internal socketpair: SOCK_SEQPACKET, one message a datagram, at most one descriptor
// beside it. Never blocks.
#pragma once

#include <capnp/common.h>

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "ipc/message.h"
#include "ipc/result.h"
#include "ipc/unique_fd.h"

namespace holdfast {

enum class SendOutcome {
  kSent,
  kFull,  // the peer does not read: it is for the sender to try again later or to give the peer up
  kClosed,  // the peer is gone
};

// What receive() found.
struct Received {
  enum class Kind {
    kMessage,
    kWouldBlock,
    kEndOfFile,
    // Truncated, larger than kMaxMessageBytes, not a multiple of 8 bytes, or with more than one
    // descriptor. Whatever came beside it has been closed.
    kMalformed,
  };
  Kind kind = Kind::kWouldBlock;
  UniqueFd fd;
  std::size_t words = 0;
  std::array<capnp::word, kMaxMessageBytes / sizeof(capnp::word)> buffer;

  [[nodiscard]] std::span<const capnp::word> segment() const { return {buffer.data(), words}; }
};

class Channel {
 public:
  Channel() = default;
  explicit Channel(UniqueFd fd) : fd_(std::move(fd)) {}

  // Two connected ends, close-on-exec and non-blocking.
  [[nodiscard]] static Result<std::pair<UniqueFd, UniqueFd>> createPair();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool open() const { return fd_.valid(); }
  void close() { fd_.reset(); }

  template <typename T>
  [[nodiscard]] SendOutcome send(const MessageBuffer<T>& message) {
    return sendBytes(message.bytes());
  }
  template <typename T>
  [[nodiscard]] SendOutcome send(const MessageBuffer<T>& message, int borrowedFd) {
    return sendBytesWithDescriptor(message.bytes(), borrowedFd);
  }

  // send(2): usable where seccomp forbids sendmsg(2).
  [[nodiscard]] SendOutcome sendBytes(std::span<const std::byte> bytes);
  [[nodiscard]] SendOutcome sendBytesWithDescriptor(std::span<const std::byte> bytes,
                                                    int borrowedFd);

  void receive(Received& into);

 private:
  UniqueFd fd_;
};

}  // namespace holdfast
