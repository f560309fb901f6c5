// The options in a line.
#include <string>

#include "config/reader.h"
#include "config/unknown.h"

namespace holdfast::config {
namespace {

void missingValue(Context& context, const Block& line, const Row& row, const Cursor& cursor) {
  const std::string word(cursor.statement.words[cursor.word - 1].text);
  const LineRules& rules = line.table().lineRules();
  context.error(
      Code::kInvalidValue, cursor,
      rules.missing == nullptr
          ? "No " + word + " parameter specified for " + std::string(cursor.statement.keyword())
          : rules.missing(line, word),
      row.takes.syntax.empty() ? std::string() : "takes " + std::string(row.takes.syntax));
}

// The row of the next word, which is taken unless it is a bare value. Nullptr for no option.
const Row* takeOption(const Table& table, Cursor& cursor) {
  if (const Row* said = table.named(cursor.peek())) {
    cursor.take();
    return &table.meant(*said);
  }
  const std::string_view bareWord = table.lineRules().bareWord;
  return bareWord.empty() ? nullptr : table.named(bareWord);
}

void readOption(Context& context, Block& line, const Row& row, Cursor& cursor);

// The options of an option, up to a word that is none of them.
void readInner(Context& context, Block& line, const Row& row, Cursor& cursor) {
  auto inner = std::make_unique<Block>(row.takes.table(), &row, &line, line.statement());
  const auto goesOn = [&] {
    return cursor.hasWord() && inner->table().named(cursor.peek()) != nullptr;
  };
  while (goesOn() && !inner->isDropped() && !context.aborted()) {
    readOption(context, *inner, *takeOption(inner->table(), cursor), cursor);
  }
  if (!inner->isDropped() && !context.aborted()) {
    row.takes.read(context, *inner, cursor);
  }
  if (inner->isDropped()) {
    line.drop();
  }
  line.add(row, std::move(inner));
}

void readOption(Context& context, Block& line, const Row& row, Cursor& cursor) {
  const LineRules& rules = line.table().lineRules();
  noteNotYet(context, row, cursor.statement, cursor.word - 1);
  if (row.takes.kind == Takes::Kind::kOptions) {
    readInner(context, line, row, cursor);
  } else if (!cursor.hasWord() && row.takes.needsWord() && !rules.missingEnds) {
    missingValue(context, line, row, cursor);
  } else if (readValue(context, line, row, cursor);
             rules.unreadableDrops && line.isMalformed(Key(row.name))) {
    line.drop();
  }
}

}  // namespace

void readOptions(Context& context, Block& line, Cursor& cursor) {
  while (cursor.hasWord() && !line.isDropped() && !context.aborted()) {
    if (const Row* row = takeOption(line.table(), cursor)) {
      readOption(context, line, *row, cursor);
      continue;
    }
    cursor.take();
    unknownOption(context, line, cursor);
    if (line.table().lineRules().unknownDrops) {
      line.drop();
    }
  }
}

}  // namespace holdfast::config
