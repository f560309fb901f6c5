// The notify hooks of one instance, sync group or virtual server: in order, one at a time. A call
// that still waits when the instance has changed its state again is stale, and is dropped; STOP and
// DELETED never are, nor is what is said of servers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "ipc/ids.h"
#include "scriptd/run_life.h"

namespace holdfast::scriptd {

// Longer than any instance has hooks, and than most virtual servers have real ones.
inline constexpr std::size_t kMaxWaitingHooks = 1024;

// How long a hook may run while another one waits for it. A hook that nobody waits for may take as
// long as it likes.
inline constexpr Duration kHookPatience = std::chrono::seconds(60);

enum class HookState : std::uint8_t { kInit, kBackup, kMaster, kFault, kStop, kDeleted, kOfServer };

struct HookCall {
  std::uint32_t hook = 0;  // index in ScriptConfig.hooks, and behind these of its notifiers
  HookState state = HookState::kInit;
  std::uint8_t priority = 0;
  std::uint32_t sequence = 0;  // of the instance's transition

  friend bool operator==(const HookCall&, const HookCall&) = default;
};

enum class HookDropReason : std::uint8_t { kStale, kTooMany, kStopping };

class HookQueue {
 public:
  // Appends the call; what it makes stale goes to `dropped`. False when too many wait.
  [[nodiscard]] bool add(const HookCall& call, std::vector<HookCall>& dropped);

  // The next call, if there is one and nothing runs; it then is running().
  [[nodiscard]] bool takeNext(TimePoint now);
  [[nodiscard]] const HookCall& running() const { return running_; }
  [[nodiscard]] bool waiting() const { return !waiting_.empty(); }
  void clear(std::vector<HookCall>& dropped);

  RunLife life;

 private:
  std::deque<HookCall> waiting_;
  HookCall running_;
};

}  // namespace holdfast::scriptd
