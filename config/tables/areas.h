// Rows by area: a table with many keywords is made of several of these, and what two tables have in
// common is written once.
#pragma once

#include <span>

#include "config/table.h"

namespace holdfast::config {

[[nodiscard]] std::span<const Row> trackRows();
[[nodiscard]] std::span<const Row> notifyRows();
// Of a vrrp_instance.
[[nodiscard]] std::span<const Row> linkRows();
[[nodiscard]] std::span<const Row> authenticationRows();

}  // namespace holdfast::config
