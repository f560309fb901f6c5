// Reads what a web server answers, as it comes in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::checkd {

// A plain object that keeps the header and none of the body. The rules are keepalived's where they
// decide what is a good answer: the header ends with an empty line and CR LF, the status is the
// second word of its first line, whatever the first one is, and the first header of several counts.
// The body is what comes after it, up to its Content-Length or else to the end, as it was sent:
// chunks are not put together, since a digest was made of them as they are.
class HttpReply {
 public:
  static constexpr std::size_t kMaxHeaderBytes = 16384;
  static constexpr std::uint64_t kMaxBodyBytes = 64U << 20U;

  enum class State : std::uint8_t {
    kHeader,    // of which the end has not come yet
    kBody,      // more of which may come
    kComplete,  // nothing more counts
    kRefused,   // why() says what for
  };

  // Reads on, and returns what of `bytes` belongs to the body. What comes after the last byte that
  // counts is left out.
  [[nodiscard]] std::span<const std::uint8_t> feed(std::span<const std::uint8_t> bytes);
  // The server has closed the connection: the reply is complete, or refused.
  void end();

  [[nodiscard]] State state() const { return state_; }
  // At most 200 printable characters.
  [[nodiscard]] const std::string& why() const { return why_; }

  // From kBody on: of three digits, or none where there is no such thing.
  [[nodiscard]] std::optional<std::uint16_t> status() const { return status_; }
  // Up to and with the empty line.
  [[nodiscard]] const std::string& header() const { return header_; }
  // Its first line, without its end.
  [[nodiscard]] std::string_view statusLine() const;

 private:
  [[nodiscard]] std::span<const std::uint8_t> feedHeader(std::span<const std::uint8_t> bytes);
  [[nodiscard]] std::span<const std::uint8_t> feedBody(std::span<const std::uint8_t> bytes);
  void readHeader();
  void refuse(std::string why);

  State state_ = State::kHeader;
  std::string why_;
  std::string header_;
  std::optional<std::uint16_t> status_;
  std::optional<std::uint64_t> contentLength_;
  std::uint64_t bodyBytes_ = 0;
};

}  // namespace holdfast::checkd
