#include "privd/broker/presence.h"

#include <variant>

namespace holdfast::privd {
namespace {

LinkAddress asPlaced(const Book& book, const VirtualAddress& address) {
  return {book.indexOf(address.interface), address.address, address.prefixLength, address.scope,
          address.flags};
}

}  // namespace

bool Presence::has(const Book& book, const Item& item) const {
  const auto* address = std::get_if<const VirtualAddress*>(&item.object);
  return address == nullptr ? routing_.contains(item.key)
                            : interfaces_.hasAddress(book.slotOf((*address)->interface),
                                                     (*address)->address, (*address)->prefixLength);
}

void Presence::added(const Book& book, const Item& item) {
  if (const auto* address = std::get_if<const VirtualAddress*>(&item.object)) {
    interfaces_.addressAdded(asPlaced(book, **address));
  } else {
    routing_.insert(item.key);
  }
}

void Presence::removed(const Book& book, const Item& item) {
  if (const auto* address = std::get_if<const VirtualAddress*>(&item.object)) {
    interfaces_.addressRemoved(asPlaced(book, **address));
  } else {
    routing_.erase(item.key);
  }
}

}  // namespace holdfast::privd
