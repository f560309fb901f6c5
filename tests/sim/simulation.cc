#include "tests/sim/simulation.h"

#include <algorithm>
#include <chrono>

#include "ipc/concat.h"

namespace holdfast::sim {
namespace {

using namespace std::chrono_literals;
using vrrpd::State;
using vrrpd::Version;

constexpr std::size_t kTraceLines = 300;
constexpr Duration kLongestScriptRun = 2s;
constexpr Duration kCalmAfterBound = 30s;

IpAddress addressOf(std::size_t index) {
  return IpAddress::fromHalves(AddressFamily::kIpv4, 0, 0x0a000001 + index);
}

}  // namespace

Simulation::Simulation(const Options& options)
    : options_(options), random_(options.seed), shape_(~options.seed) {
  world_ = {
      .send = [this](std::size_t node, const Packet& packet) { send(node, packet); },
      .trace = [this](std::size_t node, const std::string& text) { trace(node, text); },
      .violation = [this](
                       std::size_t node,
                       const std::string& text) { violation(concat("router ", node, " ", text)); },
      .stateChanged =
          [this](std::size_t node) {
            ++outcome_.transitions;
            if (mustBeStill_) {
              violation(concat("router ", node, " changes without a cause"));
            }
          },
  };
  const std::size_t count =
      options.routers != 0 ? options.routers : static_cast<std::size_t>(random_.between(3, 9));
  if (!options.alone && shape_.chance(500)) {
    segments_ = static_cast<std::size_t>(shape_.between(2, 3));
    isGrouped_ = shape_.chance(750);
  }
  std::vector<vrrpd::InstanceConfig> segments{segmentConfig(count)};
  while (segments.size() < segments_) {
    segments.push_back(isGrouped_ ? segments.front() : segmentConfig(count));
  }
  for (std::size_t i = 0; i < count; ++i) {
    makeHost(i, segments);
  }
  scriptDue_.assign(count, kNever);
  scheduledFor_.assign(nodes_.size(), kNever);
  weather_.partition.assign(nodes_.size(), 0);
}

void Simulation::makeHost(std::size_t host, std::vector<vrrpd::InstanceConfig>& segments) {
  std::optional<vrrpd::InstanceConfig> first;
  double rate = 1;
  std::vector<Node*> nodes;
  for (const vrrpd::InstanceConfig& segment : segments) {
    vrrpd::InstanceConfig config = isGrouped_ && first ? *first : nodeConfig(segment);
    if (isGrouped_ && first && shape_.chance(100) &&
        config.router.priority != vrrpd::kPriorityOwner) {
      config.router.priority = static_cast<std::uint8_t>(shape_.between(1, 254));
      haveOnePriority_ = false;
    }
    std::erase_if(config.rules.peers,
                  [&](const vrrpd::UnicastPeer& peer) { return peer.address == addressOf(host); });
    if (!first) {
      first = config;
      rate = 1.0 + static_cast<double>(random_.between(-5000, 5000)) / 1e6;
    }
    nodes_.push_back(std::make_unique<Node>(nodes_.size(), config, addressOf(host), rate, world_));
    nodes.push_back(nodes_.back().get());
  }
  hosts_.push_back(std::make_unique<Host>(std::move(nodes), isGrouped_, world_));
}

// What all routers of a segment have to agree on, and what this one is like.
vrrpd::InstanceConfig Simulation::segmentConfig(std::size_t hosts) {
  vrrpd::InstanceConfig config;
  config.router.name = "V";
  config.router.version = random_.chance(500) ? Version::kV2 : Version::kV3;
  config.router.advertisementInterval = config.router.version == Version::kV2
                                            ? Duration(1s) * random_.between(1, 2)
                                            : Duration(10ms) * random_.between(10, 200);
  config.router.announceRefresh = random_.chance(200) ? Duration(7s) : Duration(0);
  config.router.announceLowerPriorityDelay = random_.chance(500) ? Duration(5s) : Duration(0);
  config.router.fastHandover = shape_.chance(300);
  config.rules.name = config.router.name;
  config.rules.version = config.router.version;
  config.rules.virtualRouterId = 7;
  config.rules.interval = config.router.advertisementInterval;
  config.rules.addresses = {*IpAddress::parse("10.1.0.1"), *IpAddress::parse("10.1.0.2")};
  config.interface = InterfaceId{0};
  config.interfaceName = "e0";
  config.group = *IpAddress::parse("224.0.0.18");
  config.router.preemptMode = random_.chance(700);
  if (random_.chance(300)) {
    config.isUnicast = true;
    for (std::size_t i = 0; i < hosts; ++i) {
      config.rules.peers.push_back({.address = addressOf(i)});
    }
  }
  return config;
}

vrrpd::InstanceConfig Simulation::nodeConfig(const vrrpd::InstanceConfig& segment) {
  vrrpd::InstanceConfig config = segment;
  config.router.priority =
      static_cast<std::uint8_t>(random_.chance(400)  ? 100
                                : random_.chance(50) ? 255
                                                     : random_.between(1, 254));
  if (config.router.version == Version::kV3 && random_.chance(200)) {
    config.router.advertisementInterval = Duration(10ms) * random_.between(10, 200);
    config.rules.interval = config.router.advertisementInterval;
  }
  config.router.preemptMode =
      segment.router.preemptMode || config.router.priority == vrrpd::kPriorityOwner;
  if (config.router.preemptMode && random_.chance(200)) {
    config.router.preemptDelay = random_.between(Duration(0), Duration(5s));
  }
  config.router.higherPrioritySendAdvert = random_.chance(200);
  config.router.lowerPriorityNoAdvert = random_.chance(200);
  config.router.startupDelay = random_.chance(100) ? Duration(3s) : Duration(0);
  if (random_.chance(600)) {
    const auto weight = static_cast<std::int16_t>(random_.between(-100, 100));
    config.tracked = {{vrrpd::TrackedKind::kScript, 0, "check", {weight, false}}};
  }
  return config;
}

Outcome Simulation::run() {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    hosts_[i]->start(now_);
    scriptDue_[i] = now_ + random_.between(Duration(0), kLongestScriptRun);
    schedule(*hosts_[i]);
  }
  for (int i = 0; i < options_.episodes && !failed(); ++i) {
    episode();
  }
  outcome_.simulated = now_.time_since_epoch() - 1000s;
  return std::move(outcome_);
}

