// What IPVS has in the kernel, as plain values: virtual services and their destinations
// (linux/ip_vs.h). Numbers are in host order.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "ipc/ip_address.h"

namespace holdfast::privd::ipvs {

// Names a service: by its firewall mark, or, where that is 0, by protocol, address and port.
struct ServiceKey {
  AddressFamily family = AddressFamily::kIpv4;
  std::uint32_t mark = 0;
  std::uint16_t protocol = 0;  // IPPROTO_*
  IpAddress address;           // of this family
  std::uint16_t port = 0;      // 0: all of them, which takes persistence

  friend auto operator<=>(const ServiceKey&, const ServiceKey&) = default;
};

struct ServiceOptions {
  std::string scheduler;
  std::uint32_t flags = 0;  // IP_VS_SVC_F_*, without IP_VS_SVC_F_HASHED, which is the kernel's own
  std::uint32_t persistenceSeconds = 0;
  std::uint32_t netmask = ~0U;  // IPv6: a prefix length
  std::string engine;           // of persistence; empty for none

  friend bool operator==(const ServiceOptions&, const ServiceOptions&) = default;
};

// Names a destination of a service.
struct DestinationKey {
  IpAddress address;  // can be of the other family, behind a tunnel
  std::uint16_t port = 0;

  friend auto operator<=>(const DestinationKey&, const DestinationKey&) = default;
};

struct DestinationOptions {
  std::uint32_t method = 0;  // IP_VS_CONN_F_FWD_MASK
  std::uint32_t weight = 1;
  std::uint32_t upperThreshold = 0;  // connections, 0 for no limit
  std::uint32_t lowerThreshold = 0;
  std::uint8_t tunnel = 0;  // IP_VS_CONN_F_TUNNEL_TYPE_*
  std::uint16_t tunnelPort = 0;
  std::uint16_t tunnelFlags = 0;  // IP_VS_TUNNEL_ENCAP_FLAG_*

  friend bool operator==(const DestinationOptions&, const DestinationOptions&) = default;
};

struct Statistics {
  std::uint64_t connections = 0;  // since the kernel knows it, as all of these
  std::uint64_t inPackets = 0;
  std::uint64_t outPackets = 0;
  std::uint64_t inBytes = 0;
  std::uint64_t outBytes = 0;

  Statistics& operator+=(const Statistics& other);
  friend bool operator==(const Statistics&, const Statistics&) = default;
};

struct Service {
  ServiceKey key;
  ServiceOptions options;
  Statistics statistics;
};

struct Destination {
  DestinationKey key;
  DestinationOptions options;
  std::uint32_t activeConnections = 0;
  std::uint32_t inactiveConnections = 0;
  std::uint32_t persistentConnections = 0;
  Statistics statistics;
};

// "[10.0.0.1]:tcp:80", "FWM 5", "[10.0.0.2]:80".
[[nodiscard]] std::string textOf(const ServiceKey& key);
[[nodiscard]] std::string textOf(const DestinationKey& key);

}  // namespace holdfast::privd::ipvs
