#include "config/tables/ipvs_global.h"

#include <algorithm>

#include "config/block.h"
#include "config/context.h"

namespace holdfast::config {
namespace {

struct Option {
  std::string_view word;
  Bounds bounds;
};

constexpr std::array<Option, 3> kTimeouts = {
    {{"tcp", {0, 2678400}}, {"tcpfin", {0, 2678400}}, {"udp", {0, 2678400}}}};
constexpr std::array<Option, 4> kSyncNumbers = {
    {{"id", {0, 255}}, {"maxlen", {1, 65507}}, {"port", {1, 65535}}, {"ttl", {1, 255}}}};

template <std::size_t size>
const Option* find(const std::array<Option, size>& options, std::string_view word) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [word](const Option& one) { return one.word == word; });
  return found == options.end() ? nullptr : &*found;
}

void readSyncGroup(Context& context, Block& globals, Cursor& cursor) {
  const std::string word(cursor.take());
  const auto address = IpAddress::parse(word);
  if (!address || !address->isMulticast()) {
    context.error(Code::kInvalidValue, cursor,
                  "lvs_sync_daemon group address " + word + " is not multicast - ignoring",
                  "takes a multicast address");
    return;
  }
  globals.say("lvs_sync_daemon group", *address, &cursor.statement);
}

void readSyncOption(Context& context, Block& globals, Cursor& cursor) {
  const std::string word(cursor.take());
  const Option* number = find(kSyncNumbers, word);
  if (number == nullptr && word != "inst" && word != "group") {
    context.error(Code::kInvalidValue, cursor,
                  "Unknown option " + word + " specified for lvs_sync_daemon",
                  "takes inst, id, maxlen, port, ttl and group");
    return;
  }
  if (!cursor.hasWord()) {
    context.error(Code::kInvalidValue, cursor,
                  "No value specified for lvs_sync_daemon " + word +
                      (word == "id" ? ", defaulting to vrid" : ""));
    return;
  }
  if (word == "inst") {
    globals.say("lvs_sync_daemon inst", std::string(cursor.take()), &cursor.statement);
  } else if (word == "group") {
    readSyncGroup(context, globals, cursor);
  } else if (const auto value = context.number(cursor, number->bounds)) {
    globals.say(Key("lvs_sync_daemon " + word), *value, &cursor.statement);
  }
}

bool isSyncOption(std::string_view word) {
  return word == "inst" || word == "group" || find(kSyncNumbers, word) != nullptr;
}

// INTERFACE INSTANCE [ID], as it was once.
void readOldSyncForm(Context& context, Block& globals, Cursor& cursor) {
  globals.say("lvs_sync_daemon inst", std::string(cursor.take()), &cursor.statement);
  if (!cursor.hasWord() || isSyncOption(cursor.peek())) {
    return;
  }
  context.error(Code::kInvalidValue, cursor.statement, cursor.word,
                "Please use keyword \"id\" before lvs_sync_daemon SYNCID");
  if (const auto id = context.number(cursor, {0, 255})) {
    globals.say("lvs_sync_daemon id", *id, &cursor.statement);
  }
}

}  // namespace

void readIpvsTimeouts(Context& context, Block& globals, Cursor& cursor) {
  const Statement& statement = cursor.statement;
  // As in keepalived, a word alone is none of its options.
  if (statement.parameterCount() < 2) {
    context.error(Code::kMissingSetting, statement, 0, "lvs_timeouts requires at least one option",
                  "takes tcp, tcpfin and udp, each with seconds");
    return;
  }
  while (cursor.hasWord()) {
    const std::string word(cursor.take());
    const Option* option = find(kTimeouts, word);
    if (option == nullptr) {
      context.error(Code::kInvalidValue, cursor,
                    "Unknown option " + word + " specified for lvs_timeouts",
                    "takes tcp, tcpfin and udp, each with seconds");
    } else if (!cursor.hasWord()) {
      context.error(Code::kInvalidValue, cursor, "No value specified for lvs_timeouts " + word);
    } else if (const auto seconds = context.number(cursor, option->bounds)) {
      globals.say(Key("lvs_timeouts " + word), *seconds, &statement);
      globals.say("lvs_timeouts", true, &statement);
    }
  }
}

void readIpvsFlushOnStop(Context& context, Block& globals, Cursor& cursor) {
  std::int64_t flush = kIpvsFlushes[1].value;
  if (cursor.hasWord()) {
    const std::string word(cursor.take());
    if (word != "VS") {
      context.error(Code::kInvalidValue, cursor, "Unknown lvs_flush_on_stop type " + word,
                    "takes nothing, or VS");
      return;
    }
    flush = kIpvsFlushes[2].value;
  }
  globals.say("lvs_flush_on_stop", flush, &cursor.statement);
}

void readSyncDaemon(Context& context, Block& globals, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.error(Code::kMissingSetting, cursor.statement, 0, "lvs_sync_daemon requires interface");
    return;
  }
  if (const std::string* said = globals.find<std::string>("lvs_sync_daemon")) {
    const std::string* instance = globals.find<std::string>("lvs_sync_daemon inst");
    context.error(Code::kDuplicate, cursor.statement, 0,
                  "lvs_sync_daemon has already been specified as " + *said +
                      (instance == nullptr ? "" : " " + *instance) + " - ignoring");
    return;
  }
  globals.say("lvs_sync_daemon", std::string(cursor.take()), &cursor.statement);
  if (cursor.hasWord() && !isSyncOption(cursor.peek())) {
    readOldSyncForm(context, globals, cursor);
  }
  while (cursor.hasWord()) {
    readSyncOption(context, globals, cursor);
  }
}

void readIpvsTable(Context& context, Block& globals, Cursor& cursor) {
  if (globals.isSaid("nftables_ipvs")) {
    context.error(Code::kDuplicate, cursor.statement, 0,
                  "ipvs nftables already specified - ignoring");
    return;
  }
  globals.say("nftables_ipvs",
              std::string(cursor.hasWord() ? cursor.take() : std::string_view("keepalived_ipvs")),
              &cursor.statement);
}

}  // namespace holdfast::config
