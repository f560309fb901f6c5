#include "config/resolve/iproute.h"

#include <algorithm>

namespace holdfast::config {
namespace {

constexpr std::int64_t kKeepalived = 18;  // RTPROT_KEEPALIVED
constexpr std::uint32_t kMaxRealm = 255;

}  // namespace

void eachLine(Resolution& resolution, Key staticList, Key virtualList,
              const std::function<void(Block& line)>& visit) {
  const Row* staticRow = resolution.root.table().find(staticList);
  for (Block* block : resolution.root.blocks()) {
    if (block->isDropped()) {
      continue;
    }
    if (block->row() == staticRow) {
      visit(*block);
    } else if (block->row()->name == "vrrp_instance") {
      for (Block* line : block->blocks(virtualList)) {
        visit(*line);
      }
    }
  }
}

bool resolveName(Resolution& resolution, Block& line, Key keyword, Key number,
                 IprouteNames::Kind kind, std::uint32_t highest) {
  const auto* word = line.find<std::string>(keyword);
  if (word == nullptr) {
    return true;
  }
  const auto found = resolution.iproute.find(kind, *word, highest);
  if (found) {
    line.assume(number, std::int64_t{*found}, *word);
  }
  return found.has_value();
}

bool resolveRealms(Resolution& resolution, Block& line) {
  const auto* word = line.find<std::string>("realms");
  if (word == nullptr) {
    return true;
  }
  const std::string_view text = *word;
  const std::size_t slash = text.find('/');
  const auto realm = [&resolution](std::string_view name) {
    return resolution.iproute.find(IprouteNames::Kind::kRealm, name, kMaxRealm);
  };
  const bool both = slash != std::string_view::npos;
  const auto source = both ? realm(text.substr(0, slash)) : std::optional<std::uint32_t>(0);
  const auto destination = realm(both ? text.substr(slash + 1) : text);
  if (!source || !destination) {
    return false;
  }
  line.assume("realms number", std::int64_t{*source << 16U | *destination}, *word);
  return true;
}

void resolveTrackGroup(Resolution& resolution, Block& line) {
  const auto* name = line.find<std::string>("track_group");
  if (name == nullptr) {
    return;
  }
  std::vector<Block*> groups;
  if (resolution.root.table().find("track_group") != nullptr) {
    groups = resolution.root.blocks("track_group");
  }
  const bool exists = std::any_of(groups.begin(), groups.end(),
                                  [name](const Block* group) { return group->name() == *name; });
  if (!exists) {
    resolution.error(Code::kUnknownName, line.statement(), "track_group " + *name + " not found");
    line.forget("track_group");
  }
}

void resolveProtocol(Resolution& resolution, Block& line, Key number, const char* what) {
  if (!line.flag("no_track") && line.number(number) != kKeepalived) {
    resolution.error(Code::kConflict, line.statement(),
                     std::string(what) +
                         " cannot be tracked if protocol is not RTPROT_KEEPALIVED(18), resetting "
                         "protocol",
                     "add no_track to keep the protocol");
    line.adjust(number, kKeepalived, "what is tracked is known by it");
  }
}

}  // namespace holdfast::config
