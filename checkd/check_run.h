// One checker at work: attempts when its schedule says so, and what follows from their verdicts.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "checkd/attempts.h"
#include "checkd/check_schedule.h"
#include "checkd/expiry_warning.h"
#include "checkd/memory.h"
#include "checkd/server_pool.h"
#include "ipc/event_loop.h"
#include "ipc/log.h"

namespace holdfast::checkd {

// Owned by its Service.
class CheckRun {
 public:
  struct Place {
    const Checker& checker;
    const RealServer& server;
  };
  // It stands as it says; told after every verdict.
  using Told = std::function<void(const CheckerStanding& standing)>;

  // All but `told` and `before` is borrowed.
  CheckRun(const Means& means, Log& log, Place place, const Memory::Entry& before, Told told);

  // The first attempt begins after `delay`. Nothing happens where it is active already.
  void activate(TimePoint now, Duration delay);
  void suspend();

  [[nodiscard]] const CheckState& state() const { return schedule_.state(); }
  [[nodiscard]] CheckerStanding standing() const {
    return {.isUp = schedule_.isUp(), .weightChange = weightChange_, .drains = drains_};
  }

 private:
  void begin();
  void ended(const Verdict& verdict);
  void noteDrain(std::size_t target, const Verdict& verdict);
  void warnOfExpiry(const Verdict& verdict);
  void say(CheckSchedule::Outcome outcome, const Verdict& verdict);

  Means means_;
  Log& log_;
  Place place_;
  Told told_;
  CheckSchedule schedule_;
  std::int64_t weightChange_;
  bool drains_;
  std::size_t drainingTarget_;  // which of them has said so
  ExpiryWarning expiry_;
  std::unique_ptr<Attempt> attempt_;
  Timer timer_;
};

}  // namespace holdfast::checkd
