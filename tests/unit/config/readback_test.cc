// Every keyword is set by a file and read back from the sealed message. readback/ has a file for
// each table, named after its path: the frame that its keywords stand in, and a row for each.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "config/tables.h"
#include "tests/unit/config/sealed_fields.h"

namespace holdfast::config {
namespace {

struct Case {
  std::string table;     // its path
  std::string keyword;   //
  std::string text;      // a whole configuration
  std::string field;     // of SealedFields; empty where the row says why there is none
  std::string expected;  //
  std::string where;     // file and line of the row
};

std::vector<std::string> splitRow(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == '\t') {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

void replaceAll(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

// Lines that begin with "| " are the frame: '@' in it is where the text of a row goes. The other
// lines are KEYWORD, TEXT (with \n for a line's end), FIELD and EXPECTED, with tabs between them.
void readCases(const std::filesystem::path& path, std::vector<Case>& cases) {
  std::ifstream file(path);
  std::string frame;
  std::string table = path.stem().string();
  std::replace(table.begin(), table.end(), '.', '/');
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.starts_with("|")) {
      frame += line.substr(std::min<std::size_t>(2, line.size())) + "\n";
      continue;
    }
    const auto cells = splitRow(line);
    if (line.empty() || line.front() == '#' || cells.size() != 4) {
      EXPECT_TRUE(line.empty() || line.front() == '#') << path << ":" << number;
      continue;
    }
    std::string text = cells[1];
    replaceAll(text, "\\n", "\n");
    std::string whole = frame;
    replaceAll(whole, "@", text);
    cases.push_back({table == "root" ? "" : table, cells[0], std::move(whole), cells[2], cells[3],
                     path.filename().string() + ":" + std::to_string(number)});
  }
}

std::vector<Case> allCases() {
  std::vector<Case> cases;
  for (const auto& entry : std::filesystem::directory_iterator(HOLDFAST_READBACK)) {
    if (entry.path().extension() == ".tsv") {
      readCases(entry.path(), cases);
    }
  }
  return cases;
}

class Readback : public testing::TestWithParam<Case> {};

TEST_P(Readback, TheKeywordReachesItsField) {
  const SealedFields sealed(GetParam().text);
  EXPECT_EQ(sealed.at(GetParam().field), GetParam().expected) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(Keywords, Readback, testing::ValuesIn(allCases()),
                         [](const testing::TestParamInfo<Case>& one) {
                           std::string name = one.param.where + "_" + one.param.keyword;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

void eachTable(const Table& table, std::set<std::string_view>& seen,
               const std::function<void(const Table&)>& visit) {
  if (!seen.insert(table.path()).second) {
    return;
  }
  visit(table);
  for (const Row& row : table.rows()) {
    if (row.takes.isBlock()) {
      eachTable(row.takes.table(), seen, visit);
    }
  }
}

void eachTable(const std::function<void(const Table&)>& visit) {
  std::set<std::string_view> seen;
  for (const Table* table : {&rootTable(), &directiveTable(), &definitionTable()}) {
    eachTable(*table, seen, visit);
  }
}

std::set<std::pair<std::string, std::string>> allRows() {
  std::set<std::pair<std::string, std::string>> rows;
  eachTable([&rows](const Table& table) {
    for (const Row& row : table.rows()) {
      rows.emplace(table.path(), row.name);
      if (const Row& meant = table.meant(row); &meant != &row && meant.takes.isBlock()) {
        for (const Row& inner : meant.takes.table().rows()) {
          rows.emplace(row.name, inner.name);
        }
      }
    }
  });
  return rows;
}

TEST(Tables, EveryRowIsReadBack) {
  std::set<std::pair<std::string, std::string>> tested;
  for (const Case& one : allCases()) {
    tested.emplace(one.table, one.keyword);
  }
  eachTable([&tested](const Table& table) {
    const bool ofSource = &table == &directiveTable() || &table == &definitionTable();
    for (const Row& row : table.rows()) {
      const bool hasValue = !row.takes.isBlock() || row.takes.kind == Takes::Kind::kList;
      if (hasValue && !row.takes.isPart && (ofSource || row.fields[0].of != &kByCompiler)) {
        EXPECT_TRUE(tested.contains({std::string(table.path()), std::string(row.name)}))
            << "no row in readback/ for " << row.name << " of '" << table.path() << "'";
      }
    }
  });
}

TEST(Tables, KnowEveryKeyword) {
  const auto rows = allRows();
  std::ifstream file(HOLDFAST_KEYWORDS);
  ASSERT_TRUE(file.good());
  for (std::string line; std::getline(file, line);) {
    const auto cells = splitRow(line);
    ASSERT_EQ(cells.size(), 2U) << line;
    EXPECT_TRUE(rows.contains({cells[0], cells[1]})) << cells[1] << " of '" << cells[0] << "'";
  }
}

TEST(Tables, SayWhereEachValueGoes) {
  eachTable([](const Table& table) {
    for (const Row& row : table.rows()) {
      const bool structural = row.takes.isBlock() || row.takes.kind == Takes::Kind::kSameAs;
      EXPECT_TRUE(structural || row.fields[0].of != nullptr)
          << row.name << " of '" << table.path() << "'";
      EXPECT_FALSE(row.meaning.empty()) << row.name << " of '" << table.path() << "'";
    }
  });
}

}  // namespace
}  // namespace holdfast::config
