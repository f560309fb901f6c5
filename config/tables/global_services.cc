// global_defs: scripts at the start and the end, and FIFOs that hear of every event.
#include "config/block.h"
#include "config/field.h"
#include "config/tables/global_areas.h"

namespace holdfast::config {
namespace {

void readScript(Context& context, Block& globals, Cursor& cursor, bool namesScript,
                std::string again) {
  const Key key(cursor.statement.keyword());
  std::optional<Command> command = context.command(cursor);
  if (!command) {
    return;
  }
  if (namesScript) {
    again += " already specified - ignoring " + command->arguments.front();
  } else {
    again += " already specified";
  }
  if (isFirst(context, globals, key, cursor.statement, std::move(again))) {
    globals.say(key, std::make_shared<const Command>(std::move(*command)), &cursor.statement);
  }
}

// startup_script, shutdown_script
void readOwnScript(Context& context, Block& globals, Cursor& cursor) {
  std::string name(cursor.statement.keyword());
  name.at(name.find('_')) = ' ';
  readScript(context, globals, cursor, false, std::move(name));
}

void readFifoScript(Context& context, Block& globals, Cursor& cursor) {
  readScript(context, globals, cursor, true, std::string(cursor.statement.keyword()));
}

// PATH [USER [GROUP]]
void readFifo(Context& context, Block& globals, Cursor& cursor) {
  const std::string keyword(cursor.statement.keyword());
  std::string path(cursor.take());
  if (!isFirst(context, globals, Key(keyword), cursor.statement,
               keyword + " already specified - ignoring " + path)) {
    return;
  }
  globals.say(Key(keyword), std::move(path), &cursor.statement);
  if (cursor.hasWord()) {
    globals.say(Key(keyword + " owner"),
                std::make_shared<const UserName>(Context::userName(cursor)), &cursor.statement);
  }
}

constexpr Takes kOwnScript = takes::custom(readOwnScript, "COMMAND [USER [GROUP]]");
constexpr Takes kFifoScript = takes::custom(readFifoScript, "COMMAND [USER [GROUP]]");
constexpr Takes kFifo = takes::custom(readFifo, "PATH [USER [GROUP]]");
constexpr Takes kOwner = takes::part(takes::user());
constexpr Takes kTimeout = takes::wholeSeconds(1, 1000);

}  // namespace

std::span<const Row> serviceRows() {
  using V = schema::VrrpConfig::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"startup_script", takes::orElse(kOwnScript, "startup script missing"), nothing(), {bySealer()},
     "run once, before every process"},
    {"startup_script_timeout", takes::orElse(kTimeout, "startup_script_timeout requires value"), value("10"), {bySealer()},
     "seconds after which it is ended"},
    {"shutdown_script", takes::orElse(kOwnScript, "shutdown script missing"), nothing(), {bySealer()},
     "run once, after every process"},
    {"shutdown_script_timeout", takes::orElse(kTimeout, "shutdown_script_timeout requires value"), value("10"), {bySealer()},
     "seconds after which it is ended"},
    {"notify_fifo", takes::orElse(kFifo, "No notify_fifo name specified"), nothing(), {bySealer()},
     "a FIFO that every event is written to"},
    {"notify_fifo owner", kOwner, from("script_user"), {bySealer()},
     "whose it is"},
    {"notify_fifo_script", takes::orElse(kFifoScript, "No notify_fifo_script specified"), nothing(), {bySealer()},
     "run to read it: its path is the last argument"},
    {"vrrp_notify_fifo", takes::orElse(kFifo, "No vrrp_notify_fifo name specified"), nothing(), {bySealer()},
     "the same for events of virtual routers"},
    {"vrrp_notify_fifo owner", kOwner, from("script_user"), {bySealer()},
     "whose it is"},
    {"vrrp_notify_fifo_script", takes::orElse(kFifoScript, "No vrrp_notify_fifo_script specified"), nothing(), {bySealer()},
     "run to read it"},
    {"lvs_notify_fifo", takes::orElse(kFifo, "No lvs_notify_fifo name specified"), nothing(), {bySealer()},
     "the same for events of virtual and real servers"},
    {"lvs_notify_fifo owner", kOwner, from("script_user"), {bySealer()},
     "whose it is"},
    {"lvs_notify_fifo_script", takes::orElse(kFifoScript, "No lvs_notify_fifo_script specified"), nothing(), {bySealer()},
     "run to read it"},
    {"vrrp_notify_priority_changes", takes::onOff(), value("off"), {byHeirs()},
     "changes of priority are told to the notify FIFOs too"},
    {"fifo_write_vrrp_states_on_reload", takes::flag(), value("off"), {to<&V::setFifoStatesOnReload>()},
     "a reload writes every state to the FIFOs again"},
  };
  // clang-format on
  return kRows;
}

}  // namespace holdfast::config
