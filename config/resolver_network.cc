// One vrrp_instance: its interface, where its advertisements go, its addresses.
#include <linux/if_addr.h>

#include <algorithm>

#include "config/resolver.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxPeers = 1024;
constexpr std::size_t kMaxAddresses = 4096;
constexpr std::size_t kMaxAdvertised = 255;  // the count in the packet is one byte
constexpr const char* kDefaultInterface = "eth0";

bool isUnicast(const IpAddress& address) {
  return !address.isUnspecified() && !address.isMulticast() &&
         address != IpAddress::parse("255.255.255.255");
}

// The address of the network of `address` with all host bits set or clear.
IpAddress withHostBits(IpAddress address, std::uint8_t prefixLength, bool set) {
  for (std::size_t bit = prefixLength; bit < 8 * address.size(); ++bit) {
    std::uint8_t& byte = address.bytes.at(bit / 8);
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    byte = static_cast<std::uint8_t>(set ? byte | mask : byte & ~mask);
  }
  return address;
}

std::uint32_t flagsOf(const AddressLine& line) {
  std::uint32_t flags = (line.noPrefixRoute ? std::uint32_t{IFA_F_NOPREFIXROUTE} : 0) |
                        (line.autojoin ? std::uint32_t{IFA_F_MCAUTOJOIN} : 0);
  if (line.address.family == AddressFamily::kIpv6) {
    flags |= (line.duplicateDetection ? 0 : std::uint32_t{IFA_F_NODAD}) |
             (line.home ? std::uint32_t{IFA_F_HOMEADDRESS} : 0) |
             (line.manageTemporary ? std::uint32_t{IFA_F_MANAGETEMPADDR} : 0);
  }
  return flags;
}

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
  const bool ipv4 = instance.family == AddressFamily::kIpv4;
  const std::string where = "Configuration error: VRRP instance[" + block.name + "] and ";
  resolvePeers(block, instance);
  const bool unicast = !instance.peers.empty();
  const bool useUnicastSource = unicast ? block.unicastSource.has_value() : !block.multicastSource;
  instance.source = useUnicastSource ? block.unicastSource : block.multicastSource;
  if (instance.source && instance.source->family != instance.family) {
    error(Code::kConflict, block.said.at(useUnicastSource ? "unicast_src_ip" : "mcast_src_ip"),
          where + "src address[" + instance.source->toString() +
              "] MUST be of the same family !!! Skipping...");
    instance.source.reset();
  } else if (instance.source && !isUnicast(*instance.source)) {
    error(Code::kInvalidValue, block.said.at(useUnicastSource ? "unicast_src_ip" : "mcast_src_ip"),
          where + "src address[" + instance.source->toString() + "] cannot be. Skipping...");
    instance.source.reset();
  }
  instance.trackSource = block.trackSource.value_or(false) && instance.source.has_value();
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
  instance.ttl = static_cast<std::uint8_t>(unicast ? block.unicastTtl.value_or(255) : 255);
  const auto& global = ipv4 ? globals_.group4 : globals_.group6;
  instance.group = global.value_or(*IpAddress::parse(ipv4 ? "224.0.0.18" : "ff02::12"));
  if (block.multicastGroup && block.multicastGroup->family == instance.family) {
    instance.group = *block.multicastGroup;
  } else if (block.multicastGroup) {
    error(Code::kConflict, block.said.at("mcast_dst_ip"),
          where + "mcast_dst_ip MUST be of the same family !!! Skipping...");
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
    } else if (!isUnicast(line.address)) {
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

void Resolver::resolveAddresses(const InstanceBlock& block, PlannedInstance& instance) {
  for (const AddressLine& line : block.addresses) {
    resolveAddress(block, line, false, instance);
  }
  for (const AddressLine& line : block.excludedAddresses) {
    resolveAddress(block, line, true, instance);
  }
  const bool required = instance.version == 3 || instance.strict;
  // Addresses of an interface that is not there have been left out, and that has been said.
  const bool interfaceMissing = block.interface && !instance.interface;
  if (instance.advertised.empty() && !block.noVirtualAddresses && !interfaceMissing) {
    complain(required ? Severity::kFatal : Severity::kError, Code::kMissingSetting,
             block.said.block,
             "(" + block.name + ") No VIP specified; at least one is " +
                 (required ? "required" : "sensible"));
  }
  if (instance.addresses.size() > kMaxAddresses) {
    fatal(Code::kLimit, block.said.block,
          "(" + block.name + ") more than " + std::to_string(kMaxAddresses) + " addresses");
  }
  if (block.nativeIpv6 && instance.family == AddressFamily::kIpv4) {
    error(Code::kConflict, block.said.at("native_ipv6"),
          "(" + block.name + ") Cannot specify native_ipv6 with IPv4 addresses");
  }
  if (instance.family == AddressFamily::kIpv6 && !instance.advertised.empty() &&
      !instance.advertised.front().isIpv6LinkLocal()) {
    complain(Severity::kNotice, Code::kConflict, block.said.at("virtual_ipaddress"),
             "(" + block.name + ") the first IPv6 VIP address should be link local");
  }
}

void Resolver::resolveAddress(const InstanceBlock& block, const AddressLine& line, bool excluded,
                              PlannedInstance& instance) {
  const std::string text = line.statement->keyword();
  const bool ipv4 = line.address.family == AddressFamily::kIpv4;
  if (!excluded && line.address.family != instance.family) {
    error(Code::kConflict, line.statement,
          "(" + block.name + "): address family must match VRRP instance [" + text + "] - ignoring",
          "put it in virtual_ipaddress_excluded, or in an instance of its own");
    return;
  }
  if (!isUnicast(line.address)) {
    error(Code::kInvalidValue, line.statement,
          "VRRP parsed invalid IP " + text + ". skipping IP...", "not a unicast address");
    return;
  }
  PlannedAddress address;
  address.address = line.address;
  address.prefixLength = static_cast<std::uint8_t>(line.prefixLength.value_or(ipv4 ? 32 : 128));
  if (line.interface || !instance.interface) {
    const std::string name =
        line.interface.value_or(globals_.defaultInterface.value_or(kDefaultInterface));
    const auto index =
        line.interface || !block.interface ? interfaceNamed(name, line.statement,
                                                            "WARNING - interface " + name +
                                                                " for ip address " + text +
                                                                " doesn't exist")
                                           : std::nullopt;
    if (!index) {
      return;
    }
    address.interface = *index;
  } else {
    address.interface = *instance.interface;
  }
  address.scope = static_cast<std::uint8_t>(line.scope.value_or(0));
  address.label = line.label.value_or("");
  address.broadcast = line.broadcast;
  if (line.broadcastHostBits != AddressLine::HostBits::kNone) {
    address.broadcast = withHostBits(line.address, address.prefixLength,
                                     line.broadcastHostBits == AddressLine::HostBits::kSet);
  }
  address.peer = line.peer && isUnicast(*line.peer) ? line.peer : std::nullopt;
  address.flags = flagsOf(line);
  const bool deprecated = !ipv4 && address.prefixLength == 128;
  address.preferredLifetime = static_cast<std::uint32_t>(
      line.preferredLifetime.value_or(deprecated ? 0 : AddressLine::kForever));
  address.tracked = !line.noTrack;
  address.excluded = excluded;
  if (!excluded && instance.advertised.size() >= kMaxAdvertised) {
    error(Code::kLimit, line.statement,
          "(" + block.name + ") more than 255 VIPs: " + text + " is not advertised",
          "put it in virtual_ipaddress_excluded");
    address.excluded = true;
  } else if (!excluded) {
    instance.advertised.push_back(address.address);
  }
  const auto same = [&address](const PlannedAddress& other) {
    return other.address == address.address && other.interface == address.interface;
  };
  if (std::none_of(instance.addresses.begin(), instance.addresses.end(), same)) {
    instance.addresses.push_back(std::move(address));
  }
}

}  // namespace holdfast::config
