// One vrrp_instance after the other.
#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/resolve/resolution.h"
#include "config/statement.h"
#include "ipc/schemas/config.capnp.h"

namespace holdfast::config {
namespace {

struct FamilySource {
  AddressFamily family = AddressFamily::kIpv4;
  const Statement* statement = nullptr;
  const char* name = nullptr;
};

// Whatever has an address first decides; addresses in virtual_ipaddress_excluded may be of either.
FamilySource familyOf(const Block& instance) {
  FamilySource first;
  const auto consider = [&first](AddressFamily family, const Statement* statement,
                                 const char* name) {
    if (first.statement == nullptr || statement->line < first.statement->line) {
      first = {family, statement, name};
    }
  };
  for (const char* list : {"virtual_ipaddress", "unicast_peer"}) {
    if (const Block* line = instance.firstBlock(Key(std::string_view(list)))) {
      consider(line->address("address")->family, line->statement(), list);
    }
  }
  for (const char* keyword :
       {"unicast_src_ip", "mcast_src_ip", "mcast_dst_ip", "use_ipvlan address"}) {
    const Key key{std::string_view(keyword)};
    if (const IpAddress* address = instance.address(key)) {
      consider(address->family, instance.at(key), keyword);
    }
  }
  if (instance.flag("native_ipv6")) {
    consider(AddressFamily::kIpv6, instance.at("native_ipv6"), "native_ipv6");
  }
  const Block* excluded = instance.firstBlock("virtual_ipaddress_excluded");
  if (first.statement == nullptr && excluded != nullptr) {
    consider(excluded->address("address")->family, excluded->statement(),
             "virtual_ipaddress_excluded");
  }
  return first;
}

void resolveIdentity(Resolution& resolution, Block& instance) {
  const FamilySource source = familyOf(instance);
  const bool ipv6 = source.family == AddressFamily::kIpv6;
  instance.assume("family", std::int64_t{ipv6},
                  source.name == nullptr
                      ? std::string("no address says otherwise")
                      : "the first address is that of " + std::string(source.name));
  if (!instance.isSaid("version")) {
    instance.assume("version",
                    ipv6 ? Value(std::int64_t{3}) : resolution.globals.value("vrrp_version"),
                    ipv6 ? "IPv6 is of version 3" : "vrrp_version");
  }
  if (ipv6 && instance.flag("strict_mode") && instance.number("version") == 2) {
    resolution.error(
        Code::kConflict, instance.at("version"),
        "(" + instance.name() + ") cannot use IPv6 with VRRP version 2; setting version 3");
    instance.adjust("version", std::int64_t{3}, "strict mode: IPv6 is of version 3");
  }
  if (!instance.isSaid("virtual_router_id")) {
    resolution.fatal(Code::kMissingSetting, instance.statement(),
                     "(" + instance.name() + ") the virtual router id must be set",
                     "virtual_router_id, from 1 to 255");
  }
}

void resolveInstance(Resolution& resolution, Block& instance) {
  if (!isPrintable(instance.name())) {
    resolution.fatal(Code::kInvalidValue, instance.statement(),
                     "a vrrp_instance's name has to be printable ASCII", "at most 255 characters");
    return;
  }
  resolveIdentity(resolution, instance);
  resolveInstanceNetwork(resolution, instance);
  resolveInstanceLink(resolution, instance);
  resolveInstanceElection(resolution, instance);
  const std::string who = "(" + instance.name() + "): ";
  resolution.haveOneAtLeast(instance, "garp_master_repeat", who);
  resolution.haveOneAtLeast(instance, "garp_master_refresh_repeat", who);
  resolveInstanceAddresses(resolution, instance);
  resolveAddressLinks(resolution, instance);
  resolveInstanceStrict(resolution, instance);
  resolveInstanceAuthentication(resolution, instance);
  resolveTracking(resolution, instance);
  resolveHooks(resolution, instance);
}

// What two instances must not have in common.
struct Voice {
  std::string_view interface;
  std::int64_t virtualRouterId = 0;
  std::int64_t family = 0;
  bool unicast = false;
  IpAddress to;  // a peer, or the group

  bool operator==(const Voice&) const = default;
};

struct HashOfVoice {
  std::size_t operator()(const Voice& voice) const {
    std::uint64_t hash = std::hash<std::string_view>()(voice.interface);
    for (const std::uint64_t part :
         {voice.to.high(), voice.to.low(), static_cast<std::uint64_t>(voice.virtualRouterId)}) {
      hash = (hash ^ part) * 0x9e3779b97f4a7c15U;
    }
    return hash ^ hash >> 32U;
  }
};

std::vector<Voice> voicesOf(const Block& instance) {
  Voice voice;
  if (const std::string* interface = instance.find<std::string>("interface")) {
    voice.interface = *interface;
  }
  voice.virtualRouterId = instance.number("virtual_router_id");
  voice.family = instance.number("family");
  std::vector<Voice> voices;
  for (const Block* peer : instance.blocks("unicast_peer")) {
    voice.unicast = true;
    voice.to = *peer->address("address");
    voices.push_back(voice);
  }
  if (voices.empty()) {
    voice.to = *instance.address("group");
    voices.push_back(voice);
  }
  return voices;
}

void refuseVirtualRouterId(Resolution& resolution, const Block& a, const Block& b) {
  const std::string* interface = a.find<std::string>("interface");
  resolution.fatal(Code::kConflict, nullptr,
                   a.name() + " and " + b.name() + " both use VRID " +
                       std::to_string(a.number("virtual_router_id")) + " with " +
                       (a.number("family") == 0 ? "IPv4" : "IPv6") +
                       (interface != nullptr ? " on interface " + *interface : ""),
                   a.firstBlock("unicast_peer") == nullptr
                       ? "give one of them another virtual_router_id"
                       : "they have unicast peers in common: give one another "
                         "virtual_router_id");
}

}  // namespace

void checkVirtualRouterIds(Resolution& resolution) {
  const auto instances = resolution.root.blocks("vrrp_instance");
  // Of all that have a voice the first.
  std::unordered_map<Voice, std::size_t, HashOfVoice> speakers;
  speakers.reserve(instances.size());
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const Block& instance = *instances[i];
    if (!instance.isSaid("virtual_router_id") || instance.address("group") == nullptr) {
      continue;
    }
    std::size_t first = i;
    for (const Voice& voice : voicesOf(instance)) {
      first = std::min(first, speakers.try_emplace(voice, i).first->second);
    }
    if (first != i) {
      refuseVirtualRouterId(resolution, *instances[first], instance);
    }
  }
}

void resolveInstances(Resolution& resolution) {
  constexpr std::size_t kMaxInstances = 65536;
  const auto instances = resolution.root.blocks("vrrp_instance");
  if (instances.size() > kMaxInstances) {
    resolution.fatal(Code::kLimit, instances.at(kMaxInstances)->statement(),
                     "more than " + std::to_string(kMaxInstances) + " vrrp_instance blocks");
    return;
  }
  for (const Block* instance : instances) {
    for (const Key key : {Key("use_vmac name"), Key("use_ipvlan name")}) {
      if (const std::string* name = instance->find<std::string>(key)) {
        resolution.claimedLinks.emplace(*name, instance);
      }
    }
  }
  for (Block* instance : instances) {
    resolveInstance(resolution, *instance);
    resolution.plan.instances.add(*instance);
  }
  checkVirtualRouterIds(resolution);
}

}  // namespace holdfast::config
