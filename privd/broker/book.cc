#include "privd/broker/book.h"

#include <utility>

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
  items_.resize(config.instances.size());
  for (std::size_t i = 0; i < config.instances.size(); ++i) {
    add(items_[i], config.instances[i].addresses);
  }
}

int Book::indexOf(InterfaceId id) const {
  return interfaces_.indexOf(slotOf(id));
}

const std::string& Book::nameOf(InterfaceId id) const {
  return interfaces_.nameOf(slotOf(id));
}

ObjectKey Book::keyOf(const VirtualAddress& address) const {
  return addressKey(slotOf(address.interface), address.address, address.prefixLength);
}

template <typename Object>
void Book::add(std::vector<Item>& items, const std::vector<Object>& objects) const {
  for (const Object& object : objects) {
    items.push_back({keyOf(object), &object, devicesOf(&object), object.tracked});
  }
}

}  // namespace holdfast::privd
