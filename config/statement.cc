#include "config/statement.h"

#include <algorithm>

namespace holdfast::config {
namespace {

class Parser {
 public:
  Parser(const Source& source, Report& report) : source_(source), report_(report) {}

  Statements parse() {
    for (std::size_t i = 0; i < source_.lines.size(); ++i) {
      parseLine(static_cast<std::uint32_t>(i));
    }
    if (open_.size() > 0) {
      report_.add(Severity::kError, Code::kBraces, open_.back().place(source_),
                  "There are " + std::to_string(open_.size()) + " missing '}'s or extra '{'s",
                  "this block is not closed");
    }
    while (!open_.empty()) {
      closeBlock();
    }
    return std::move(top_);
  }

 private:
  Statements& level() { return open_.empty() ? top_ : open_.back().block; }

  void parseLine(std::uint32_t line) {
    Words words = splitWords(source_.lines[line].text);
    if (words.unmatchedQuote) {
      report_.add(Severity::kError, Code::kQuotes,
                  source_.place(source_.lines[line], words.words.back().column()),
                  "Unmatched quote: '" + source_.lines[line].text + "'",
                  "this quotation mark has no partner on the line");
    }
    Statement statement;
    statement.line = line;
    for (Word& word : words.words) {
      if (skipped(word)) {
        continue;
      }
      switch (word.kind) {
        case Word::Kind::kText:
          statement.words.push_back(std::move(word));
          break;
        case Word::Kind::kOpenBrace:
          openBlock(statement, word, line);
          break;
        case Word::Kind::kCloseBrace:
          finish(statement);
          if (open_.empty()) {
            brace("Extra '}' found", word, line);
          } else {
            closeBlock();
          }
          break;
      }
    }
    finish(statement);
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

  // Ends the statement so far; what follows on the line is the next one.
  void finish(Statement& statement) {
    if (!statement.words.empty()) {
      const std::uint32_t line = statement.line;
      level().push_back(std::move(statement));
      statement = Statement{};
      statement.line = line;
      mayOpen_ = true;
    }
  }

  // The brace belongs to the words before it, or, at the start of a line, to the line before.
  void openBlock(Statement& statement, const Word& word, std::uint32_t line) {
    finish(statement);
    if (level().empty() || !mayOpen_ || open_.size() >= kMaxBlockDepth) {
      brace("Unexpected '{' - ignoring", word, line);
      skipDepth_ = 1;
      return;
    }
    Statement owner = std::move(level().back());
    level().pop_back();
    owner.hasBlock = true;
    open_.push_back(std::move(owner));
    mayOpen_ = false;
  }

  void closeBlock() {
    Statement closed = std::move(open_.back());
    open_.pop_back();
    level().push_back(std::move(closed));
    mayOpen_ = false;
  }

  void brace(const char* message, const Word& word, std::uint32_t line) {
    report_.add(Severity::kError, Code::kBraces, source_.place(source_.lines[line], word.column()),
                message);
  }

  const Source& source_;
  Report& report_;
  Statements top_;
  Statements open_;       // blocks that are not closed yet, outermost first
  bool mayOpen_ = false;  // the last thing read was a statement without a block
  std::size_t skipDepth_ = 0;
};

}  // namespace

std::string_view Statement::text(const Source& source, std::size_t from) const {
  if (from >= words.size()) {
    return {};
  }
  const std::uint32_t begin = words[from].begin;
  return std::string_view(source.lines.at(line).text).substr(begin, words.back().end - begin);
}

Place Statement::place(const Source& source, std::size_t word) const {
  return source.place(source.lines.at(line), words.at(std::min(word, words.size() - 1)).column());
}

Statements parseStatements(const Source& source, Report& report) {
  return Parser(source, report).parse();
}

}  // namespace holdfast::config
