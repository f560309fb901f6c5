#include "checkd/unpredictable.h"

#include <sys/random.h>

#include <cstdlib>

namespace holdfast::checkd {

std::uint64_t unpredictable() {
  std::uint64_t number = 0;
  // Never short, nor interrupted, for so few bytes (getrandom(2)).
  if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) {
    std::abort();
  }
  return number;
}

}  // namespace holdfast::checkd
