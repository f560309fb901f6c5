// A table of text whose cells may have several lines.
#pragma once

#include <string>
#include <vector>

namespace holdfast::policy {

using Cell = std::vector<std::string>;  // its lines

class Table {
 public:
  explicit Table(std::vector<std::string> headings);
  // As many cells as there are headings.
  void add(std::vector<Cell> row);
  [[nodiscard]] std::string text() const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths() const;
  std::vector<std::vector<Cell>> rows_;  // the first one is the headings
};

}  // namespace holdfast::policy
