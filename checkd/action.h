// What the pure objects of this room ask for. They take events and a time and append actions; the
// process carries them out in their order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ipc/log_text.h"

namespace holdfast::checkd {

// In the kernel's table with this weight, or not in it.
struct Placement {
  bool isIn = false;
  std::uint16_t weight = 0;
  friend bool operator==(const Placement&, const Placement&) = default;
};

struct PlaceServer {
  std::size_t realServer = 0;
  Placement placement;
  friend bool operator==(const PlaceServer&, const PlaceServer&) = default;
};
struct PlaceSorryServer {
  Placement placement;
  friend bool operator==(const PlaceSorryServer&, const PlaceSorryServer&) = default;
};
// Its connections are counted, until it may leave: see ServerPool::release(). Or no longer.
struct DrainServer {
  std::size_t realServer = 0;
  bool isDraining = false;
  friend bool operator==(const DrainServer&, const DrainServer&) = default;
};
// The scripts and the FIFOs are told.
struct NotifyServer {
  std::size_t realServer = 0;
  bool isUp = false;
  friend bool operator==(const NotifyServer&, const NotifyServer&) = default;
};
struct NotifyQuorum {
  bool isUp = false;
  friend bool operator==(const NotifyQuorum&, const NotifyQuorum&) = default;
};

using Action =
    std::variant<PlaceServer, PlaceSorryServer, DrainServer, NotifyServer, NotifyQuorum, LogText>;
using Actions = std::vector<Action>;

inline void logInfo(Actions& out, std::string text) {
  out.emplace_back(LogText{.text = std::move(text)});
}

}  // namespace holdfast::checkd
