// The lines of track_script, track_interface, track_file, track_process and track_bfd:
// NAME [weight N [reverse|noreverse]]
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

std::string prefixOf(const Block& line) {
  return "(" + line.outer()->name() + ") ";
}

const char* const kSyntax = "takes: name [weight N [reverse|noreverse]]";

// Files and processes have 254, so that they can take the lowest priority away.
bool mayBe254(const Block& line) {
  return line.row()->name == "track_file" || line.row()->name == "track_process";
}

std::optional<std::int64_t> weightOf(Context& context, const Block& line, Cursor& cursor) {
  constexpr std::int64_t kMost = 253;
  const bool clamps = line.row()->name == "track_script" || line.row()->name == "track_interface";
  const double bound = clamps || mayBe254(line) ? 254 : 253;
  const auto weight = context.number(cursor, {-bound, bound});
  if (!weight || !clamps || (*weight >= -kMost && *weight <= kMost)) {
    return weight;
  }
  context.error(
      Code::kInvalidValue, cursor,
      prefixOf(line) + "weight for " + line.name() + " cannot be +/-254. Setting to +/-253");
  return *weight < 0 ? -kMost : kMost;
}

void readWeight(Context& context, Block& line, Cursor& cursor) {
  if (line.isSaid("weight")) {
    context.error(Code::kInvalidValue, cursor,
                  prefixOf(line) + "unknown " + kindOf(line) + " " + line.name() +
                      " weight option weight - ignoring",
                  kSyntax);
    cursor.word = cursor.statement.words.size();
  } else if (const auto weight = weightOf(context, line, cursor)) {
    line.say("weight", *weight, &cursor.statement);
  } else {
    cursor.word = cursor.statement.words.size();
  }
}

std::string unknownOption(const Block& line, const std::string& word) {
  return prefixOf(line) + "unknown " + kindOf(line) + " " + line.name() + " weight option " + word +
         " - ignoring";
}

void readReverse(Context& context, Block& line, Cursor& cursor) {
  const std::string word(cursor.statement.words[cursor.word - 1].text);
  if (word != "reverse" && line.row()->name == "track_interface") {
    context.error(Code::kInvalidValue, cursor, unknownOption(line, word),
                  "an interface has no reverse that this could undo");
    return;
  }
  line.say("reverse", word == "reverse", &cursor.statement);
}

// `word` is that of the cursor, and cannot follow the name.
void refuseOption(Context& context, const Block& line, const Cursor& cursor) {
  const std::string word(cursor.statement.words[cursor.word - 1].text);
  const bool named = line.row()->name == "track_interface" || line.row()->name == "track_bfd";
  context.error(Code::kInvalidValue, cursor,
                prefixOf(line) + "unknown " + kindOf(line) +
                    (named ? " " + line.name() : std::string()) + " option " + word +
                    " - ignoring",
                kSyntax);
}

// Where anything follows the name it has to be a weight with its value.
bool beginsWeight(Context& context, const Block& line, Cursor cursor) {
  if (!cursor.hasWord()) {
    return true;
  }
  if (cursor.take() != "weight") {
    refuseOption(context, line, cursor);
    return false;
  }
  if (!cursor.hasWord()) {
    context.error(Code::kInvalidValue, cursor,
                  prefixOf(line) + "weight without value specified for " + kindOf(line) + " " +
                      line.name() + " - ignoring",
                  kSyntax);
    return false;
  }
  return true;
}

}  // namespace

bool beginTrackLine(Context& context, Block& line, Cursor& cursor) {
  line.setName(std::string(cursor.take()));
  Names& known = context.namesBefore(line);
  if (known.find(line.name())) {
    context.error(Code::kDuplicate, cursor,
                  prefixOf(line) + "duplicate " + std::string(line.row()->name) + " " +
                      line.name() + " - ignoring");
    return false;
  }
  if (!beginsWeight(context, line, cursor)) {
    return false;
  }
  known.add(line.name());
  return true;
}

const Table& trackLineTable() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"weight", takes::orBare(takes::custom(readWeight, "N")), rule("that of what is tracked; 0 for an interface"), {bySealer()},
     "what it is worth in priority; 0: its failure is FAULT"},
    {"reverse", takes::orBare(takes::custom(readReverse, "")), rule("that of what is tracked, where weight is that too"), {bySealer()},
     "a positive weight counts while it is down, a negative one while it is up"},
    {"noreverse", takes::orBare(takes::custom(readReverse, "")), nothing(), {bySealer()},
     "undoes the reverse of what is tracked"},
    {"no_reverse", takes::sameAs("noreverse"), nothing(), {},
     "the same"},
  };
  // clang-format on
  static const Table kTable("track line", kRows, {unknownOption});
  return kTable;
}

}  // namespace holdfast::config
