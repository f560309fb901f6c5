#include "vrrpd/link_delays.h"

#include <algorithm>
#include <utility>

namespace holdfast::vrrpd {

LinkDelays::LinkDelays(const std::vector<LinkDelayConfig>& configs) {
  for (const LinkDelayConfig& config : configs) {
    links_[config.interface] = {.config = config};
  }
}

bool LinkDelays::told(TimePoint now, InterfaceId interface, bool isUp) {
  const auto found = links_.find(interface);
  if (found == links_.end()) {
    return isUp;
  }
  Link& link = found->second;
  const Duration delay = isUp ? link.config.up : link.config.down;
  if (!std::exchange(link.isTold, true) || delay == Duration::zero()) {
    link.isUp = isUp;
  }
  if (link.isUp == isUp) {
    link.changes = kNever;
  } else if (link.changes == kNever) {
    link.changes = now + delay;
  }
  return link.isUp;
}

void LinkDelays::gone(InterfaceId interface) {
  const auto found = links_.find(interface);
  if (found != links_.end()) {
    found->second.isTold = true;
    found->second.isUp = false;
    found->second.changes = kNever;
  }
}

std::vector<InterfaceId> LinkDelays::expire(TimePoint now) {
  std::vector<InterfaceId> changed;
  for (auto& [interface, link] : links_) {
    if (link.changes <= now) {
      link.changes = kNever;
      link.isUp = !link.isUp;
      changed.push_back(interface);
    }
  }
  return changed;
}

TimePoint LinkDelays::deadline() const {
  TimePoint earliest = kNever;
  for (const auto& [interface, link] : links_) {
    earliest = std::min(earliest, link.changes);
  }
  return earliest;
}

}  // namespace holdfast::vrrpd
