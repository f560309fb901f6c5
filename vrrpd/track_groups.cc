#include "vrrpd/track_groups.h"

#include <cstring>
#include <utility>

#include "ipc/concat.h"

namespace holdfast::vrrpd {

TrackGroups::TrackGroups(const std::vector<ConfiguredTrackGroup>& groups, Lacks lacks)
    : groups_(groups), lacks_(std::move(lacks)) {}

void TrackGroups::told(std::uint32_t group, std::uint32_t error) {
  if (group >= groups_.size()) {
    return;
  }
  unconfirmed_.erase(group);
  std::string what;
  if (error != 0) {
    lacking_.insert(group);
    what = concat(groups_[group].name, ": ", std::strerror(static_cast<int>(error)));
  } else {
    lacking_.erase(group);
  }
  for (const InstanceId member : groups_[group].members) {
    lacks_(member, idAt<TrackGroupId>(group), what);
  }
}

void TrackGroups::confirmed() {
  while (!unconfirmed_.empty()) {
    told(*unconfirmed_.begin(), 0);
  }
}

}  // namespace holdfast::vrrpd
