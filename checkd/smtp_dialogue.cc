#include "checkd/smtp_dialogue.h"

#include <algorithm>
#include <array>
#include <utility>

#include "checkd/printable.h"
#include "ipc/concat.h"

namespace holdfast::checkd {
namespace {

constexpr int kWillForward = 251;
constexpr int kClosing = 421;
constexpr std::size_t kShownOfReply = 80;
constexpr std::string_view kStartTls = "STARTTLS";

struct Wait {
  const char* reply;
  int code;  // 0 for any
};
// In the order of State.
constexpr std::array kWaits{Wait{"the greeting", 220},          Wait{"the reply to HELO", 250},
                            Wait{"the reply to STARTTLS", 220}, Wait{"TLS", 0},
                            Wait{"the reply to MAIL", 250},     Wait{"the reply to RCPT", 250},
                            Wait{"the reply to QUIT", 0}};

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

void SmtpDialogue::receive(std::string_view bytes) {
  while (!bytes.empty() && isListening()) {
    const std::size_t newline = bytes.find('\n');
    const std::string_view part = bytes.substr(0, newline);
    size_ += part.size();
    if (size_ > kMaxReply) {
      fail(concat(waitedFor(), " has more than ", kMaxReply, " bytes"));
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
  if (!bytes.empty() && !isOver()) {
    fail(concat("it says ", printable(bytes, kShownOfReply), " before it is asked"));
  }
}

// "250-text" is followed by more lines, "250 text" or "250" is the last one.
void SmtpDialogue::line(std::string_view text) {
  const bool hasCode = text.size() >= 3 && isDigit(text[0]) && isDigit(text[1]) && isDigit(text[2]);
  if (!hasCode || (text.size() > 3 && text[3] != ' ' && text[3] != '-')) {
    fail(concat(waitedFor(), " is no reply of a mail server: ", printable(text, kShownOfReply)));
    return;
  }
  if (state_ == State::kHelo && text.size() > 3) {
    offersTls_ = offersTls_ || std::ranges::equal(text.substr(4), kStartTls, {}, upper);
  }
  if (text.size() > 3 && text[3] == '-') {
    return;
  }
  size_ = 0;
  replied((text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'), text);
}

void SmtpDialogue::replied(int code, std::string_view text) {
  const int expected = kWaits.at(static_cast<std::size_t>(state_)).code;
  if (code == kClosing && questions_.drainsOn421 && expected != 0) {
    why_ = printable(text, kShownOfReply);
    state_ = State::kDraining;
  } else if (expected == 0 || code == expected ||
             (code == kWillForward && state_ == State::kRecipient)) {
    goOn();
  } else {
    fail(concat(waitedFor(), " is not ", expected, ": ", printable(text, kShownOfReply)));
  }
}

void SmtpDialogue::greet() {
  offersTls_ = false;
  ask(State::kHelo, concat(questions_.extended ? "EHLO " : "HELO ", questions_.heloName));
}

// What comes after the reply that was waited for.
void SmtpDialogue::goOn() {
  if (state_ == State::kGreeting) {
    greet();
  } else if (state_ == State::kStartTls) {
    state_ = State::kSecuring;
  } else if (state_ == State::kQuit) {
    state_ = State::kDone;
  } else if (questions_.startTls && !isSecured_ && !offersTls_) {
    fail("it does not offer STARTTLS");
  } else if (questions_.startTls && !isSecured_) {
    ask(State::kStartTls, std::string(kStartTls));
  } else if (questions_.sender && state_ == State::kHelo) {
    ask(State::kSender, concat("MAIL FROM:<", *questions_.sender, ">"));
  } else if (!questions_.recipient.empty() && state_ == State::kSender) {
    ask(State::kRecipient, concat("RCPT TO:<", questions_.recipient, ">"));
  } else {
    ask(State::kQuit, "QUIT");
  }
}

void SmtpDialogue::ask(State next, std::string command) {
  state_ = next;
  output_ = std::move(command) + "\r\n";
}

// The server says who it is once more: what it said before, anybody can have said.
void SmtpDialogue::secured() {
  isSecured_ = true;
  greet();
}

// Some servers hang up at QUIT without a word.
void SmtpDialogue::end() {
  if (state_ == State::kQuit) {
    state_ = State::kDone;
  } else if (!isOver()) {
    fail(concat("the connection was closed before ", waitedFor()));
  }
}

std::string SmtpDialogue::takeOutput() {
  return std::exchange(output_, {});
}

std::string SmtpDialogue::waitedFor() const {
  return state_ == State::kHelo && questions_.extended
             ? "the reply to EHLO"
             : kWaits.at(static_cast<std::size_t>(state_)).reply;
}

void SmtpDialogue::fail(std::string why) {
  why_ = std::move(why);
  state_ = State::kFailed;
}

}  // namespace holdfast::checkd
