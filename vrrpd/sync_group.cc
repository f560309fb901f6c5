#include "vrrpd/sync_group.h"

#include <algorithm>
#include <utility>

#include "ipc/concat.h"

namespace holdfast::vrrpd {
namespace {

using Notes = std::vector<std::optional<Noted>>;

bool anyWas(State state, const Notes& noted) {
  return std::ranges::any_of(noted,
                             [state](const auto& one) { return one && one->state == state; });
}

bool allWere(State state, const Notes& noted) {
  return anyWas(state, noted) && std::ranges::all_of(noted, [state](const auto& one) {
           return !one || one->state == state;
         });
}

// What a group was whose members were noted so.
State notedState(const Notes& noted) {
  for (const State state : {State::kMaster, State::kFault}) {
    if (allWere(state, noted)) {
      return state;
    }
  }
  return anyWas(State::kBackup, noted) ? State::kBackup : State::kInitialize;
}

}  // namespace

SyncGroup::SyncGroup(SyncGroupConfig config)
    : config_(std::move(config)), standings_(config_.members.size(), Standing::kWaiting) {}

// Masters go on at once, and members that were all kept in FAULT stay there until it is known that
// nothing keeps them any more. Otherwise nobody begins before all can.
void SyncGroup::prepare(const std::vector<std::optional<Noted>>& noted, GroupActions& out) {
  state_ = notedState(noted);
  told_ = anyWas(State::kMaster, noted) ? State::kMaster
          : state_ == State::kFault     ? State::kFault
                                        : State::kInitialize;
  for (std::size_t member = 0; member < standings_.size(); ++member) {
    out.emplace_back(TellMember{member, told_});
  }
}

void SyncGroup::memberStands(std::size_t member, Standing standing) {
  const Standing before = std::exchange(standings_[member], standing);
  hasMasterLeft_ = hasMasterLeft_ || (before == Standing::kMaster && before != standing);
  cause_ = member;
}

void SyncGroup::settle(GroupActions& out) {
  if (any(Standing::kStopped)) {
    if (allAre(Standing::kStopped) && !std::exchange(isStopped_, true)) {
      out.emplace_back(Notify{NotifyEvent::kStop, 0});
    }
    return;
  }
  if (const State next = decide(); next != told_) {
    tell(next, out);
    return;
  }
  if (told_ == State::kFault) {
    notify(State::kFault, NotifyEvent::kFault, out);
  } else if (told_ == State::kBackup) {
    notify(State::kBackup, NotifyEvent::kBackup, out);
  } else if (allAre(Standing::kMaster)) {
    notify(State::kMaster, NotifyEvent::kMaster, out);
  }
}

// A member that joins Masters is given the time to become one, unless it finds another Master.
State SyncGroup::decide() const {
  if (any(Standing::kFaulty)) {
    return State::kFault;
  }
  if (allCanBeMaster()) {
    return State::kMaster;
  }
  if (told_ == State::kMaster && !hasMasterLeft_ && !any(Standing::kFollowing) &&
      (any(Standing::kMaster) || any(Standing::kWaiting))) {
    return State::kMaster;
  }
  return told_ == State::kInitialize && any(Standing::kWaiting) ? State::kInitialize
                                                                : State::kBackup;
}

// keepalived's order: who caused it, then the line, then the others.
void SyncGroup::tell(State group, GroupActions& out) {
  const std::size_t first = told_ == State::kInitialize ? 0 : cause_;
  out.emplace_back(TellMember{first, group});
  sayWhatHappens(group, out);
  for (std::size_t member = 0; member < standings_.size(); ++member) {
    if (member != first) {
      out.emplace_back(TellMember{member, group});
    }
  }
  told_ = group;
  hasMasterLeft_ = false;
}

void SyncGroup::sayWhatHappens(State group, GroupActions& out) const {
  if (told_ == State::kInitialize && group == State::kFault) {
    const auto faulty = std::ranges::find(standings_, Standing::kFaulty);
    out.emplace_back(LogText{
        .text = concat("VRRP_Group(", config_.name, "): Syncing ",
                       config_.members[static_cast<std::size_t>(faulty - standings_.begin())],
                       " to FAULT state")});
  } else if (told_ != State::kInitialize) {
    out.emplace_back(LogText{.text = concat("VRRP_Group(", config_.name, ") Syncing instances to ",
                                            nameOf(group), " state")});
  }
}

void SyncGroup::notify(State state, NotifyEvent event, GroupActions& out) {
  const bool isRepeated = std::exchange(state_, state) == state;
  if (!isRepeated || !hasNotified_) {
    out.emplace_back(Notify{event, 0, isRepeated});
  }
  hasNotified_ = true;
}

bool SyncGroup::any(Standing standing) const {
  return std::ranges::find(standings_, standing) != standings_.end();
}

bool SyncGroup::allAre(Standing standing) const {
  return std::ranges::all_of(standings_, [standing](Standing one) { return one == standing; });
}

bool SyncGroup::allCanBeMaster() const {
  return std::ranges::all_of(
      standings_, [](Standing one) { return one == Standing::kReady || one == Standing::kMaster; });
}

}  // namespace holdfast::vrrpd
