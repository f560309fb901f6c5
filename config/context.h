// What a keyword's reader is given to work with: the report, and readers of single values.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/diagnostic.h"
#include "config/names.h"
#include "config/statement.h"
#include "config/table.h"
#include "config/value.h"

namespace holdfast::config {

struct Bounds {
  double low = 0;
  double high = takes::kMaxUnsigned;
};

class Context {
 public:
  Context(const Source& source, Report& report) : source_(source), report_(report) {}

  [[nodiscard]] const Source& source() const { return source_; }
  [[nodiscard]] bool aborted() const { return aborted_; }
  // Looking for the nearest word takes time: a file full of nonsense is not worth it.
  [[nodiscard]] bool maySuggest() { return suggestions_++ < kMaxSuggestions; }
  // True once for each name behind the keyword of `row`.
  [[nodiscard]] bool isNew(const Row& row, std::string_view name);
  // Of the lines before `line` in its list. They are forgotten with the next block's list.
  [[nodiscard]] Names& namesBefore(const Block& line);
  // True once for each row.
  [[nodiscard]] bool isFirst(const Row& row) { return seen_.insert(&row).second; }

  // `word` is where the caret points to, counted from 0.
  void complain(Severity severity, Code code, const Statement& statement, std::size_t word,
                std::string message, std::string hint = {});
  void error(Code code, const Statement& statement, std::size_t word, std::string message,
             std::string hint = {}) {
    complain(Severity::kError, code, statement, word, std::move(message), std::move(hint));
  }
  // About the word that was taken last.
  void error(Code code, const Cursor& cursor, std::string message, std::string hint = {}) {
    error(code, cursor.statement, cursor.word == 0 ? 0 : cursor.word - 1, std::move(message),
          std::move(hint));
  }
  // A word that has to be there is not: as in keepalived, compiling ends here.
  void missingParameter(const Statement& statement);

  // Values: they take a word, and are nullopt after having complained.
  [[nodiscard]] std::optional<std::int64_t> number(Cursor& cursor, Bounds bounds);
  [[nodiscard]] std::optional<Duration> time(Cursor& cursor, Bounds bounds, std::int64_t unit);
  [[nodiscard]] std::optional<bool> boolean(Cursor& cursor);
  [[nodiscard]] std::optional<IpAddress> address(Cursor& cursor);
  [[nodiscard]] std::optional<std::int64_t> choice(Cursor& cursor, std::span<const Choice> choices);
  [[nodiscard]] std::optional<Command> command(Cursor& cursor);
  [[nodiscard]] static UserName userName(Cursor& cursor);

 private:
  static constexpr std::size_t kMaxSuggestions = 100;

  const Source& source_;
  Report& report_;
  bool aborted_ = false;
  std::size_t suggestions_ = 0;
  std::set<const Row*> seen_;
  std::unordered_map<const Row*, Names> names_;
  struct LineNames {
    const Statement* owner = nullptr;
    Names names;
  };
  std::unordered_map<const Row*, LineNames> lineNames_;
};

}  // namespace holdfast::config
