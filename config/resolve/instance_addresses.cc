// One vrrp_instance: its addresses.
#include <algorithm>
#include <tuple>
#include <vector>

#include "config/resolve/resolution.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxAddresses = 65'536;
constexpr std::size_t kMaxAdvertised = 255;  // the count in the packet is one byte

struct Held {
  IpAddress address;
  std::uint32_t interface = 0;
  Block* line = nullptr;

  [[nodiscard]] bool isSameAs(const Held& other) const {
    return address == other.address && interface == other.interface;
  }
};

struct Counts {
  std::size_t advertised = 0;
  std::vector<Held> addresses;  // list after list, each in the order of the file
};

AddressFamily familyOf(const Block& instance) {
  return instance.number("family") == 0 ? AddressFamily::kIpv4 : AddressFamily::kIpv6;
}

bool checkAddress(Resolution& resolution, const Block& instance, const Block& line,
                  bool advertised) {
  const IpAddress& address = *line.address("address");
  if (advertised && address.family != familyOf(instance)) {
    resolution.error(Code::kConflict, line.statement(),
                     "(" + instance.name() + "): address family must match VRRP instance [" +
                         line.name() + "] - ignoring",
                     "put it in virtual_ipaddress_excluded, or in an instance of its own");
    return false;
  }
  if (!isUnicastAddress(address)) {
    resolution.error(Code::kInvalidValue, line.statement(),
                     "VRRP parsed invalid IP " + line.name() + ". skipping IP...",
                     "not a unicast address");
    return false;
  }
  return true;
}

void resolveAddress(Resolution& resolution, const Block& instance, Block& line, bool advertised,
                    Counts& counts) {
  if (!checkAddress(resolution, instance, line, advertised) ||
      !resolveAddressLine(resolution, line)) {
    line.drop();
    return;
  }
  if (advertised && counts.advertised >= kMaxAdvertised) {
    resolution.error(
        Code::kLimit, line.statement(),
        "(" + instance.name() + ") more than 255 VIPs: " + line.name() + " is not advertised",
        "put it in virtual_ipaddress_excluded");
    line.assume("excluded", true, "an advertisement has at most 255");
  } else if (advertised) {
    ++counts.advertised;
  }
  counts.addresses.push_back(
      {*line.address("address"), resolution.plan.interfaces.find(line.text("dev")).value(), &line});
}

bool isBefore(const Held& a, const Held& b) {
  return std::tie(a.address, a.interface) < std::tie(b.address, b.interface);
}

// Long lists are mostly written in order.
void sortList(std::vector<Held>::iterator begin, std::vector<Held>::iterator end) {
  if (!std::is_sorted(begin, end, isBefore)) {
    std::stable_sort(begin, end, isBefore);
  }
}

// The first one of the file is held. The first list has `first` addresses.
void markRepeated(std::vector<Held>& addresses, std::size_t first) {
  const auto middle = addresses.begin() + static_cast<std::ptrdiff_t>(first);
  sortList(addresses.begin(), middle);
  sortList(middle, addresses.end());
  std::inplace_merge(addresses.begin(), middle, addresses.end(), isBefore);
  for (std::size_t i = 1; i < addresses.size(); ++i) {
    if (addresses[i].isSameAs(addresses[i - 1])) {
      addresses[i].line->assume("repeated", true, "the same address stands before it");
    }
  }
}

}  // namespace

void resolveInstanceAddresses(Resolution& resolution, Block& instance) {
  Counts counts;
  for (Block* line : instance.each("virtual_ipaddress")) {
    resolveAddress(resolution, instance, *line, true, counts);
  }
  const std::size_t inFirstList = counts.addresses.size();
  for (Block* line : instance.each("virtual_ipaddress_excluded")) {
    resolveAddress(resolution, instance, *line, false, counts);
  }
  markRepeated(counts.addresses, inFirstList);
  const bool required = instance.number("version") == 3 || instance.flag("strict_mode");
  // Addresses of an interface that is not there have been left out, and that has been said.
  const std::string* interface = instance.find<std::string>("interface");
  const bool interfaceMissing =
      interface != nullptr && !resolution.plan.interfaces.find(*interface).has_value();
  if (counts.advertised == 0 && !instance.flag("no_virtual_ipaddress") && !interfaceMissing) {
    resolution.complain(required ? Severity::kFatal : Severity::kError, Code::kMissingSetting,
                        instance.statement(),
                        "(" + instance.name() + ") No VIP specified; at least one is " +
                            (required ? "required" : "sensible"));
  }
  if (counts.addresses.size() > kMaxAddresses) {
    resolution.fatal(
        Code::kLimit, instance.statement(),
        "(" + instance.name() + ") more than " + std::to_string(kMaxAddresses) + " addresses");
  }
  if (instance.flag("native_ipv6") && familyOf(instance) == AddressFamily::kIpv4) {
    resolution.error(Code::kConflict, instance.at("native_ipv6"),
                     "(" + instance.name() + ") Cannot specify native_ipv6 with IPv4 addresses");
  }
  const Block* first = instance.firstBlock("virtual_ipaddress");
  if (familyOf(instance) == AddressFamily::kIpv6 && first != nullptr &&
      !first->address("address")->isIpv6LinkLocal()) {
    const bool strict = instance.flag("strict_mode");
    resolution.complain(strict ? Severity::kError : Severity::kNotice, Code::kConflict,
                        instance.at("virtual_ipaddress"),
                        "(" + instance.name() + ") the first IPv6 VIP address " +
                            (strict ? "must" : "should") + " be link local");
  }
}

}  // namespace holdfast::config
