// Routes of the sealed configuration, as rtnetlink has them (rtnetlink(7)). What the kernel is told
// nothing of is not there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ipc/ids.h"
#include "ipc/ip_address.h"

namespace holdfast::privd {

// A light-weight tunnel.
struct Tunnel {
  enum class Kind : std::uint8_t { kNone, kIp, kIp6, kMpls, kIla };
  Kind kind = Kind::kNone;
  std::optional<std::uint64_t> id;
  std::optional<IpAddress> destination;
  std::optional<IpAddress> source;
  std::optional<std::uint8_t> tos;
  std::optional<std::uint8_t> ttl;
  std::optional<std::uint16_t> flags;
  std::vector<std::uint32_t> labels;  // MPLS, the outermost first
  std::uint64_t locator = 0;          // ILA
};

// Where packets go next.
struct NextHop {
  std::optional<IpAddress> gateway;  // of either family
  std::optional<InterfaceId> interface;
  std::uint16_t weight = 1;  // 1 to 256
  std::uint32_t flags = 0;   // RTNH_F_*
  std::optional<std::uint32_t> realms;
  Tunnel tunnel;
};

struct RouteMetric {
  std::uint8_t attribute = 0;  // RTAX_*
  std::uint32_t value = 0;
};

struct Route {
  enum class Placement : std::uint8_t { kPrepend, kAppend, kAdd };
  AddressFamily family = AddressFamily::kIpv4;
  std::uint8_t type = 0;  // RTN_*
  IpAddress destination;
  std::uint8_t destinationLength = 0;
  std::optional<IpAddress> source;
  std::uint8_t sourceLength = 0;
  std::uint8_t tos = 0;
  std::uint32_t table = 0;
  std::optional<InterfaceId> vrf;  // in the table of this one
  std::uint8_t protocol = 0;       // RTPROT_*
  std::uint8_t scope = 0;          // RT_SCOPE_*
  Placement placement = Placement::kPrepend;
  std::optional<std::uint32_t> metric;
  std::optional<IpAddress> preferredSource;
  NextHop way;                    // where there is one only
  std::vector<NextHop> nextHops;  // where there are several
  std::optional<std::uint32_t> expiresSeconds;
  std::optional<std::uint8_t> preference;  // ICMPV6_ROUTER_PREF_*
  std::optional<bool> ttlPropagate;
  std::vector<RouteMetric> metrics;
  std::uint32_t lockedMetrics = 0;  // a bit for each RTAX_*
  std::string congestionControl;    // empty for none
  bool tracked = true;              // put back when someone deletes it
  std::optional<TrackGroupId> trackGroup;
};

}  // namespace holdfast::privd
