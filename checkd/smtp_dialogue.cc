#include "checkd/smtp_dialogue.h"

#include <utility>

#include "checkd/printable.h"
#include "ipc/concat.h"

namespace holdfast::checkd {
namespace {

constexpr int kServiceReady = 220;
constexpr int kOkay = 250;
constexpr std::size_t kShownOfReply = 80;

const char* nameOf(SmtpDialogue::State state) {
  return state == SmtpDialogue::State::kGreeting ? "the greeting"
         : state == SmtpDialogue::State::kHelo   ? "the reply to HELO"
                                                 : "the reply to QUIT";
}

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

void SmtpDialogue::receive(std::string_view bytes) {
  while (!bytes.empty() && state_ < State::kDone) {
    const std::size_t newline = bytes.find('\n');
    const std::string_view part = bytes.substr(0, newline);
    size_ += part.size();
    if (size_ > kMaxReply) {
      fail(concat(nameOf(state_), " has more than ", kMaxReply, " bytes"));
      return;
    }
    unread_ += part;
    if (newline == std::string_view::npos) {
      return;
    }
    bytes.remove_prefix(newline + 1);
    if (unread_.ends_with('\r')) {
      unread_.pop_back();
    }
    line(std::exchange(unread_, {}));
  }
}

// "250-text" is followed by more lines, "250 text" or "250" is the last one.
void SmtpDialogue::line(std::string_view text) {
  const bool hasCode = text.size() >= 3 && isDigit(text[0]) && isDigit(text[1]) && isDigit(text[2]);
  if (!hasCode || (text.size() > 3 && text[3] != ' ' && text[3] != '-')) {
    fail(concat(nameOf(state_), " is no reply of a mail server: ", printable(text, kShownOfReply)));
    return;
  }
  if (text.size() > 3 && text[3] == '-') {
    return;
  }
  size_ = 0;
  replied((text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'), text);
}

void SmtpDialogue::replied(int code, std::string_view text) {
  switch (state_) {
    case State::kGreeting:
      expect(kServiceReady, code, text, State::kHelo, concat("HELO ", helo_, "\r\n"));
      return;
    case State::kHelo:
      expect(kOkay, code, text, State::kQuit, "QUIT\r\n");
      return;
    case State::kQuit:
      state_ = State::kDone;
      return;
    case State::kDone:
    case State::kFailed:
      return;
  }
}

void SmtpDialogue::expect(int expected, int code, std::string_view text, State next,
                          std::string command) {
  if (code != expected) {
    fail(concat(nameOf(state_), " is not ", expected, ": ", printable(text, kShownOfReply)));
    return;
  }
  state_ = next;
  output_ += std::move(command);
}

// Some servers hang up at QUIT without a word.
void SmtpDialogue::end() {
  if (state_ == State::kQuit) {
    state_ = State::kDone;
  } else if (state_ < State::kDone) {
    fail(concat("the connection was closed before ", nameOf(state_)));
  }
}

std::string SmtpDialogue::takeOutput() {
  return std::exchange(output_, {});
}

void SmtpDialogue::fail(std::string why) {
  why_ = std::move(why);
  state_ = State::kFailed;
}

}  // namespace holdfast::checkd
