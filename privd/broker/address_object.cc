// Addresses as kernel objects.
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "privd/broker/object_kind.h"

namespace holdfast::privd {
namespace {

constexpr std::uint32_t kForeverSeconds = ~0U;

// IFA_F_* that mean something for IPv4; the others are for IPv6 only.
constexpr std::uint32_t kIpv4Flags = IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;

void putOptions(const VirtualAddress& wanted, MessageWriter& message) {
  const bool ipv4 = wanted.address.family == AddressFamily::kIpv4;
  if (wanted.broadcast) {
    message.put(IFA_BROADCAST, *wanted.broadcast);
  }
  if (ipv4 && !wanted.label.empty()) {
    message.put(IFA_LABEL, wanted.label.c_str(), wanted.label.size() + 1);
  }
  message.putValue(IFA_FLAGS, ipv4 ? wanted.flags & kIpv4Flags : wanted.flags);
  // keepalived leaves the preferred lifetime of IPv4 addresses alone: 0 would deprecate them.
  if (!ipv4 && wanted.preferredSeconds != kForeverSeconds) {
    message.putValue(IFA_CACHEINFO, ifa_cacheinfo{wanted.preferredSeconds, kForeverSeconds, 0, 0});
  }
  message.putValue(IFA_PROTO, kProtocol);
}

}  // namespace

std::vector<InterfaceId> devicesOf(const VirtualAddress& address) {
  return {address.interface};
}

bool hasPlace(const VirtualAddress& address, const Devices& devices) {
  return devices.indexOf(address.interface) != 0;
}

bool isGone(const VirtualAddress&, int error) {
  return error == EADDRNOTAVAIL || error == ENODEV;
}

const char* nounOf(const VirtualAddress&) {
  return "";
}

std::string textOf(const VirtualAddress& address, const Devices&) {
  return address.address.toString() + "/" + std::to_string(address.prefixLength);
}

std::string placeOf(const VirtualAddress& address, const Devices& devices) {
  return devices.nameOf(address.interface);
}

std::string adviceAbout(const VirtualAddress& address, const Devices& devices, int error) {
  // How the kernel says that IPv6 is switched off on a device.
  if (error == EACCES && address.address.family == AddressFamily::kIpv6) {
    return "is IPv6 off there? (sysctl net.ipv6.conf." + devices.nameOf(address.interface) +
           ".disable_ipv6)";
  }
  return error == EINVAL ? "check its prefix length, scope, label, broadcast and peer" : "";
}

std::string byHand(const VirtualAddress& address, const Devices& devices) {
  return "it may be in two places: ip address del " + textOf(address, devices) + " dev " +
         devices.nameOf(address.interface);
}

MessageWriter messageFor(Change change, const VirtualAddress& address, const Devices& devices) {
  const bool add = change == Change::kAdd;
  MessageWriter message(add ? RTM_NEWADDR : RTM_DELADDR, add ? NLM_F_CREATE | NLM_F_EXCL : 0);
  ifaddrmsg header{};
  header.ifa_family = static_cast<std::uint8_t>(socketFamily(address.address.family));
  header.ifa_prefixlen = address.prefixLength;
  header.ifa_scope = address.scope;
  header.ifa_index = static_cast<unsigned>(devices.indexOf(address.interface));
  message.header(header);
  message.put(IFA_LOCAL, address.address);
  message.put(IFA_ADDRESS, address.peer.value_or(address.address));
  if (add) {
    putOptions(address, message);
  }
  return message;
}

}  // namespace holdfast::privd