void Simulation::episode() {
  trouble();
  calmDown();
  runUntil(now_ + convergenceBound());
  mustBeStill_ = true;
  checkCalm();
  runUntil(now_ + kCalmAfterBound);
  for (int i = 0; i < 3 && !failed(); ++i) {
    disturbHarmlessly();
  }
  checkCalm();
  mustBeStill_ = false;
}

// What no other router may notice, and after which this one goes on as before.
void Simulation::disturbHarmlessly() {
  const auto index = static_cast<std::size_t>(random_.next() % hosts_.size());
  Host& host = *hosts_[index];
  const bool isMaster = host.isAny(State::kMaster);
  const Duration own = host.shortestInterval();
  Duration interval = own;
  Duration longest = own;
  for (const auto& other : nodes_) {
    interval = std::min(interval, other->config().router.advertisementInterval);
    longest = std::max(longest, other->config().router.advertisementInterval);
  }
  const Duration shortTime = random_.between(Duration(1ms), interval);
  const Duration anyTime = isMaster ? shortTime : random_.between(Duration(1ms), Duration(20s));
  // A Backup that starts does not know a master's longer interval yet (RFC 5798, 6.4.1).
  const bool mayCrash = host.isAll(State::kMaster) || own == longest;
  // A Backup that missed everything has to notice that it did.
  const bool missesAll = !isMaster && random_.chance(300);
  switch (random_.between(0, mayCrash ? 2 : 1)) {
    case 0:
      trace(host.nodes().front()->index(), "pause, harmlessly");
      host.pause();
      runUntil(now_ + (missesAll ? 5 * longest + 1s : anyTime));
      host.resume(now_, !missesAll);
      break;
    case 1:
      trace(0, "loss, harmlessly");
      weather_.lossPermille = 1000;
      runUntil(now_ + shortTime);
      weather_.lossPermille = 0;
      break;
    default:
      host.crash(now_);
      runUntil(now_ + anyTime);
      revive(host);
      break;
  }
  schedule(host);
  runUntil(now_ + 5 * interval + kLongestScriptRun);
}

void Simulation::trouble() {
  const TimePoint end = now_ + random_.between(Duration(5s), Duration(90s));
  while (now_ < end && !failed()) {
    disturb();
    runUntil(now_ + random_.between(Duration(10ms), Duration(6s)));
  }
}

void Simulation::disturb() {
  if (options_.reloads && shape_.chance(100)) {
    reload(*shape_.oneOf(hosts_));
  } else if (options_.brokersDie && random_.chance(150)) {
    disturbBroker(*random_.oneOf(hosts_));
  } else if (random_.chance(300)) {
    changeWeather();
  } else {
    disturbHost(*random_.oneOf(hosts_));
  }
}

