#include "vrrpd/instance.h"

#include <algorithm>
#include <utility>

#include "vrrpd/concat.h"

namespace holdfast::vrrpd {
namespace {

std::vector<Weight> weightsOf(const InstanceConfig& config) {
  std::vector<Weight> weights;
  for (const TrackedScript& script : config.scripts) {
    weights.push_back(script.weight);
  }
  for (const TrackedInterface& interface : config.interfaces) {
    weights.push_back(interface.weight);
  }
  return weights;
}

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

std::uint32_t objectOf(auto id) {
  return static_cast<std::uint32_t>(indexOf(id));
}

}  // namespace

Instance::Instance(InstanceConfig config)
    : config_(std::move(config)),
      router_(config_.router),
      checks_(config_.rules),
      tally_(config_.router.priority, weightsOf(config_)),
      destinations_(destinationsOf(config_)) {}

void Instance::start(TimePoint now, const std::optional<Noted>& noted, Actions& out) {
  if (noted && noted->state != State::kInitialize && !tally_.allKnown()) {
    tally_.holdAt(noted->priority);
    holdUntil_ = now + config_.longestHold;
  }
  setSource(now, config_.source ? config_.source : source_, out);
  hinderIf(config_.unicastFaultNoPeer && config_.isUnicast && destinations_.empty(), now,
           {HindranceKind::kNoUnicastPeer}, {}, out);
  applyScripts(now, out);
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
  for (std::size_t i = 0; i < config_.interfaces.size(); ++i) {
    const TrackedInterface& tracked = config_.interfaces[i];
    if (tracked.id == id) {
      const Condition condition = status.isUp ? Condition::kGood : Condition::kBad;
      tally_.set(interfaceAt(i), condition);
      isTracked = true;
      isHindered = isHindered || isFault(tracked.weight, condition);
      what = concat(tracked.name, status.isUp ? " up" : " down");
    }
  }
  const bool isPrimary = config_.interface == id;
  if (isPrimary && config_.trackPrimary) {
    isTracked = true;
    isHindered = isHindered || !status.isUp;
    what = concat(config_.interfaceName, status.isUp ? " up" : " down");
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

void Instance::scriptChanged(TimePoint now, TrackScriptId id, Condition condition, Actions& out) {
  for (std::size_t i = 0; i < config_.scripts.size(); ++i) {
    if (config_.scripts[i].id == id) {
      tally_.set(i, condition);
    }
  }
  if (tally_.isHeld() && tally_.allKnown()) {
    endHold(now, out);
  } else if (!tally_.isHeld()) {
    applyScripts(now, out);
  }
}

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

void Instance::sourceMissing(TimePoint now, Actions& out) {
  router_.hinder(now, {HindranceKind::kSourceNotConfigured}, {}, out);
}

std::span<const std::uint8_t> Instance::encode(std::uint8_t priority, std::size_t destination,
                                               std::span<std::uint8_t> out) const {
  if (!source_) {
    return {};
  }
  const IpAddress& to = destinations_[destination];
  return encodeAdvertisement({.version = config_.rules.version,
                              .virtualRouterId = config_.rules.virtualRouterId,
                              .priority = priority,
                              .interval = config_.router.advertisementInterval,
                              .addresses = config_.rules.addresses},
                             *source_, to, checks_.sendStyle(to), out);
}

std::size_t Instance::interfaceAt(std::size_t index) const {
  return config_.scripts.size() + index;
}

void Instance::applyScripts(TimePoint now, Actions& out) {
  bool isWaiting = false;
  for (std::size_t i = 0; i < config_.scripts.size(); ++i) {
    applyScript(now, i, out);
    isWaiting = isWaiting || (tally_.weight(i).weight == 0 && !tally_.isHeld() &&
                              tally_.condition(i) == Condition::kUnknown);
  }
  applyPriority(out);
  hinderIf(isWaiting, now, {HindranceKind::kScriptsNotRun}, {}, out);
}

void Instance::applyScript(TimePoint now, std::size_t index, Actions& out) {
  const TrackedScript& script = config_.scripts[index];
  const bool isFailed = !tally_.isHeld() && isFault(script.weight, tally_.condition(index));
  hinderIf(isFailed, now, {HindranceKind::kScriptFailed, objectOf(script.id)}, script.name, out);
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
  applyScripts(now, out);
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
