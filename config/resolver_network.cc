// One vrrp_instance: its interface, and where its advertisements go.
#include <algorithm>

#include "config/resolver.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxPeers = 1024;

}  // namespace

void Resolver::resolveInterface(const InstanceBlock& block, PlannedInstance& instance) {
  instance.trackPrimary = !block.dontTrackPrimary;
  if (block.interface) {
    instance.interface = interfaceNamed(*block.interface, block.said.at("interface"),
                                        "WARNING - interface " + *block.interface +
                                            " for vrrp_instance " + block.name + " doesn't exist");
  } else if (block.peers.empty() ||
             std::any_of(block.peers.begin(), block.peers.end(),
                         [](const PeerLine& peer) { return peer.address.isIpv6LinkLocal(); })) {
    fatal(Code::kMissingSetting, block.said.block, "(" + block.name + ") Unknown interface!",
          "interface NAME; it can be left out with unicast peers that are not link-local");
  }
}

void Resolver::resolveDestination(const InstanceBlock& block, PlannedInstance& instance) {
  resolvePeers(block, instance);
  resolveSource(block, instance);
  resolveGroup(block, instance);
  const bool unicast = !instance.peers.empty();
  instance.unicastFaultNoPeer = block.unicastFaultNoPeer.value_or(false);
  const bool unicastWord = block.unicastSource || block.unicastPeers || block.unicastTtl;
  if (unicastWord && !unicast && !instance.unicastFaultNoPeer) {
    error(Code::kMissingSetting,
          block.said.at(block.unicastSource ? "unicast_src_ip" : "unicast_peer"),
          "(" + block.name +
              ") A unicast keyword has been specified without any unicast peers. Defaulting to "
              "multicast. This usage is deprecated - please update your configuration.",
          "add the peers in unicast_peer, or unicast_fault_no_peer");
  }
  constexpr std::int64_t kTtl = 255;
  instance.ttl = static_cast<std::uint8_t>(unicast ? block.unicastTtl.value_or(kTtl) : kTtl);
  if (instance.ttl == 0) {
    error(Code::kInvalidValue, block.said.at("unicast_ttl"),
          "(" + block.name + ") unicast_ttl 0 would keep advertisements on this host - using 255");
    instance.ttl = kTtl;
  }
}

// Both keywords name the one source; that of the other kind counts where its own is missing.
void Resolver::resolveSource(const InstanceBlock& block, PlannedInstance& instance) {
  const bool unicast = !instance.peers.empty();
  const bool useUnicast = unicast ? block.unicastSource.has_value() : !block.multicastSource;
  const auto& source = useUnicast ? block.unicastSource : block.multicastSource;
  if (source && source->family == instance.family && isUnicastAddress(*source)) {
    instance.source = source;
    instance.trackSource = block.trackSource.value_or(false);
  } else if (source) {
    error(Code::kConflict, block.said.at(useUnicast ? "unicast_src_ip" : "mcast_src_ip"),
          "Configuration error: VRRP instance[" + block.name + "] and src address[" +
              source->toString() + "] " +
              (source->family == instance.family ? "cannot be a source. Skipping..."
                                                 : "MUST be of the same family !!! Skipping..."));
  }
}

void Resolver::resolveGroup(const InstanceBlock& block, PlannedInstance& instance) {
  const bool ipv4 = instance.family == AddressFamily::kIpv4;
  const auto& global = ipv4 ? globals_.group4 : globals_.group6;
  instance.group = global.value_or(*IpAddress::parse(ipv4 ? "224.0.0.18" : "ff02::12"));
  if (block.multicastGroup && block.multicastGroup->family == instance.family) {
    instance.group = *block.multicastGroup;
  } else if (block.multicastGroup) {
    error(Code::kConflict, block.said.at("mcast_dst_ip"),
          "Configuration error: VRRP instance[" + block.name +
              "] and mcast_dst_ip MUST be of the same family !!! Skipping...");
  }
}

void Resolver::resolvePeers(const InstanceBlock& block, PlannedInstance& instance) {
  instance.checkUnicastSource =
      block.checkUnicastSource.value_or(globals_.checkUnicastSource.value_or(false));
  for (const PeerLine& line : block.peers) {
    const auto same = [&line](const PlannedPeer& peer) { return peer.address == line.address; };
    if (line.address.family != instance.family) {
      error(Code::kConflict, line.statement,
            "Configuration error: VRRP instance[" + block.name + "] and unicast peer address[" +
                line.address.toString() + "] MUST be of the same family !!! Skipping...");
    } else if (!isUnicastAddress(line.address)) {
      error(Code::kInvalidValue, line.statement,
            "Configuration error: VRRP instance[" + block.name +
                "] malformed unicast peer address[" + line.address.toString() + "]. Skipping...");
    } else if (instance.peers.size() >= kMaxPeers) {
      fatal(Code::kLimit, line.statement,
            "(" + block.name + ") more than " + std::to_string(kMaxPeers) + " unicast peers");
      return;
    } else if (!std::any_of(instance.peers.begin(), instance.peers.end(), same)) {
      instance.checkUnicastSource = instance.checkUnicastSource || line.minTtl || line.maxTtl;
      instance.peers.push_back({line.address, static_cast<std::uint8_t>(line.minTtl.value_or(0)),
                                static_cast<std::uint8_t>(line.maxTtl.value_or(255))});
    }
  }
}

}  // namespace holdfast::config
