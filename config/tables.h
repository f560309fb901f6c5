// The keyword tables: config/tables/ has a file for each kind of block.
#pragma once

#include "config/table.h"

namespace holdfast::config {

[[nodiscard]] const Table& rootTable();
[[nodiscard]] const Table& globalTable();
[[nodiscard]] const Table& scriptTable();
[[nodiscard]] const Table& instanceTable();

// Lines in lists.
[[nodiscard]] const Table& addressLineTable();
[[nodiscard]] const Table& unicastPeerLineTable();
[[nodiscard]] const Table& trackLineTable();

}  // namespace holdfast::config
