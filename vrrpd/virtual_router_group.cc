// What a sync group knows of its member, and what it makes of it.

#include "vrrpd/virtual_router.h"

namespace holdfast::vrrpd {

Standing VirtualRouter::standing() const {
  if (isStopped_) {
    return Standing::kStopped;
  }
  if (state_ == State::kMaster) {
    return Standing::kMaster;
  }
  if (isReady_) {
    return Standing::kReady;
  }
  if (state_ == State::kBackup) {
    return master_ ? Standing::kFollowing : Standing::kListening;
  }
  if (!hindrances_.haveOwn()) {
    return Standing::kHeld;
  }
  return state_ == State::kFault ? Standing::kFaulty : Standing::kWaiting;
}

// What hinders is added before what hindered is taken away: a member that falls from one into the
// other is not Backup in between.
void VirtualRouter::followGroup(State group, TimePoint now, Actions& out) {
  constexpr Hindrance kNotReady{HindranceKind::kGroupNotReady};
  constexpr Hindrance kFault{HindranceKind::kGroupFault};
  groupLetsTake_ = group == State::kMaster;
  if (group == State::kInitialize) {
    hinder(now, kNotReady, {}, out);
  } else if (group == State::kFault) {
    hinder(now, kFault, {}, out);
    relieve(now, kNotReady, out);
  } else {
    relieve(now, kNotReady, out);
    relieve(now, kFault, out);
    if (groupLetsTake_) {
      takeOverIfReady(now, out);
    } else if (state_ == State::kMaster) {
      enterBackup(now, "", out);
    }
  }
}

}  // namespace holdfast::vrrpd
