// The keyword tables: config/tables/ has a file for each kind of block.
#pragma once

#include "config/table.h"

namespace holdfast::config {

[[nodiscard]] const Table& rootTable();
[[nodiscard]] const Table& globalTable();
[[nodiscard]] const Table& scriptTable();
[[nodiscard]] const Table& instanceTable();
[[nodiscard]] const Table& virtualServerGroupTable();
[[nodiscard]] const Table& virtualServerTable();
[[nodiscard]] const Table& realServerTable();
[[nodiscard]] const Table& sslTable();

// Lines in lists.
[[nodiscard]] const Table& addressLineTable();
[[nodiscard]] const Table& unicastPeerLineTable();
[[nodiscard]] const Table& trackLineTable();
[[nodiscard]] const Table& groupLineTable();

}  // namespace holdfast::config
