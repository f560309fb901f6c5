// Which instances share a receive socket.
#pragma once

#include <compare>
#include <map>
#include <optional>

#include "ipc/event_loop.h"
#include "vrrpd/instance.h"
#include "vrrpd/receiver.h"

namespace holdfast::vrrpd {

// Owned by the Daemon. privd's sockets are for at least these (Instance::listensWith there).
class Receivers {
 public:
  Receivers(EventLoop& loop, BrokerLink& broker) : loop_(loop), broker_(broker) {}

  // Where `instance`, which has not joined one yet, listens.
  [[nodiscard]] Receiver& of(const InstanceConfig& instance);
  // The privd that was asked for sockets is gone.
  void forget();

 private:
  struct Place {
    AddressFamily family = AddressFamily::kIpv4;
    std::optional<InterfaceId> interface;
    std::optional<IpAddress> group;  // none for unicast
    bool hasAuthHeader = false;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  EventLoop& loop_;
  BrokerLink& broker_;
  // Several in one place have virtual routers with the same id, with different peers.
  std::multimap<Place, Receiver> receivers_;
};

}  // namespace holdfast::vrrpd
