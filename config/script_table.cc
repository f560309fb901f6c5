// vrrp_script
#include "config/tables.h"

namespace holdfast::config {
namespace {

void readCommand(Context& context, ScriptBlock& script, const Statement& statement) {
  std::optional<Command> command = context.command(statement);
  if (!command) {
    return;
  }
  if (script.command) {
    context.error(Code::kDuplicate, statement, 1,
                  "script already specified - ignoring " + command->arguments.front(),
                  "the first one is used");
    return;
  }
  if (command->user) {
    const std::size_t extra = statement.words.size() - (command->user->group ? 2U : 1U);
    context.complain(Severity::kNotice, Code::kInvalidValue, statement, extra,
                     "words behind script '" + command->arguments.front() + "' ignored",
                     "put the path and its arguments together in double quotes");
    command->user.reset();
  }
  script.command = std::move(command);
}

void readWeight(Context& context, ScriptBlock& script, const Statement& statement) {
  const auto value = context.number(statement, 1, {-253, 253});
  if (!value) {
    return;
  }
  script.weight = Weight{*value, false};
  if (statement.parameterCount() > 1) {
    if (statement.words[2].text == "reverse") {
      script.weight->reverse = true;
    } else {
      context.error(Code::kInvalidValue, statement, 2,
                    "unknown weight option " + std::string(statement.words[2].text),
                    "only 'reverse' can stand behind the number");
    }
  }
}

void readUser(Context& context, ScriptBlock& script, const Statement& statement) {
  script.user = context.userName(statement, 1);
}

constexpr Bounds kCount{1, 2147483647};
constexpr Bounds kTime{0.001, 4294.967295};

// clang-format off
constexpr Keyword<ScriptBlock> kScript[] = {
    {"script", Takes::kOther, {}, "there has to be one", readCommand,
     "the command; exit status 0 is success"},
    {"interval", Takes::kSeconds, kTime, "1", &ScriptBlock::interval,
     "from the start of a run to the start of the next"},
    {"timeout", Takes::kSeconds, kTime, "interval", &ScriptBlock::timeout,
     "a run that takes longer is ended, and has failed"},
    {"weight", Takes::kOther, {}, "0", readWeight,
     "-253 to 253 [reverse]: what success (positive) or failure (negative) is worth in "
     "priority; 0: failure is FAULT"},
    {"rise", Takes::kNumber, kCount, "1", &ScriptBlock::rise,
     "successes in a row to be up"},
    {"fall", Takes::kNumber, kCount, "1", &ScriptBlock::fall,
     "failures in a row to be down"},
    {"user", Takes::kOther, {}, "script_user", readUser,
     "USER [GROUP]: who runs it"},
    {"init_fail", Takes::kFlag, {}, "off", &ScriptBlock::initFail,
     "counts as failed until it has succeeded"},
};
// clang-format on

}  // namespace

std::span<const Keyword<ScriptBlock>> scriptTable() {
  return kScript;
}

}  // namespace holdfast::config
