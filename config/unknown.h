// What is said about words that no table has.
#pragma once

#include "config/block.h"
#include "config/context.h"

namespace holdfast::config {

// A statement's keyword is none of its block's.
void unknownKeyword(Context& context, const Block& block, const Statement& statement);
// The word of a line that was taken last is no option of it.
void unknownOption(Context& context, const Block& line, const Cursor& cursor);

}  // namespace holdfast::config