void Simulation::changeWeather() {
  weather_.lossPermille = random_.chance(500) ? static_cast<unsigned>(random_.between(0, 500)) : 0;
  weather_.duplicatePermille = random_.chance(300) ? 200 : 0;
  weather_.maxDelay = random_.chance(500) ? random_.between(Duration(1ms), Duration(1500ms)) : 2ms;
  const bool isSplit = random_.chance(400);
  for (std::size_t& part : weather_.partition) {
    part = isSplit ? random_.next() % 2 : 0;
  }
  trace(0, concat("weather: loss ", weather_.lossPermille, ", delay ",
                  weather_.maxDelay.count() / 1000000, " ms", isSplit ? ", split" : ""));
}

void Simulation::disturbBroker(Host& host) {
  if (host.isRunning()) {
    host.setBroker(now_, !host.isBrokerThere());
    schedule(host);
  }
}

// Another vrrpd goes on with what privd noted of the one before, by another configuration.
void Simulation::reload(Host& host) {
  if (!host.isRunning() || !host.isBrokerThere()) {
    return;
  }
  vrrpd::VirtualRouterConfig router = host.nodes().front()->config().router;
  if (router.priority != vrrpd::kPriorityOwner && shape_.chance(700)) {
    router.priority = static_cast<std::uint8_t>(shape_.between(1, 254));
  }
  if (router.preemptMode) {
    router.preemptDelay =
        shape_.chance(300) ? shape_.between(Duration(0), Duration(5s)) : Duration(0);
  }
  host.crash(now_);
  for (Node* node : host.nodes()) {
    node->reconfigure(router.priority, router.preemptDelay);
  }
  revive(host);
  schedule(host);
}

void Simulation::disturbHost(Host& host) {
  if (!host.isAlive()) {
    revive(host);
  } else if (host.isPaused()) {
    host.resume(now_, random_.chance(700));
  } else if (!host.isBrokerThere() && random_.chance(500)) {
    host.setBroker(now_, true);
  } else {
    // A start and a stop need a privd, and the news of a link come from it.
    switch (host.isBrokerThere() ? random_.between(0, 5) : 3 * random_.between(0, 1)) {
      case 0:
        host.pause();
        trace(host.nodes().front()->index(), "pause");
        break;
      case 1:
        host.crash(now_);
        break;
      case 2: {
        Node& node = *shape_.oneOf(host.nodes());
        node.setLink(now_, !node.isLinkUp());
        break;
      }
      case 3:
      case 4:
        host.setScript(now_, !host.isScriptGood());
        break;
      default:
        host.stop(now_);
        host.start(now_);
        answerScriptSoon(host);
        break;
    }
  }
  schedule(host);
}

void Simulation::revive(Host& host) {
  host.revive(now_);
  answerScriptSoon(host);
}

void Simulation::answerScriptSoon(const Host& host) {
  scriptDue_[host.nodes().front()->index() / segments_] =
      now_ + random_.between(Duration(0), kLongestScriptRun);
}

void Simulation::calmDown() {
  trace(0, "calm");
  weather_ = {.partition = std::vector<std::size_t>(nodes_.size(), 0)};
  for (const auto& host : hosts_) {
    if (!host->isAlive()) {
      revive(*host);
    }
    if (host->isPaused()) {
      host->resume(now_, true);
    }
    if (!host->isBrokerThere()) {
      host->setBroker(now_, true);
    }
    for (Node* node : host->nodes()) {
      if (!node->isLinkUp()) {
        node->setLink(now_, true);
      }
    }
    if (!host->isScriptGood()) {
      host->setScript(now_, true);
    }
    schedule(*host);
  }
}

// Of every router the longest it may have to wait, one after the other: a late packet, the start
// delay, the first run of its script, the master that it takes for gone, the one that it may
// preempt, and its fence.
Duration Simulation::convergenceBound() const {
  Duration interval{};
  Duration delays{};
  for (const auto& node : nodes_) {
    interval = std::max(interval, node->config().router.advertisementInterval);
    delays =
        std::max(delays, node->config().router.startupDelay + node->config().router.preemptDelay);
  }
  const Duration masterDown = 3 * interval + std::max(interval, Duration(1s));
  return 2s + delays + kLongestScriptRun + (isGrouped_ ? 6 : 4) * masterDown;
}

void Simulation::checkCalm() {
  for (std::size_t i = 0; i < segments_ && !failed(); ++i) {
    checkSegment(i);
  }
  for (std::size_t i = 0; i < hosts_.size() && isGrouped_ && !failed(); ++i) {
    if (!hosts_[i]->isAll(hosts_[i]->nodes().front()->state())) {
      violation(concat("the members of host ", i, " are not in one state"));
    }
  }
}

