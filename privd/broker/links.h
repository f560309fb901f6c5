// The interfaces that privd makes: VMACs and ipvlans. Each is there as long as a loaded
// configuration has it and its parent is there, and in the VRF that its parent is in. While there
// is a VMAC on an interface, that does not answer for the addresses of the other (arp_ignore,
// arp_filter).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "ipc/log.h"
#include "ipc/time.h"
#include "privd/broker/configuration.h"
#include "privd/broker/interfaces.h"
#include "privd/broker/kernel.h"
#include "privd/broker/settings.h"

namespace holdfast::privd {

// Owned by the Broker.
class Links {
 public:
  struct Wanted {
    Slot parent{};
    LinkNature nature;
    std::optional<std::uint32_t> group;
    friend bool operator==(const Wanted&, const Wanted&) = default;
  };
  using AllWanted = std::map<Slot, Wanted>;  // by its own slot

  Links(Kernel& kernel, Interfaces& interfaces, Settings& settings, Log& log)
      : kernel_(kernel), interfaces_(interfaces), settings_(settings), log_(log) {}

  // What is not among them any more is removed.
  void want(AllWanted wanted);
  // Makes what is missing. Returns when it wants to be called again.
  [[nodiscard]] TimePoint settle(TimePoint now);
  // Those that are new go up: to be called when the firewall knows of them, so that they are
  // silent. Returns when it wants to be called again, where one cannot be set up.
  [[nodiscard]] TimePoint setUp(TimePoint now);
  void removeAll() { want({}); }

  [[nodiscard]] bool has(Slot slot) const { return wanted_.contains(slot); }
  [[nodiscard]] const AllWanted& all() const { return wanted_; }

 private:
  [[nodiscard]] std::string describe(Slot slot, const Wanted& wanted) const;
  void make(Slot slot, const Wanted& wanted);
  void remove(Slot slot);
  void settleVrf(Slot slot, const Wanted& wanted);
  void settleParents();

  Kernel& kernel_;
  Interfaces& interfaces_;
  Settings& settings_;
  Log& log_;
  AllWanted wanted_;
  std::set<Slot> refused_;  // has been said
  std::set<Slot> strayed_;  // into another VRF than its parent's; has been said
  std::set<int> new_;       // devices that are still down
  std::set<int> down_;      // of these, those that could not be set up; has been said
  std::set<int> parents_;   // devices whose settings are changed
  TimePoint nextAttempt_{};
};

}  // namespace holdfast::privd
