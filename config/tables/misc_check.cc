// virtual_server/real_server/MISC_CHECK
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/checker_rows.h"

namespace holdfast::config {
namespace {

void readPath(Context& context, Block& check, Cursor& cursor) {
  if (!cursor.hasWord()) {
    return;  // said where the block is looked at as a whole
  }
  if (auto command = context.command(cursor)) {
    command->user.reset();  // further words are not looked at
    check.say("misc_path", std::make_shared<const Command>(std::move(*command)), &cursor.statement);
  }
}

void readUser(Context& context, Block& check, Cursor& cursor) {
  if (!cursor.hasWord()) {
    const Command* command = check.command("misc_path");
    context.error(Code::kMissingSetting, cursor.statement, 0,
                  "No user specified for misc checker script" +
                      (command == nullptr ? "" : " '" + command->arguments.front() + "'"),
                  "takes USER [GROUP]");
    return;
  }
  check.say("user", std::make_shared<const UserName>(Context::userName(cursor)), &cursor.statement);
}

}  // namespace

const Table& miscCheckTable() {
  // clang-format off
  static constexpr std::array<Row, 4> kOwn = {{
    {"misc_path", takes::orBare(takes::custom(readPath, "COMMAND | \"COMMAND ARGUMENTS\"")), nothing(), {bySealer()},
     "the command; exit status 0 is success"},
    {"misc_timeout", takes::wholeSeconds(0, 4294), as("delay_loop"), {bySealer()},
     "a run that takes longer is ended, and has failed"},
    {"misc_dynamic", takes::flag(), value("off"), {to<&schema::MiscCheck::Builder::setDynamic>()},
     "exit status 2 to 255 is success, with a weight of two less"},
    {"user", takes::orBare(takes::custom(readUser, "USER [GROUP]")), from("script_user"), {bySealer()},
     "who runs it"},
  }};
  // clang-format on
  static constexpr auto kChecking = checkingRows("0", value("1"));
  static const Table kTable("virtual_server/real_server/MISC_CHECK", {kChecking, kOwn});
  return kTable;
}

}  // namespace holdfast::config
