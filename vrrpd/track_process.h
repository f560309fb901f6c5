// Tracked processes as their instances see them: whether as many run as should.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "ipc/time.h"
#include "vrrpd/action.h"
#include "vrrpd/priority.h"

namespace holdfast::vrrpd {

struct TrackProcessConfig {
  std::string name;
  std::uint32_t quorum = 1;         // so many at least
  std::uint32_t quorumMax = 65535;  // so many at most
  Duration forkDelay{};             // how long more of them have to be there before it counts
  Duration terminateDelay{};        // how long fewer of them have to be there
};

// Owned by vrrpd, one for each vrrp_track_process. A plain object: who counts the processes is
// watchd.
class TrackProcess {
 public:
  explicit TrackProcess(TrackProcessConfig config) : config_(std::move(config)) {}

  // So many run now. `byFork`: the last one is the copy of another one, and may be about to become
  // a different program. Returns whether condition() changed; the first count is believed at once.
  bool count(TimePoint now, std::uint32_t running, bool byFork, Actions& out);
  // To be called at deadline() or later. Returns whether condition() changed.
  bool expire(TimePoint now, Actions& out);
  // kNever, unless a change waits until it counts.
  [[nodiscard]] TimePoint deadline() const { return deadline_; }

  // kUnknown until the first count.
  [[nodiscard]] Condition condition() const { return condition_; }
  [[nodiscard]] const std::string& name() const { return config_.name; }

 private:
  [[nodiscard]] Condition conditionAt(std::uint32_t running) const;
  bool become(Condition condition, Actions& out);

  TrackProcessConfig config_;
  Condition condition_ = Condition::kUnknown;
  std::uint32_t running_ = 0;
  TimePoint deadline_ = kNever;
};

}  // namespace holdfast::vrrpd
