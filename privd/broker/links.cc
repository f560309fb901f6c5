#include "privd/broker/links.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "ipc/concat.h"

namespace holdfast::privd {
namespace {

constexpr Duration kPatience = std::chrono::seconds(1);

}  // namespace

std::string Links::describe(Slot slot, const Wanted& wanted) const {
  return concat(nounOf(wanted.nature.kind), " interface ", interfaces_.nameOf(slot));
}

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
    interfaces_.reserve(slot, link.nature);
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
    settleVrf(slot, link);
  }
  if (!isMissing) {
    return kNever;
  }
  if (now >= nextAttempt_) {
    nextAttempt_ = now + kPatience;
  }
  return nextAttempt_;
}

TimePoint Links::setUp(TimePoint now) {
  for (const int index : std::exchange(new_, {})) {
    const Status up = kernel_.setUp(index);
    // One that has gone meanwhile is made again.
    if (up || up.error().code == ENODEV) {
      down_.erase(index);
      continue;
    }
    new_.insert(index);
    if (down_.insert(index).second) {
      log_.error("cannot set a VMAC or ipvlan interface up: " +
                 std::string(std::strerror(up.error().code)));
    }
  }
  return new_.empty() ? kNever : now + kPatience;
}

void Links::make(Slot slot, const Wanted& wanted) {
  const std::string& name = interfaces_.nameOf(slot);
  const std::string described = describe(slot, wanted);
  const Result<Link> made =
      kernel_.makeLink({name, interfaces_.indexOf(wanted.parent), wanted.nature, wanted.group});
  if (made) {
    refused_.erase(slot);
    new_.insert(made->index);
    log_.info("Success creating " + described);
    interfaces_.linkChanged(*made);
  } else if (refused_.insert(slot).second) {
    log_.error("cannot make " + described + " on " + interfaces_.nameOf(wanted.parent) + ": " +
               made.error().message +
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
  const std::string described = describe(slot, wanted_.at(slot));
  const Status removed = kernel_.removeLink(index);
  if (removed || removed.error().code == ENODEV) {
    interfaces_.linkRemoved(index);
    log_.info("Success removing " + described);
  } else {
    log_.error("cannot remove " + described + ": " + std::strerror(removed.error().code) +
               ": it stays");
  }
}

// A socket that is bound to it finds its source address in the table of its VRF.
void Links::settleVrf(Slot slot, const Wanted& wanted) {
  const int index = interfaces_.indexOf(slot);
  const int parent = interfaces_.indexOf(wanted.parent);
  const int vrf = interfaces_.vrfOf(wanted.parent);
  if (index == 0 || parent == 0 || interfaces_.vrfOf(slot) == vrf) {
    strayed_.erase(slot);
    return;
  }
  const Status moved = kernel_.setVrf(index, vrf);
  if (!moved && moved.error().code != ENODEV && strayed_.insert(slot).second) {
    log_.error("cannot put " + describe(slot, wanted) + " into the VRF of " +
               interfaces_.nameOf(wanted.parent) + ": " + std::strerror(moved.error().code));
  }
}

void Links::settleParents() {
  std::set<int> parents;
  for (const auto& [slot, link] : wanted_) {
    const int index = interfaces_.indexOf(link.parent);
    if (link.nature.kind == LinkKind::kVmac && index != 0) {
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
