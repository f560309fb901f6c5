#include "vrrpd/virtual_router.h"

#include <algorithm>
#include <utility>

#include "vrrpd/concat.h"

namespace holdfast::vrrpd {
namespace {

// Without the leading "(<instance>)"; empty for what is waited for in silence.
std::string faultText(HindranceKind kind, AddressFamily family, std::string_view what) {
  switch (kind) {
    case HindranceKind::kSocketsMissing:
    case HindranceKind::kScriptsNotRun:
      return {};
    case HindranceKind::kInterfaceDown:
      return concat(": entering FAULT state (interface ", what, ")");
    case HindranceKind::kNoSourceAddress:
      return concat(" entering FAULT state (no ", family == AddressFamily::kIpv4 ? "IPv4" : "IPv6",
                    " address for interface)");
    case HindranceKind::kSourceNotConfigured:
      return ": entering FAULT state (src address not configured)";
    case HindranceKind::kScriptFailed:
      return concat(": entering FAULT state due to script ", what);
    case HindranceKind::kNoUnicastPeer:
      return " entering FAULT state (no unicast peer)";
    case HindranceKind::kSocketRefused:
      return concat(" entering FAULT state (no socket: ", what, ")");
  }
  return {};
}

}  // namespace

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

// ------------------------------------------------------------------------- RFC 5798, 6.4.1
// Initialize

void VirtualRouter::start(TimePoint now, const std::optional<Noted>& noted, Actions& out) {
  isStarted_ = true;
  noted_ = noted;
  if (noted_) {
    priority_ = config_.priority == kPriorityOwner ? kPriorityOwner : noted_->priority;
  } else {
    quietUntil_ = now + config_.startupDelay;
    out.emplace_back(YieldAddresses{});  // what an earlier life may have left behind
    logD(out, "removing VIPs.");
  }
  hasWaitedForScripts_ = hindrances_.contains({HindranceKind::kScriptsNotRun});
  settle(now, out);
}

// Follows from what hinders this router whether it takes part.
void VirtualRouter::settle(TimePoint now, Actions& out) {
  if (!isStarted_ || isStopped_) {
    return;
  }
  const bool takesPart = state_ == State::kBackup || state_ == State::kMaster;
  if (hindrances_.none()) {
    if (!takesPart) {
      begin(now, out);
    }
  } else if (takesPart || (state_ == State::kInitialize && hindrances_.haveFault())) {
    enterFault(out);
  }
}

void VirtualRouter::begin(TimePoint now, Actions& out) {
  if (noted_ && (noted_->state == State::kMaster || noted_->state == State::kBackup)) {
    carryOn(now, out);
  } else if (config_.priority != kPriorityOwner) {
    enterBackup(now, state_ == State::kInitialize && !hasWaitedForScripts_ ? " (init)" : "", out);
  } else if (now < quietUntil_) {
    timers_.ownerStart = quietUntil_;
  } else {
    logD(out, "Receive advertisement timeout");
    enterMaster(now, out);
  }
}

// Takes up what a process that died was doing. Unless nobody advertised for so long that a peer may
// be master by now: the last advertisement may be an interval older than the death.
void VirtualRouter::carryOn(TimePoint now, Actions& out) {
  const Noted noted = *noted_;
  if (noted.state == State::kMaster &&
      noted.silence + config_.advertisementInterval >= peersMasterDownInterval()) {
    out.emplace_back(YieldAddresses{});
    enterBackup(now, "", out);
    return;
  }
  noted_.reset();
  state_ = noted.state;
  if (state_ == State::kMaster) {
    sendAdvertisement(now, out);
    out.emplace_back(TakeAddresses{});
    if (config_.announceRefresh > Duration::zero()) {
      timers_.refresh = now + config_.announceRefresh;
    }
    lastNotified_ = NotifyEvent::kMaster;
    log(out, "Carrying on in MASTER STATE");
  } else {
    timers_.masterDown = now + masterDownInterval();
    out.emplace_back(YieldAddresses{});
    lastNotified_ = NotifyEvent::kBackup;
    log(out, "Carrying on in BACKUP STATE");
  }
}

// ----------------------------------------------------------------------------------------- events

void VirtualRouter::stop(Actions& out) {
  if (!isStarted_ || isStopped_) {
    return;
  }
  if (state_ == State::kMaster) {
    sendPriorityZero(out);
    releaseAddresses(out);
  } else if (noted_ && noted_->state == State::kMaster) {
    out.emplace_back(YieldAddresses{});
  }
  state_ = State::kInitialize;
  timers_ = {};
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
  if (now < quietUntil_) {
    return;
  }
  if (state_ == State::kMaster && !fenceIfOverslept(now, out)) {
    receiveAsMaster(now, advertisement, out);
  } else if (state_ == State::kBackup) {
    receiveAsBackup(now, advertisement, out);
  }
}

void VirtualRouter::hinder(TimePoint now, const Hindrance& hindrance, std::string_view what,
                           Actions& out) {
  if (isStopped_ || !hindrances_.add(hindrance)) {
    return;
  }
  const std::string text = faultText(hindrance.kind, config_.family, what);
  if (!text.empty()) {
    logInfo(out, concat("(", config_.name, ")", text));
  }
  settle(now, out);
}

void VirtualRouter::relieve(TimePoint now, const Hindrance& hindrance, Actions& out) {
  if (hindrances_.remove(hindrance)) {
    settle(now, out);
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
  if (state_ != State::kInitialize) {
    out.emplace_back(NoteState{state_, priority_});
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
                   timers_.refresh, timers_.lowerPriorityBurst});
}

// ------------------------------------------------------------------------------------ transitions

void VirtualRouter::enterFault(Actions& out) {
  const bool wasMaster = state_ == State::kMaster;
  if (wasMaster) {
    sendPriorityZero(out);
  }
  log(out, state_ == State::kInitialize ? "entering FAULT state" : "Entering FAULT STATE");
  if (wasMaster) {
    releaseAddresses(out);
  } else if (noted_ && noted_->state == State::kMaster) {
    out.emplace_back(YieldAddresses{});
  }
  if (noted_ && noted_->state == State::kFault) {
    lastNotified_ = NotifyEvent::kFault;
  }
  noted_.reset();
  state_ = State::kFault;
  timers_ = {};
  master_.reset();
  preemptDelayUntil_ = kNever;
  note(NotifyEvent::kFault, out);
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
  if (lastNotified_ != event) {
    out.emplace_back(Notify{event, priority_});
  }
  lastNotified_ = event;
}

void VirtualRouter::log(Actions& out, std::string_view text) const {
  logInfo(out, concat("(", config_.name, ") ", text));
}

void VirtualRouter::logD(Actions& out, std::string_view text) const {
  logDetail(out, concat("(", config_.name, ") ", text));
}

}  // namespace holdfast::vrrpd
