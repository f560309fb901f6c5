// What privd says of the interfaces, on its way to the instances.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "ipc/event_loop.h"
#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/schemas/messages.capnp.h"
#include "vrrpd/configuration.h"
#include "vrrpd/link_delays.h"
#include "vrrpd/station.h"

namespace holdfast::vrrpd {

// Owned by the Daemon: the interfaces of a configuration as they count, which is later than they
// are where they have delays.
class Interfaces {
 public:
  using Changed =
      std::function<void(InterfaceId interface, const KnownInterface& now, bool reappeared)>;

  Interfaces(EventLoop& loop, Log& log, const Configuration& configuration, Changed changed);
  // Ignores an interface that the configuration does not have.
  void told(schema::BrokerEvent::Reader event);

 private:
  void expire(TimePoint now);
  void set(InterfaceId id, const KnownInterface& now);

  Log& log_;
  const std::vector<std::string>& names_;
  Changed changed_;
  std::vector<std::optional<KnownInterface>> known_;
  LinkDelays delays_;
  Timer timer_;
};

}  // namespace holdfast::vrrpd
