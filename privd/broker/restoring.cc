// What others do to the objects that are held, and how Holdings puts them back.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "privd/broker/holdings.h"

namespace holdfast::privd {
namespace {

// A fight with another program over an address must not become a busy loop.
constexpr unsigned kAttemptsInAWindow = 5;
constexpr Duration kWindow = std::chrono::seconds(10);
constexpr Duration kPatience = std::chrono::seconds(1);

bool contains(std::span<const Item> items, const ObjectKey& key) {
  return std::any_of(items.begin(), items.end(), [&](const Item& item) { return item.key == key; });
}

}  // namespace

template <typename Body>
void Holdings::eachRouting(const Body& body) {
  for (auto& [key, holding] : held_) {
    const Book& book = bookOf(key);
    for (const Item& item : book.routingOf(key.instance)) {
      body(holding, book, item);
    }
  }
}

void Holdings::addressGone(const LinkAddress& address) {
  const std::optional<Slot> slot = interfaces_.slotOf(address.index);
  interfaces_.addressRemoved(address);
  // Without a word, the kernel removes routes that have it as their source, or whose gateway is in
  // its network.
  eachRouting([&](Holding& holding, const Book& book, const Item& item) {
    const auto* route = std::get_if<const Route*>(&item.object);
    if (route != nullptr && (*route)->family == address.address.family && item.tracked &&
        presence_.has(book, item)) {
      presence_.doubt(item);
      holding.suspect = true;
    }
  });
  if (!slot) {
    return;
  }
  const ObjectKey gone = addressKey(*slot, address.address, address.prefixLength);
  if (!uses_.contains(gone)) {
    return;
  }
  for (auto& [key, holding] : held_) {
    holding.suspect = holding.suspect || contains(itemsOf(key), gone);
  }
}

void Holdings::routeGone(const RouteNews& news) {
  eachRouting([&](Holding& holding, const Book& book, const Item& item) {
    const auto* route = std::get_if<const Route*>(&item.object);
    if (route != nullptr && (*route)->family == news.family &&
        (*route)->destination == news.destination &&
        (*route)->destinationLength == news.destinationLength) {
      holding.suspect = holding.suspect || presence_.has(book, item);
      presence_.doubt(item);
    }
  });
}

void Holdings::ruleGone(const RuleNews& news) {
  eachRouting([&](Holding& holding, const Book& book, const Item& item) {
    const auto* rule = std::get_if<const Rule*>(&item.object);
    if (rule != nullptr && (*rule)->family == news.family &&
        (*rule)->preference == news.preference) {
      holding.suspect = holding.suspect || presence_.has(book, item);
      presence_.doubt(item);
    }
  });
}

void Holdings::interfaceChanged(Slot slot) {
  const bool isUp = interfaces_.statusOf(slot).up;
  eachRouting([&](Holding& holding, const Book& book, const Item& item) {
    const bool concerned = needsUp(item.object) &&
                           (item.devices.empty() ||
                            std::any_of(item.devices.begin(), item.devices.end(),
                                        [&](InterfaceId id) { return book.slotOf(id) == slot; }));
    if (concerned && presence_.has(book, item) && (item.tracked || !isUp)) {
      presence_.doubt(item);
      uses_.at(item.key).owed = !isUp;
      holding.suspect = true;
    }
  });
  suspectAll();
}

void Holdings::doubtAll() {
  eachRouting([&](Holding&, const Book&, const Item& item) {
    if (item.tracked) {
      presence_.doubt(item);
    }
  });
  suspectAll();
}

void Holdings::addressCame() {
  for (auto& [key, holding] : held_) {
    holding.suspect = holding.suspect || holding.lost;
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
      leftovers_.retry(now, [this](const ObjectKey& key) { return uses_.contains(key); });
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
  if (!absent.items.empty() && !mayAttempt(holding, now)) {
    return;
  }
  const Placed placed = place(key, absent.items, true, holding.lost);
  if (!placed.refused && !placed.changed && !absent.items.empty()) {
    --holding.attempts;  // all of it was there: nobody fights
  }
  // A refusal may be of the moment: try again. A device that is not there is waited for.
  holding.suspect = placed.refused;
  const int error = placed.error != 0 ? placed.error : absent.error;
  if (error != 0 && !holding.lost) {
    holding.lost = true;
    log_.warning(ownerOf(key) + "cannot put back what is missing: " + std::strerror(error));
    reconciled_(key, error);
  } else if (error == 0 && absent.waiting.empty() && (placed.changed || holding.lost)) {
    holding.lost = false;
    reconciled_(key, 0);
  }
}

}  // namespace holdfast::privd
