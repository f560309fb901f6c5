#include "config/words.h"

#include <cstddef>
#include <optional>

#include "config/source.h"
#include "config/text.h"

namespace holdfast::config {
namespace {

constexpr std::uint32_t kMaxWordEnd = 0xffffff;  // lines are shorter: kMaxLineBytes
static_assert(kMaxLineBytes <= kMaxWordEnd);

// What ends a word that is not quoted, or needs a closer look.
constexpr CharacterSet kEndsPlainWord(" \t\r\n\v\f\"{}$");

// The end of "${NAME}" at `at`, or 0 where there is none.
std::size_t endOfReference(std::string_view line, std::size_t at) {
  if (line.substr(at, 2) != "${") {
    return 0;
  }
  const std::size_t close = line.find_first_of("} \t", at);
  return close != std::string_view::npos && line[close] == '}' ? close + 1 : 0;
}

Word makeWord(std::string_view text, std::size_t begin, std::size_t end,
              Word::Kind kind = Word::Kind::kText) {
  Word word;
  word.text = text;
  word.begin = static_cast<std::uint32_t>(begin);
  word.end = static_cast<std::uint32_t>(end) & kMaxWordEnd;
  word.kind = kind;
  return word;
}

// A word in double quotes that begins at `at`.
Word quotedWord(std::string_view line, std::size_t at, bool& unmatched) {
  std::size_t i = at + 1;
  while (i < line.size() && line[i] != '"') {
    // An escape is left for splitCommand; here it only keeps a quote from ending the word.
    i += line[i] == '\\' && i + 1 < line.size() ? 2 : 1;
  }
  unmatched = i >= line.size();
  return makeWord(line.substr(at + 1, i - at - 1), at, unmatched ? line.size() : i + 1);
}

Word plainWord(std::string_view line, std::size_t at) {
  std::size_t i = kEndsPlainWord.find(line, at);
  while (i < line.size() && line[i] == '$') {
    const std::size_t reference = endOfReference(line, i);
    i = kEndsPlainWord.find(line, reference != 0 ? reference : i + 1);
  }
  return makeWord(line.substr(at, i - at), at, i);
}

constexpr int kNoDigit = 16;
int digitValue(char c) {
  if (isDigit(c)) {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : kNoDigit;
}

char readDigits(std::string_view text, std::size_t& at, int base, std::size_t maxDigits) {
  int value = 0;
  for (std::size_t count = 0; count < maxDigits && at < text.size() && digitValue(text[at]) < base;
       ++count) {
    value = (value * base + digitValue(text[at++])) & 0xff;
  }
  return static_cast<char>(value);
}

// The character that the escape behind the backslash at `at - 1` stands for.
char readEscape(std::string_view text, std::size_t& at) {
  constexpr std::string_view kLetters = "abEfnrtv";
  constexpr std::string_view kMeanings = "\a\b\033\f\n\r\t\v";
  const char c = text[at];
  if (c >= '0' && c <= '7') {
    return readDigits(text, at, 8, 3);
  }
  ++at;
  if (c == 'x' && at < text.size() && digitValue(text[at]) < 16) {
    return readDigits(text, at, 16, text.size());
  }
  if (c == 'c' && at < text.size()) {
    return static_cast<char>(text[at++] & 0x1f);
  }
  const std::size_t letter = kLetters.find(c);
  return letter == std::string_view::npos ? c : kMeanings[letter];
}

}  // namespace

Words splitWords(std::string_view line) {
  Words out;
  splitWords(line, out);
  return out;
}

void splitWords(std::string_view line, Words& out) {
  out.words.clear();
  out.unmatchedQuote = false;
  std::size_t at = 0;
  for (;;) {
    while (at < line.size() && isSpace(line[at])) {
      ++at;
    }
    if (at >= line.size()) {
      return;
    }
    if (line[at] == '"') {
      out.words.push_back(quotedWord(line, at, out.unmatchedQuote));
    } else if (line[at] == '{' || line[at] == '}') {
      out.words.push_back(
          makeWord(line.substr(at, 1), at, at + 1,
                   line[at] == '{' ? Word::Kind::kOpenBrace : Word::Kind::kCloseBrace));
    } else {
      out.words.push_back(plainWord(line, at));
    }
    at = out.words.back().end;
  }
}

Result<std::vector<std::string>> splitCommand(std::string_view text) {
  std::vector<std::string> arguments;
  std::optional<std::string> argument;
  char quote = '\0';
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at++];
    if (c == '\\') {
      if (at == text.size()) {
        return Error{"a '\\' with nothing behind it"};
      }
      argument = argument.value_or("") + readEscape(text, at);
    } else if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        *argument += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      argument = argument.value_or("");
    } else if (isSpace(c)) {
      if (argument) {
        arguments.push_back(std::move(*argument));
        argument.reset();
      }
    } else {
      argument = argument.value_or("") + c;
    }
  }
  if (quote != '\0') {
    return Error{std::string("missing terminating ") + quote};
  }
  if (argument) {
    arguments.push_back(std::move(*argument));
  }
  for (const std::string& one : arguments) {
    if (one.find('\0') != std::string::npos) {
      return Error{"an argument cannot hold a NUL byte"};
    }
  }
  return arguments;
}

}  // namespace holdfast::config
