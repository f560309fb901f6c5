// Which real servers are being drained, and when each of them may leave: when nobody is connected
// any more, or its time is up. Without a socket or a clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "ipc/time.h"

namespace holdfast::checkd {

class DrainWatch {
 public:
  // How often the kernel is to be asked for the connections.
  static constexpr Duration kPause = std::chrono::seconds(1);

  // Until `limit` at the latest; kNever for no limit. One that is drained already goes on.
  void begin(std::size_t server, TimePoint limit) { drained_.try_emplace(server, Drained{limit}); }
  void end(std::size_t server) { drained_.erase(server); }
  [[nodiscard]] bool isIdle() const { return drained_.empty(); }

  // It has so many connections. True: it may leave. One count of none is not enough: it can be from
  // before the kernel has taken the weight away.
  [[nodiscard]] bool hear(std::size_t server, std::uint64_t connections);
  [[nodiscard]] std::vector<std::size_t> overdue(TimePoint now) const;

 private:
  struct Drained {
    TimePoint limit{};
    bool wasQuiet = false;
  };

  std::map<std::size_t, Drained> drained_;
};

}  // namespace holdfast::checkd
