// vrrp_script
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/weight.h"

namespace holdfast::config {
namespace {

void readCommand(Context& context, Block& script, Cursor& cursor) {
  std::optional<Command> command = context.command(cursor);
  if (!command) {
    return;
  }
  const Statement& statement = cursor.statement;
  if (script.isSaid("script")) {
    context.complain(Severity::kNotice, Code::kDuplicate, statement, 1,
                     "script of " + script.name() + " already specified", "this one is used");
  }
  if (command->user) {
    const std::size_t extra = statement.words.size() - (command->user->group ? 2U : 1U);
    context.complain(Severity::kNotice, Code::kInvalidValue, statement, extra,
                     "words behind script '" + command->arguments.front() + "' ignored",
                     "put the path and its arguments together in double quotes");
    command->user.reset();
  }
  script.say("script", std::make_shared<const Command>(std::move(*command)), &statement);
}

void readScriptWeight(Context& context, Block& script, Cursor& cursor) {
  readWeight(context, script, cursor, {.unknown = "unknown weight option "});
}

constexpr double kMaxCount = 2147483647;

}  // namespace

const Table& scriptTable() {
  using Script = schema::TrackScript::Builder;
  using Periodic = schema::PeriodicScript::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"script", takes::orElse(takes::custom(readCommand, "COMMAND | \"COMMAND ARGUMENTS\""), "script path missing"), rule("there has to be one"), {bySealer()},
     "the command; exit status 0 is success"},
    {"interval", takes::seconds(0.001, 4294.967295), value("1"),
     {to<&Script::setIntervalNs>(), to<&Periodic::setIntervalNs>()},
     "from the start of a run to the start of the next"},
    {"timeout", takes::seconds(0.001, 4294.967295), rule("interval"), {to<&Periodic::setTimeoutNs>()},
     "a run that takes longer is ended, and has failed"},
    {"weight", takes::custom(readScriptWeight, "-253..253 [reverse]"), value("0"), {bySealer()},
     "what success (positive) or failure (negative) is worth in priority; 0: failure is FAULT"},
    {"weight reverse", takes::part(takes::flag()), value("off"), {bySealer()},
     "a positive weight counts while it fails, a negative one while it succeeds"},
    {"rise", takes::number(1, kMaxCount), value("1"), {to<&Script::setRise>()},
     "successes in a row to be up"},
    {"fall", takes::number(1, kMaxCount), value("1"), {to<&Script::setFall>()},
     "failures in a row to be down"},
    {"user", takes::user(), from("script_user"), {bySealer()},
     "who runs it"},
    {"init_fail", takes::flag(), value("off"), {to<&Script::setInitFail>()},
     "counts as failed until it has succeeded"},
  };
  // clang-format on
  static const Table kTable("vrrp_script", kRows);
  return kTable;
}

}  // namespace holdfast::config
