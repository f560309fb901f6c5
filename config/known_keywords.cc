#include "config/known_keywords.h"

#include <map>
#include <string>

#include "config/known_keywords_table.h"

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

// Blocks that have a table of their own, and their keywords that a lost one may belong to.
struct OwnBlock {
  std::string_view keyword;
  std::string_view home;
};
constexpr OwnBlock kOwnBlocks[] = {
    {"global_defs", ""},
    {"vrrp_instance", ""},
    {"vrrp_script", ""},
    {"script_user", "global_defs"},
    {"enable_script_security", "global_defs"},
    {"router_id", "global_defs"},
    {"script", "vrrp_script"},
    {"virtual_router_id", "vrrp_instance"},
    {"virtual_ipaddress", "vrrp_instance"},
    {"track_script", "vrrp_instance"},
    {"unicast_peer", "vrrp_instance"},
    {"unicast_src_ip", "vrrp_instance"},
    {"nopreempt", "vrrp_instance"},
    {"priority", "vrrp_instance"},
};

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
  for (const OwnBlock& block : kOwnBlocks) {
    if (block.keyword == keyword) {
      return block.home;
    }
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
