#include "checkd/drain_watch.h"

#include <utility>

namespace holdfast::checkd {

bool DrainWatch::hear(std::size_t server, std::uint64_t connections) {
  const auto found = drained_.find(server);
  if (found == drained_.end()) {
    return false;
  }
  const bool isQuiet = connections == 0;
  return std::exchange(found->second.wasQuiet, isQuiet) && isQuiet;
}

std::vector<std::size_t> DrainWatch::overdue(TimePoint now) const {
  std::vector<std::size_t> servers;
  for (const auto& [server, drained] : drained_) {
    if (drained.limit <= now) {
      servers.push_back(server);
    }
  }
  return servers;
}

}  // namespace holdfast::checkd
