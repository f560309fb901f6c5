#include "config/explain/show.h"

#include <algorithm>
#include <array>

#include "config/statement.h"

namespace holdfast::config {
namespace {

std::string showTime(Duration duration, std::int64_t unit) {
  const std::int64_t count = duration.count();
  std::string text = std::to_string(count / unit);
  std::string fraction = std::to_string(unit + count % unit).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  text += fraction.empty() ? "" : "." + fraction;
  return text + (unit == takes::kSecond ? " s" : unit == takes::kMillisecond ? " ms" : " us");
}

std::string joined(const WordList& words) {
  std::string text;
  for (const std::string& word : words) {
    const bool plain = !word.empty() && word.find_first_of(" \t\"'") == std::string::npos;
    text += (text.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
  }
  return text;
}

std::string showUser(const UserName& name) {
  return name.user + (name.group ? " " + *name.group : "");
}

std::string showCommand(const Command& command) {
  return joined(command.arguments) + (command.user ? " (as " + showUser(*command.user) + ")" : "");
}

struct Shower {
  const Row& row;

  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool value) const { return value ? "on" : "off"; }
  std::string operator()(std::int64_t value) const {
    for (const Choice& choice : row.takes.choices) {
      if (choice.value == value) {
        return std::string(choice.word);
      }
    }
    return std::to_string(value);
  }
  std::string operator()(Duration value) const {
    return showTime(value, row.takes.unit == 1 ? takes::kSecond : row.takes.unit);
  }
  std::string operator()(const Text& value) const { return value.get(); }
  std::string operator()(const IpAddress& value) const { return value.toString(); }
  std::string operator()(const std::shared_ptr<const WordList>& value) const {
    return joined(*value);
  }
  std::string operator()(const std::shared_ptr<const UserName>& value) const {
    return showUser(*value);
  }
  std::string operator()(const std::shared_ptr<const Command>& value) const {
    return showCommand(*value);
  }
  std::string operator()(const std::shared_ptr<const Secret>&) const { return "(secret)"; }
};

}  // namespace

std::string show(const Row& row, const Value& value) {
  return row.secret && !isNothing(value) ? "(secret)" : std::visit(Shower{row}, value);
}

std::string titleOf(const Block& block) {
  if (block.row() == nullptr) {
    return "configuration";
  }
  std::string title(block.row()->name);
  if (!block.name().empty()) {
    return title + " " + block.name();
  }
  const Statement* statement = block.statement();
  if (statement != nullptr && block.row()->takes.begin != nullptr) {
    const bool isLine = block.row()->takes.kind == Takes::Kind::kList;
    for (std::size_t i = isLine ? 0 : 1; i < statement->words.size(); ++i) {
      title += " " + std::string(statement->words[i].text);
    }
  }
  return title;
}

}  // namespace holdfast::config
