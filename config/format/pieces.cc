#include "config/format/pieces.h"

#include "config/include.h"
#include "config/repetition.h"
#include "config/source_line.h"
#include "config/text.h"
#include "config/words.h"

namespace holdfast::config {
namespace {

// The conditions at the front of a line that has some.
std::string_view conditionOf(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() && line[end] == '@') {
    while (end < line.size() && !isSpace(line[end])) {
      ++end;
    }
    while (end < line.size() && isSpace(line[end])) {
      ++end;
    }
  }
  return trim(line.substr(0, end));
}

// Words with one space where there was some. Behind a backslash, and between single quotes, which
// are no quotes to splitWords, space can mean something.
std::string join(std::string_view code, std::span<const Word> words) {
  const std::string_view all =
      code.substr(words.front().begin, words.back().end - words.front().begin);
  if (all.find_first_of("'\\") != std::string_view::npos) {
    return std::string(all);
  }
  std::string out;
  std::size_t end = words.front().begin;
  for (const Word& word : words) {
    out += word.begin > end ? " " : "";
    out += code.substr(word.begin, word.end - word.begin);
    end = word.end;
  }
  return out;
}

std::vector<std::string> piecesOf(std::string_view code, std::span<const Word> words) {
  std::vector<std::string> pieces;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= words.size(); ++i) {
    const bool brace = i < words.size() && words[i].kind != Word::Kind::kText;
    if (i < words.size() && !brace) {
      continue;
    }
    if (begin < i) {
      pieces.push_back(join(code, words.subspan(begin, i - begin)));
    }
    if (brace && words[i].kind == Word::Kind::kOpenBrace && begin < i) {
      pieces.back() += " {";
    } else if (brace) {
      pieces.emplace_back(words[i].text);
    }
    begin = i + 1;
  }
  return pieces;
}

}  // namespace

bool isDirective(std::string_view line) {
  line = trim(line);
  return line.starts_with('@') || parseDefinition(line) || isRepetition(line) ||
         line.starts_with("include_check") || line.starts_with("random_seed") ||
         parseInclude(line).has_value();
}

Pieces takeApart(std::string_view raw) {
  Pieces out;
  bool escapes = false;
  const std::size_t comment = startOfComment(raw, escapes);
  const std::string_view code = trim(raw.substr(0, comment));
  out.comment = trim(raw.substr(comment));
  if (code.empty()) {
    return out;
  }
  out.condition = conditionOf(code);
  // What a parameter stands for can be anything.
  out.plain = !isDirective(code) && code.find('$') == std::string_view::npos;
  if (out.plain) {
    const Words words = splitWords(code);
    out.lines = piecesOf(code, words.words);
    out.plain = !words.unmatchedQuote;
    for (const std::string& piece : out.lines) {
      out.plain = out.plain && !isDirective(piece);
    }
  }
  if (!out.plain) {
    out.lines.assign(1, std::string(code));
  }
  return out;
}

Nesting nestingOf(std::string_view piece) {
  Nesting nesting;
  if (parseDefinition(piece) || parseInclude(piece)) {
    return nesting;
  }
  bool first = true;
  for (const Word& word : splitWords(piece.substr(conditionOf(piece).size())).words) {
    if (word.kind == Word::Kind::kOpenBrace) {
      ++nesting.change;
    } else if (word.kind == Word::Kind::kCloseBrace) {
      --nesting.change;
      nesting.closedFirst += first ? 1 : 0;
    }
    first = first && word.kind == Word::Kind::kCloseBrace;
  }
  return nesting;
}

}  // namespace holdfast::config
