#include "tests/sim/simulation.h"

#include <algorithm>
#include <chrono>

#include "vrrpd/concat.h"

namespace holdfast::sim {
namespace {

using namespace std::chrono_literals;
using vrrpd::concat;
using vrrpd::State;
using vrrpd::Version;

constexpr std::size_t kTraceLines = 300;
constexpr Duration kLongestScriptRun = 2s;
constexpr Duration kCalmAfterBound = 30s;

IpAddress addressOf(std::size_t index) {
  return IpAddress::fromHalves(AddressFamily::kIpv4, 0, 0x0a000001 + index);
}

}  // namespace

Simulation::Simulation(const Options& options) : options_(options), random_(options.seed) {
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
  vrrpd::InstanceConfig group = groupConfig();
  if (random_.chance(300)) {
    group.isUnicast = true;
    for (std::size_t i = 0; i < count; ++i) {
      group.rules.peers.push_back({.address = addressOf(i)});
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    vrrpd::InstanceConfig config = nodeConfig(group);
    std::erase_if(config.rules.peers,
                  [&](const vrrpd::UnicastPeer& peer) { return peer.address == addressOf(i); });
    const double rate = 1.0 + static_cast<double>(random_.between(-5000, 5000)) / 1e6;
    nodes_.push_back(std::make_unique<Node>(i, config, addressOf(i), rate, world_));
  }
  scriptDue_.assign(count, kNever);
  scheduledFor_.assign(count, kNever);
  weather_.partition.assign(count, 0);
}

// What all routers of a group have to agree on, and what this group is like.
vrrpd::InstanceConfig Simulation::groupConfig() {
  vrrpd::InstanceConfig config;
  config.router.name = "V";
  config.router.version = random_.chance(500) ? Version::kV2 : Version::kV3;
  config.router.advertisementInterval = config.router.version == Version::kV2
                                            ? Duration(1s) * random_.between(1, 2)
                                            : Duration(10ms) * random_.between(10, 200);
  config.router.announceRefresh = random_.chance(200) ? Duration(7s) : Duration(0);
  config.router.announceLowerPriorityDelay = random_.chance(500) ? Duration(5s) : Duration(0);
  config.rules.name = config.router.name;
  config.rules.version = config.router.version;
  config.rules.virtualRouterId = 7;
  config.rules.interval = config.router.advertisementInterval;
  config.rules.addresses = {*IpAddress::parse("10.1.0.1"), *IpAddress::parse("10.1.0.2")};
  config.interface = InterfaceId{0};
  config.interfaceName = "e0";
  config.group = *IpAddress::parse("224.0.0.18");
  config.router.preemptMode = random_.chance(700);
  return config;
}

vrrpd::InstanceConfig Simulation::nodeConfig(const vrrpd::InstanceConfig& group) {
  vrrpd::InstanceConfig config = group;
  config.router.priority =
      static_cast<std::uint8_t>(random_.chance(400)  ? 100
                                : random_.chance(50) ? 255
                                                     : random_.between(1, 254));
  if (config.router.version == Version::kV3 && random_.chance(200)) {
    config.router.advertisementInterval = Duration(10ms) * random_.between(10, 200);
    config.rules.interval = config.router.advertisementInterval;
  }
  config.router.preemptMode =
      group.router.preemptMode || config.router.priority == vrrpd::kPriorityOwner;
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
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i]->start(now_);
    scriptDue_[i] = now_ + random_.between(Duration(0), kLongestScriptRun);
    schedule(i);
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
  const auto index = static_cast<std::size_t>(random_.next() % nodes_.size());
  Node& node = *nodes_[index];
  const bool isMaster = node.state() == State::kMaster;
  const Duration own = node.config().router.advertisementInterval;
  Duration interval = own;
  Duration longest = own;
  for (const auto& other : nodes_) {
    interval = std::min(interval, other->config().router.advertisementInterval);
    longest = std::max(longest, other->config().router.advertisementInterval);
  }
  const Duration shortTime = random_.between(Duration(1ms), interval);
  const Duration anyTime = isMaster ? shortTime : random_.between(Duration(1ms), Duration(20s));
  // A Backup that starts does not know a master's longer interval yet (RFC 5798, 6.4.1).
  const bool mayCrash = isMaster || own == longest;
  // A Backup that missed everything has to notice that it did.
  const bool missesAll = !isMaster && random_.chance(300);
  switch (random_.between(0, mayCrash ? 2 : 1)) {
    case 0:
      trace(index, "pause, harmlessly");
      node.pause();
      runUntil(now_ + (missesAll ? 5 * longest + 1s : anyTime));
      node.resume(now_, !missesAll);
      break;
    case 1:
      trace(index, "loss, harmlessly");
      weather_.lossPermille = 1000;
      runUntil(now_ + shortTime);
      weather_.lossPermille = 0;
      break;
    default:
      node.crash(now_);
      runUntil(now_ + anyTime);
      node.revive(now_);
      scriptDue_[index] = now_ + random_.between(Duration(0), kLongestScriptRun);
      break;
  }
  schedule(index);
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
  if (options_.brokersDie && random_.chance(150)) {
    disturbBroker(static_cast<std::size_t>(random_.next() % nodes_.size()));
  } else if (random_.chance(300)) {
    changeWeather();
  } else {
    disturbNode(static_cast<std::size_t>(random_.next() % nodes_.size()));
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

void Simulation::disturbBroker(std::size_t index) {
  Node& node = *nodes_[index];
  if (node.isRunning()) {
    node.setBroker(now_, !node.isBrokerThere());
    schedule(index);
  }
}

void Simulation::disturbNode(std::size_t index) {
  Node& node = *nodes_[index];
  if (!node.isAlive()) {
    node.revive(now_);
    scriptDue_[index] = now_ + random_.between(Duration(0), kLongestScriptRun);
  } else if (node.isPaused()) {
    node.resume(now_, random_.chance(700));
  } else if (!node.isBrokerThere() && random_.chance(500)) {
    node.setBroker(now_, true);
  } else {
    // A start and a stop need a privd, and the news of a link come from it.
    switch (node.isBrokerThere() ? random_.between(0, 5) : 3 * random_.between(0, 1)) {
      case 0:
        node.pause();
        trace(index, "pause");
        break;
      case 1:
        node.crash(now_);
        break;
      case 2:
        node.setLink(now_, !node.isLinkUp());
        break;
      case 3:
      case 4:
        node.setScript(now_, !node.isScriptGood());
        break;
      default:
        node.stop(now_);
        node.start(now_);
        scriptDue_[index] = now_ + random_.between(Duration(0), kLongestScriptRun);
        break;
    }
  }
  schedule(index);
}

void Simulation::calmDown() {
  trace(0, "calm");
  weather_ = {.partition = std::vector<std::size_t>(nodes_.size(), 0)};
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = *nodes_[i];
    if (!node.isAlive()) {
      node.revive(now_);
      scriptDue_[i] = now_ + random_.between(Duration(0), kLongestScriptRun);
    }
    if (node.isPaused()) {
      node.resume(now_, true);
    }
    if (!node.isBrokerThere()) {
      node.setBroker(now_, true);
    }
    if (!node.isLinkUp()) {
      node.setLink(now_, true);
    }
    if (!node.isScriptGood()) {
      node.setScript(now_, true);
    }
    schedule(i);
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
  return 2s + delays + kLongestScriptRun + 4 * masterDown;
}

void Simulation::checkCalm() {
  if (failed()) {
    return;
  }
  std::size_t masters = 0;
  std::size_t held = 0;
  int masterPriority = 0;
  int highest = 0;
  bool allPreempt = true;
  for (const auto& node : nodes_) {
    const int priority = node->instance().router().priority();
    highest = std::max(highest, priority);
    held += node->holdsAddress() ? 1 : 0;
    allPreempt = allPreempt && node->config().router.preemptMode;
    if (node->state() == State::kMaster) {
      ++masters;
      masterPriority = priority;
    } else if (node->state() != State::kBackup) {
      violation("a router takes no part although nothing hinders it");
    }
  }
  if (masters != 1 || held != 1) {
    violation(concat(masters, " masters, ", held, " hold the address"));
  } else if (allPreempt && masterPriority != highest) {
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
      const auto index = static_cast<std::size_t>(script - scriptDue_.begin());
      *script = kNever;
      if (nodes_[index]->isRunning()) {
        nodes_[index]->answerScript(now_);
      } else if (nodes_[index]->isPaused()) {
        *script = now_ + kLongestScriptRun;
      }
      schedule(index);
      continue;
    }
    Event event = events_.top();
    events_.pop();
    Node& node = *nodes_[event.node];
    if (event.packet) {
      node.deliver(now_, std::move(*event.packet));
    } else if (scheduledFor_[event.node] == event.at) {
      scheduledFor_[event.node] = kNever;
      node.wake(now_);
    }
    schedule(event.node);
  }
  now_ = std::max(now_, end);
}

void Simulation::send(std::size_t from, const Packet& packet) {
  for (std::size_t to = 0; to < nodes_.size(); ++to) {
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
