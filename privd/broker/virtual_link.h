// An interface that privd makes on another one: a macvlan interface with the MAC address of a
// virtual router (VMAC, RFC 9568 section 7.3), or an ipvlan interface, which has its parent's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "ipc/ids.h"

namespace holdfast::privd {

using MacAddress = std::array<std::uint8_t, 6>;

enum class LinkKind : std::uint8_t {
  kVmac,  // macvlan, mode private
  kIpvlanBridge,
  kIpvlanPrivate,
  kIpvlanVepa,
};

// What tells it from somebody else's of its name.
struct LinkNature {
  LinkKind kind = LinkKind::kVmac;
  std::optional<MacAddress> mac;  // of a VMAC only
  friend bool operator==(const LinkNature&, const LinkNature&) = default;
};

[[nodiscard]] constexpr const char* nounOf(LinkKind kind) {
  return kind == LinkKind::kVmac ? "VMAC" : "ipvlan";
}

// As configured. There from the start to the end, on master and backup alike.
struct VirtualLink {
  InterfaceId interface {};  // its own
  InterfaceId parent{};
  LinkNature nature;
  std::optional<std::uint32_t> group;  // as `ip link set group`; else its parent's
};

// The same, where its parent is there.
struct LinkPlan {
  std::string name;
  int parent = 0;
  LinkNature nature;
  std::optional<std::uint32_t> group;
};

}  // namespace holdfast::privd
