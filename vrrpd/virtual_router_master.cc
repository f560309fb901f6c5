// RFC 5798, 6.4.3: Master.

#include <algorithm>

#include "ipc/concat.h"
#include "vrrpd/virtual_router.h"

namespace holdfast::vrrpd {

void VirtualRouter::enterMaster(TimePoint now, Actions& out) {
  noted_.reset();
  state_ = State::kMaster;
  timers_ = {};
  isReady_ = false;
  masterAdverInterval_ = config_.advertisementInterval;
  master_.reset();
  preemptDelayUntil_ = kNever;
  hasWarned_ = false;
  lastAnswer_ = TimePoint::min();
  ++counters_.becameMaster;
  sendAdvertisement(now, out);
  out.emplace_back(TakeAddresses{});
  out.emplace_back(Announce{AnnounceReason::kBecameMaster});
  if (config_.announceDelay > Duration::zero()) {
    timers_.secondBurst = now + config_.announceDelay;
  }
  announceRegularly(now);
  log(out, "Entering MASTER STATE");
  logD(out, "setting VIPs.");
  note(NotifyEvent::kMaster, out);
}

void VirtualRouter::receiveAsMaster(TimePoint now, const ReceivedAdvertisement& advertisement,
                                    Actions& out) {
  if (advertisement.priority == kPriorityStop) {
    ++counters_.priorityZeroReceived;
  }
  warnOfMisconfiguration(advertisement, out);
  if (losesTo(advertisement)) {
    giveWay(now, advertisement, out);
  } else if (advertisement.source != source_) {
    holdAgainst(now, advertisement, out);
  }
}

// "If the Priority in the ADVERTISEMENT is greater than the local Priority, or if [it] is equal
// and the primary IPvX Address of the sender is greater than the local primary IPvX Address".
bool VirtualRouter::losesTo(const ReceivedAdvertisement& advertisement) const {
  return advertisement.priority > priority_ ||
         (advertisement.priority == priority_ && source_ && advertisement.source > *source_);
}

void VirtualRouter::giveWay(TimePoint now, const ReceivedAdvertisement& advertisement,
                            Actions& out) {
  const std::string from = concat("Master received advert from ", advertisement.source);
  log(out,
      advertisement.priority > priority_
          ? concat(from, " with higher priority ", advertisement.priority, ", ours ", priority_)
          : concat(from, " with same priority ", advertisement.priority,
                   " but higher IP address than ours"));
  if (config_.higherPrioritySendAdvert) {
    sendAdvertisement(now, out);
  }
  enterBackup(now, "", out);
  follow(now, advertisement, out);
}

// Somebody else believes to be master, or has just stopped to be it. The answer is limited to ten
// in an interval, so that it cannot be made into a flood.
void VirtualRouter::holdAgainst(TimePoint now, const ReceivedAdvertisement& advertisement,
                                Actions& out) {
  counters_.lowerPriorityReceived += advertisement.priority == kPriorityStop ? 0 : 1;
  if (lastAnswer_ != TimePoint::min() && now - lastAnswer_ < config_.advertisementInterval / 10) {
    return;
  }
  lastAnswer_ = now;
  if (advertisement.priority == kPriorityStop) {
    log(out, "Master received priority 0 message");
    sendAdvertisement(now, out);
    return;
  }
  log(out, concat("Received advert from ", advertisement.source, " with lower priority ",
                  advertisement.priority, ", ours ", priority_,
                  config_.lowerPriorityNoAdvert ? "" : ", forcing new election"));
  if (!config_.lowerPriorityNoAdvert) {
    sendAdvertisement(now, out);
  }
  if (config_.announceLowerPriority) {
    out.emplace_back(Announce{AnnounceReason::kLowerPriority});
    if (config_.announceLowerPriorityDelay > Duration::zero()) {
      timers_.lowerPriorityBurst = now + config_.announceLowerPriorityDelay;
    }
  }
  out.emplace_back(Notify{NotifyEvent::kMasterReceivedLowerPriority, priority_});
}

// Said once in each time as master.
void VirtualRouter::warnOfMisconfiguration(const ReceivedAdvertisement& advertisement,
                                           Actions& out) {
  if (hasWarned_ || advertisement.priority != priority_) {
    return;
  }
  if (advertisement.source == source_) {
    hasWarned_ = true;
    logWarning(out, concat("(", config_.name,
                           ") WARNING - equal priority advert received from remote host with our "
                           "IP address."));
  } else if (priority_ == kPriorityOwner) {
    hasWarned_ = true;
    logWarning(
        out, concat("(", config_.name, ") CONFIGURATION ERROR: local instance and ",
                    advertisement.source, " are both configured as address owner, please resolve"));
  }
}

void VirtualRouter::sendAdvertisement(TimePoint now, Actions& out) {
  out.emplace_back(SendAdvertisement{priority_});
  ++counters_.advertisementsSent;
  lastAdvertisement_ = now;
  timers_.adver = now + config_.advertisementInterval;
}

void VirtualRouter::sendPriorityZero(Actions& out) {
  out.emplace_back(SendAdvertisement{kPriorityStop});
  ++counters_.advertisementsSent;
  ++counters_.priorityZeroSent;
  logD(out, "sent 0 priority");
}

void VirtualRouter::adverTimerExpired(TimePoint now, Actions& out) {
  if (fenceIfOverslept(now, out)) {
    return;
  }
  const TimePoint cadence = timers_.adver + config_.advertisementInterval;
  sendAdvertisement(now, out);
  if (cadence > now) {
    timers_.adver = cadence;
  }
}

// At the next turn, or as soon as a tenth of the interval has passed: what changes all the time is
// not made into a flood.
void VirtualRouter::advertiseSoon() {
  timers_.adver = std::min(timers_.adver, lastAdvertisement_ + config_.advertisementInterval / 10);
}

// After a silence as long as the Master_Down_Interval of a peer, that peer may be master. Sending
// another advertisement now would make two; to listen first makes one.
bool VirtualRouter::fenceIfOverslept(TimePoint now, Actions& out) {
  const Duration silence = now - lastAdvertisement_;
  if (silence < peersMasterDownInterval()) {
    return false;
  }
  logWarning(out, concat("(", config_.name, ") Held up for ",
                         std::chrono::duration_cast<std::chrono::milliseconds>(silence).count(),
                         " ms, past the peers' master down time - giving up MASTER STATE"));
  enterBackup(now, "", out);
  return true;
}

void VirtualRouter::announceRegularly(TimePoint now) {
  if (config_.announceRefresh > Duration::zero()) {
    timers_.refresh = now + config_.announceRefresh;
  }
  if (config_.announceExtra > Duration::zero()) {
    timers_.extra = now + config_.announceExtra;
  }
}

void VirtualRouter::announceWhenDue(TimePoint now, Actions& out) {
  if (timers_.secondBurst <= now) {
    timers_.secondBurst = kNever;
    out.emplace_back(Announce{AnnounceReason::kBecameMaster});
  }
  if (timers_.lowerPriorityBurst <= now) {
    timers_.lowerPriorityBurst = kNever;
    out.emplace_back(Announce{AnnounceReason::kLowerPriority});
  }
  if (timers_.refresh <= now) {
    timers_.refresh = now + config_.announceRefresh;
    out.emplace_back(Announce{AnnounceReason::kRefresh});
  }
  if (timers_.extra <= now) {
    timers_.extra = now + config_.announceExtra;
    out.emplace_back(Announce{AnnounceReason::kExtra});
  }
}

}  // namespace holdfast::vrrpd
