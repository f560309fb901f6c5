// How far the life of one run has come, and when it goes on by itself.
#pragma once

#include <cstdint>

#include "ipc/time.h"

namespace holdfast::scriptd {

// After TERM, after KILL; the same, shorter, while scriptd itself is told to leave.
inline constexpr Duration kTermGrace = std::chrono::seconds(2);
inline constexpr Duration kKillGrace = std::chrono::seconds(10);
inline constexpr Duration kStopTermGrace = std::chrono::milliseconds(500);
inline constexpr Duration kStopKillGrace = std::chrono::seconds(1);

struct RunLife {
  enum class Stage : std::uint8_t {
    kIdle,
    kRunning,
    kTerminating,  // TERM was sent
    kKilling,      // KILL was sent
    kAbandoned,    // given up, and still there
  };
  Stage stage = Stage::kIdle;
  TimePoint began{};
  TimePoint next = kNever;  // when the next stage begins

  [[nodiscard]] bool idle() const { return stage == Stage::kIdle; }
  [[nodiscard]] bool ending() const { return stage != Stage::kIdle && stage != Stage::kRunning; }

  void begin(TimePoint now, TimePoint until) { *this = {Stage::kRunning, now, until}; }
};

}  // namespace holdfast::scriptd
