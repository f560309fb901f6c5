#include "privd/broker/leftovers.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace holdfast::privd {
namespace {

constexpr unsigned kQuickAttempts = 10;
constexpr Duration kQuickPace = std::chrono::seconds(1);
constexpr Duration kSlowPace = std::chrono::minutes(1);
constexpr int kLastAttempts = 3;

}  // namespace

void Leftovers::add(std::shared_ptr<const Book> book, const Item& item, const std::string& owner,
                    int error) {
  log_.error(owner + cannotRemove(book->placementOf(item), error) + ": trying again");
  leftovers_.insert_or_assign(item.key, Leftover{std::move(book), &item, owner, 0, {}, error});
}

TimePoint Leftovers::retry(TimePoint now, const std::function<bool(const ObjectKey&)>& held) {
  std::erase_if(leftovers_, [&](const auto& entry) {
    return held(entry.first) || !presence_.has(*entry.second.book, *entry.second.item);
  });
  attempt(now);
  TimePoint wake = kNever;
  for (const auto& [key, leftover] : leftovers_) {
    wake = std::min(wake, leftover.next);
  }
  return wake;
}

void Leftovers::attempt(TimePoint now) {
  std::vector<std::map<ObjectKey, Leftover>::iterator> due;
  std::vector<Placement> placements;
  for (auto entry = leftovers_.begin(); entry != leftovers_.end(); ++entry) {
    if (entry->second.next <= now) {
      due.push_back(entry);
      placements.push_back(entry->second.placement());
    }
  }
  if (due.empty()) {
    return;
  }
  const std::vector<int> results = kernel_.remove(placements);
  for (std::size_t i = 0; i < due.size(); ++i) {
    Leftover& leftover = due[i]->second;
    if (!isGone(leftover.item->object, results[i])) {
      failed(leftover, results[i], now);
      continue;
    }
    presence_.removed(*leftover.book, *leftover.item);
    log_.info(leftover.owner + removed(placements[i]) + " at last");
    leftovers_.erase(due[i]);
  }
}

void Leftovers::failed(Leftover& leftover, int error, TimePoint now) {
  leftover.error = error;
  ++leftover.attempts;
  if (leftover.attempts < kQuickAttempts) {
    leftover.next = now + kQuickPace;
    return;
  }
  leftover.next = now + kSlowPace;
  log_.error(leftover.owner + cannotRemove(leftover.placement(), error) + ": " +
             byHand(leftover.placement()));
}

void Leftovers::finish() {
  for (int i = 0; i < kLastAttempts; ++i) {
    attempt(TimePoint::max());
    for (auto& [key, leftover] : leftovers_) {
      leftover.next = {};
    }
  }
  for (const auto& [key, leftover] : leftovers_) {
    log_.error(leftover.owner + cannotRemove(leftover.placement(), leftover.error) + ": it stays");
  }
  leftovers_.clear();
}

}  // namespace holdfast::privd
