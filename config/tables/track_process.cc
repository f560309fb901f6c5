// vrrp_track_process
#include <array>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/weight.h"
#include "ipc/schemas/watch_config.capnp.h"

namespace holdfast::config {
namespace {

using Parameters = schema::ProcessMonitor::Parameters;
constexpr std::array<Choice, 4> kMatches = {
    {{"ignored", static_cast<std::int64_t>(Parameters::IGNORED)},
     {"exact", static_cast<std::int64_t>(Parameters::EXACT)},
     {"initial", static_cast<std::int64_t>(Parameters::INITIAL)},
     {"partial", static_cast<std::int64_t>(Parameters::PARTIAL)}}};

void readProcess(Context& context, Block& process, Cursor& cursor) {
  const Statement& statement = cursor.statement;
  WordList words;
  while (cursor.hasWord()) {
    words.emplace_back(cursor.take());
  }
  if (process.isSaid("process")) {
    context.error(
        Code::kDuplicate, statement, 1,
        "Process already set for track process " + process.name() + " - ignoring " + words.front(),
        "the first one is used");
    return;
  }
  process.say("process", std::make_shared<const WordList>(std::move(words)), &statement);
}

// Bare, it is said that there are no other parameters.
void readMatch(Context& context, Block& process, Cursor& cursor) {
  const std::string word(cursor.hasWord() ? cursor.take() : "exact");
  if (cursor.word > 1 && word != "initial" && word != "partial") {
    context.error(Code::kInvalidValue, cursor, "Invalid param_match type " + word + " - ignoring",
                  "takes initial, partial, or nothing");
    return;
  }
  for (const Choice& match : kMatches) {
    if (match.word == word) {
      process.say("param_match", match.value, &cursor.statement);
    }
  }
}

void readProcessWeight(Context& context, Block& process, Cursor& cursor) {
  constexpr double kMost = 254;
  if (!cursor.hasWord()) {
    context.error(Code::kInvalidValue, cursor.statement, 0,
                  "No weight specified for track process " + process.name() + " - ignoring",
                  "takes -254..254 [reverse]");
  } else if (process.isSaid("weight")) {
    context.error(Code::kDuplicate, cursor.statement, 1,
                  "Weight already set for track process " + process.name() + " - ignoring " +
                      std::string(cursor.peek()),
                  "the first one is used");
  } else {
    readWeight(context, process, cursor,
               {.most = kMost,
                .unknown = "vrrp_track_process " + process.name() + " unknown weight option "});
  }
}

void readDelay(Context& context, Block& process, Cursor& cursor) {
  if (const auto delay = context.time(cursor, {0.000001, 3600}, takes::kSecond)) {
    process.say("fork_delay", *delay, &cursor.statement);
    process.say("terminate_delay", *delay, &cursor.statement);
  }
}

}  // namespace

const Table& trackProcessTable() {
  using Process = schema::TrackProcess::Builder;
  using Monitor = schema::ProcessMonitor::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"process", takes::custom(readProcess, "COMMAND [PARAMETER...]"), rule("there has to be one"),
     {toWords<&Monitor::initArguments>()},
     "the name of the processes, and their parameters if those count"},
    {"param_match", takes::orBare(takes::custom(readMatch, kMatches)), rule("exact with parameters; else they do not count"),
     {to<&Monitor::setParameters>()},
     "initial: the last parameter may be longer; partial: more may follow; bare: exactly these, even none"},
    {"weight", takes::orBare(takes::custom(readProcessWeight, "-254..254 [reverse]")), value("0"),
     {bySealer()},
     "what enough (positive) or too few (negative) processes are worth in priority; 0: too few is FAULT"},
    {"weight reverse", takes::part(takes::flag()), value("off"),
     {bySealer()},
     "the other way round"},
    {"quorum", takes::number(1, 65535), value("1"),
     {to<&Process::setQuorum>()},
     "so many processes at least"},
    {"quorum_max", takes::number(0, 65535), value("65535"),
     {to<&Process::setQuorumMax>()},
     "so many at most; 0: none may run"},
    {"delay", takes::custom(readDelay, "SECONDS"), nothing(),
     {bySealer()},
     "fork_delay and terminate_delay"},
    {"terminate_delay", takes::seconds(0.000001, 3600), value("0"),
     {to<&Process::setTerminateDelayNs>()},
     "how long too few may run before it counts"},
    {"fork_delay", takes::seconds(0.000001, 3600), value("0"),
     {to<&Process::setForkDelayNs>()},
     "how long enough have to run before it counts"},
    {"full_command", takes::flag(), value("off"),
     {to<&Monitor::setFullCommand>()},
     "compare the command line, not the process's name"},
  };
  // clang-format on
  static const Table kTable("vrrp_track_process", kRows);
  return kTable;
}

}  // namespace holdfast::config
