#include "privd/broker/links.h"

#include <cerrno>
#include <cstring>
#include <utility>

namespace holdfast::privd {
namespace {

constexpr Duration kPatience = std::chrono::seconds(1);

}  // namespace

void Links::want(AllWanted wanted) {
  for (const auto& [slot, before] : wanted_) {
    const auto after = wanted.find(slot);
    if (after == wanted.end() || after->second != before) {
      remove(slot);
      interfaces_.release(slot);
    }
  }
  wanted_ = std::move(wanted);
  for (const auto& [slot, link] : wanted_) {
    interfaces_.reserve(slot, link.mac);
  }
  nextAttempt_ = {};
  settleParents();
}

TimePoint Links::settle(TimePoint now) {
  settleParents();
  bool isMissing = false;
  for (const auto& [slot, link] : wanted_) {
    const int parent = interfaces_.indexOf(link.parent);
    if (interfaces_.indexOf(slot) != 0 && parent != 0 && interfaces_.parentOf(slot) != parent) {
      remove(slot);  // another device has the name of the one that it is on
    }
    if (interfaces_.indexOf(slot) == 0 && parent != 0) {
      if (now >= nextAttempt_) {
        make(slot, link);
      }
      isMissing = isMissing || interfaces_.indexOf(slot) == 0;
    }
  }
  if (!isMissing) {
    return kNever;
  }
  if (now >= nextAttempt_) {
    nextAttempt_ = now + kPatience;
  }
  return nextAttempt_;
}

void Links::setUp() {
  for (const int index : std::exchange(new_, {})) {
    // One that has gone meanwhile is made again.
    if (const Status up = kernel_.setUp(index); !up && up.error().code != ENODEV) {
      log_.error("cannot set a VMAC interface up: " + std::string(std::strerror(up.error().code)));
    }
  }
}

void Links::make(Slot slot, const Wanted& wanted) {
  const std::string& name = interfaces_.nameOf(slot);
  const Result<Link> made =
      kernel_.makeLink({name, interfaces_.indexOf(wanted.parent), wanted.mac, wanted.group});
  if (made) {
    refused_.erase(slot);
    new_.insert(made->index);
    log_.info("Success creating VMAC interface " + name);
    interfaces_.linkChanged(*made);
  } else if (refused_.insert(slot).second) {
    log_.error("cannot make VMAC interface " + name + " on " + interfaces_.nameOf(wanted.parent) +
               ": " + made.error().message +
               (made.error().code == EEXIST ? ": an interface of that name is there, and is another"
                                            : ""));
  }
}

void Links::remove(Slot slot) {
  const int index = interfaces_.indexOf(slot);
  refused_.erase(slot);
  if (index == 0) {
    return;
  }
  const std::string& name = interfaces_.nameOf(slot);
  const Status removed = kernel_.removeLink(index);
  if (removed || removed.error().code == ENODEV) {
    interfaces_.linkRemoved(index);
    log_.info("Success removing VMAC interface " + name);
  } else {
    log_.error("cannot remove VMAC interface " + name + ": " + std::strerror(removed.error().code) +
               ": it stays");
  }
}

void Links::settleParents() {
  std::set<int> parents;
  for (const auto& [slot, link] : wanted_) {
    if (const int index = interfaces_.indexOf(link.parent); index != 0) {
      parents.insert(index);
    }
  }
  if (parents == parents_) {
    return;
  }
  for (const Setting setting : {Setting::kArpIgnore, Setting::kArpFilter}) {
    for (const int index : parents) {
      settings_.raise(index, setting, 1);
    }
    for (const int index : parents_) {
      if (!parents.contains(index)) {
        settings_.restore(index, setting);
      }
    }
  }
  parents_ = std::move(parents);
}

}  // namespace holdfast::privd
