// What keeps packets away from addresses that this host has and does not own (no_accept, RFC 5798,
// 6.4.3): a table of nftables in each family, with the addresses of those who are master.
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
  friend bool operator==(const FirewallTable&, const FirewallTable&) = default;
};

// Addresses that nothing may come to or from. A link-local one is so on its device.
struct Barrier {
  std::set<IpAddress> addresses;
  std::set<std::pair<IpAddress, int>> linkLocal;

  void add(const IpAddress& address, int device);
  [[nodiscard]] bool empty() const { return addresses.empty() && linkLocal.empty(); }
  [[nodiscard]] bool has(AddressFamily family) const;
  friend bool operator==(const Barrier&, const Barrier&) = default;
};

// Owned by the Broker. It knows what the kernel has, and changes only what differs; what it does
// not know (after a crash, after a refusal) it replaces as a whole, in one transaction.
class Firewall {
 public:
  Firewall(Kernel& kernel, Log& log) : kernel_(kernel), log_(log) {}

  // `isInUse`: the configuration has something that may ever be in it. Without that, what others
  // have in a table of this name is left alone.
  void want(const FirewallTable& table, const Barrier& barrier, bool isInUse);
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
