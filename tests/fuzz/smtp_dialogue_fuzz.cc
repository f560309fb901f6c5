// What a mail server says, however the bytes are cut: only the replies that are waited for are
// good, each after its command has been sent.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkd/smtp_dialogue.h"

namespace {

using holdfast::checkd::SmtpDialogue;
using holdfast::checkd::SmtpQuestions;
using State = SmtpDialogue::State;

SmtpQuestions questionsOf(unsigned bits) {
  SmtpQuestions questions{.heloName = "h",
                          .extended = (bits & 1U) != 0,
                          .startTls = (bits & 2U) != 0,
                          .sender = std::nullopt,
                          .recipient = {},
                          .drainsOn421 = (bits & 16U) != 0};
  if ((bits & 4U) != 0) {
    questions.sender = "a";
    questions.recipient = (bits & 8U) != 0 ? "b" : "";
  }
  return questions;
}

std::string hold(SmtpDialogue& dialogue, std::string_view bytes, std::size_t piece) {
  std::string said = dialogue.takeOutput();
  while (!bytes.empty()) {
    const std::string_view taken = bytes.substr(0, piece);
    dialogue.receive(taken);
    if (dialogue.state() == State::kSecuring) {
      dialogue.secured();
    }
    said += dialogue.takeOutput();
    bytes.remove_prefix(taken.size());
  }
  dialogue.end();
  return said + dialogue.takeOutput();
}

// One command, and the first digits of the replies that are good.
struct Step {
  std::string command;
  std::vector<std::string> good;  // none: any
};

std::vector<Step> stepsOf(const SmtpQuestions& questions) {
  const std::string hello = questions.extended ? "EHLO h\r\n" : "HELO h\r\n";
  std::vector<Step> steps = {{"", {"220"}}, {hello, {"250"}}};
  if (questions.startTls) {
    steps.push_back({"STARTTLS\r\n", {"220"}});
    steps.push_back({hello, {"250"}});
  }
  if (questions.sender) {
    steps.push_back({"MAIL FROM:<a>\r\n", {"250"}});
  }
  if (!questions.recipient.empty()) {
    steps.push_back({"RCPT TO:<b>\r\n", {"250", "251"}});
  }
  steps.push_back({"QUIT\r\n", {}});
  return steps;
}

bool isLineOfReply(std::string_view line) {
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  return line.size() >= 3 && std::ranges::all_of(line.substr(0, 3), isDigit) &&
         (line.size() == 3 || line[3] == ' ' || line[3] == '-');
}

bool offersTls(std::string_view line) {
  constexpr std::string_view kWord = "starttls";
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return line.size() == 4 + kWord.size() && std::ranges::equal(line.substr(4), kWord, {}, lower);
}

struct Reply {
  std::string_view last;  // its last line; empty where it is cut off
  bool offersTls = false;
};

// Takes one reply off `bytes`; nothing where it is wrong.
std::optional<Reply> takeReply(std::string_view& bytes) {
  std::size_t size = 0;
  Reply reply;
  for (;;) {
    const std::size_t newline = bytes.find('\n');
    std::string_view line = bytes.substr(0, newline);
    size += line.size();
    if (size > SmtpDialogue::kMaxReply) {
      return std::nullopt;
    }
    if (newline == std::string_view::npos) {
      return Reply();
    }
    bytes.remove_prefix(newline + 1);
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    if (!isLineOfReply(line)) {
      return std::nullopt;
    }
    reply.offersTls = reply.offersTls || offersTls(line);
    if (line.size() == 3 || line[3] == ' ') {
      reply.last = line;
      return reply;
    }
  }
}

// How all of it has to end.
State judge(const SmtpQuestions& questions, std::string_view bytes, std::size_t piece) {
  const std::size_t size = bytes.size();
  const std::vector<Step> steps = stepsOf(questions);
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    const auto reply = takeReply(bytes);
    if (!reply || reply->last.empty()) {
      return State::kFailed;
    }
    const std::string_view code = reply->last.substr(0, 3);
    if (questions.drainsOn421 && code == "421") {
      return State::kDraining;
    }
    const bool isInTurn = bytes.empty() || (size - bytes.size()) % piece == 0;
    const bool lacksTls = i == 1 && questions.startTls && !reply->offersTls;
    if (std::ranges::find(steps[i].good, code) == steps[i].good.end() || !isInTurn || lacksTls) {
      return State::kFailed;
    }
  }
  return takeReply(bytes) ? State::kDone : State::kFailed;
}

bool isPrintable(char c) {
  return c >= ' ' && c <= '~';
}

void check(const SmtpQuestions& questions, std::string_view bytes, std::size_t piece) {
  std::string script;
  for (const Step& step : stepsOf(questions)) {
    script += step.command;
  }
  SmtpDialogue dialogue(questions);
  const std::string said = hold(dialogue, bytes, piece);
  const std::string& why = dialogue.why();
  if (dialogue.state() != judge(questions, bytes, piece) || why.size() > 200 ||
      !std::ranges::all_of(why, isPrintable) || why.empty() != (dialogue.state() == State::kDone) ||
      !script.starts_with(said)) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const SmtpQuestions questions = questionsOf(data[1]);
  check(questions, bytes, std::size_t{data[0]} + 1);
  check(questions, bytes, size);
  return 0;
}
