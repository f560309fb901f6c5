// What SMTP_CHECK says to a mail server, and what it expects to hear (RFC 5321, 4.2): bytes in,
// lines out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::checkd {

class SmtpDialogue {
 public:
  // A reply may have that many bytes, all of its lines together.
  static constexpr std::size_t kMaxReply = 4096;

  enum class State : std::uint8_t {
    kGreeting,
    kHelo,
    kQuit,
    kDone,    // the server has answered everything
    kFailed,  // why() says why
  };

  explicit SmtpDialogue(std::string_view heloName) : helo_(heloName) {}

  void receive(std::string_view bytes);
  // The server has closed the connection.
  void end();
  // What it is to be sent now.
  [[nodiscard]] std::string takeOutput();

  [[nodiscard]] State state() const { return state_; }
  // At most 200 printable characters.
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  void line(std::string_view text);
  void replied(int code, std::string_view text);
  void expect(int expected, int code, std::string_view text, State next, std::string command);
  void fail(std::string why);

  std::string helo_;
  std::string unread_;  // the beginning of a line
  std::string output_;
  std::string why_;
  std::size_t size_ = 0;  // of this reply so far
  State state_ = State::kGreeting;
};

}  // namespace holdfast::checkd
