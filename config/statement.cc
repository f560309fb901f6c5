#include "config/statement.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace holdfast::config {
namespace {

class Parser {
 public:
  Parser(Source& source, Report& report) : source_(source), report_(report), levels_(1) {}

  Statements parse() {
    for (std::size_t i = 0; i < source_.lines.size(); ++i) {
      parseLine(static_cast<std::uint32_t>(i));
    }
    if (!open_.empty()) {
      report_.add(Severity::kError, Code::kBraces, open_.back().place(source_),
                  "There are " + std::to_string(open_.size()) + " missing '}'s or extra '{'s",
                  "this block is not closed");
    }
    while (!open_.empty()) {
      closeBlock();
    }
    return source_.arena.copy(std::span<const Statement>(levels_.front()));
  }

 private:
  // What is still there after substitution; nobody means these braces.
  void checkDefined(std::uint32_t line) {
    const SourceLine& read = source_.lines[line];
    if (read.text.find("${") == std::string_view::npos) {
      return;
    }
    for (const Word& word : words_.words) {
      const std::size_t begin = word.text.find("${");
      if (begin != std::string_view::npos && read.text[word.begin] != '"') {
        const std::size_t end = std::min(word.text.find('}', begin), word.text.size() - 1);
        report_.add(Severity::kError, Code::kExpansion, source_.place(read, word.column()),
                    std::string(word.text.substr(begin, end - begin + 1)) + " is not defined",
                    "define it before it is used: $NAME=VALUE");
      }
    }
  }

  std::vector<Statement>& level() { return levels_[open_.size()]; }

  void parseLine(std::uint32_t line) {
    splitWords(source_.lines[line].text, words_);
    if (words_.unmatchedQuote) {
      report_.add(Severity::kError, Code::kQuotes,
                  source_.place(source_.lines[line], words_.words.back().column()),
                  "Unmatched quote: '" + std::string(source_.lines[line].text) + "'",
                  "this quotation mark has no partner on the line");
    }
    checkDefined(line);
    std::size_t begin = 0;  // of the statement that is being read
    for (std::size_t i = 0; i < words_.words.size(); ++i) {
      const Word& word = words_.words[i];
      if (skipped(word)) {
        begin = i + 1;
        continue;
      }
      switch (word.kind) {
        case Word::Kind::kText:
          break;
        case Word::Kind::kOpenBrace:
          finish(begin, i, line);
          openBlock(word, line);
          begin = i + 1;
          break;
        case Word::Kind::kCloseBrace:
          finish(begin, i, line);
          if (open_.empty()) {
            brace("Extra '}' found", word, line);
          } else {
            closeBlock();
          }
          begin = i + 1;
          break;
      }
    }
    finish(begin, words_.words.size(), line);
  }

  // Inside a block that nothing owns: is this word of it?
  bool skipped(const Word& word) {
    if (skipDepth_ == 0) {
      return false;
    }
    if (word.kind == Word::Kind::kOpenBrace) {
      ++skipDepth_;
    } else if (word.kind == Word::Kind::kCloseBrace) {
      --skipDepth_;
    }
    return true;
  }

  // The words from `begin` up to `end` are a statement; what follows on the line is the next one.
  void finish(std::size_t begin, std::size_t end, std::uint32_t line) {
    if (begin < end) {
      const std::span<const Word> words(words_.words);
      level().push_back({source_.arena.copy(words.subspan(begin, end - begin)), line, {}, false});
      mayOpen_ = true;
    }
  }

  // The brace belongs to the words before it, or, at the start of a line, to the line before.
  void openBlock(const Word& word, std::uint32_t line) {
    if (level().empty() || !mayOpen_ || open_.size() >= kMaxBlockDepth) {
      brace("Unexpected '{' - ignoring", word, line);
      skipDepth_ = 1;
      return;
    }
    const Statement owner = level().back();
    level().pop_back();
    open_.push_back(owner);
    open_.back().hasBlock = true;
    levels_.resize(std::max(levels_.size(), open_.size() + 1));
    level().clear();
    mayOpen_ = false;
  }

  void closeBlock() {
    Statement closed = open_.back();
    closed.block = source_.arena.copy(std::span<const Statement>(level()));
    open_.pop_back();
    level().push_back(closed);
    mayOpen_ = false;
  }

  void brace(const char* message, const Word& word, std::uint32_t line) {
    report_.add(Severity::kError, Code::kBraces, source_.place(source_.lines[line], word.column()),
                message);
  }

  Source& source_;
  Report& report_;
  std::vector<std::vector<Statement>> levels_;  // at the top, and in each block of open_
  std::vector<Statement> open_;                 // blocks that are not closed yet, outermost first
  Words words_;
  bool mayOpen_ = false;  // the last thing read was a statement without a block
  std::size_t skipDepth_ = 0;
};

}  // namespace

std::string_view Statement::text(const Source& source, std::size_t from) const {
  if (from >= words.size()) {
    return {};
  }
  const std::uint32_t begin = words[from].begin;
  return source.lines.at(line).text.substr(begin, words.back().end - begin);
}

Place Statement::place(const Source& source, std::size_t word) const {
  return source.place(source.lines.at(line), words.at(std::min(word, words.size() - 1)).column());
}

Statements parseStatements(Source& source, Report& report) {
  return Parser(source, report).parse();
}

}  // namespace holdfast::config
