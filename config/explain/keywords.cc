#include "config/explain/keywords.h"

#include <array>
#include <cstdio>
#include <set>

#include "config/tables.h"
#include "ipc/json.h"

namespace holdfast::config {
namespace {

using TakesKind = Takes::Kind;

void listTable(const Table& table, std::set<std::string_view>& seen,
               std::vector<ListedKeyword>& out) {
  if (!seen.insert(table.path()).second) {
    return;
  }
  for (const Row& row : table.rows()) {
    if (!row.takes.isPart) {
      out.push_back({&table, &row});
    }
  }
  for (const Row& row : table.rows()) {
    if (row.takes.isBlock()) {
      listTable(row.takes.table(), seen, out);
    }
  }
}

std::string decimal(double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.10g", number);
  return text.data();
}

std::string bounds(const Takes& takes) {
  return decimal(takes.low) + ".." + decimal(takes.high);
}

std::string words(const Takes& takes) {
  std::string text;
  for (const Choice& choice : takes.choices) {
    text += (text.empty() ? "" : "|") + std::string(choice.word);
  }
  return text;
}

std::string_view kindOf(const Takes& takes) {
  switch (takes.kind) {
    case TakesKind::kFlag:
      return "flag";
    case TakesKind::kSwitch:
      return "switch";
    case TakesKind::kNumber:
      return "number";
    case TakesKind::kTime:
      return "time";
    case TakesKind::kWord:
      return "word";
    case TakesKind::kName:
      return "name";
    case TakesKind::kWords:
      return "words";
    case TakesKind::kAddress:
      return "address";
    case TakesKind::kChoice:
      return "choice";
    case TakesKind::kCommand:
      return "command";
    case TakesKind::kUser:
      return "user";
    case TakesKind::kSecret:
      return "secret";
    case TakesKind::kCustom:
      return "custom";
    case TakesKind::kList:
    case TakesKind::kNames:
      return "list";
    case TakesKind::kOptions:
      return "options";
    case TakesKind::kBlock:
    case TakesKind::kNamedBlock:
      return "block";
    case TakesKind::kSameAs:
      return "synonym";
  }
  return "";
}

std::string unitOf(const Takes& takes) {
  return takes.unit == takes::kSecond        ? "SECONDS"
         : takes.unit == takes::kMillisecond ? "MILLISECONDS"
                                             : "MICROSECONDS";
}

std::string required(const Takes& takes) {
  switch (takes.kind) {
    case TakesKind::kNumber:
      return (takes.unit == 1 ? "NUMBER" : unitOf(takes)) + " " + bounds(takes);
    case TakesKind::kTime:
      return unitOf(takes) + " " + bounds(takes);
    case TakesKind::kSwitch:
      return "on|off|true|false|yes|no";
    case TakesKind::kWord:
    case TakesKind::kName:
      return "NAME";
    case TakesKind::kWords:
      return "WORD...";
    case TakesKind::kAddress:
      return "ADDRESS";
    case TakesKind::kCommand:
      return "COMMAND | \"COMMAND ARGUMENTS\" [USER [GROUP]]";
    case TakesKind::kUser:
      return "USER [GROUP]";
    case TakesKind::kList:
    case TakesKind::kNames:
      return "{ " + std::string(takes.syntax) + " ... }";
    case TakesKind::kBlock:
      return std::string(takes.syntax) + (takes.syntax.empty() ? "" : " ") + "{ ... }";
    case TakesKind::kNamedBlock:
      return "NAME { ... }";
    case TakesKind::kSameAs:
      return "as " + std::string(takes.other);
    case TakesKind::kFlag:
    case TakesKind::kChoice:
    case TakesKind::kSecret:
    case TakesKind::kCustom:
    case TakesKind::kOptions:
      break;
  }
  return takes.syntax.empty() ? words(takes) : std::string(takes.syntax);
}

std::string otherwiseOf(const Row& row) {
  using Kind = Otherwise::Kind;
  const Otherwise& otherwise = row.otherwise;
  std::string text(otherwise.text);
  if (otherwise.kind != Kind::kFrom && otherwise.kind != Kind::kAs) {
    return text;
  }
  text = "as " + text;
  if (otherwise.lastKind != Kind::kNothing) {
    text += otherwise.lastKind == Kind::kAs ? ", else as " : ", else ";
  }
  return text.append(otherwise.last);
}

}  // namespace

std::vector<ListedKeyword> listKeywords() {
  std::vector<ListedKeyword> out;
  std::set<std::string_view> seen;
  for (const Table* table : {&rootTable(), &directiveTable(), &definitionTable()}) {
    listTable(*table, seen, out);
  }
  return out;
}

std::string syntaxOf(const Row& row) {
  const std::string text = required(row.takes);
  return row.takes.bare && !text.empty() && text.front() != '[' ? "[" + text + "]" : text;
}

std::string textLine(const ListedKeyword& keyword) {
  const Row& row = *keyword.row;
  const std::string path(keyword.table->path());
  const std::string syntax = syntaxOf(row);
  const std::string otherwise = otherwiseOf(row);
  return (path.empty() ? "" : path + ": ") + std::string(row.name) +
         (syntax.empty() ? "" : " " + syntax) + " - " + std::string(row.meaning) +
         (otherwise.empty() ? "" : " (otherwise: " + otherwise + ")") +
         (row.notYet ? " [no effect in this version]" : "");
}

std::string jsonLine(const ListedKeyword& keyword) {
  const Row& row = *keyword.row;
  std::string out = "{\"block\":";
  appendJsonString(out, keyword.table->path());
  const std::pair<const char*, std::string> texts[] = {{"keyword", std::string(row.name)},
                                                       {"kind", std::string(kindOf(row.takes))},
                                                       {"syntax", syntaxOf(row)},
                                                       {"otherwise", otherwiseOf(row)},
                                                       {"meaning", std::string(row.meaning)}};
  for (const auto& [name, text] : texts) {
    out += std::string(",\"") + name + "\":";
    appendJsonString(out, text);
  }
  if (row.takes.kind == TakesKind::kNumber || row.takes.kind == TakesKind::kTime) {
    out += ",\"low\":" + decimal(row.takes.low) + ",\"high\":" + decimal(row.takes.high);
  }
  if (!row.takes.choices.empty()) {
    out += ",\"choices\":[";
    for (const Choice& choice : row.takes.choices) {
      out += out.back() == '[' ? "" : ",";
      appendJsonString(out, choice.word);
    }
    out += "]";
  }
  return out + ",\"bare\":" + (row.takes.bare ? "true" : "false") +
         ",\"acts\":" + (row.notYet ? "false" : "true") + "}";
}

}  // namespace holdfast::config
