// One loaded configuration, with its interfaces resolved to the slots that follow them, and with
// what each instance is to have in the kernel.
#pragma once

#include <span>
#include <string>
#include <tuple>
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
};

class Book final : public Devices {
 public:
  // Follows its interfaces from now on.
  Book(Configuration configuration, Interfaces& interfaces);
  Book(const Book&) = delete;  // its items point into it
  Book& operator=(const Book&) = delete;

  [[nodiscard]] Slot slotOf(InterfaceId id) const { return slots[indexOfId(id)]; }
  [[nodiscard]] int indexOf(InterfaceId id) const override;
  [[nodiscard]] const std::string& nameOf(InterfaceId id) const override;
  // In the order in which they are put.
  [[nodiscard]] std::span<const Item> itemsOf(InstanceId instance) const {
    return items_[indexOfId(instance)];
  }
  [[nodiscard]] Placement placementOf(const Item& item) const { return {item.object, this}; }

  const Configuration config;
  const std::vector<Slot> slots;  // by InterfaceId

 private:
  template <typename Id>
  static std::size_t indexOfId(Id id) {
    return holdfast::indexOf(id);
  }
  template <typename Object>
  void add(std::vector<Item>& items, const std::vector<Object>& objects) const;
  [[nodiscard]] ObjectKey keyOf(const VirtualAddress& address) const;

  const Interfaces& interfaces_;
  std::vector<std::vector<Item>> items_;  // by InstanceId
};

}  // namespace holdfast::privd
