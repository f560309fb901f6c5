// track_file, and vrrp_track_file, its old name.
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/weight.h"
#include "ipc/schemas/watch_config.capnp.h"

namespace holdfast::config {
namespace {

constexpr std::int64_t kMost = 254;

void readFile(Context& context, Block& file, Cursor& cursor) {
  const Statement& statement = cursor.statement;
  if (!cursor.hasWord()) {
    context.error(Code::kMissingSetting, statement, 0,
                  "track file " + file.name() + " file name missing", "takes a path");
    return;
  }
  const std::string path(cursor.take());
  if (file.isSaid("file")) {
    context.error(Code::kDuplicate, cursor,
                  "File already set for track file " + file.name() + " - ignoring " + path,
                  "the first one is used");
    return;
  }
  file.say("file", path, &statement);
}

void readFileWeight(Context& context, Block& file, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.error(Code::kInvalidValue, cursor.statement, 0,
                  "No weight specified for track file " + file.name() + " - ignoring",
                  "takes -254..254 [reverse]");
  } else if (file.isSaid("weight")) {
    context.error(Code::kDuplicate, cursor.statement, 1,
                  "Weight already set for track file " + file.name() + " - ignoring " +
                      std::string(cursor.peek()),
                  "the first one is used");
  } else {
    readWeight(context, file, cursor,
               {.most = kMost, .unknown = "track_file " + file.name() + " unknown weight option "});
  }
}

// [VALUE] [overwrite], in either order
void readInit(Context& context, Block& file, Cursor& cursor) {
  file.say("init_file", true, &cursor.statement);
  while (cursor.hasWord()) {
    const std::string_view word = cursor.peek();
    if (word == "overwrite") {
      cursor.take();
      file.say("init_file overwrite", true, &cursor.statement);
    } else if (!word.empty() && word.find_first_not_of("+-0123456789") == std::string_view::npos) {
      if (const auto number = context.number(cursor, {-kMost, kMost})) {
        file.say("init_file value", *number, &cursor.statement);
      }
    } else {
      const std::string text(cursor.take());
      context.error(Code::kInvalidValue, cursor, "Unknown track file init option " + text,
                    "takes a number and 'overwrite', or one of them, or nothing");
    }
  }
}

}  // namespace

const Table& trackFileTable() {
  using Path = schema::TrackedFilePath::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"file", takes::orBare(takes::custom(readFile, "PATH")), rule("there has to be one"),
     {to<&Path::setPath>()},
     "the file, with a number in it"},
    {"weight", takes::orBare(takes::custom(readFileWeight, "-254..254 [reverse]")), value("1"),
     {bySealer()},
     "the number times this is added to the priority; 0: any number but 0 is FAULT"},
    {"weight reverse", takes::part(takes::flag()), value("off"),
     {bySealer()},
     "it is subtracted; with weight 0, the number 0 is FAULT"},
    {"init_file", takes::orBare(takes::custom(readInit, "[NUMBER] [overwrite]")), value("off"),
     {to<&Path::setCreate>()},
     "the file is made at the start, with this number in it"},
    {"init_file value", takes::part(takes::number(-254, 254)), value("0"),
     {to<&Path::setInitialValue>()},
     "what is written"},
    {"init_file overwrite", takes::part(takes::flag()), value("off"),
     {to<&Path::setOverwrite>()},
     "also where it exists"},
  };
  // clang-format on
  static const Table kTable("track_file", kRows);
  return kTable;
}

}  // namespace holdfast::config
