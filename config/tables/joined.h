// Rows that several tables have in common are put together when the program is compiled.
#pragma once

#include <array>
#include <cstddef>

#include "config/table.h"

namespace holdfast::config {

template <std::size_t... sizes>
constexpr std::array<Row, (sizes + ...)> joined(const std::array<Row, sizes>&... parts) {
  std::array<Row, (sizes + ...)> all{};
  std::size_t next = 0;
  const auto append = [&all, &next](const auto& part) {
    for (const Row& row : part) {
      all[next++] = row;
    }
  };
  (append(parts), ...);
  return all;
}

}  // namespace holdfast::config
