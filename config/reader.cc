#include "config/reader.h"

#include <string>

#include "config/tables.h"
#include "config/unknown.h"

namespace holdfast::config {
namespace {

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
      if (const Row* lines = block.table().lines()) {
        readLine(block, *lines, statement);
      } else {
        unknownKeyword(context_, block, statement);
      }
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
    } else if (row.takes.kind == Takes::Kind::kNames) {
      readNames(block, row, statement);
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
      if (context_.aborted()) {
        return;
      }
      readLine(block, row, entry);
    }
  }

  void readLine(Block& block, const Row& row, const Statement& entry) {
    auto line = std::make_unique<Block>(row.takes.table(), &row, &defaultsFor(block), &entry);
    Cursor cursor{entry, 0};
    if (!row.takes.begin(context_, *line, cursor)) {
      return;
    }
    readOptions(context_, *line, cursor);
    if (!line->isDropped()) {
      block.add(row, std::move(line));
    }
  }

  void readNames(Block& block, const Row& row, const Statement& statement) {
    if (!row.takes.noun.empty() && block.isSaid(Key(row.name))) {
      context_.error(
          Code::kDuplicate, statement, 0,
          "Group list already specified for " + std::string(row.takes.noun) + " " + block.name(),
          "the first one is used");
      return;
    }
    block.say(row, true, &statement);
    for (const Statement& entry : statement.block) {
      for (const Word& word : entry.words) {
        auto line = std::make_unique<Block>(row.takes.table(), &row, &defaultsFor(block), &entry);
        line->setName(std::string(word.text));
        block.add(row, std::move(line));
      }
    }
  }

  void readNamed(Block& block, const Row& row, const Statement& statement) {
    if (row.takes.looseName && statement.parameterCount() == 0) {
      context_.missingParameter(statement);
      return;
    }
    if (statement.parameterCount() != 1 && !row.takes.looseName) {
      context_.error(
          Code::kInvalidValue, statement, 0, std::string(statement.keyword()) + " must have a name",
          "exactly one word is expected between " + std::string(statement.keyword()) + " and '{'");
      return;
    }
    auto child = std::make_unique<Block>(row.takes.table(), &row, &defaultsFor(block), &statement);
    child->setName(std::string(statement.words[1].text));
    if (!context_.isNew(row, child->name())) {
      context_.complain(row.takes.firstWins ? Severity::kNotice : Severity::kError,
                        Code::kDuplicate, statement, 1,
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

}  // namespace

void noteNotYet(Context& context, const Row& row, const Statement& statement, std::size_t word) {
  if (row.notYet && context.isFirst(row)) {
    context.complain(
        Severity::kNotice, Code::kNotSupported, statement, word,
        "'" + std::string(row.name) + "' is understood, but this version does not act on it yet");
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
