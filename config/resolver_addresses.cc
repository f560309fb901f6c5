// One vrrp_instance: its addresses.
#include <linux/if_addr.h>

#include <algorithm>

#include "config/resolver.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxAddresses = 4096;
constexpr std::size_t kMaxAdvertised = 255;  // the count in the packet is one byte
constexpr const char* kDefaultInterface = "eth0";

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

// What needs no name to be looked up.
PlannedAddress planned(const AddressLine& line) {
  const bool ipv4 = line.address.family == AddressFamily::kIpv4;
  PlannedAddress address;
  address.address = line.address;
  address.prefixLength = static_cast<std::uint8_t>(line.prefixLength.value_or(ipv4 ? 32 : 128));
  address.scope = static_cast<std::uint8_t>(line.scope.value_or(0));
  address.label = line.label.value_or("");
  address.broadcast = line.broadcast;
  if (line.broadcastHostBits != AddressLine::HostBits::kNone) {
    address.broadcast = withHostBits(line.address, address.prefixLength,
                                     line.broadcastHostBits == AddressLine::HostBits::kSet);
  }
  address.peer = line.peer && isUnicastAddress(*line.peer) ? line.peer : std::nullopt;
  address.flags = flagsOf(line);
  const bool deprecated = !ipv4 && address.prefixLength == 128;
  address.preferredLifetime = static_cast<std::uint32_t>(
      line.preferredLifetime.value_or(deprecated ? 0 : AddressLine::kForever));
  address.tracked = !line.noTrack;
  return address;
}

}  // namespace

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

std::optional<std::uint32_t> Resolver::interfaceOf(const InstanceBlock& block,
                                                   const AddressLine& line,
                                                   const PlannedInstance& instance) {
  if (!line.interface && block.interface) {
    return instance.interface;
  }
  const std::string name =
      line.interface.value_or(globals_.defaultInterface.value_or(kDefaultInterface));
  return interfaceNamed(name, line.statement,
                        "WARNING - interface " + name + " for ip address " +
                            std::string(line.statement->keyword()) + " doesn't exist");
}

void Resolver::resolveAddress(const InstanceBlock& block, const AddressLine& line, bool excluded,
                              PlannedInstance& instance) {
  const std::string text(line.statement->keyword());
  if (!excluded && line.address.family != instance.family) {
    error(Code::kConflict, line.statement,
          "(" + block.name + "): address family must match VRRP instance [" + text + "] - ignoring",
          "put it in virtual_ipaddress_excluded, or in an instance of its own");
    return;
  }
  if (!isUnicastAddress(line.address)) {
    error(Code::kInvalidValue, line.statement,
          "VRRP parsed invalid IP " + text + ". skipping IP...", "not a unicast address");
    return;
  }
  const auto interface = interfaceOf(block, line, instance);
  if (!interface) {
    return;
  }
  PlannedAddress address = planned(line);
  address.interface = *interface;
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
