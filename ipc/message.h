// One internal message: one Cap'n Proto segment without a segment table (docs/design.md).
#pragma once

#include <capnp/generated-header-support.h>
#include <capnp/message.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "ipc/kj_edge.h"

namespace holdfast {

// A datagram of more than this is refused unread.
inline constexpr std::size_t kMaxMessageBytes = 4096;

// A message of a kind without pointers, on the stack, ready to be filled in.
template <typename T>
class MessageBuffer {
 public:
  static constexpr std::size_t kWords = 1 + capnp::sizeInWords<T>();

  MessageBuffer() : builder_(kj::arrayPtr(words_.data(), words_.size())) {
    root_ = builder_.template initRoot<T>();
  }
  MessageBuffer(const MessageBuffer&) = delete;
  MessageBuffer& operator=(const MessageBuffer&) = delete;

  [[nodiscard]] typename T::Builder root() { return root_; }
  [[nodiscard]] std::span<const std::byte> bytes() const {
    return std::as_bytes(std::span(words_));
  }

 private:
  std::array<capnp::word, kWords> words_{};
  capnp::FlatMessageBuilder builder_;
  typename T::Builder root_ = nullptr;
};

// Checks and reads a message of a kind without pointers. It is one only if it has the kind's exact
// size and its root pointer says so too: then no field can be missing and nothing can be followed.
// `segment` has to outlive this.
template <typename T>
class Decoded {
 public:
  explicit Decoded(std::span<const capnp::word> segment) {
    constexpr std::uint64_t kDataWords = capnp::sizeInWords<T>();
    std::uint64_t rootPointer = 0;
    if (segment.size() != 1 + kDataWords) {
      return;
    }
    std::memcpy(&rootPointer, segment.data(), sizeof(rootPointer));
    if (rootPointer != kDataWords << 32) {
      return;
    }
    segment_ = kj::arrayPtr(segment.data(), segment.size());
    const Status status = catchKj("internal message", [this]() -> Status {
      capnp::ReaderOptions options;
      options.traversalLimitInWords = kMaxMessageBytes / sizeof(capnp::word);
      options.nestingLimit = 4;
      reader_.emplace(kj::arrayPtr(&segment_, 1), options);
      root_ = reader_->getRoot<T>();
      return success();
    });
    valid_ = status.ok();
  }
  Decoded(const Decoded&) = delete;
  Decoded& operator=(const Decoded&) = delete;

  explicit operator bool() const { return valid_; }
  [[nodiscard]] typename T::Reader root() const { return root_; }

 private:
  kj::ArrayPtr<const capnp::word> segment_;
  std::optional<capnp::SegmentArrayMessageReader> reader_;
  typename T::Reader root_;
  bool valid_ = false;
};

}  // namespace holdfast
