// interface_up_down_delays: how long an interface has to be up or down before that counts.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "ipc/ids.h"
#include "ipc/time.h"

namespace holdfast::vrrpd {

struct LinkDelayConfig {
  InterfaceId interface {};
  Duration down{};
  Duration up{};
};

// A plain object. Owned by the Daemon.
class LinkDelays {
 public:
  explicit LinkDelays(const std::vector<LinkDelayConfig>& configs);

  // An interface is up or down now. Returns what counts: the first state that is told does, and one
  // that has not lasted long enough does not.
  bool told(TimePoint now, InterfaceId interface, bool isUp);
  // It is not there any more, which counts at once.
  void gone(InterfaceId interface);
  // To be called at deadline() or later. Returns the interfaces whose state counts from now on.
  std::vector<InterfaceId> expire(TimePoint now);
  // kNever, unless a state waits until it counts.
  [[nodiscard]] TimePoint deadline() const;

 private:
  struct Link {
    LinkDelayConfig config;
    bool isTold = false;
    bool isUp = false;  // as it counts
    TimePoint changes = kNever;
  };
  std::map<InterfaceId, Link> links_;  // those that have delays
};

}  // namespace holdfast::vrrpd
