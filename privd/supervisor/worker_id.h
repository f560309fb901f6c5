// Which worker: there is at most one of each kind, and of scriptd one for each script identity.
#pragma once

#include <compare>
#include <cstdint>

#include "ipc/schemas/messages.capnp.h"

namespace holdfast::supervisor {

struct WorkerId {
  schema::ControlRequest::Peer peer = schema::ControlRequest::Peer::NONE;
  std::uint32_t identity = 0;

  friend auto operator<=>(const WorkerId&, const WorkerId&) = default;
};

inline constexpr WorkerId kPrivd{schema::ControlRequest::Peer::PRIVD};
inline constexpr WorkerId kVrrpd{schema::ControlRequest::Peer::VRRPD};
inline constexpr WorkerId kCheckd{schema::ControlRequest::Peer::CHECKD};
inline constexpr WorkerId kWatchd{schema::ControlRequest::Peer::WATCHD};

}  // namespace holdfast::supervisor
