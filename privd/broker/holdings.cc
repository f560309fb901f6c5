#include "privd/broker/holdings.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

namespace holdfast::privd {
namespace {

// Of the objects that the kernel refuses at once, so many are named.
constexpr std::size_t kNamed = 8;

}  // namespace

Holdings::Holdings(Kernel& kernel, Interfaces& interfaces, Log& log, Reconciled reconciled)
    : kernel_(kernel),
      interfaces_(interfaces),
      log_(log),
      reconciled_(std::move(reconciled)),
      presence_(interfaces),
      leftovers_(kernel, presence_, log) {}

void Holdings::addBook(Generation generation, Configuration configuration) {
  books_.insert_or_assign(generation,
                          std::make_shared<const Book>(std::move(configuration), interfaces_));
  updateVirtual();
}

const Book* Holdings::find(Generation generation) const {
  const auto found = books_.find(generation);
  return found == books_.end() ? nullptr : found->second.get();
}

std::span<const Item> Holdings::itemsOf(const InstanceKey& key) const {
  return bookOf(key).itemsOf(key.instance);
}

std::string Holdings::ownerOf(const InstanceKey& key) const {
  return key.instance == kStatic
             ? "static: "
             : "(" + bookOf(key).config.instances[indexOf(key.instance)].name + ") ";
}

void Holdings::updateVirtual() {
  std::set<std::tuple<Slot, IpAddress, std::uint8_t>> all;
  for (const auto& [generation, book] : books_) {
    for (const Instance& instance : book->config.instances) {
      for (const VirtualAddress& address : instance.addresses) {
        all.emplace(book->slotOf(address.interface), address.address, address.prefixLength);
      }
    }
  }
  interfaces_.setVirtual(std::move(all));
}

void Holdings::countUses(const InstanceKey& key, bool more) {
  for (const Item& item : itemsOf(key)) {
    const auto counted = uses_.try_emplace(item.key).first;
    unsigned& holders = counted->second.holders;
    holders = more ? holders + 1 : holders - 1;
    if (holders == 0) {
      uses_.erase(counted);
    }
  }
}

bool Holdings::isUp(const Book& book, const Item& item) const {
  return std::all_of(item.devices.begin(), item.devices.end(),
                     [&](InterfaceId id) { return interfaces_.statusOf(book.slotOf(id)).up; });
}

Holdings::Missing Holdings::missing(const InstanceKey& key, bool restoring) const {
  Missing result;
  const Book& book = bookOf(key);
  for (const Item& item : itemsOf(key)) {
    if (presence_.has(book, item) || (restoring && !item.tracked && !uses_.at(item.key).owed)) {
      continue;
    }
    if (!hasPlace(book.placementOf(item))) {
      result.error = restoring && !item.tracked ? result.error : ENODEV;
    } else if ((restoring || needsUp(item.object)) && !isUp(book, item)) {
      // vrrpd is told that it is down, and that is for it to decide about.
      result.waiting.push_back(&item);
    } else {
      result.items.push_back(&item);
    }
  }
  return result;
}

Holdings::Placed Holdings::place(const InstanceKey& key, std::span<const Item* const> items,
                                 bool restoring, bool known) {
  Placed placed;
  const Book& book = bookOf(key);
  std::vector<Placement> placements;
  for (const Item* item : items) {
    placements.push_back(book.placementOf(*item));
  }
  std::size_t refused = 0;
  const std::vector<int> results = kernel_.put(placements);
  for (std::size_t i = 0; i < items.size(); ++i) {
    Use& use = uses_.at(items[i]->key);
    use.error = results[i] == EEXIST ? 0 : results[i];
    if (use.error != 0) {
      placed.refused = true;
      // Nobody waits for what is not tracked to come back.
      const bool counts = placed.error == 0 && (!restoring || items[i]->tracked);
      placed.error = counts ? results[i] : placed.error;
      if (!known && ++refused <= kNamed) {
        log_.error(ownerOf(key) + cannotSet(placements[i], results[i]));
      }
      continue;
    }
    use.owed = false;
    presence_.added(book, *items[i]);
    // EEXIST: it had been there all the time, and old news had made us believe otherwise.
    if (results[i] != 0) {
      continue;
    }
    placed.changed = true;
    if (const auto* address = std::get_if<const VirtualAddress*>(&items[i]->object)) {
      placed.added.push_back({(*address)->address, book.slotOf((*address)->interface)});
    }
    if (restoring) {
      sayPutBack(key, *items[i]);
    }
  }
  if (refused > kNamed) {
    log_.error(ownerOf(key) + "and " + std::to_string(refused - kNamed) + " more");
  }
  return placed;
}

void Holdings::sayPutBack(const InstanceKey& key, const Item& item) {
  const Book& book = bookOf(key);
  if (key.instance == kStatic) {
    log_.info("Restoring deleted static " + fullTextOf(book.placementOf(item)));
    return;
  }
  if (const auto* address = std::get_if<const VirtualAddress*>(&item.object)) {
    log_.info("Netlink reflector reports IP " + (*address)->address.toString() + " removed from " +
              book.nameOf((*address)->interface));
  }
  log_.info(ownerOf(key) + putBack(book.placementOf(item)));
}

void Holdings::hold(const InstanceKey& key) {
  if (held_.try_emplace(key).second) {
    countUses(key, true);
  }
}

Holdings::Taken Holdings::take(const InstanceKey& key) {
  hold(key);
  const Missing absent = missing(key, false);
  Placed placed = place(key, absent.items, false, false);
  held_.at(key).lost = placed.error != 0;
  for (const Item* item : absent.waiting) {
    uses_.at(item->key).owed = true;
  }
  return {placed.error != 0 ? placed.error : absent.error, placed.changed, std::move(placed.added)};
}

int Holdings::yield(const InstanceKey& key) {
  if (held_.erase(key) != 0) {
    countUses(key, false);
  }
  const std::shared_ptr<const Book>& book = books_.at(key.generation);
  std::vector<const Item*> items;
  for (const Item& item : itemsOf(key)) {
    if (hasPlace(book->placementOf(item)) && !uses_.contains(item.key)) {
      items.push_back(&item);
    }
  }
  // Rules, routes, addresses.
  std::stable_sort(items.begin(), items.end(), [](const Item* one, const Item* other) {
    return one->object.index() > other->object.index();
  });
  std::vector<Placement> placements;
  for (const Item* item : items) {
    placements.push_back(book->placementOf(*item));
  }
  const std::vector<int> results = kernel_.remove(placements);
  int error = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (isGone(items[i]->object, results[i])) {
      presence_.removed(*book, *items[i]);
    } else {
      error = error == 0 ? results[i] : error;
      leftovers_.add(book, *items[i], ownerOf(key), results[i]);
    }
  }
  return error;
}

std::vector<Announcer::Target> Holdings::placed(const InstanceKey& key) const {
  std::vector<Announcer::Target> result;
  const Book& book = bookOf(key);
  for (const Item& item : itemsOf(key)) {
    const auto* address = std::get_if<const VirtualAddress*>(&item.object);
    if (address != nullptr && presence_.has(book, item)) {
      result.push_back(
          {(*address)->address, book.slotOf((*address)->interface), (*address)->onLink});
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

std::map<TrackGroupId, int> Holdings::lacking(Generation generation) const {
  std::map<TrackGroupId, int> groups;
  const InstanceKey key{generation, kStatic};
  if (!held_.contains(key)) {
    return groups;
  }
  const Book& book = bookOf(key);
  for (const Item& item : itemsOf(key)) {
    if (item.group && !presence_.has(book, item)) {
      const int refused = uses_.at(item.key).error;
      const int waiting = hasPlace(book.placementOf(item)) ? ENETDOWN : ENODEV;
      groups.emplace(*item.group, refused != 0 ? refused : waiting);
    }
  }
  return groups;
}

}  // namespace holdfast::privd
