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
  const VirtualAddress& address = *std::get<const VirtualAddress*>(item.object);
  return interfaces_.hasAddress(book.slotOf(address.interface), address.address,
                                address.prefixLength);
}

void Presence::added(const Book& book, const Item& item) {
  interfaces_.addressAdded(asPlaced(book, *std::get<const VirtualAddress*>(item.object)));
}

void Presence::removed(const Book& book, const Item& item) {
  interfaces_.addressRemoved(asPlaced(book, *std::get<const VirtualAddress*>(item.object)));
}

}  // namespace holdfast::privd
