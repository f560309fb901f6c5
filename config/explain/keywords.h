// `holdfast config keywords`: the tables, for people, editors and test generators.
#pragma once

#include <string>
#include <vector>

#include "config/table.h"

namespace holdfast::config {

struct ListedKeyword {
  const Table* table = nullptr;
  const Row* row = nullptr;
};

// Every keyword that a file can say, block after block.
[[nodiscard]] std::vector<ListedKeyword> listKeywords();

// "[on|off]", "NUMBER 1..255"
[[nodiscard]] std::string syntaxOf(const Row& row);

[[nodiscard]] std::string textLine(const ListedKeyword& keyword);
[[nodiscard]] std::string jsonLine(const ListedKeyword& keyword);

}  // namespace holdfast::config
