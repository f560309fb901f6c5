// What a mail server says: only 220, 250 and an end are good, however the bytes are cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "checkd/smtp_dialogue.h"

namespace {

using holdfast::checkd::SmtpDialogue;

std::string hold(SmtpDialogue& dialogue, std::string_view bytes, std::size_t piece) {
  std::string said = dialogue.takeOutput();
  while (!bytes.empty()) {
    const std::string_view taken = bytes.substr(0, piece);
    dialogue.receive(taken);
    said += dialogue.takeOutput();
    bytes.remove_prefix(taken.size());
  }
  dialogue.end();
  return said + dialogue.takeOutput();
}

bool isLineOfReply(std::string_view line) {
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  return line.size() >= 3 && std::ranges::all_of(line.substr(0, 3), isDigit) &&
         (line.size() == 3 || line[3] == ' ' || line[3] == '-');
}

// Takes one reply off `bytes`: its last line, empty where it is cut off, or none where it is wrong.
std::optional<std::string_view> takeReply(std::string_view& bytes) {
  std::size_t size = 0;
  for (;;) {
    const std::size_t newline = bytes.find('\n');
    std::string_view line = bytes.substr(0, newline);
    size += line.size();
    if (size > SmtpDialogue::kMaxReply) {
      return std::nullopt;
    }
    if (newline == std::string_view::npos) {
      return std::string_view();
    }
    bytes.remove_prefix(newline + 1);
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    if (!isLineOfReply(line)) {
      return std::nullopt;
    }
    if (line.size() == 3 || line[3] == ' ') {
      return line;
    }
  }
}

bool isGood(std::string_view bytes) {
  const auto greeting = takeReply(bytes);
  if (!greeting || !greeting->starts_with("220")) {
    return false;
  }
  const auto helo = takeReply(bytes);
  return helo && helo->starts_with("250") && takeReply(bytes);
}

bool isPrintable(char c) {
  return c >= ' ' && c <= '~';
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  SmtpDialogue pieces("h");
  SmtpDialogue whole("h");
  const std::string said = hold(pieces, bytes, std::size_t{data[0]} + 1);
  const auto state = isGood(bytes) ? SmtpDialogue::State::kDone : SmtpDialogue::State::kFailed;
  const bool isSame = said == hold(whole, bytes, size) && pieces.why() == whole.why();
  const std::string& why = whole.why();
  if (!isSame || pieces.state() != state || whole.state() != state || why.size() > 200 ||
      !std::ranges::all_of(why, isPrintable) ||
      why.empty() != (state == SmtpDialogue::State::kDone) ||
      !std::string_view("HELO h\r\nQUIT\r\n").starts_with(said)) {
    std::abort();
  }
  return 0;
}
