// When a check is attempted, and what its verdicts mean: the logic of one checker without a socket
// or a clock.
//
// Some checks have several targets (the URLs of HTTP_GET, the hosts of SMTP_CHECK). A check that is
// up looks at one after the other, one for each delay_loop. One that is down first looks at the
// target that failed, until it passes, and then has to see every other one pass as well.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ipc/time.h"

namespace holdfast::checkd {

struct CheckTiming {
  Duration delayLoop{};         // from the end of an attempt to the next one
  Duration delayBeforeRetry{};  // the same, while a failure is being confirmed
  std::uint32_t retry = 0;      // further attempts before it is down
  std::size_t targets = 1;      // at least one
  bool fastRecovery = false;  // no delay between targets while it is down, but for one that failed
};

// What a new schedule goes on from.
struct CheckState {
  bool isUp = false;
  bool hasRun = false;         // a verdict has been heard
  std::uint32_t failures = 0;  // attempts in a row that failed, of one that is still up
  std::uint32_t target = 0;    // next
  friend bool operator==(const CheckState&, const CheckState&) = default;
};

class CheckSchedule {
 public:
  // Nothing is due before activate().
  CheckSchedule(const CheckTiming& timing, const CheckState& state);

  // The first attempt is due after `delay`.
  void activate(TimePoint now, Duration delay);
  // No attempt is due any more. The one that is under way is to be abandoned: its verdict is not
  // wanted.
  void suspend();
  [[nodiscard]] bool isActive() const { return isActive_; }

  // When begin() is next to be called; kNever while an attempt is under way, or suspended.
  [[nodiscard]] TimePoint due() const { return due_; }
  // Which target the next attempt, or the one under way, is for.
  [[nodiscard]] std::size_t target() const { return state_.target; }
  void begin();

  // It could not be made: the next one is due after `delay`, as if there had been none.
  void postpone(TimePoint now, Duration delay);

  enum class Outcome : std::uint8_t {
    kUnchanged,  // as before, or a pass on the way to being up
    kUp,         // it was down, or had never run: it is up
    kRetrying,   // it failed, is still up, and is tried again
    kDown,       // it was up, or had never run: it is down
    kStillDown,
  };
  // The attempt that began last has ended.
  [[nodiscard]] Outcome ended(TimePoint now, bool passed);

  [[nodiscard]] bool isUp() const { return state_.isUp; }
  // After kDown: how many attempts in a row had failed before the last one.
  [[nodiscard]] std::uint32_t retriesDone() const { return retriesDone_; }
  // To go on from in another process.
  [[nodiscard]] const CheckState& state() const { return state_; }

 private:
  [[nodiscard]] Outcome passed(TimePoint now);
  [[nodiscard]] Outcome failed(TimePoint now);
  void nextTarget();

  CheckTiming timing_;
  CheckState state_;
  std::uint32_t retriesDone_ = 0;
  std::size_t passes_ = 0;  // of different targets in a row, while it is down
  TimePoint due_ = kNever;
  bool isActive_ = false;
};

}  // namespace holdfast::checkd
