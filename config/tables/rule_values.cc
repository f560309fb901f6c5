// The values of a rule's words.
#include <charconv>

#include "config/block.h"
#include "config/context.h"
#include "config/numbers.h"
#include "config/prefix.h"
#include "config/tables/rule_parts.h"

namespace holdfast::config::rule_words {
namespace {

std::string lastWord(const Cursor& cursor) {
  return std::string(cursor.statement.words[cursor.word - 1].text);
}

void drop(Context& context, Block& rule, const Cursor& cursor, std::string message,
          std::string hint = {}) {
  context.error(Code::kInvalidValue, cursor, std::move(message), std::move(hint));
  rule.drop();
}

void readSelector(Context& context, Block& rule, Cursor& cursor, Key address, Key length) {
  const std::string keyword = lastWord(cursor);
  const std::string text(cursor.peek());
  if (isEverywhere(text)) {
    cursor.take();
    rule.forget(address);
    rule.forget(length);
  } else if (const auto prefix = readPrefix(context, cursor)) {
    rule.say(address, prefix->address, &cursor.statement);
    rule.say(length, prefix->length, &cursor.statement);
  } else {
    drop(context, rule, cursor, "Invalid rule " + keyword + " address " + text,
         "takes an address, with /LENGTH if wanted, or all");
  }
}

// FIRST-LAST, each at most `highest`.
struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
};
std::optional<Range> rangeIn(std::string_view text, std::uint32_t highest) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto first = wholeNumber(text.substr(0, dash), highest);
  const auto last = wholeNumber(text.substr(dash + 1), highest);
  return first && last ? std::optional(Range{*first, *last}) : std::nullopt;
}

// What cannot be read leaves the rule without it, as in keepalived.
void readPorts(Context& context, Block& rule, Cursor& cursor, Key whole, Key first, Key last) {
  const std::string keyword = lastWord(cursor);
  const std::string text(cursor.take());
  const auto range = rangeIn(text, 65535);
  if (!range) {
    context.error(Code::kInvalidValue, cursor, "invalid " + keyword + " range " + text,
                  "takes FIRST-LAST, from 0 to 65535");
    return;
  }
  rule.say(whole, text, &cursor.statement);
  rule.say(first, range->first, &cursor.statement);
  rule.say(last, range->last, &cursor.statement);
}

// False, after having said so, where there is an action already.
bool sayAction(Context& context, Block& rule, const Cursor& cursor, std::int64_t action) {
  if (rule.setting("action") != nullptr) {
    drop(context, rule, cursor,
         "Cannot specify more than one of "
         "table/nop/goto/blackhole/prohibit/unreachable/l3mdev for rule");
    return false;
  }
  rule.say("action", action, &cursor.statement);
  return true;
}

}  // namespace

void readFrom(Context& context, Block& rule, Cursor& cursor) {
  readSelector(context, rule, cursor, "from", "from length");
}

void readTo(Context& context, Block& rule, Cursor& cursor) {
  readSelector(context, rule, cursor, "to", "to length");
}

void readMark(Context& context, Block& rule, Cursor& cursor) {
  const std::string text(cursor.take());
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto mark = numberOfAnyBase(std::string_view(text).substr(0, slash));
  const bool hasMask = slash < text.size();
  const auto mask = hasMask ? numberOfAnyBase(std::string_view(text).substr(slash + 1))
                            : std::optional<std::uint32_t>(0xffffffff);
  if (!mark || !mask) {
    drop(context, rule, cursor, "Invalid rule fwmark " + text + " specified",
         "takes MARK or MARK/MASK, in decimal, 0x or octal");
    return;
  }
  rule.say("fwmark", std::int64_t{*mark}, &cursor.statement);
  rule.say("fwmark mask", std::int64_t{*mask}, &cursor.statement);
}

void readUids(Context& context, Block& rule, Cursor& cursor) {
  const std::string text(cursor.take());
  const auto range = rangeIn(text, 4294967295);
  if (!range) {
    drop(context, rule, cursor, "Invalid uidrange " + text + " specified", "takes FIRST-LAST");
    return;
  }
  rule.say("uidrange", text, &cursor.statement);
  rule.say("uidrange first", range->first, &cursor.statement);
  rule.say("uidrange last", range->last, &cursor.statement);
}

void readSourcePorts(Context& context, Block& rule, Cursor& cursor) {
  readPorts(context, rule, cursor, "sport", "sport first", "sport last");
}

void readDestinationPorts(Context& context, Block& rule, Cursor& cursor) {
  readPorts(context, rule, cursor, "dport", "dport first", "dport last");
}

void readTable(Context& context, Block& rule, Cursor& cursor) {
  const std::string text(cursor.take());
  if (sayAction(context, rule, cursor, FR_ACT_TO_TBL)) {
    rule.say("table", text, &cursor.statement);
  }
}

void readGoto(Context& context, Block& rule, Cursor& cursor) {
  const auto target = context.number(cursor, {});
  if (!target) {
    rule.drop();
  } else if (sayAction(context, rule, cursor, FR_ACT_GOTO)) {
    rule.say("goto", *target, &cursor.statement);
  }
}

void readL3mdev(Context& context, Block& rule, Cursor& cursor) {
  if (rule.setting("action") != nullptr) {
    drop(context, rule, cursor, "Cannot specify l3mdev with other action");
    return;
  }
  rule.say("action", std::int64_t{FR_ACT_TO_TBL}, &cursor.statement);
  rule.say("l3mdev", true, &cursor.statement);
}

void readAction(Context& context, Block& rule, Cursor& cursor) {
  const std::string word = lastWord(cursor);
  for (const Choice& action : kRuleActions) {
    if (action.word == word) {
      sayAction(context, rule, cursor, action.value);
    }
  }
}

void refuseAction(Context& context, Block& rule, Cursor& cursor) {
  drop(context, rule, cursor, "Invalid rule action " + lastWord(cursor),
       "rules have table, goto, nop, blackhole, unreachable, prohibit and l3mdev");
}

void readType(Context& context, Block& rule, Cursor& cursor) {
  const std::string_view word = cursor.peek();
  const Row* row = rule.table().named(word);
  if (row == nullptr || (row->takes.read != readAction && row->takes.read != refuseAction)) {
    const std::string unknown(cursor.take());
    drop(context, rule, cursor, "Unknown rule option " + unknown,
         "takes blackhole, unreachable or prohibit");
  }
}

// Static rules only: in others the word is as unknown as any.
void readTrackGroup(Context& context, Block& rule, Cursor& cursor) {
  if (rule.row()->name == "static_rules") {
    rule.say("track_group", std::string(cursor.take()), &cursor.statement);
  } else {
    drop(context, rule, cursor, "Unknown rule option track_group", "static rules only");
  }
}

}  // namespace holdfast::config::rule_words
