#include "config/unknown.h"

#include <string>

#include "config/suggest.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

// The path of a block that has this keyword, "" for the root; nullopt for no keyword at all.
std::optional<std::string_view> homeOf(std::string_view keyword, const Table& table) {
  if (table.named(keyword) != nullptr) {
    return table.path();
  }
  for (const Row& row : table.rows()) {
    if (row.takes.kind == Takes::Kind::kBlock || row.takes.kind == Takes::Kind::kNamedBlock) {
      if (const auto home = homeOf(keyword, row.takes.table())) {
        return home;
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> nearestName(std::string_view word, const Table& table) {
  std::vector<std::string_view> names;
  for (const Row& row : table.rows()) {
    if (!row.takes.isPart) {
      names.push_back(row.name);
    }
  }
  return nearestWord(word, names);
}

std::string suggestion(std::string_view keyword, const Table& table) {
  if (const auto nearest = nearestName(keyword, table)) {
    return "did you mean '" + std::string(*nearest) + "'?";
  }
  if (const auto home = homeOf(keyword, rootTable())) {
    return home->empty() ? "this keyword starts a block of its own: is a '}' missing before it?"
                         : "this keyword belongs in a " + std::string(*home) + " block";
  }
  return {};
}

}  // namespace

void unknownKeyword(Context& context, const Block& block, const Statement& statement) {
  const std::string keyword(statement.keyword());
  std::string hint = context.maySuggest() ? suggestion(keyword, block.table()) : std::string();
  if (statement.hasBlock) {
    hint += hint.empty() ? "its block is skipped" : " (its block is skipped)";
  }
  context.error(Code::kUnknownKeyword, statement, 0, "Unknown keyword '" + keyword + "'", hint);
}

void unknownOption(Context& context, const Block& line, const Cursor& cursor) {
  const std::string word(cursor.statement.words[cursor.word - 1].text);
  const auto nearest = context.maySuggest() ? nearestName(word, line.table()) : std::nullopt;
  const LineRules& rules = line.table().lineRules();
  context.error(Code::kInvalidValue, cursor,
                rules.unknown == nullptr ? "Unknown option '" + word + "' - ignoring"
                                         : rules.unknown(line, word),
                nearest ? "did you mean '" + std::string(*nearest) + "'?" : std::string());
}

}  // namespace holdfast::config
