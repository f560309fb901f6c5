// Reads statements by their tables: what comes out is the configuration as a tree of blocks.
#pragma once

#include <memory>
#include <vector>

#include "config/block.h"
#include "config/context.h"
#include "config/statement.h"

namespace holdfast::config {

// The whole configuration. Always with a global_defs block, which the others take defaults from.
// Statements have to outlive it.
[[nodiscard]] std::unique_ptr<Block> readConfiguration(const Statements& statements,
                                                       const Source& source, Report& report);

// What stands behind the keyword of `row`. False where a word is missing and reading has ended.
bool readValue(Context& context, Block& block, const Row& row, Cursor& cursor);

// Says once for each such row that no daemon acts on it. `word` is where it stands.
void noteNotYet(Context& context, const Row& row, const Statement& statement, std::size_t word);

// The options that are left in a line.
void readOptions(Context& context, Block& line, Cursor& cursor);

}  // namespace holdfast::config
