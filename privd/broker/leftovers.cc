#include "privd/broker/leftovers.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "privd/broker/refusal.h"

namespace holdfast::privd {
namespace {

constexpr unsigned kQuickAttempts = 10;
constexpr Duration kQuickPace = std::chrono::seconds(1);
constexpr Duration kSlowPace = std::chrono::minutes(1);
constexpr int kLastAttempts = 3;

// What is not there needs no removal.
bool gone(int error) {
  return error == 0 || error == EADDRNOTAVAIL || error == ENODEV;
}

}  // namespace

void Leftovers::add(Slot slot, const VirtualAddress& address, const std::string& owner, int error) {
  log_.error("(" + owner + ") " + cannotRemove(address, interfaces_.nameOf(slot), error) +
             ": trying again");
  leftovers_.insert_or_assign({slot, address.address, address.prefixLength},
                              Leftover{address, owner, 0, {}, error});
}

TimePoint Leftovers::retry(TimePoint now, const std::function<bool(const AddressKey&)>& held) {
  std::erase_if(leftovers_, [&](const auto& entry) {
    const auto& [slot, address, prefixLength] = entry.first;
    return held(entry.first) || !interfaces_.hasAddress(slot, address, prefixLength);
  });
  attempt(now);
  TimePoint wake = kNever;
  for (const auto& [key, leftover] : leftovers_) {
    wake = std::min(wake, leftover.next);
  }
  return wake;
}

void Leftovers::attempt(TimePoint now) {
  std::vector<std::map<AddressKey, Leftover>::iterator> due;
  std::vector<Placement> placements;
  for (auto entry = leftovers_.begin(); entry != leftovers_.end(); ++entry) {
    if (entry->second.next <= now) {
      due.push_back(entry);
      placements.push_back(
          {interfaces_.indexOf(std::get<Slot>(entry->first)), &entry->second.address});
    }
  }
  if (due.empty()) {
    return;
  }
  const std::vector<int> results = kernel_.removeAddresses(placements);
  for (std::size_t i = 0; i < due.size(); ++i) {
    const Slot slot = std::get<Slot>(due[i]->first);
    Leftover& leftover = due[i]->second;
    if (!gone(results[i])) {
      failed(slot, leftover, results[i], now);
      continue;
    }
    interfaces_.addressRemoved({placements[i].index, leftover.address.address,
                                leftover.address.prefixLength, leftover.address.scope,
                                leftover.address.flags});
    log_.info(ownerOf(leftover) + "removed " + textOf(leftover.address) + " from " +
              interfaces_.nameOf(slot) + " at last");
    leftovers_.erase(due[i]);
  }
}

void Leftovers::failed(Slot slot, Leftover& leftover, int error, TimePoint now) {
  leftover.error = error;
  ++leftover.attempts;
  if (leftover.attempts < kQuickAttempts) {
    leftover.next = now + kQuickPace;
    return;
  }
  leftover.next = now + kSlowPace;
  const std::string& interface = interfaces_.nameOf(slot);
  log_.error(ownerOf(leftover) + cannotRemove(leftover.address, interface, error) +
             ": it may be in two places: ip address del " + textOf(leftover.address) + " dev " +
             interface);
}

void Leftovers::finish() {
  for (int i = 0; i < kLastAttempts; ++i) {
    attempt(TimePoint::max());
    for (auto& [key, leftover] : leftovers_) {
      leftover.next = {};
    }
  }
  for (const auto& [key, leftover] : leftovers_) {
    log_.error(
        ownerOf(leftover) +
        cannotRemove(leftover.address, interfaces_.nameOf(std::get<Slot>(key)), leftover.error) +
        ": it stays");
  }
  leftovers_.clear();
}

}  // namespace holdfast::privd
