// How the words of rules are read.
#pragma once

#include <linux/fib_rules.h>

#include <array>

#include "config/table.h"

namespace holdfast::config {

inline constexpr std::array<Choice, 6> kRuleActions = {{{"table", FR_ACT_TO_TBL},
                                                        {"goto", FR_ACT_GOTO},
                                                        {"nop", FR_ACT_NOP},
                                                        {"blackhole", FR_ACT_BLACKHOLE},
                                                        {"unreachable", FR_ACT_UNREACHABLE},
                                                        {"prohibit", FR_ACT_PROHIBIT}}};

namespace rule_words {
void readFrom(Context& context, Block& rule, Cursor& cursor);
void readTo(Context& context, Block& rule, Cursor& cursor);
void readMark(Context& context, Block& rule, Cursor& cursor);
void readUids(Context& context, Block& rule, Cursor& cursor);
void readSourcePorts(Context& context, Block& rule, Cursor& cursor);
void readDestinationPorts(Context& context, Block& rule, Cursor& cursor);
// Only one action may be said.
void readTable(Context& context, Block& rule, Cursor& cursor);
void readGoto(Context& context, Block& rule, Cursor& cursor);
void readL3mdev(Context& context, Block& rule, Cursor& cursor);
void readAction(Context& context, Block& rule, Cursor& cursor);
void refuseAction(Context& context, Block& rule, Cursor& cursor);
void readType(Context& context, Block& rule, Cursor& cursor);
void readTrackGroup(Context& context, Block& rule, Cursor& cursor);
}  // namespace rule_words

}  // namespace holdfast::config
