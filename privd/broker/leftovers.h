// Addresses that nobody here is to have any more, and that the kernel would not remove: on a backup
// they would be in two places. They are tried again until they are gone, first once a second and
// then once a minute, and nothing of it is silent.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <tuple>

#include "ipc/log.h"
#include "ipc/time.h"
#include "privd/broker/configuration.h"
#include "privd/broker/interfaces.h"
#include "privd/broker/kernel.h"

namespace holdfast::privd {

using AddressKey = std::tuple<Slot, IpAddress, std::uint8_t>;  // with its prefix length

// Owned by Holdings in privd.
class Leftovers {
 public:
  Leftovers(Kernel& kernel, Interfaces& interfaces, Log& log)
      : kernel_(kernel), interfaces_(interfaces), log_(log) {}

  // `owner` is the instance that it was removed for, `error` why it stayed.
  void add(Slot slot, const VirtualAddress& address, const std::string& owner, int error);
  // Tries again what is due and not held by somebody by now. Returns when it wants to be called
  // again.
  [[nodiscard]] TimePoint retry(TimePoint now, const std::function<bool(const AddressKey&)>& held);
  // There is no later: tries a few times at once, and says what stays.
  void finish();

 private:
  struct Leftover {
    VirtualAddress address;  // a copy: its configuration can be retired sooner
    std::string owner;
    unsigned attempts = 0;
    TimePoint next{};
    int error = 0;
  };

  void attempt(TimePoint now);
  void failed(Slot slot, Leftover& leftover, int error, TimePoint now);
  [[nodiscard]] std::string ownerOf(const Leftover& leftover) const {
    return "(" + leftover.owner + ") ";
  }

  Kernel& kernel_;
  Interfaces& interfaces_;
  Log& log_;
  std::map<AddressKey, Leftover> leftovers_;
};

}  // namespace holdfast::privd
