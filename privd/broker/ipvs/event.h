// An LvsEvent as a plain value, and what checkd is still to be told.
#pragma once

#include <cstdint>
#include <limits>
#include <tuple>

#include "ipc/ids.h"
#include "ipc/schemas/messages.capnp.h"
#include "privd/broker/ipvs/objects.h"
#include "privd/broker/latest_queue.h"

namespace holdfast::privd::ipvs {

struct Event {
  using Kind = schema::LvsEvent::Kind;
  // Of statistics: not of a real server, but of the virtual server itself.
  static constexpr std::uint32_t kWhole = std::numeric_limits<std::uint32_t>::max();

  Kind kind = Kind::HELLO_END;
  Generation generation{};
  std::uint32_t virtualServer = 0;
  std::uint32_t realServer = 0;
  bool isSorry = false;
  std::uint32_t socket = 0;
  std::uint32_t result = 0;  // errno
  std::uint32_t activeConnections = 0;
  std::uint32_t inactiveConnections = 0;
  std::uint32_t persistentConnections = 0;
  Statistics statistics;

  // Of two events that are about the same, the later one makes the other out of date.
  using Subject = std::tuple<Kind, Generation, std::uint32_t, std::uint32_t, bool, std::uint32_t>;
  [[nodiscard]] Subject subject() const {
    return {kind, generation, virtualServer, realServer, isSorry, socket};
  }
  void write(schema::LvsEvent::Builder event) const;
};

using EventQueue = LatestQueue<Event, Event::Subject>;

}  // namespace holdfast::privd::ipvs
