#include "config/known_keywords.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>

#include "config/known_keywords_table.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

using Section = std::map<std::string_view, KnownKeyword>;

const std::map<std::string_view, Section>& sections() {
  static const std::map<std::string_view, Section> kByPath = [] {
    std::map<std::string_view, Section> byPath;
    for (const KnownSection& section : knownSections()) {
      std::string_view names = section.names;
      while (!names.empty()) {
        const std::string_view name = names.substr(0, names.find(' '));
        names.remove_prefix(std::min(name.size() + 1, names.size()));
        byPath[section.path].insert_or_assign(name,
                                              KnownKeyword{name, section.kind, section.effect});
      }
    }
    return byPath;
  }();
  return kByPath;
}

template <typename T>
bool has(std::span<const Keyword<T>> table, std::string_view keyword) {
  return std::any_of(table.begin(), table.end(),
                     [keyword](const Keyword<T>& row) { return row.name == keyword; });
}

std::string childPath(std::string_view path, std::string_view keyword) {
  return path.empty() ? std::string(keyword) : std::string(path) + '/' + std::string(keyword);
}

}  // namespace

const KnownKeyword* findKnown(std::string_view path, std::string_view keyword) {
  const auto section = sections().find(path);
  if (section == sections().end()) {
    return nullptr;
  }
  const auto known = section->second.find(keyword);
  return known == section->second.end() ? nullptr : &known->second;
}

void addKnownNames(std::string_view path, std::vector<std::string_view>& names) {
  const auto section = sections().find(path);
  if (section != sections().end()) {
    for (const auto& [name, known] : section->second) {
      names.push_back(name);
    }
  }
}

std::optional<std::string_view> homeOf(std::string_view keyword) {
  if (has(rootTable(), keyword)) {
    return "";
  }
  if (has(instanceTable(), keyword)) {
    return "vrrp_instance";
  }
  if (has(scriptTable(), keyword)) {
    return "vrrp_script";
  }
  if (has(globalTable(), keyword)) {
    return "global_defs";
  }
  for (const auto& [path, section] : sections()) {
    if (section.contains(keyword)) {
      return path;
    }
  }
  return std::nullopt;
}

void checkKnownBlock(Context& context, std::string_view path, const KnownKeyword& known,
                     const Statement& statement) {
  if (known.kind != KnownKeyword::Kind::kBlock) {
    return;
  }
  const std::string inner = childPath(path, known.name);
  for (const Statement& child : statement.block) {
    if (const KnownKeyword* grandchild = findKnown(inner, child.keyword())) {
      checkKnownBlock(context, inner, *grandchild, child);
    } else {
      unknownKeyword(context, inner, child, {});
    }
  }
}

}  // namespace holdfast::config
