// global_defs by area, and what its readers share.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/context.h"
#include "config/table.h"

namespace holdfast::config {

[[nodiscard]] std::span<const Row> processRows();
[[nodiscard]] std::span<const Row> serviceRows();
[[nodiscard]] std::span<const Row> networkRows();
[[nodiscard]] std::span<const Row> bufferRows();
[[nodiscard]] std::span<const Row> mailRows();
[[nodiscard]] std::span<const Row> managementRows();
[[nodiscard]] std::span<const Row> reloadRows();

// For keywords of which the first one counts. False, after `message`, where `keyword` was said.
[[nodiscard]] bool isFirst(Context& context, const Block& globals, Key keyword,
                           const Statement& statement, std::string message);

}  // namespace holdfast::config
