// The block level: lines as statements, each with the statements of its block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/arena.h"
#include "config/diagnostic.h"
#include "config/source.h"
#include "config/words.h"

namespace holdfast::config {

inline constexpr std::size_t kMaxBlockDepth = 16;

struct Statement;
using Statements = Series<Statement>;

// Words and block are in the arena of its Source, which has to outlive it. Without holes, as there
// are as many as lines.
struct Statement {
  // At least one: the keyword, or the first word of a list's entry.
  [[no_unique_address]] Series<Word> words;
  std::uint32_t line = 0;  // index in Source::lines
  [[no_unique_address]] Statements block;
  bool hasBlock = false;

  [[nodiscard]] std::string_view keyword() const { return words.front().text; }
  [[nodiscard]] std::size_t parameterCount() const { return words.size() - 1; }
  // The parameters from number `from` on (counted from 1), as they stand in the line.
  [[nodiscard]] std::string_view text(const Source& source, std::size_t from = 1) const;
  // Where word number `word` stands.
  [[nodiscard]] Place place(const Source& source, std::size_t word = 0) const;
};

static_assert(sizeof(Statement) == 32);

// Reports unmatched quotes and braces; what can be made sense of is returned.
[[nodiscard]] Statements parseStatements(Source& source, Report& report);

}  // namespace holdfast::config
