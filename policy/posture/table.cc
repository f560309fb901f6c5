#include "policy/posture/table.h"

#include <algorithm>

namespace holdfast::policy {
namespace {

constexpr std::size_t kGap = 2;

std::string rowText(const std::vector<Cell>& row, const std::vector<std::size_t>& widths) {
  std::size_t height = 0;
  for (const Cell& cell : row) {
    height = std::max(height, cell.size());
  }
  std::string text;
  for (std::size_t line = 0; line < height; ++line) {
    std::string written;
    for (std::size_t column = 0; column < row.size(); ++column) {
      std::string part = line < row[column].size() ? row[column][line] : "";
      part.resize(widths[column] + kGap, ' ');
      written += part;
    }
    written.erase(written.find_last_not_of(' ') + 1);
    text += written + "\n";
  }
  return text;
}

}  // namespace

Table::Table(std::vector<std::string> headings) {
  std::vector<Cell> row;
  for (std::string& heading : headings) {
    row.push_back({std::move(heading)});
  }
  rows_.push_back(std::move(row));
}

void Table::add(std::vector<Cell> row) {
  row.resize(rows_.front().size());
  rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      for (const std::string& line : row[column]) {
        widths[column] = std::max(widths[column], line.size());
      }
    }
  }
  return widths;
}

std::string Table::text() const {
  const auto columns = widths();
  std::size_t total = 0;
  for (const std::size_t width : columns) {
    total += width + kGap;
  }
  std::string text = rowText(rows_.front(), columns) + std::string(total - kGap, '-') + "\n";
  for (std::size_t row = 1; row < rows_.size(); ++row) {
    text += rowText(rows_[row], columns);
  }
  return text;
}

}  // namespace holdfast::policy
