// A macvlan interface with the MAC address of a virtual router (VMAC, RFC 9568 section 7.3).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "ipc/ids.h"

namespace holdfast::privd {

using MacAddress = std::array<std::uint8_t, 6>;

// As configured. There from the start to the end, on master and backup alike.
struct VirtualLink {
  InterfaceId interface {};  // its own
  InterfaceId parent{};
  MacAddress mac{};
  std::optional<std::uint32_t> group;  // as `ip link set group`; else its parent's
};

// The same, where its parent is there.
struct LinkPlan {
  std::string name;
  int parent = 0;
  MacAddress mac{};
  std::optional<std::uint32_t> group;
};

}  // namespace holdfast::privd
