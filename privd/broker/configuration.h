// What the broker knows of the sealed configuration: plain tables, copied once at load after every
// bound has been checked. Nothing outside these tables can ever be asked of the kernel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ipc/ids.h"
#include "ipc/ip_address.h"
#include "ipc/result.h"
#include "ipc/schemas/config.capnp.h"
#include "ipc/time.h"
#include "privd/broker/firewall.h"
#include "privd/broker/process_monitor.h"
#include "privd/broker/route.h"
#include "privd/broker/rule.h"
#include "privd/broker/virtual_link.h"

namespace holdfast::privd {

inline constexpr std::size_t kMaxInterfaces = 4096;
inline constexpr std::size_t kMaxInstances = 65'536;
inline constexpr std::size_t kMaxLinks = 65'536;
inline constexpr std::size_t kMaxAddresses = 65'536;  // of one instance, and static ones
inline constexpr std::size_t kMaxRoutes = 16'384;     // of one instance, and static ones
inline constexpr std::size_t kMaxRules = 16'384;      // the same
inline constexpr std::size_t kMaxPeers = 1024;        // of one instance
inline constexpr std::uint32_t kMaxRepeat = 1'000'000;
inline constexpr std::uint32_t kMaxReceiveBuffer = 1U << 30;
inline constexpr std::uint64_t kMaxAbsenceNs = 86'400'000'000'000;  // a day
inline constexpr Duration kMaxInterval = std::chrono::hours(24);

struct VirtualAddress {
  IpAddress address;
  std::uint8_t prefixLength = 0;
  InterfaceId interface {};
  std::uint8_t scope = 0;  // RT_SCOPE_*
  std::string label;       // empty for none
  std::optional<IpAddress> broadcast;
  std::optional<IpAddress> peer;
  std::uint32_t flags = 0;               // IFA_F_*
  std::uint32_t preferredSeconds = ~0U;  // ~0 is for ever
  bool tracked = true;                   // put back when someone deletes it
  std::optional<TrackGroupId> trackGroup;
  bool onLink = false;  // on a virtual link of its own
};

// garp_group: announcements on all of these interfaces together keep these distances.
struct AnnounceGroup {
  std::vector<InterfaceId> interfaces;
  Duration arpInterval{};
  Duration naInterval{};
};

struct Instance {
  std::string name;
  AddressFamily family = AddressFamily::kIpv4;
  std::uint8_t virtualRouterId = 0;
  std::optional<InterfaceId> interface;  // none only with unicast peers
  // The VMAC or ipvlan that it speaks on, or without an interface the VRF.
  std::optional<InterfaceId> link;
  std::optional<IpAddress> source;
  bool tracksSource = false;
  IpAddress group;               // multicast destination, where there are no peers
  std::vector<IpAddress> peers;  // unicast destinations; PeerId is the index
  std::uint8_t ttl = 255;
  std::vector<VirtualAddress> addresses;
  std::vector<Route> routes;
  std::vector<Rule> rules;
  std::uint32_t masterRepeat = 5;
  std::uint32_t lowerPriorityRepeat = 5;
  std::uint32_t refreshRepeat = 1;
  Duration arpInterval{};
  Duration naInterval{};
  bool announcesExtraAll = false;  // garp_extra_if all: not on virtual links only
  bool promoteSecondaries = false;
  std::uint32_t receiveBufferBytes = 0;
  std::uint32_t receiveBufferMtus = 0;  // so many more of its interface's
  Duration absenceLimit{};              // of vrrpd; zero: none
  bool authenticationHeader = false;    // IPv4: protocol 51 in front of VRRP
  bool blocksAddresses = false;         // no_accept

  [[nodiscard]] bool unicast() const { return !peers.empty(); }
  // Where its advertisements leave and come in.
  [[nodiscard]] const std::optional<InterfaceId>& speaksOn() const {
    return link ? link : interface;
  }
  // Their advertisements come in at one socket.
  [[nodiscard]] bool listensWith(const Instance& other) const;
};

struct Configuration {
  [[nodiscard]] bool hasRouting() const;  // some route or rule

  std::vector<std::string> interfaces;
  std::vector<Instance> instances;
  std::vector<VirtualLink> links;  // LinkId is the index
  std::vector<AnnounceGroup> announceGroups;
  // There from the start to the end.
  std::vector<VirtualAddress> staticAddresses;
  std::vector<Route> staticRoutes;
  std::vector<Rule> staticRules;
  // Where watchd gets the process connector.
  std::optional<ReceiveBuffer> processMonitor;
  ReceiveBuffer news;  // of links, addresses, routes and rules
  FirewallTable firewall;
};

// Who holds what is static. No request can name it.
inline constexpr InstanceId kStatic{~std::uint32_t{0}};

// Names an instance of one of the loaded configurations.
struct InstanceKey {
  Generation generation{};
  InstanceId instance{};
  friend auto operator<=>(const InstanceKey&, const InstanceKey&) = default;
};

// Why a configuration was refused: `object` is the index of the interface or instance at fault.
struct Refusal {
  std::string reason;
  std::uint32_t object = 0;
};

// Never throws: a message whose pointers lead astray is a Refusal too.
[[nodiscard]] std::variant<Configuration, Refusal> readConfiguration(
    schema::BrokerConfig::Reader config);

}  // namespace holdfast::privd
