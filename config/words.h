// The word level: one line as words and braces; one script's command line as its arguments.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/result.h"

namespace holdfast::config {

struct Word {
  enum class Kind : std::uint8_t { kText, kOpenBrace, kCloseBrace };
  std::string_view text;    // a piece of the line: without its double quotes
  std::uint32_t begin = 0;  // where it stands in the line, quotes included
  std::uint32_t end : 24 = 0;
  Kind kind : 8 = Kind::kText;

  [[nodiscard]] std::uint32_t column() const { return begin + 1; }
};

struct Words {
  std::vector<Word> words;
  bool unmatchedQuote = false;  // the last word goes to the end of the line
};

// White space separates words; "..." is one word; '{' and '}' are words of their own wherever they
// stand outside double quotes, except in ${NAME}. The words are views of `line`.
[[nodiscard]] Words splitWords(std::string_view line);
// The same, into what `out` had allocated before.
void splitWords(std::string_view line, Words& out);

// A command line in the shell's manner (keepalived.conf(5), Quoted strings): ' and " quote, and
// \a \b \E \f \n \r \t \v \nnn \xXX \cC and \C for any other C are escapes.
[[nodiscard]] Result<std::vector<std::string>> splitCommand(std::string_view text);

}  // namespace holdfast::config
