// Objects that nobody here is to have any more, and that the kernel would not remove: an address on
// a backup would be in two places. They are tried again until they are gone, first once a second
// and then once a minute, and nothing of it is silent.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "ipc/log.h"
#include "ipc/time.h"
#include "privd/broker/book.h"
#include "privd/broker/kernel.h"
#include "privd/broker/presence.h"

namespace holdfast::privd {

// Owned by Holdings in privd.
class Leftovers {
 public:
  Leftovers(Kernel& kernel, Presence& presence, Log& log)
      : kernel_(kernel), presence_(presence), log_(log) {}

  // `owner` is whom it was removed for, `error` why it stayed.
  void add(std::shared_ptr<const Book> book, const Item& item, const std::string& owner, int error);
  // Tries again what is due and not held by somebody by now. Returns when it wants to be called
  // again.
  [[nodiscard]] TimePoint retry(TimePoint now, const std::function<bool(const ObjectKey&)>& held);
  // There is no later: tries a few times at once, and says what stays.
  void finish();

 private:
  struct Leftover {
    std::shared_ptr<const Book> book;  // it can be retired sooner
    const Item* item = nullptr;
    std::string owner;
    unsigned attempts = 0;
    TimePoint next{};
    int error = 0;

    [[nodiscard]] Placement placement() const { return book->placementOf(*item); }
  };

  void attempt(TimePoint now);
  void failed(Leftover& leftover, int error, TimePoint now);

  Kernel& kernel_;
  Presence& presence_;
  Log& log_;
  std::map<ObjectKey, Leftover> leftovers_;
};

}  // namespace holdfast::privd
