// What privd knows of the load balancer: the sealed IpvsConfig (ipc/schemas/lvs_config.capnp) as
// plain tables, copied once at load after every bound has been checked. Nothing outside these
// tables can ever be asked of IPVS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ipc/ids.h"
#include "ipc/ip_address.h"
#include "ipc/result.h"
#include "ipc/schemas/lvs_config.capnp.h"
#include "privd/broker/firewall.h"
#include "privd/broker/ipvs/objects.h"

namespace holdfast::privd::ipvs {

inline constexpr std::size_t kMaxVirtualServers = 65'536;
inline constexpr std::size_t kMaxRanges = 65'536;           // of one virtual server
inline constexpr std::uint32_t kMaxInRange = 65'536;        // services
inline constexpr std::size_t kMaxServices = 262'144;        // of a configuration
inline constexpr std::size_t kMaxDestinations = 1'048'576;  // of all its services
inline constexpr std::size_t kMaxCheckSockets = 65'536;

// Services that differ in their addresses, which follow one another.
struct ServiceRange {
  ServiceKey first;
  std::uint32_t count = 1;

  [[nodiscard]] ServiceKey at(std::uint32_t index) const;
};

struct AddressRange {
  IpAddress first;
  IpAddress last;
};

struct ConfiguredDestination {
  DestinationKey key;  // port 0: that of the service
  DestinationOptions options;

  [[nodiscard]] DestinationKey keyFor(const ServiceKey& service) const;
};

// With nftables_ipvs: packets to these addresses get a firewall mark, which is a service.
struct MarkedAddresses {
  std::uint32_t mark = 0;
  std::uint16_t protocol = 0;
  IpAddress first;
  IpAddress last;
  std::uint16_t port = 0;

  friend auto operator<=>(const MarkedAddresses&, const MarkedAddresses&) = default;
};

struct VirtualServer {
  std::string name;
  std::vector<ServiceRange> services;
  ServiceOptions options;  // of IPv4 services
  std::uint32_t prefixLength = 128;
  std::vector<ConfiguredDestination> destinations;  // RealServerId is the index
  std::optional<ConfiguredDestination> sorryServer;
  std::vector<AddressRange> watched;  // ha_suspend: is one of them on this host

  [[nodiscard]] std::size_t serviceCount() const;
  [[nodiscard]] ServiceOptions optionsOf(const ServiceKey& service) const;
};

enum class Role : std::uint8_t { kMaster, kBackup };  // of a sync daemon

struct SyncDaemon {
  std::string interface;
  std::optional<InstanceId> instance;  // none: both roles at once
  std::uint32_t syncId = 0;
  std::uint16_t maxLength = 0;  // bytes, 0 for the kernel's choice, as below
  std::uint16_t port = 0;
  std::uint8_t ttl = 0;
  std::optional<IpAddress> group;

  friend bool operator==(const SyncDaemon&, const SyncDaemon&) = default;
};

struct Timeouts {
  std::uint32_t tcpSeconds = 0;  // 0 leaves it as it is, here and below
  std::uint32_t tcpFinSeconds = 0;
  std::uint32_t udpSeconds = 0;
};

struct CheckSocket {
  enum class Kind : std::uint8_t { kTcp, kUdp, kPing };
  Kind kind = Kind::kTcp;
  AddressFamily family = AddressFamily::kIpv4;
  std::uint32_t mark = 0;
  std::optional<IpAddress> source;
  std::uint16_t sourcePort = 0;  // 0 for any
  std::string interface;         // empty for none
};

enum class Flush : std::uint8_t { kNothing, kEverything, kVirtualServers };

struct Configuration {
  std::vector<VirtualServer> virtualServers;
  bool flushAtStart = false;
  Flush flushAtStop = Flush::kNothing;
  std::optional<Timeouts> timeouts;
  std::optional<SyncDaemon> syncDaemon;
  std::vector<MarkedAddresses> marks;  // in order
  FirewallTable marksTable;
  std::vector<CheckSocket> checkSockets;
};

// Never throws: a message whose pointers lead astray is an Error too.
[[nodiscard]] Result<Configuration> readConfiguration(schema::IpvsConfig::Reader config);

// configuration_values.cc
[[nodiscard]] Result<ConfiguredDestination> readDestination(schema::IpvsDestination::Reader source);
[[nodiscard]] Result<SyncDaemon> readSyncDaemon(schema::SyncDaemon::Reader source);
[[nodiscard]] Result<CheckSocket> readCheckSocket(schema::CheckSocket::Reader source);

}  // namespace holdfast::privd::ipvs
