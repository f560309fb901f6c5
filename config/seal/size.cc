#include "config/seal/size.h"

#include <algorithm>

namespace holdfast::config {
namespace {

// A message has a struct for each block at most, with numbers, addresses, and texts. A text is
// what a line says, or a line outside of it whose value holds here too, and takes most where each
// of its characters is a word by itself, or is written as \u0000.
constexpr std::size_t kMostOfAMessage = 65536;
constexpr std::size_t kMostOfABlock = 512;
constexpr std::size_t kMostOfAnInstance = 4096;  // with what a dump shows of it
constexpr std::size_t kMostOfACharacter = 16;
constexpr std::size_t kInheritedTexts = 4;

std::size_t blocksIn(const Block& block) {
  std::size_t count = 1;
  for (const Block* inner : block.each()) {
    count += blocksIn(*inner);
  }
  return count;
}

// Each virtual server of a group has all lines of the group.
std::size_t linesOfGroups(const Block& root) {
  std::unordered_map<std::string_view, std::size_t> sizes;
  for (const Block* group : root.blocks("virtual_server_group")) {
    sizes.emplace(group->name(), group->blocks().size());
  }
  std::size_t lines = 0;
  if (!sizes.empty()) {
    for (const Block* server : root.each("virtual_server")) {
      const std::string* group = server->find<std::string>("group");
      const auto size = group == nullptr ? sizes.end() : sizes.find(*group);
      lines += size == sizes.end() ? 0 : size->second;
    }
  }
  return lines;
}

}  // namespace

std::size_t mostSealedBytes(const Plan& plan, const Source& source) {
  std::size_t characters = 0;
  std::size_t longest = 0;
  for (const SourceLine& line : source.lines) {
    characters += line.text.size();
    longest = std::max(longest, line.text.size());
  }
  const Block& root = *plan.configuration;
  const std::size_t blocks = blocksIn(root) + linesOfGroups(root);
  return kMostOfAMessage + kMostOfACharacter * (characters + plan.loadedBytes) +
         blocks * (kMostOfABlock + kInheritedTexts * longest) +
         plan.instances.all().size() * kMostOfAnInstance;
}

}  // namespace holdfast::config
