#include "config/reader.h"

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
  const LineMessages& messages = line.table().messages();
  context.error(Code::kInvalidValue, cursor,
                messages.unknown == nullptr ? "Unknown option '" + word + "' - ignoring"
                                            : messages.unknown(line, word),
                nearest ? "did you mean '" + std::string(*nearest) + "'?" : std::string());
}

void missingValue(Context& context, const Block& line, const Row& row, const Cursor& cursor) {
  const std::string word(cursor.statement.words[cursor.word - 1].text);
  const LineMessages& messages = line.table().messages();
  context.error(
      Code::kInvalidValue, cursor,
      messages.missing == nullptr
          ? "No " + word + " parameter specified for " + std::string(cursor.statement.keyword())
          : messages.missing(line, word),
      row.takes.syntax.empty() ? std::string() : "takes " + std::string(row.takes.syntax));
}

void noteNotYet(Context& context, const Row& row, const Statement& statement, std::size_t word) {
  if (row.notYet && context.isFirst(row)) {
    context.complain(
        Severity::kNotice, Code::kNotSupported, statement, word,
        "'" + std::string(row.name) + "' is understood, but this version does not act on it yet");
  }
}

bool needsWord(const Takes& takes) {
  return takes.kind != Takes::Kind::kFlag && !takes.bare;
}

class Reader {
 public:
  explicit Reader(Context& context) : context_(context) {}

  void readStatements(Block& block, const Statements& statements) {
    for (const Statement& statement : statements) {
      if (context_.aborted()) {
        return;
      }
      readStatement(block, statement);
    }
  }

 private:
  void readStatement(Block& block, const Statement& statement) {
    const Row* said = block.table().named(statement.keyword());
    if (said == nullptr) {
      unknownKeyword(context_, block, statement);
      return;
    }
    const Row& row = block.table().meant(*said);
    noteNotYet(context_, row, statement, 0);
    if (row.takes.isBlock()) {
      readInner(block, row, statement);
      return;
    }
    if (statement.hasBlock) {
      context_.error(
          Code::kBraces, statement, 0, "Unexpected '{' - ignoring",
          std::string(statement.keyword()) + " has no block; what stands in it is skipped");
    }
    Cursor cursor{statement, 1};
    readValue(context_, block, row, cursor);
  }

  void readInner(Block& block, const Row& row, const Statement& statement) {
    if (!statement.hasBlock) {
      context_.error(Code::kBraces, statement, statement.words.size() - 1,
                     "Missing '{' at beginning of configuration block",
                     std::string(statement.keyword()) + " is followed by a block in braces");
      return;
    }
    if (row.takes.kind == Takes::Kind::kList) {
      readList(block, row, statement);
    } else if (row.takes.kind == Takes::Kind::kNamedBlock) {
      readNamed(block, row, statement);
    } else {
      readBlock(block, row, statement);
    }
  }

  // An object takes its defaults from global_defs, one inside another from that.
  const Block& defaultsFor(const Block& block) {
    const Row* globals = block.table().find(Key("global_defs"));
    const Block* found = globals == nullptr ? nullptr : block.firstBlock("global_defs");
    return found == nullptr ? block : *found;
  }

  void readList(Block& block, const Row& row, const Statement& statement) {
    block.say(row, true, &statement);
    for (const Statement& entry : statement.block) {
      auto line = std::make_unique<Block>(row.takes.table(), &row, &defaultsFor(block), &entry);
      Cursor cursor{entry, 0};
      if (!row.takes.begin(context_, *line, cursor)) {
        continue;
      }
      readOptions(context_, *line, cursor);
      if (!line->isDropped()) {
        block.add(row, std::move(line));
      }
    }
  }

  void readNamed(Block& block, const Row& row, const Statement& statement) {
    if (statement.parameterCount() != 1) {
      context_.error(
          Code::kInvalidValue, statement, 0, std::string(statement.keyword()) + " must have a name",
          "exactly one word is expected between " + std::string(statement.keyword()) + " and '{'");
      return;
    }
    auto child = std::make_unique<Block>(row.takes.table(), &row, &defaultsFor(block), &statement);
    child->setName(std::string(statement.words[1].text));
    if (!context_.isNew(row, child->name())) {
      context_.error(Code::kDuplicate, statement, 1,
                     std::string(row.takes.noun) + " " + child->name() + " already defined",
                     "this block is skipped");
      return;
    }
    readStatements(*child, statement.block);
    block.add(row, std::move(child));
  }

  void readBlock(Block& block, const Row& row, const Statement& statement) {
    Block* known =
        row.takes.begin == nullptr && !row.takes.repeats ? ownBlock(block, row) : nullptr;
    if (known != nullptr) {
      readStatements(*known, statement.block);
      return;
    }
    auto child = std::make_unique<Block>(row.takes.table(), &row, &defaultsFor(block), &statement);
    Cursor cursor{statement, 1};
    if (row.takes.begin != nullptr && !row.takes.begin(context_, *child, cursor)) {
      return;
    }
    if (!context_.aborted()) {
      readStatements(*child, statement.block);
      block.add(row, std::move(child));
    }
  }

  static Block* ownBlock(const Block& block, const Row& row) {
    return block.firstBlock(Key(row.name));
  }

  Context& context_;
};

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
    case Takes::Kind::kCommand:
    case Takes::Kind::kCustom:
    case Takes::Kind::kList:
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
  if (!cursor.hasWord() && needsWord(row.takes)) {
    context.missingParameter(cursor.statement);
    return false;
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

void readOptions(Context& context, Block& line, Cursor& cursor) {
  while (cursor.hasWord() && !line.isDropped()) {
    const Row* said = line.table().named(cursor.take());
    if (said == nullptr) {
      unknownOption(context, line, cursor);
      continue;
    }
    const Row& row = line.table().meant(*said);
    noteNotYet(context, row, cursor.statement, cursor.word - 1);
    if (!cursor.hasWord() && needsWord(row.takes)) {
      missingValue(context, line, row, cursor);
      return;
    }
    readValue(context, line, row, cursor);
  }
}

std::unique_ptr<Block> readConfiguration(const Statements& statements, const Source& source,
                                         Report& report) {
  Context context(source, report);
  auto root = std::make_unique<Block>(rootTable(), nullptr, nullptr, nullptr);
  const Row& globals = *rootTable().find(Key("global_defs"));
  root->add(globals, std::make_unique<Block>(globalTable(), &globals, root.get(), nullptr));
  Reader(context).readStatements(*root, statements);
  return root;
}

}  // namespace holdfast::config
