#include "vrrpd/instance.h"

#include <algorithm>
#include <utility>

#include "ipc/concat.h"

namespace holdfast::vrrpd {
namespace {

std::vector<IpAddress> destinationsOf(const InstanceConfig& config) {
  if (!config.isUnicast) {
    return {config.group};
  }
  std::vector<IpAddress> destinations;
  for (const UnicastPeer& peer : config.rules.peers) {
    destinations.push_back(peer.address);
  }
  return destinations;
}

// Of weight 0: what a fault of it is, in the words that the log has for it. Interfaces have one of
// their own.
struct FaultOf {
  HindranceKind kind;
  std::string what;
};

FaultOf faultOf(const Tracked& tracked) {
  switch (tracked.kind) {
    case TrackedKind::kScript:
      return {HindranceKind::kScriptFailed, tracked.name};
    case TrackedKind::kInterface:
      return {HindranceKind::kInterfaceDown, tracked.name};
    case TrackedKind::kFile:
      return {HindranceKind::kFileNumber, tracked.name};
    case TrackedKind::kProcess:
      return {HindranceKind::kProcessQuorum,
              concat(tracked.name, tracked.weight.reverse ? " quorum achieved, which is reversed"
                                                          : " quorum not achieved")};
  }
  return {};
}

}  // namespace

Instance::Instance(InstanceConfig config)
    : config_(std::move(config)),
      router_(config_.router),
      checks_(config_.rules),
      tally_(config_.router.priority, config_.tracked.size()),
      destinations_(destinationsOf(config_)) {}

void Instance::start(TimePoint now, const std::optional<Noted>& noted, Actions& out) {
  if (noted) {
    checks_.sequence().goOnAfter(noted->replayCounter);
  }
  // In FAULT it waits, as at any start, for what may be the reason.
  const bool tookPart = noted && (noted->state == State::kBackup || noted->state == State::kMaster);
  if (tookPart && !tally_.allKnown()) {
    tally_.holdAt(noted->priority);
    holdUntil_ = now + config_.longestHold;
  }
  setSource(now, config_.source ? config_.source : source_, out);
  hinderIf(config_.unicastFaultNoPeer && config_.isUnicast && destinations_.empty(), now,
           {HindranceKind::kNoUnicastPeer}, {}, out);
  applyTracked(now, out);
  router_.start(now, noted, out);
  applyPriority(out);  // the noted one may be of another configuration
}

void Instance::expire(TimePoint now, Actions& out) {
  router_.expire(now, out);
  if (holdUntil_ <= now) {
    endHold(now, out);
  }
}

TimePoint Instance::nextDeadline() const {
  return std::min(router_.nextDeadline(), holdUntil_);
}

void Instance::receive(TimePoint now, const Envelope& envelope, Actions& out) {
  const std::size_t before = out.size();
  const State state = router_.state();
  if (const auto advertisement = checks_.check(envelope, router_.master(), out)) {
    router_.receive(now, *advertisement, out);
  }
  if (router_.state() == state) {
    packetLines_.apply(now, before, out);
  }
}

void Instance::receiveUnopened(TimePoint now, std::size_t bytes, Actions& out) {
  const std::size_t before = out.size();
  checks_.rejectUnopened(bytes, out);
  packetLines_.apply(now, before, out);
}

bool Instance::interfaceChanged(TimePoint now, InterfaceId id, const InterfaceStatus& status,
                                Actions& out) {
  const Hindrance down{HindranceKind::kInterfaceDown, objectOf(id)};
  bool isHindered = false;
  bool isTracked = false;
  std::string what;
  for (std::size_t i = 0; i < config_.tracked.size(); ++i) {
    const Tracked& tracked = config_.tracked[i];
    if (tracked.kind == TrackedKind::kInterface && tracked.object == objectOf(id)) {
      tally_.set(i, effectOf(tracked.weight, status.isUp ? Condition::kGood : Condition::kBad));
      isTracked = true;
      isHindered = isHindered || tally_.effect(i).isFault;
      what = concat(tracked.name, status.isUp ? " up" : " down");
    }
  }
  const bool isPrimary = config_.interface == id;
  if (isPrimary && config_.trackPrimary) {
    isTracked = true;
    isHindered = isHindered || !status.isUp;
    what = concat(config_.interfaceName, status.isUp ? " up" : " down");
  }
  if (config_.link == id && config_.trackPrimary) {
    isTracked = true;
    isHindered = isHindered || !status.isUp;
    what = concat(config_.linkName, status.isUp ? " up" : " down");
  }
  bool hasNewSource = false;
  if (isPrimary && !config_.source) {
    hasNewSource = setSource(
        now, config_.rules.family == AddressFamily::kIpv4 ? status.sourceIpv4 : status.sourceIpv6,
        out);
  }
  if (isTracked) {
    applyPriority(out);
    hinderIf(isHindered, now, down, what, out);
  }
  return hasNewSource;
}

void Instance::learn(TimePoint now, TrackedKind kind, std::uint32_t object, auto known,
                     Actions& out) {
  for (std::size_t i = 0; i < config_.tracked.size(); ++i) {
    const Tracked& tracked = config_.tracked[i];
    if (tracked.kind == kind && tracked.object == object) {
      tally_.set(i, effectOf(tracked.weight, known));
    }
  }
  if (tally_.isHeld() && tally_.allKnown()) {
    endHold(now, out);
  } else if (!tally_.isHeld()) {
    applyTracked(now, out);
  }
}

template void Instance::learn(TimePoint, TrackedKind, std::uint32_t, Condition, Actions&);
template void Instance::learn(TimePoint, TrackedKind, std::uint32_t, FileNumber, Actions&);

void Instance::socketsMissing(TimePoint now, Actions& out) {
  router_.hinder(now, {HindranceKind::kSocketsMissing}, {}, out);
}

void Instance::socketsReady(TimePoint now, Actions& out) {
  router_.relieve(now, {HindranceKind::kSocketRefused}, out);
  router_.relieve(now, {HindranceKind::kSourceNotConfigured}, out);
  router_.relieve(now, {HindranceKind::kSocketsMissing}, out);
}

void Instance::socketRefused(TimePoint now, std::string_view why, Actions& out) {
  router_.hinder(now, {HindranceKind::kSocketRefused}, why, out);
}

void Instance::trackGroupLacks(TimePoint now, TrackGroupId group, std::string_view what,
                               Actions& out) {
  hinderIf(!what.empty(), now,
           {HindranceKind::kStaticMissing, static_cast<std::uint32_t>(indexOf(group))}, what, out);
}

void Instance::sourceMissing(TimePoint now, Actions& out) {
  router_.hinder(now, {HindranceKind::kSourceNotConfigured}, {}, out);
}

std::span<const std::uint8_t> Instance::encode(std::uint8_t priority, std::size_t destination,
                                               std::span<std::uint8_t> out,
                                               const AuthStamp& stamp) const {
  if (!source_) {
    return {};
  }
  const IpAddress& to = destinations_[destination];
  const Authentication& authentication = config_.rules.authentication;
  const std::size_t headerBytes = authentication.hasHeader() ? kAuthHeaderBytes : 0;
  const auto pdu =
      encodeAdvertisement({.version = config_.rules.version,
                           .virtualRouterId = config_.rules.virtualRouterId,
                           .priority = priority,
                           .interval = config_.router.advertisementInterval,
                           .addresses = config_.rules.addresses,
                           .authType = authentication.type,
                           .authData = authentication.password()},
                          *source_, to, checks_.sendStyle(to), out.subspan(headerBytes));
  if (authentication.hasHeader()) {
    writeAuthHeader(*authentication.key, stamp, *source_, to, pdu, out.first(headerBytes));
  }
  return out.first(headerBytes + pdu.size());
}

void Instance::applyTracked(TimePoint now, Actions& out) {
  bool awaitsScript = false;
  bool awaitsWatcher = false;
  for (std::size_t i = 0; i < config_.tracked.size(); ++i) {
    const TrackedKind kind = config_.tracked[i].kind;
    if (kind != TrackedKind::kInterface) {
      applyTracked(now, i, out);
      awaitsScript = awaitsScript || (kind == TrackedKind::kScript && awaits(i));
      awaitsWatcher = awaitsWatcher || (kind != TrackedKind::kScript && awaits(i));
    }
  }
  applyPriority(out);
  hinderIf(awaitsWatcher, now, {HindranceKind::kNotWatchedYet}, {}, out);
  hinderIf(awaitsScript, now, {HindranceKind::kScriptsNotRun}, {}, out);
}

void Instance::applyTracked(TimePoint now, std::size_t index, Actions& out) {
  const Tracked& tracked = config_.tracked[index];
  const auto [kind, what] = faultOf(tracked);
  const Hindrance hindrance{kind, tracked.object};
  const bool isFault = !tally_.isHeld() && tally_.effect(index).isFault;
  if (!isFault && kind == HindranceKind::kFileNumber && router_.hindrances().contains(hindrance)) {
    logInfo(out, concat("(", name(), "): tracked file ", tracked.name, " leaving FAULT state"));
  }
  hinderIf(isFault, now, hindrance, what, out);
}

bool Instance::awaits(std::size_t index) const {
  return config_.tracked[index].weight.weight == 0 && !tally_.isHeld() &&
         !tally_.effect(index).isKnown;
}

void Instance::hinderIf(bool hindered, TimePoint now, const Hindrance& hindrance,
                        std::string_view what, Actions& out) {
  if (hindered) {
    router_.hinder(now, hindrance, what, out);
  } else {
    router_.relieve(now, hindrance, out);
  }
}

void Instance::endHold(TimePoint now, Actions& out) {
  holdUntil_ = kNever;
  tally_.release();
  applyTracked(now, out);
}

bool Instance::setSource(TimePoint now, const std::optional<IpAddress>& source, Actions& out) {
  const bool isNew = source && source != source_;
  source_ = source;
  if (source) {
    router_.setSource(*source);
  }
  hinderIf(!source, now, {HindranceKind::kNoSourceAddress}, {}, out);
  return isNew;
}

}  // namespace holdfast::vrrpd
