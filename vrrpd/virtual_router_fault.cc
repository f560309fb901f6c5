// FAULT, which is keepalived's: something that was noticed keeps the router from taking part.

#include "ipc/concat.h"
#include "vrrpd/virtual_router.h"

namespace holdfast::vrrpd {
namespace {

// Without the leading "(<instance>)"; empty for what is waited for in silence, or said by the sync
// group.
std::string faultText(HindranceKind kind, AddressFamily family, std::string_view what) {
  switch (kind) {
    case HindranceKind::kSocketsMissing:
    case HindranceKind::kScriptsNotRun:
    case HindranceKind::kNotWatchedYet:
    case HindranceKind::kGroupNotReady:
    case HindranceKind::kGroupFault:
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
    case HindranceKind::kFileNumber:
      return concat(": tracked file ", what, " now FAULT state");
    case HindranceKind::kProcessQuorum:
      return concat(" entering FAULT state (tracked process ", what, ")");
    case HindranceKind::kNoUnicastPeer:
      return " entering FAULT state (no unicast peer)";
    case HindranceKind::kSocketRefused:
      return concat(" entering FAULT state (no socket: ", what, ")");
    case HindranceKind::kStaticMissing:
      return concat(" entering FAULT state (track group ", what, ")");
  }
  return {};
}

}  // namespace

void VirtualRouter::hinder(TimePoint now, const Hindrance& hindrance, std::string_view what,
                           Actions& out) {
  if (isStopped_ || !hindrances_.add(hindrance)) {
    return;
  }
  isReady_ = false;
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

void VirtualRouter::enterFault(Actions& out) {
  const bool wasMaster = state_ == State::kMaster;
  if (wasMaster) {
    sendPriorityZero(out);
  }
  log(out, state_ == State::kInitialize ? "entering FAULT state" : "Entering FAULT STATE");
  if (wasMaster) {
    releaseAddresses(out);
  } else if (noted_) {
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

}  // namespace holdfast::vrrpd
