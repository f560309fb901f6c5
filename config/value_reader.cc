// What stands behind one keyword.
#include <string>

#include "config/reader.h"
#include "config/secret.h"

namespace holdfast::config {
namespace {

Value textOf(Context& context, const Row& row, Cursor& cursor) {
  if (cursor.hasWord()) {
    return std::string(cursor.take());
  }
  if (row.takes.kind == Takes::Kind::kWord) {
    return std::string();
  }
  context.error(Code::kMissingSetting, cursor.statement, 0,
                std::string(row.name) + " name missing - ignoring", "a name is expected");
  return {};
}

Value restOf(Cursor& cursor) {
  WordList words;
  while (cursor.hasWord()) {
    words.emplace_back(cursor.take());
  }
  return std::make_shared<const WordList>(std::move(words));
}

template <typename T>
Value valueOr(const std::optional<T>& value) {
  return value ? Value(*value) : Value();
}

// Nothing, after having said so, where the words are not what the row takes.
Value valueOf(Context& context, const Row& row, Cursor& cursor) {
  const Takes& takes = row.takes;
  switch (takes.kind) {
    case Takes::Kind::kFlag:
      return true;
    case Takes::Kind::kSwitch:
      return cursor.hasWord() ? valueOr(context.boolean(cursor)) : Value(true);
    case Takes::Kind::kNumber: {
      const auto number = context.number(cursor, {takes.low, takes.high});
      return number && takes.unit != 1 ? Value(Duration(*number * takes.unit)) : valueOr(number);
    }
    case Takes::Kind::kTime:
      return valueOr(context.time(cursor, {takes.low, takes.high}, takes.unit));
    case Takes::Kind::kName:
    case Takes::Kind::kWord:
      return textOf(context, row, cursor);
    case Takes::Kind::kWords:
      return restOf(cursor);
    case Takes::Kind::kAddress:
      return valueOr(context.address(cursor));
    case Takes::Kind::kChoice:
      return valueOr(context.choice(cursor, takes.choices));
    case Takes::Kind::kUser:
      return std::make_shared<const UserName>(Context::userName(cursor));
    case Takes::Kind::kSecret:
      return std::make_shared<const Secret>(Secret::parse(cursor.take()));
    case Takes::Kind::kCommand:
    case Takes::Kind::kCustom:
    case Takes::Kind::kList:
    case Takes::Kind::kNames:
    case Takes::Kind::kOptions:
    case Takes::Kind::kBlock:
    case Takes::Kind::kNamedBlock:
    case Takes::Kind::kSameAs:
      break;
  }
  return {};
}

// The first one that is said is used.
void readCommand(Context& context, Block& block, const Row& row, Cursor& cursor) {
  const Statement& statement = cursor.statement;
  auto command = context.command(cursor);
  if (!command) {
    return;
  }
  if (block.setting(Key(row.name)) != nullptr) {
    context.error(Code::kDuplicate, statement, 1,
                  std::string(statement.keyword()) + " script already specified - ignoring " +
                      command->arguments.front(),
                  "the first one is used");
    return;
  }
  block.say(row, std::make_shared<const Command>(std::move(*command)), &statement);
}

}  // namespace

bool readValue(Context& context, Block& block, const Row& row, Cursor& cursor) {
  if (!cursor.hasWord() && row.takes.needsWord()) {
    if (row.takes.absent.empty()) {
      context.missingParameter(cursor.statement);
      return false;
    }
    context.error(Code::kMissingSetting, cursor.statement, 0, std::string(row.takes.absent));
    block.setMalformed(row);
    return true;
  }
  if (row.takes.kind == Takes::Kind::kCustom) {
    row.takes.read(context, block, cursor);
  } else if (row.takes.kind == Takes::Kind::kCommand) {
    readCommand(context, block, row, cursor);
  } else if (Value value = valueOf(context, row, cursor); !isNothing(value)) {
    block.say(row, std::move(value), &cursor.statement);
  } else {
    block.setMalformed(row);
  }
  return !context.aborted();
}

}  // namespace holdfast::config
