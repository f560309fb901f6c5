// The frames that tell the neighbours where a virtual address lives now.
#pragma once

#include <array>
#include <cstdint>

#include "ipc/ip_address.h"
#include "privd/broker/kernel.h"

namespace holdfast::privd {

using ArpFrame = std::array<std::uint8_t, 42>;
using NeighbourAdvertFrame = std::array<std::uint8_t, 86>;

// A gratuitous ARP request (RFC 5227, 3: "ARP Announcement"): sender and target are `address`.
[[nodiscard]] ArpFrame buildGratuitousArp(const MacAddress& mac, const IpAddress& address);

// An unsolicited Neighbour Advertisement to all nodes (RFC 4861, 7.2.6) with the override flag.
[[nodiscard]] NeighbourAdvertFrame buildNeighbourAdvert(const MacAddress& mac,
                                                        const IpAddress& address, bool router);

}  // namespace holdfast::privd
