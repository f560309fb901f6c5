// Which objects the kernel has, as far as is known from its news and from what it answered.
#pragma once

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

 private:
  Interfaces& interfaces_;
};

}  // namespace holdfast::privd
