// What SMTP_CHECK says to a mail server, and what it expects to hear (RFC 5321, 4.2, and RFC 3207):
// bytes in, lines out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast::checkd {

// What is asked before QUIT.
struct SmtpQuestions {
  std::string heloName;
  bool extended = false;  // EHLO
  bool startTls = false;
  std::optional<std::string> sender;  // MAIL FROM, empty for <>
  std::string recipient;              // RCPT TO, empty for none
  bool drainsOn421 = false;
};

// A server is not believed for a reply that comes before its command has been sent: whoever speaks
// out of turn has failed.
class SmtpDialogue {
 public:
  // A reply may have that many bytes, all of its lines together.
  static constexpr std::size_t kMaxReply = 4096;

  enum class State : std::uint8_t {
    kGreeting,
    kHelo,
    kStartTls,
    kSecuring,  // TLS begins, and secured() is to be called when it is there
    kSender,
    kRecipient,
    kQuit,
    kDone,      // the server has answered everything
    kDraining,  // it is on its way out: why() says how
    kFailed,    // why() says why
  };

  explicit SmtpDialogue(SmtpQuestions questions) : questions_(std::move(questions)) {}

  // What has come since takeOutput().
  void receive(std::string_view bytes);
  void secured();
  // The server has closed the connection.
  void end();
  // What it is to be sent now.
  [[nodiscard]] std::string takeOutput();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool isOver() const { return state_ >= State::kDone; }
  // At most 200 printable characters.
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  // It is the server's turn.
  [[nodiscard]] bool isListening() const {
    return !isOver() && state_ != State::kSecuring && output_.empty();
  }
  void line(std::string_view text);
  void replied(int code, std::string_view text);
  void greet();
  void goOn();
  void ask(State next, std::string command);
  [[nodiscard]] std::string waitedFor() const;
  void fail(std::string why);

  SmtpQuestions questions_;
  std::string unread_;  // the beginning of a line
  std::string output_;
  std::string why_;
  std::size_t size_ = 0;  // of this reply so far
  bool isSecured_ = false;
  bool offersTls_ = false;
  State state_ = State::kGreeting;
};

}  // namespace holdfast::checkd
