// What privd says of the track groups (of static addresses, routes and rules), on its way to the
// instances.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "ipc/ids.h"
#include "vrrpd/configuration.h"

namespace holdfast::vrrpd {

// Owned by the Daemon. Which groups lack something is known over a privd's death, since a new one
// tells only of those that do.
class TrackGroups {
 public:
  // `what` is empty when the group lacks nothing any more.
  using Lacks = std::function<void(InstanceId member, TrackGroupId group, const std::string& what)>;

  TrackGroups(const std::vector<ConfiguredTrackGroup>& groups, Lacks lacks);

  // `error`, an errno value, is what the group lacks; 0 for nothing. Ignores an unknown group.
  void told(std::uint32_t group, std::uint32_t error);
  // There is a new privd; what the earlier one said counts until confirmed() is called.
  void isReplaced() { unconfirmed_ = lacking_; }
  // It has told all that it knows.
  void confirmed();

 private:
  const std::vector<ConfiguredTrackGroup>& groups_;
  Lacks lacks_;
  std::set<std::uint32_t> lacking_;
  std::set<std::uint32_t> unconfirmed_;
};

}  // namespace holdfast::vrrpd
