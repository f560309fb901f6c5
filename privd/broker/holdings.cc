#include "privd/broker/holdings.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "privd/broker/refusal.h"

namespace holdfast::privd {
namespace {

// A fight with another program over an address must not become a busy loop.
constexpr unsigned kAttemptsInAWindow = 5;
constexpr Duration kWindow = std::chrono::seconds(10);
constexpr Duration kPatience = std::chrono::seconds(1);
// Of the addresses that the kernel refuses at once, so many are named.
constexpr std::size_t kNamed = 8;

LinkAddress asPlaced(const Placement& placement) {
  const VirtualAddress& address = *placement.address;
  return {placement.index, address.address, address.prefixLength, address.scope, address.flags};
}

// What is not there needs no removal.
bool gone(int error) {
  return error == 0 || error == EADDRNOTAVAIL || error == ENODEV;
}

}  // namespace

Holdings::Holdings(Kernel& kernel, Interfaces& interfaces, Log& log, Reconciled reconciled)
    : kernel_(kernel),
      interfaces_(interfaces),
      log_(log),
      reconciled_(std::move(reconciled)),
      leftovers_(kernel, interfaces, log) {}

void Holdings::addBook(Generation generation, Book book) {
  books_.insert_or_assign(generation, std::move(book));
  updateVirtual();
}

const Book* Holdings::find(Generation generation) const {
  const auto found = books_.find(generation);
  return found == books_.end() ? nullptr : &found->second;
}

const Instance& Holdings::instanceOf(const InstanceKey& key) const {
  return books_.at(key.generation).config.instances[indexOf(key.instance)];
}

AddressKey Holdings::keyOf(const Book& book, const VirtualAddress& address) const {
  return {book.slotOf(address.interface), address.address, address.prefixLength};
}

bool Holdings::present(const Book& book, const VirtualAddress& address) const {
  return interfaces_.hasAddress(book.slotOf(address.interface), address.address,
                                address.prefixLength);
}

void Holdings::updateVirtual() {
  std::set<AddressKey> all;
  for (const auto& [generation, book] : books_) {
    for (const Instance& instance : book.config.instances) {
      for (const VirtualAddress& address : instance.addresses) {
        all.insert(keyOf(book, address));
      }
    }
  }
  interfaces_.setVirtual(std::move(all));
}

void Holdings::countUses(const InstanceKey& key, bool more) {
  const Book& book = books_.at(key.generation);
  for (const VirtualAddress& address : instanceOf(key).addresses) {
    const auto counted = uses_.try_emplace(keyOf(book, address), 0U).first;
    counted->second = more ? counted->second + 1 : counted->second - 1;
    if (counted->second == 0) {
      uses_.erase(counted);
    }
  }
}

Holdings::Missing Holdings::missing(const InstanceKey& key, bool restoring) const {
  Missing result;
  const Book& book = books_.at(key.generation);
  for (const VirtualAddress& address : instanceOf(key).addresses) {
    if (present(book, address) || (restoring && !address.tracked)) {
      continue;
    }
    const Slot slot = book.slotOf(address.interface);
    if (!interfaces_.statusOf(slot).exists) {
      result.error = ENODEV;
    } else if (restoring && !interfaces_.statusOf(slot).up) {
      // vrrpd is told that it is down, and that is for it to decide about.
      result.waiting = true;
    } else {
      result.placements.push_back({interfaces_.indexOf(slot), &address});
    }
  }
  return result;
}

Holdings::Placed Holdings::place(const InstanceKey& key, std::span<const Placement> placements,
                                 bool restoring, bool known) {
  Placed placed;
  std::size_t refused = 0;
  const std::vector<int> results = kernel_.addAddresses(placements);
  const Book& book = books_.at(key.generation);
  for (std::size_t i = 0; i < placements.size(); ++i) {
    if (results[i] != 0 && results[i] != EEXIST) {
      placed.error = placed.error == 0 ? results[i] : placed.error;
      if (!known && ++refused <= kNamed) {
        const VirtualAddress& address = *placements[i].address;
        log_.error(
            "(" + instanceOf(key).name + ") " +
            cannotSet(address, interfaces_.nameOf(book.slotOf(address.interface)), results[i]));
      }
      continue;
    }
    interfaces_.addressAdded(asPlaced(placements[i]));
    // EEXIST: it had been there all the time, and old news had made us believe otherwise.
    if (results[i] != 0) {
      continue;
    }
    const VirtualAddress& address = *placements[i].address;
    const Slot slot = book.slotOf(address.interface);
    placed.added.push_back({address.address, slot});
    if (restoring) {
      const std::string& interface = interfaces_.nameOf(slot);
      log_.info("Netlink reflector reports IP " + address.address.toString() + " removed from " +
                interface);
      log_.info("(" + instanceOf(key).name + ") put " + address.address.toString() + " back on " +
                interface);
    }
  }
  if (refused > kNamed) {
    log_.error("(" + instanceOf(key).name + ") and " + std::to_string(refused - kNamed) +
               " more addresses");
  }
  return placed;
}

void Holdings::hold(const InstanceKey& key) {
  if (held_.try_emplace(key).second) {
    countUses(key, true);
  }
}

Holdings::Taken Holdings::take(const InstanceKey& key) {
  hold(key);
  const Missing absent = missing(key, false);
  Placed placed = place(key, absent.placements, false, false);
  held_.at(key).lost = placed.error != 0;
  return {placed.error != 0 ? placed.error : absent.error, std::move(placed.added)};
}

int Holdings::yield(const InstanceKey& key) {
  if (held_.erase(key) != 0) {
    countUses(key, false);
  }
  std::vector<Placement> placements;
  const Book& book = books_.at(key.generation);
  for (const VirtualAddress& address : instanceOf(key).addresses) {
    const int index = interfaces_.indexOf(book.slotOf(address.interface));
    if (index != 0 && !uses_.contains(keyOf(book, address))) {
      placements.push_back({index, &address});
    }
  }
  const std::vector<int> results = kernel_.removeAddresses(placements);
  int error = 0;
  for (std::size_t i = 0; i < placements.size(); ++i) {
    if (gone(results[i])) {
      interfaces_.addressRemoved(asPlaced(placements[i]));
    } else {
      error = error == 0 ? results[i] : error;
      const VirtualAddress& address = *placements[i].address;
      leftovers_.add(book.slotOf(address.interface), address, instanceOf(key).name, results[i]);
    }
  }
  return error;
}

std::vector<Announcer::Target> Holdings::placed(const InstanceKey& key) const {
  std::vector<Announcer::Target> result;
  const Book& book = books_.at(key.generation);
  for (const VirtualAddress& address : instanceOf(key).addresses) {
    if (present(book, address)) {
      result.push_back({address.address, book.slotOf(address.interface)});
    }
  }
  return result;
}

std::vector<InstanceKey> Holdings::allHeld() const {
  std::vector<InstanceKey> keys;
  for (const auto& [key, holding] : held_) {
    keys.push_back(key);
  }
  return keys;
}

void Holdings::retire(Generation generation) {
  if (!books_.contains(generation)) {
    return;
  }
  std::vector<InstanceKey> keys;
  for (const auto& [key, holding] : held_) {
    if (key.generation == generation) {
      keys.push_back(key);
    }
  }
  for (const InstanceKey& key : keys) {
    static_cast<void>(yield(key));
  }
  books_.erase(generation);
  updateVirtual();
}

void Holdings::releaseAll() {
  while (!held_.empty()) {
    const InstanceKey key = held_.begin()->first;  // which ends with its entry
    static_cast<void>(yield(key));
  }
  leftovers_.finish();
}

void Holdings::addressGone(const LinkAddress& address) {
  const std::optional<Slot> slot = interfaces_.slotOf(address.index);
  interfaces_.addressRemoved(address);
  if (!slot || !uses_.contains({*slot, address.address, address.prefixLength})) {
    return;
  }
  for (auto& [key, holding] : held_) {
    const Book& book = books_.at(key.generation);
    const std::vector<VirtualAddress>& own = instanceOf(key).addresses;
    holding.suspect =
        holding.suspect ||
        std::any_of(own.begin(), own.end(), [&](const VirtualAddress& candidate) {
          return keyOf(book, candidate) == AddressKey(*slot, address.address, address.prefixLength);
        });
  }
}

void Holdings::suspectAll() {
  for (auto& [key, holding] : held_) {
    holding.suspect = true;
  }
}

bool Holdings::mayAttempt(Holding& holding, TimePoint now) const {
  if (now - holding.windowStart >= kWindow) {
    holding.windowStart = now;
    holding.attempts = 0;
  }
  if (holding.attempts >= kAttemptsInAWindow && now - holding.lastAttempt < kPatience) {
    return false;
  }
  ++holding.attempts;
  holding.lastAttempt = now;
  return true;
}

TimePoint Holdings::reconcile(TimePoint now) {
  TimePoint wake =
      leftovers_.retry(now, [this](const AddressKey& key) { return uses_.contains(key); });
  for (auto& [key, holding] : held_) {
    if (holding.suspect) {
      reconcileOne(key, holding, now);
    }
    if (holding.suspect) {
      wake = std::min(wake, holding.lastAttempt + kPatience);
    }
  }
  return wake;
}

void Holdings::reconcileOne(const InstanceKey& key, Holding& holding, TimePoint now) {
  const Missing absent = missing(key, true);
  if (!absent.placements.empty() && !mayAttempt(holding, now)) {
    return;
  }
  const Placed placed = place(key, absent.placements, true, holding.lost);
  // A refusal may be of the moment: try again. A device that is not there is waited for.
  holding.suspect = placed.error != 0;
  const int error = placed.error != 0 ? placed.error : absent.error;
  if (error != 0 && !holding.lost) {
    holding.lost = true;
    log_.warning("(" + instanceOf(key).name +
                 ") cannot put an address back: " + std::strerror(error));
    reconciled_(key, error);
  } else if (error == 0 && !absent.waiting && (!placed.added.empty() || holding.lost)) {
    holding.lost = false;
    reconciled_(key, 0);
  }
}

}  // namespace holdfast::privd