void Simulation::checkSegment(std::size_t segment) {
  std::size_t masters = 0;
  std::size_t held = 0;
  int masterPriority = 0;
  int highest = 0;
  bool allPreempt = true;
  for (const auto& host : hosts_) {
    const Node& node = *host->nodes()[segment];
    const int priority = node.instance().router().priority();
    highest = std::max(highest, priority);
    held += node.holdsAddress() ? 1 : 0;
    allPreempt = allPreempt && node.config().router.preemptMode;
    if (node.state() == State::kMaster) {
      ++masters;
      masterPriority = priority;
    } else if (node.state() != State::kBackup) {
      violation("a router takes no part although nothing hinders it");
    }
  }
  if (masters != 1 || held != 1) {
    violation(concat("segment ", segment, ": ", masters, " masters, ", held, " hold the address"));
  } else if (allPreempt && haveOnePriority_ && masterPriority != highest) {
    violation(concat("the master has priority ", masterPriority, ", another has ", highest));
  }
}

void Simulation::runUntil(TimePoint end) {
  while (!failed()) {
    const auto script = std::ranges::min_element(scriptDue_);
    const TimePoint next = std::min(events_.empty() ? kNever : events_.top().at, *script);
    if (next > end) {
      break;
    }
    now_ = std::max(now_, next);
    if (*script == next) {
      answerScript(static_cast<std::size_t>(script - scriptDue_.begin()));
    } else {
      Event event = events_.top();
      events_.pop();
      serve(std::move(event));
    }
  }
  now_ = std::max(now_, end);
}

void Simulation::answerScript(std::size_t index) {
  Host& host = *hosts_[index];
  scriptDue_[index] = host.isPaused() ? now_ + kLongestScriptRun : kNever;
  if (host.isRunning()) {
    host.answerScript(now_);
  }
  schedule(host);
}

void Simulation::serve(Event event) {
  Node& node = *nodes_[event.node];
  if (event.packet) {
    node.deliver(now_, std::move(*event.packet));
  } else if (scheduledFor_[event.node] == event.at) {
    scheduledFor_[event.node] = kNever;
    node.wake(now_);
  }
  Host& host = *hosts_[event.node / segments_];
  host.checkUnity(now_);
  schedule(host);
}

void Simulation::send(std::size_t from, const Packet& packet) {
  for (std::size_t to = from % segments_; to < nodes_.size(); to += segments_) {
    const bool isAddressed =
        packet.destination.isMulticast() || packet.destination == nodes_[to]->address();
    if (to == from || !isAddressed || weather_.partition[to] != weather_.partition[from]) {
      continue;
    }
    transmit(to, packet);
    if (random_.chance(weather_.duplicatePermille)) {
      transmit(to, packet);
    }
  }
}

void Simulation::transmit(std::size_t to, const Packet& packet) {
  if (random_.chance(weather_.lossPermille)) {
    return;
  }
  ++outcome_.packets;
  push({.at = now_ + random_.between(weather_.minDelay, weather_.maxDelay),
        .node = to,
        .packet = packet});
}

// What happened to a node may have changed the others of its group.
void Simulation::schedule(const Host& host) {
  for (const Node* node : host.nodes()) {
    schedule(node->index());
  }
}

// A timer of a node that runs is served a little late.
void Simulation::schedule(std::size_t index) {
  const Node& node = *nodes_[index];
  const TimePoint deadline = node.isRunning() ? node.nextDeadline() : kNever;
  if (deadline == kNever) {
    scheduledFor_[index] = kNever;
    return;
  }
  const TimePoint at = std::max(deadline, now_) + random_.between(Duration(0), Duration(1ms));
  // One that is due no later than this will look again.
  if (scheduledFor_[index] >= at || scheduledFor_[index] < deadline) {
    scheduledFor_[index] = at;
    push({.at = at, .node = index});
  }
}

void Simulation::push(Event event) {
  event.serial = nextSerial_++;
  events_.push(std::move(event));
}

void Simulation::trace(std::size_t node, const std::string& text) {
  const double seconds = static_cast<double>(now_.time_since_epoch().count()) / 1e9 - 1000;
  outcome_.trace.push_back(concat(std::to_string(seconds), " router ", node, ": ", text));
  if (outcome_.trace.size() > kTraceLines) {
    outcome_.trace.pop_front();
  }
}

void Simulation::violation(const std::string& text) {
  if (!failed()) {
    trace(0, "VIOLATION: " + text);
    outcome_.violation = text;
  }
}

}  // namespace holdfast::sim
