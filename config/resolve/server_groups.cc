// virtual_server_group
#include "config/resolve/lvs.h"

namespace holdfast::config {
namespace {

constexpr std::int64_t kMostAddresses = 65536;

void countLine(ServerGroup& group, const Block& line) {
  if (const IpAddress* address = line.address("address")) {
    (address->family == AddressFamily::kIpv4 ? group.hasIpv4 : group.hasIpv6) = true;
    group.hasAddresses = true;
    if (line.number("port") == 0 && group.portless == nullptr) {
      group.portless = &line;
    }
    return;
  }
  group.hasMarks = true;
  if (const auto* family = line.find<std::int64_t>("family")) {
    (*family == 0 ? group.hasIpv4 : group.hasIpv6) = true;
  } else {
    group.hasMarksOfNoFamily = true;
  }
}

// A service in the kernel for each of so many addresses is no use to anybody.
void checkSize(Resolution& resolution, Block& line) {
  const IpAddress* first = line.address("address");
  if (first == nullptr || resolution.globals.isSaid("nftables_ipvs")) {
    return;
  }
  const IpAddress& last = *line.address("last");
  if (first->high() != last.high() ||
      last.low() - first->low() >= static_cast<std::uint64_t>(kMostAddresses)) {
    resolution.error(Code::kLimit, line.statement(),
                     "Virtual server group range has more than " + std::to_string(kMostAddresses) +
                         " addresses - skipping",
                     "nftables_ipvs in global_defs has no such limit");
    line.drop();
  }
}

ServerGroup summedUp(Resolution& resolution, Block& block) {
  ServerGroup group;
  group.block = &block;
  for (Block* line : block.blocks("line")) {
    checkSize(resolution, *line);
    if (!line->isDropped()) {
      countLine(group, *line);
    }
  }
  return group;
}

bool isUsable(Resolution& resolution, const ServerGroup& group) {
  const Block& block = *group.block;
  if (!group.hasAddresses && !group.hasMarks) {
    resolution.error(Code::kMissingSetting, block.statement(),
                     "virtual server group " + block.name() + " has no entries - removing");
    return false;
  }
  if (group.hasIpv4 && group.hasIpv6 && group.hasMarksOfNoFamily) {
    resolution.error(Code::kConflict, block.statement(),
                     "virtual server group " + block.name() +
                         " cannot have IPv4, IPv6 and fwmark without family - removing",
                     "say inet or inet6 behind each firewall mark");
    return false;
  }
  return true;
}

}  // namespace

ServerGroups resolveServerGroups(Resolution& resolution) {
  ServerGroups groups;
  for (Block* block : resolution.root.blocks("virtual_server_group")) {
    ServerGroup group = summedUp(resolution, *block);
    if (!isUsable(resolution, group)) {
      block->drop();
    } else if (!groups.try_emplace(block->name(), group).second) {
      resolution.notice(Code::kDuplicate, block->statement(),
                        "virtual server group " + block->name() + " is there already",
                        "only the first one is used");
      block->drop();
    }
  }
  return groups;
}

}  // namespace holdfast::config
