// The lines of track_script and track_interface: NAME [weight N] [reverse|noreverse]
#include "config/block.h"
#include "config/context.h"
#include "config/lines.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

// "track script" for track_script.
std::string kindOf(const Block& line) {
  std::string kind(line.row()->name);
  kind.replace(kind.find('_'), 1, " ");
  return kind;
}

// Reads the flag, which means something behind a weight only.
void readReverse(Context& context, Block& line, Cursor& cursor) {
  const std::string word(cursor.statement.words[cursor.word - 1].text);
  if (!line.isSaid("weight")) {
    context.error(Code::kInvalidValue, cursor,
                  "(" + line.outer()->name() + ") unknown " + kindOf(line) + " option " + word +
                      " - ignoring",
                  "takes: name [weight N [reverse]]");
    return;
  }
  line.say("reverse", word == "reverse", &cursor.statement);
}

std::string unknownOption(const Block& line, const std::string& word) {
  return "(" + line.outer()->name() + ") unknown " + kindOf(line) + " option " + word +
         " - ignoring";
}

}  // namespace

bool beginTrackLine(Context& context, Block& line, Cursor& cursor) {
  line.setName(std::string(cursor.take()));
  const Block& owner = *line.outer();
  for (const auto& other : owner.blocks()) {
    if (other->row() == line.row() && other->name() == line.name()) {
      context.error(Code::kDuplicate, cursor,
                    "(" + owner.name() + ") duplicate " + std::string(line.row()->name) + " " +
                        line.name() + " - ignoring");
      return false;
    }
  }
  return true;
}

const Table& trackLineTable() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"weight", takes::number(-253, 253), rule("that of the script; 0 for an interface"), {bySealer()},
     "what it is worth in priority; 0: its failure is FAULT"},
    {"reverse", takes::orBare(takes::custom(readReverse, "")), rule("that of the script"), {bySealer()},
     "a positive weight counts while it is down, a negative one while it is up"},
    {"noreverse", takes::orBare(takes::custom(readReverse, "")), nothing(), {bySealer()},
     "undoes the reverse of the script"},
    {"no_reverse", takes::sameAs("noreverse"), nothing(), {},
     "the same"},
  };
  // clang-format on
  static const Table kTable("track line", kRows, {unknownOption});
  return kTable;
}

}  // namespace holdfast::config
