#include "privd/broker/book.h"

#include <utility>

#include "privd/broker/object_kind.h"

namespace holdfast::privd {
namespace {

std::vector<Slot> follow(const std::vector<std::string>& names, Interfaces& interfaces) {
  std::vector<Slot> slots;
  slots.reserve(names.size());
  for (const std::string& name : names) {
    slots.push_back(interfaces.follow(name));
  }
  return slots;
}

// Devices by their slots: the same in every configuration.
class BySlot final : public Devices {
 public:
  explicit BySlot(const Book& book) : book_(book) {}
  [[nodiscard]] int indexOf(InterfaceId id) const override {
    return static_cast<int>(book_.slotOf(id));
  }
  [[nodiscard]] const std::string& nameOf(InterfaceId id) const override {
    return book_.nameOf(id);
  }
  [[nodiscard]] std::uint32_t tableOf(InterfaceId vrf) const override {
    return static_cast<std::uint32_t>(book_.slotOf(vrf));
  }

 private:
  const Book& book_;
};

ObjectKey keyOf(const VirtualAddress& address, const Book& book) {
  return addressKey(book.slotOf(address.interface), address.address, address.prefixLength);
}

// What is told of it, with slots for devices and tables of VRFs.
template <typename Object>
ObjectKey keyOf(const Object& object, const Book& book) {
  std::vector<std::byte> told;
  messageFor(Change::kAdd, object, BySlot(book)).appendTo(told, 0);
  return nounOf(object) + std::string(reinterpret_cast<const char*>(told.data()), told.size());
}

ObjectKey keyOf(const Route& route, const Book& book) {
  return keyOf<Route>(route, book) + (route.vrf ? "vrf" : "");
}

template <typename Object>
void add(std::vector<Item>& items, const std::vector<Object>& objects, const Book& book) {
  for (const Object& object : objects) {
    // Who depends on it has to have it back, whatever it says itself.
    const bool tracked = object.tracked || object.trackGroup;
    items.push_back({keyOf(object, book), &object, devicesOf(object), tracked, object.trackGroup});
  }
}

}  // namespace

ObjectKey addressKey(Slot slot, const IpAddress& address, std::uint8_t prefixLength) {
  ObjectKey key = "address ";
  const auto number = static_cast<std::uint32_t>(slot);
  key.append(reinterpret_cast<const char*>(&number), sizeof(number));
  key.append(reinterpret_cast<const char*>(address.bytes.data()), address.size());
  key.push_back(static_cast<char>(prefixLength));
  return key;
}

Book::Book(Configuration configuration, Interfaces& interfaces)
    : config(std::move(configuration)),
      slots(follow(config.interfaces, interfaces)),
      interfaces_(interfaces) {
  for (const Instance& instance : config.instances) {
    items_.push_back(itemsFor(instance.addresses, instance.routes, instance.rules));
  }
  items_.push_back(itemsFor(config.staticAddresses, config.staticRoutes, config.staticRules));
}

Book::Items Book::itemsFor(const std::vector<VirtualAddress>& addresses,
                           const std::vector<Route>& routes, const std::vector<Rule>& rules) const {
  Items items;
  items.addresses = addresses.size();
  add(items.all, addresses, *this);
  add(items.all, routes, *this);
  add(items.all, rules, *this);
  return items;
}

std::span<const Item> Book::itemsOf(InstanceId instance) const {
  return of(instance).all;
}

std::span<const Item> Book::routingOf(InstanceId instance) const {
  return std::span(of(instance).all).subspan(of(instance).addresses);
}

int Book::indexOf(InterfaceId id) const {
  return interfaces_.indexOf(slotOf(id));
}

const std::string& Book::nameOf(InterfaceId id) const {
  return interfaces_.nameOf(slotOf(id));
}

std::uint32_t Book::tableOf(InterfaceId vrf) const {
  return interfaces_.vrfTableOf(slotOf(vrf));
}

}  // namespace holdfast::privd
