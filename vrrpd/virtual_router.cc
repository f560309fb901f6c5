#include "vrrpd/virtual_router.h"

#include <algorithm>
#include <utility>

#include "ipc/concat.h"

namespace holdfast::vrrpd {

VirtualRouter::VirtualRouter(VirtualRouterConfig config)
    : config_(std::move(config)),
      priority_(config_.priority),
      masterAdverInterval_(config_.advertisementInterval) {}

Duration VirtualRouter::skewTime() const {
  const Duration unit =
      config_.version == Version::kV2 ? Duration(std::chrono::seconds(1)) : masterAdverInterval_;
  return unit * (256 - priority_) / 256;
}

Duration VirtualRouter::masterDownInterval() const {
  return masterAdverInterval_ * config_.downTimerAdverts + skewTime();
}

Duration VirtualRouter::peersMasterDownInterval() const {
  return config_.advertisementInterval * config_.downTimerAdverts;
}

// RFC 5798, 6.4.1: Initialize.
void VirtualRouter::start(TimePoint now, const std::optional<Noted>& noted, Actions& out) {
  isStarted_ = true;
  if (noted && noted->state != State::kInitialize) {
    noted_ = noted;
    notedAt_ = now;
    priority_ = config_.priority == kPriorityOwner ? kPriorityOwner : noted_->priority;
  } else {
    quietUntil_ = now + config_.startupDelay;
    out.emplace_back(YieldAddresses{});  // what an earlier life may have left behind
    logD(out, "removing VIPs.");
  }
  hasWaitedForScripts_ = hindrances_.contains({HindranceKind::kScriptsNotRun});
  settle(now, out);
}

void VirtualRouter::begin(TimePoint now, Actions& out) {
  if (noted_ && noted_->state != State::kFault) {
    carryOn(now, out);
  } else if (config_.priority != kPriorityOwner) {
    enterBackup(now, state_ == State::kInitialize && !hasWaitedForScripts_ ? " (init)" : "", out);
  } else if (now < quietUntil_) {
    timers_.ownerStart = quietUntil_;
  } else {
    logD(out, "Receive advertisement timeout");
    takeOver(now, out);
  }
}

// A Backup that is held back listens on, and follows whoever becomes Master instead.
void VirtualRouter::takeOver(TimePoint now, Actions& out) {
  if (canTake_ && groupLetsTake_) {
    enterMaster(now, out);
    return;
  }
  timers_.masterDown = kNever;
  isReady_ = true;
  if (groupLetsTake_ && !std::exchange(hasToldOfPrivd_, true)) {
    logWarning(out, concat("(", config_.name,
                           ") cannot become MASTER while privd, which sets the addresses, is gone: "
                           "waiting for it"));
  }
}

void VirtualRouter::takeOverIfReady(TimePoint now, Actions& out) {
  if (isReady_) {
    takeOver(now, out);
  }
}

void VirtualRouter::setAbleToTake(bool able, TimePoint now, Actions& out) {
  canTake_ = able;
  hasToldOfPrivd_ = hasToldOfPrivd_ && !able;
  takeOverIfReady(now, out);
}

// Takes up what a process that died was doing. Unless nobody advertised for so long that a peer may
// be master by now: where it is not known when it was, the last advertisement may be an interval
// older than the death.
void VirtualRouter::carryOn(TimePoint now, Actions& out) {
  const Noted noted = *noted_;
  const Duration silence = noted.lastAdvertisement
                               ? now - *noted.lastAdvertisement
                               : noted.silence + (now - notedAt_) + config_.advertisementInterval;
  if (noted.state == State::kMaster && silence >= peersMasterDownInterval()) {
    out.emplace_back(YieldAddresses{});
    enterBackup(now, "", out);
    return;
  }
  noted_.reset();
  state_ = noted.state;
  if (state_ == State::kMaster) {
    sendAdvertisement(now, out);
    out.emplace_back(TakeAddresses{});
    announceRegularly(now);
    carryOn(NotifyEvent::kMaster, out);
    log(out, "Carrying on in MASTER STATE");
  } else {
    waitForMaster(now + masterDownInterval());
    out.emplace_back(YieldAddresses{});
    carryOn(NotifyEvent::kBackup, out);
    log(out, "Carrying on in BACKUP STATE");
  }
}

void VirtualRouter::carryOn(NotifyEvent told, Actions& out) {
  lastNotified_ = told;
  out.emplace_back(Notify{told, priority_, true});
}

void VirtualRouter::stop(Actions& out) {
  if (!isStarted_ || isStopped_) {
    return;
  }
  if (state_ == State::kMaster) {
    sendPriorityZero(out);
    releaseAddresses(out);
  } else if (noted_) {
    out.emplace_back(YieldAddresses{});
  }
  state_ = State::kInitialize;
  timers_ = {};
  isReady_ = false;
  isStopped_ = true;
  note(NotifyEvent::kStop, out);
}

void VirtualRouter::expire(TimePoint now, Actions& out) {
  if (timers_.ownerStart <= now) {
    timers_.ownerStart = kNever;
    begin(now, out);
  }
  if (timers_.adver <= now) {
    adverTimerExpired(now, out);
  } else if (timers_.masterDown <= now) {
    masterDownTimerExpired(now, out);
  }
  announceWhenDue(now, out);
}

void VirtualRouter::receive(TimePoint now, const ReceivedAdvertisement& advertisement,
                            Actions& out) {
  if (now < quietUntil_ || (config_.ownerIgnoresOthers && config_.priority == kPriorityOwner)) {
    return;
  }
  if (state_ == State::kMaster && !fenceIfOverslept(now, out)) {
    receiveAsMaster(now, advertisement, out);
  } else if (state_ == State::kBackup) {
    receiveAsBackup(now, advertisement, out);
  }
}

void VirtualRouter::setPriority(std::uint8_t priority, Actions& out) {
  if (config_.priority == kPriorityOwner || priority == priority_) {
    return;
  }
  if (isStarted_) {
    log(out, concat("Changing effective priority from ", priority_, " to ", priority));
  }
  const Duration oldSkew = skewTime();
  priority_ = priority;
  if (timers_.masterDown != kNever) {
    timers_.masterDown += skewTime() - oldSkew;
  }
  if (state_ == State::kMaster) {
    advertiseSoon();
  }
  if (state_ != State::kInitialize) {
    out.emplace_back(NoteState{state_, priority_});
  }
  if (isStarted_ && config_.notifyPriorityChanges) {
    out.emplace_back(Notify{
        state_ == State::kMaster ? NotifyEvent::kMasterPriority : NotifyEvent::kBackupPriority,
        priority_});
  }
}

void VirtualRouter::loseAddress(TimePoint now, Actions& out) {
  if (state_ == State::kMaster) {
    sendPriorityZero(out);
    enterBackup(now, "", out);
  }
}

TimePoint VirtualRouter::nextDeadline() const {
  return std::min({timers_.adver, timers_.masterDown, timers_.ownerStart, timers_.secondBurst,
                   timers_.refresh, timers_.extra, timers_.lowerPriorityBurst});
}

void VirtualRouter::releaseAddresses(Actions& out) {
  ++counters_.releasedMaster;
  out.emplace_back(YieldAddresses{});
  logD(out, "removing VIPs.");
}

// The state as it is now is for privd to remember, and the event for the operator's scripts, unless
// they have been told it last.
void VirtualRouter::note(NotifyEvent event, Actions& out) {
  out.emplace_back(NoteState{state_, priority_});
  out.emplace_back(Notify{event, priority_, lastNotified_ == event});
  lastNotified_ = event;
}

void VirtualRouter::log(Actions& out, std::string_view text) const {
  logInfo(out, concat("(", config_.name, ") ", text));
}

void VirtualRouter::logD(Actions& out, std::string_view text) const {
  logDetail(out, concat("(", config_.name, ") ", text));
}

}  // namespace holdfast::vrrpd
