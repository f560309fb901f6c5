// What keeps packets away from addresses that this host has and does not own (no_accept, RFC 5798,
// 6.4.3), and what keeps a VMAC silent, which all routers have at the same time: a table of
// nftables in each family, with the addresses of those who are master, and the VMACs.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "ipc/ip_address.h"
#include "ipc/log.h"
#include "ipc/time.h"

namespace holdfast::privd {

class Kernel;

// As configured.
struct FirewallTable {
  std::string name = "keepalived";
  std::int32_t priority = -1;  // of its chains
  bool counters = false;
  bool blocksAddresses = false;  // some instance has no_accept
  bool silencesLinks = false;    // there are VMACs
  [[nodiscard]] bool isInUse() const { return blocksAddresses || silencesLinks; }
  friend bool operator==(const FirewallTable&, const FirewallTable&) = default;
};

// Addresses that nothing may come to or from. A link-local one is so on its device.
struct Barrier {
  std::set<IpAddress> addresses;
  std::set<std::pair<IpAddress, int>> linkLocal;
  // VMACs, each with the device that speaks of groups for it.
  std::set<std::pair<int, int>> links;

  void add(const IpAddress& address, int device);
  [[nodiscard]] bool empty() const {
    return addresses.empty() && linkLocal.empty() && links.empty();
  }
  [[nodiscard]] bool has(AddressFamily family) const;
  friend bool operator==(const Barrier&, const Barrier&) = default;
};

// Owned by the Broker. It knows what the kernel has, and changes only what differs; what it does
// not know (after a crash, after a refusal) it replaces as a whole, in one transaction.
class Firewall {
 public:
  Firewall(Kernel& kernel, Log& log) : kernel_(kernel), log_(log) {}

  // What others have in a table of this name is left alone while it is not in use.
  void want(const FirewallTable& table, const Barrier& barrier);
  // Puts back a table that somebody else has removed, and tries again what was refused. Returns
  // when it wants to be called again.
  [[nodiscard]] TimePoint check(TimePoint now);
  // No table any more.
  void remove();

 private:
  void removeTable();

  Kernel& kernel_;
  Log& log_;
  std::optional<FirewallTable> table_;  // the one that there may be
  std::optional<Barrier> there_;        // what is in it, where that is known
  Barrier wanted_;                      // what is to be in it
  bool isRefused_ = false;              // has been said
  TimePoint nextCheck_{};
};

}  // namespace holdfast::privd
