// Which objects the kernel has, as far as is known from its news and from what it answered.
#pragma once

#include <set>

#include "privd/broker/book.h"
#include "privd/broker/interfaces.h"

namespace holdfast::privd {

// Owned by Holdings in privd.
class Presence {
 public:
  explicit Presence(Interfaces& interfaces) : interfaces_(interfaces) {}

  [[nodiscard]] bool has(const Book& book, const Item& item) const;
  // The kernel said so to a request of ours.
  void added(const Book& book, const Item& item);
  void removed(const Book& book, const Item& item);
  // A route or a rule may be gone: to find out, it has to be put again.
  void doubt(const Item& item) { routing_.erase(item.key); }

 private:
  Interfaces& interfaces_;       // knows addresses
  std::set<ObjectKey> routing_;  // routes and rules
};

}  // namespace holdfast::privd
