// One vrrp_instance: its interface, and where its advertisements go.
#include <algorithm>
#include <set>

#include "config/resolve/resolution.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxPeers = 1024;

AddressFamily familyOf(const Block& instance) {
  return instance.number("family") == 0 ? AddressFamily::kIpv4 : AddressFamily::kIpv6;
}

void resolveInterface(Resolution& resolution, Block& instance) {
  const auto peers = instance.blocks("unicast_peer");
  if (const std::string* name = instance.find<std::string>("interface")) {
    resolution.useInterface(*name, instance.at("interface"),
                            "WARNING - interface " + *name + " for vrrp_instance " +
                                instance.name() + " doesn't exist");
  } else if (peers.empty() || std::any_of(peers.begin(), peers.end(), [](const Block* peer) {
               return peer->address("address")->isIpv6LinkLocal();
             })) {
    resolution.fatal(
        Code::kMissingSetting, instance.statement(), "(" + instance.name() + ") Unknown interface!",
        "interface NAME; it can be left out with unicast peers that are not link-local");
  }
}

// False where it was said why the peer is left out.
bool checkPeer(Resolution& resolution, const Block& instance, const Block& peer) {
  const IpAddress& address = *peer.address("address");
  const std::string message = "Configuration error: VRRP instance[" + instance.name() + "] ";
  if (address.family != familyOf(instance)) {
    resolution.error(Code::kConflict, peer.statement(),
                     message + "and unicast peer address[" + address.toString() +
                         "] MUST be of the same family !!! Skipping...");
    return false;
  }
  if (!isUnicastAddress(address)) {
    resolution.error(
        Code::kInvalidValue, peer.statement(),
        message + "malformed unicast peer address[" + address.toString() + "]. Skipping...");
    return false;
  }
  return true;
}

void resolvePeers(Resolution& resolution, Block& instance) {
  std::set<IpAddress> seen;
  bool checksHops = false;
  for (Block* peer : instance.blocks("unicast_peer")) {
    if (!checkPeer(resolution, instance, *peer) || seen.contains(*peer->address("address"))) {
      peer->drop();
      continue;
    }
    if (seen.size() >= kMaxPeers) {
      resolution.fatal(
          Code::kLimit, peer->statement(),
          "(" + instance.name() + ") more than " + std::to_string(kMaxPeers) + " unicast peers");
      return;
    }
    seen.insert(*peer->address("address"));
    if (peer->number("min_ttl") > peer->number("max_ttl")) {
      resolution.error(Code::kConflict, peer->statement(),
                       "(" + instance.name() + ") min_ttl " +
                           std::to_string(peer->number("min_ttl")) + " > max_ttl " +
                           std::to_string(peer->number("max_ttl")) +
                           " - all packets will be discarded");
    }
    checksHops = checksHops || peer->isSaid("min_ttl") || peer->isSaid("max_ttl");
  }
  if (checksHops) {
    instance.assume("check_unicast_src", true, "a peer has min_ttl or max_ttl");
  }
}

// Both keywords name the one source; that of the other kind counts where its own is missing.
void resolveSource(Resolution& resolution, Block& instance) {
  const bool unicast = instance.firstBlock("unicast_peer") != nullptr;
  const IpAddress* own = instance.address(unicast ? Key("unicast_src_ip") : Key("mcast_src_ip"));
  const bool useUnicast = unicast == (own != nullptr);
  const Key key = useUnicast ? Key("unicast_src_ip") : Key("mcast_src_ip");
  const IpAddress* source = instance.address(key);
  if (source != nullptr && source->family == familyOf(instance) && isUnicastAddress(*source)) {
    instance.assume("source", *source, useUnicast ? "unicast_src_ip" : "mcast_src_ip");
    return;
  }
  if (source != nullptr) {
    resolution.error(
        Code::kConflict, instance.at(key),
        "Configuration error: VRRP instance[" + instance.name() + "] and src address[" +
            source->toString() + "] " +
            (source->family == familyOf(instance) ? "cannot be a source. Skipping..."
                                                  : "MUST be of the same family !!! Skipping..."));
  }
  if (instance.flag("track_src_ip")) {
    instance.adjust("track_src_ip", false, "there is no source address to be tracked");
  }
}

void resolveGroup(Resolution& resolution, Block& instance) {
  const AddressFamily family = familyOf(instance);
  const IpAddress* own = instance.address("mcast_dst_ip");
  if (own != nullptr && own->family == family) {
    instance.assume("group", *own, "mcast_dst_ip");
    return;
  }
  if (own != nullptr) {
    resolution.error(Code::kConflict, instance.at("mcast_dst_ip"),
                     "Configuration error: VRRP instance[" + instance.name() +
                         "] and mcast_dst_ip MUST be of the same family !!! Skipping...");
  }
  const bool ipv4 = family == AddressFamily::kIpv4;
  instance.assume(
      "group", resolution.globals.value(ipv4 ? Key("vrrp_mcast_group4") : Key("vrrp_mcast_group6")),
      ipv4 ? "vrrp_mcast_group4" : "vrrp_mcast_group6");
}

void resolveTtl(Resolution& resolution, Block& instance) {
  constexpr std::int64_t kTtl = 255;
  if (instance.firstBlock("unicast_peer") == nullptr && instance.isSaid("unicast_ttl")) {
    instance.adjust("unicast_ttl", kTtl, "multicast");
  } else if (instance.number("unicast_ttl") == 0) {
    resolution.error(Code::kInvalidValue, instance.at("unicast_ttl"),
                     "(" + instance.name() +
                         ") unicast_ttl 0 would keep advertisements on this host - using 255");
    instance.adjust("unicast_ttl", kTtl, "0 would keep advertisements on this host");
  }
}

}  // namespace

void resolveInstanceNetwork(Resolution& resolution, Block& instance) {
  resolveInterface(resolution, instance);
  resolvePeers(resolution, instance);
  resolveSource(resolution, instance);
  resolveGroup(resolution, instance);
  const bool unicastWord = instance.isSaid("unicast_src_ip") || instance.isSaid("unicast_peer") ||
                           instance.isSaid("unicast_ttl") ||
                           instance.isSaid("old_unicast_checksum") ||
                           instance.isSaid("check_unicast_src");
  if (unicastWord && instance.firstBlock("unicast_peer") == nullptr &&
      !instance.flag("unicast_fault_no_peer")) {
    resolution.error(
        Code::kMissingSetting,
        instance.at(instance.isSaid("unicast_src_ip") ? Key("unicast_src_ip")
                                                      : Key("unicast_peer")),
        "(" + instance.name() +
            ") A unicast keyword has been specified without any unicast peers. Defaulting to "
            "multicast. This usage is deprecated - please update your configuration.",
        "add the peers in unicast_peer, or unicast_fault_no_peer");
  }
  resolveTtl(resolution, instance);
}

}  // namespace holdfast::config
