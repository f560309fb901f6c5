// What the rules of virtual servers, real servers and their checks share.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/resolve/resolution.h"

namespace holdfast::config {

inline constexpr std::int64_t kForwardNat = 0;
inline constexpr std::int64_t kForwardTunnel = 2;

// A virtual_server_group that can be used, summed up.
struct ServerGroup {
  Block* block = nullptr;
  bool hasIpv4 = false;  // addresses, or marks that say so
  bool hasIpv6 = false;
  bool hasAddresses = false;
  bool hasMarks = false;
  bool hasMarksOfNoFamily = false;
  const Block* portless = nullptr;  // the first line with addresses and without a port
};
using ServerGroups = std::unordered_map<std::string, ServerGroup>;

// Groups that cannot be used are dropped.
[[nodiscard]] ServerGroups resolveServerGroups(Resolution& resolution);

// One virtual_server, as far as its rules have come.
struct VirtualServerRules {
  Resolution& resolution;
  Block& server;
  const ServerGroup* group = nullptr;
  std::vector<Block*> realServers;  // of its family, and each once
  std::string label;  // FWM 5, [G]:0; empty for one with an address, whose name has its protocol
  // Of the servers; nullopt as long as nothing says so.
  std::optional<AddressFamily> family;

  [[nodiscard]] bool isMark() const { return server.find<std::int64_t>("fwmark") != nullptr; }
  // Only firewall marks: no protocol and no port.
  [[nodiscard]] bool hasNoAddresses() const {
    return isMark() || (group != nullptr && !group->hasAddresses);
  }
  // "[10.0.0.1]:tcp:80", "FWM 5" or "[G]:0".
  [[nodiscard]] std::string name() const;
  // "[10.0.0.2]:tcp:80"
  [[nodiscard]] std::string nameOf(const IpAddress& address, std::int64_t port) const;
};

// What says the family of a virtual server by itself.
[[nodiscard]] std::optional<AddressFamily> familyOf(const Block& server);

// In this order. False where the virtual server is no use.
void keepOneFamily(VirtualServerRules& rules);
[[nodiscard]] bool familyMatchesGroup(const VirtualServerRules& rules);
[[nodiscard]] bool hasRealServers(const VirtualServerRules& rules);
void dropRepeatedServers(VirtualServerRules& rules);
void resolveFamily(VirtualServerRules& rules);
void resolveSorryServer(VirtualServerRules& rules);
void resolvePorts(VirtualServerRules& rules);
void resolveCheckers(VirtualServerRules& rules, Block& realServer);

// Sync daemon, and which vrrp_instance it follows.
void resolveIpvsGlobals(Resolution& resolution);

// Puts the notifier of `keyword`, where there is one, where its scriptd finds it. `of` names whose
// it is.
void placeNotifier(Resolution& resolution, Block& owner, std::string_view keyword,
                   const std::function<std::string()>& of);

}  // namespace holdfast::config
