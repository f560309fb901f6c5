// One loaded configuration, with its interfaces resolved to the slots that follow them, and with
// what each holder is to have in the kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ipc/ids.h"
#include "privd/broker/configuration.h"
#include "privd/broker/interfaces.h"
#include "privd/broker/object.h"

namespace holdfast::privd {

// What tells one object of the kernel from another, in whichever configuration it stands.
using ObjectKey = std::string;
[[nodiscard]] ObjectKey addressKey(Slot slot, const IpAddress& address, std::uint8_t prefixLength);

// An object that somebody is to have.
struct Item {
  ObjectKey key;
  KernelObject object;
  std::vector<InterfaceId> devices;  // that it needs
  bool tracked = true;               // put back when someone deletes it
  std::optional<TrackGroupId> group;
};

class Book final : public Devices {
 public:
  // Follows its interfaces from now on.
  Book(Configuration configuration, Interfaces& interfaces);
  Book(const Book&) = delete;  // its items point into it
  Book& operator=(const Book&) = delete;

  [[nodiscard]] Slot slotOf(InterfaceId id) const { return slots[holdfast::indexOf(id)]; }
  [[nodiscard]] int indexOf(InterfaceId id) const override;
  [[nodiscard]] const std::string& nameOf(InterfaceId id) const override;
  [[nodiscard]] std::uint32_t tableOf(InterfaceId vrf) const override;
  // In the order in which they are put: addresses, routes, rules. Of kStatic too.
  [[nodiscard]] std::span<const Item> itemsOf(InstanceId instance) const;
  // Its routes and rules only.
  [[nodiscard]] std::span<const Item> routingOf(InstanceId instance) const;
  [[nodiscard]] Placement placementOf(const Item& item) const { return {item.object, this}; }

  const Configuration config;
  const std::vector<Slot> slots;  // by InterfaceId

 private:
  struct Items {
    std::vector<Item> all;
    std::size_t addresses = 0;  // that many are addresses
  };
  [[nodiscard]] Items itemsFor(const std::vector<VirtualAddress>& addresses,
                               const std::vector<Route>& routes,
                               const std::vector<Rule>& rules) const;
  [[nodiscard]] const Items& of(InstanceId instance) const {
    return items_[instance == kStatic ? config.instances.size() : holdfast::indexOf(instance)];
  }

  const Interfaces& interfaces_;
  std::vector<Items> items_;  // by InstanceId; those of kStatic are the last
};

}  // namespace holdfast::privd
