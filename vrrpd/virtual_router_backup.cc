// RFC 5798, 6.4.2: Backup.

#include <algorithm>
#include <array>
#include <cstdio>

#include "ipc/concat.h"
#include "vrrpd/virtual_router.h"

namespace holdfast::vrrpd {
namespace {

long long milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

std::string secondsAndMicroseconds(Duration duration) {
  const long long micro = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%lld.%06lld", micro / 1000000, micro % 1000000);
  return text.data();
}

}  // namespace

void VirtualRouter::enterBackup(TimePoint now, std::string_view suffix, Actions& out) {
  const bool wasMaster = state_ == State::kMaster;
  log(out, concat("Entering BACKUP STATE", suffix));
  if (wasMaster) {
    releaseAddresses(out);
  }
  noted_.reset();
  state_ = State::kBackup;
  timers_ = {};
  masterAdverInterval_ = config_.advertisementInterval;
  waitForMaster(std::max(now, quietUntil_) + masterDownInterval());
  master_.reset();
  preemptDelayUntil_ = kNever;
  hasListenedAgain_ = false;
  note(NotifyEvent::kBackup, out);
}

void VirtualRouter::waitForMaster(TimePoint until) {
  timers_.masterDown = until;
  isReady_ = false;
}

void VirtualRouter::receiveAsBackup(TimePoint now, const ReceivedAdvertisement& advertisement,
                                    Actions& out) {
  if (advertisement.priority == kPriorityStop) {
    ++counters_.priorityZeroReceived;
    hasListenedAgain_ = false;
    logD(out, "Backup received priority 0 advertisement");
    waitForMaster(now + skewTime());
  } else if (defersTo(now, advertisement, out)) {
    follow(now, advertisement, out);
  } else {
    ++counters_.lowerPriorityReceived;
    hurry(now, advertisement);
    log(out, concat("received lower priority (", advertisement.priority, ") advert from ",
                    advertisement.source, " - discarding"));
  }
}

// fast_handover: the master that it followed has fallen below it. RFC 5798 discards that
// advertisement, and waits for the rest of the Master_Down_Interval.
void VirtualRouter::hurry(TimePoint now, const ReceivedAdvertisement& advertisement) {
  if (config_.fastHandover && advertisement.source == master_ && timers_.masterDown != kNever) {
    waitForMaster(std::min(timers_.masterDown, now + skewTime()));
  }
}

// "If Preempt_Mode is False, or if the priority in the ADVERTISEMENT is greater than or equal to
// the local priority"; preempt_delay makes Preempt_Mode false for a while, counted from the first
// advertisement of a lesser master.
bool VirtualRouter::defersTo(TimePoint now, const ReceivedAdvertisement& advertisement,
                             Actions& out) {
  if (advertisement.priority >= priority_) {
    stopPreemptDelay(out);
    return true;
  }
  if (!config_.preemptMode) {
    return true;
  }
  if (config_.preemptDelay == Duration::zero()) {
    return false;
  }
  if (preemptDelayUntil_ == kNever) {
    preemptDelayUntil_ = now + config_.preemptDelay;
    logD(out, concat("start preempt delay (", secondsAndMicroseconds(config_.preemptDelay), ")"));
  }
  return now < preemptDelayUntil_;
}

void VirtualRouter::stopPreemptDelay(Actions& out) {
  if (preemptDelayUntil_ != kNever) {
    preemptDelayUntil_ = kNever;
    logD(out, "stop preempt delay");
  }
}

void VirtualRouter::follow(TimePoint now, const ReceivedAdvertisement& advertisement,
                           Actions& out) {
  if (!master_) {
    logD(out, concat("master set to ", advertisement.source));
  } else if (master_ != advertisement.source) {
    logD(out, concat("master changed from ", *master_, " to ", advertisement.source));
  }
  master_ = advertisement.source;
  masterPriority_ = advertisement.priority;
  hasListenedAgain_ = false;
  learnInterval(advertisement.interval, out);
  waitForMaster(now + masterDownInterval());
}

// VRRPv3 only, RFC 5798, 6.1. An interval of zero would make every advertisement a late one.
void VirtualRouter::learnInterval(Duration interval, Actions& out) {
  if (config_.version == Version::kV2 || interval == Duration::zero() ||
      interval == masterAdverInterval_) {
    return;
  }
  logD(out, concat("advertisement interval updated from ", milliseconds(masterAdverInterval_),
                   "ms to ", milliseconds(interval), "ms by master"));
  masterAdverInterval_ = interval;
}

// A process or a machine that was held up notices the expiry late, and may have slept through a
// living master's advertisements. It listens once more, for as long as such a master needs to be
// heard, before it believes the timer.
void VirtualRouter::masterDownTimerExpired(TimePoint now, Actions& out) {
  if (now - timers_.masterDown > masterAdverInterval_ / 4 && !hasListenedAgain_) {
    hasListenedAgain_ = true;
    waitForMaster(now + masterAdverInterval_ + skewTime());
    logD(out, "Held up while waiting for advertisements - listening once more");
    return;
  }
  logD(out, "Receive advertisement timeout");
  takeOver(now, out);
}

}  // namespace holdfast::vrrpd
