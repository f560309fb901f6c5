// Many virtual routers under one simulated network and clock, all of it decided by a seed. Each
// host has one on each segment; they elect apart, or are a sync group.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "ipc/time.h"
#include "tests/sim/host.h"
#include "tests/sim/node.h"
#include "tests/sim/random.h"

namespace holdfast::sim {

struct Options {
  std::uint64_t seed = 1;
  std::size_t routers = 0;  // 0: the seed decides, 3 to 9
  int episodes = 4;
  bool brokersDie = true;
  bool reloads = true;
  bool alone = false;  // one segment; else the seed decides, 1 to 3, and whether they are a group
};

struct Outcome {
  std::optional<std::string> violation;
  std::deque<std::string> trace;  // the last things that happened
  Duration simulated{};
  std::uint64_t packets = 0;
  std::uint64_t transitions = 0;
};

// An episode is a time of trouble (loss, delay, duplication, partition, pauses, crashes, stops,
// links and scripts that fail) and a calm one. After a bounded time of calm, until its end:
// - exactly one router is master, and holds the address;
// - where all preempt, none has a higher priority than it;
// - the members of a sync group are in one state;
// - nothing changes any more, although now and then a router is held up or dies for a time that
//   its peers do not notice, or an advertisement is lost.
// At any time: the address is held exactly by masters, a master advertises in each interval unless
// it is held up, and nobody takes over before the master has been silent for its time. No member of
// a sync group is master beside one in FAULT, nor for long beside one that is not.
class Simulation {
 public:
  explicit Simulation(const Options& options);
  [[nodiscard]] Outcome run();

 private:
  struct Event {
    TimePoint at;
    std::uint64_t serial = 0;  // order among equals
    std::size_t node = 0;
    std::optional<Packet> packet;  // none: a timer of the node
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : serial > other.serial;
    }
  };
  struct Weather {
    unsigned lossPermille = 0;
    unsigned duplicatePermille = 0;
    Duration minDelay = std::chrono::microseconds(50);
    Duration maxDelay = std::chrono::milliseconds(2);
    std::vector<std::size_t> partition;  // by node; those of equal number hear each other
  };

  void makeHost(std::size_t host, std::vector<vrrpd::InstanceConfig>& segments);
  [[nodiscard]] vrrpd::InstanceConfig segmentConfig(std::size_t hosts);
  [[nodiscard]] vrrpd::InstanceConfig nodeConfig(const vrrpd::InstanceConfig& segment);
  void episode();
  void trouble();
  void disturb();
  void changeWeather();
  void disturbHost(Host& host);
  void disturbBroker(Host& host);
  void reload(Host& host);
  void revive(Host& host);
  void answerScriptSoon(const Host& host);
  void calmDown();
  void disturbHarmlessly();
  void checkCalm();
  void checkSegment(std::size_t segment);
  void answerScript(std::size_t host);
  void serve(Event event);
  [[nodiscard]] Duration convergenceBound() const;

  void runUntil(TimePoint end);
  void send(std::size_t from, const Packet& packet);
  void transmit(std::size_t to, const Packet& packet);
  void schedule(const Host& host);
  void schedule(std::size_t node);
  void push(Event event);
  void trace(std::size_t node, const std::string& text);
  void violation(const std::string& text);
  [[nodiscard]] bool failed() const { return outcome_.violation.has_value(); }

  Options options_;
  Random random_;
  World world_;
  Random shape_;  // what was added later: without it the others stay as they were for a seed
  std::size_t segments_ = 1;
  bool isGrouped_ = false;
  bool haveOnePriority_ = true;               // a host's nodes
  std::vector<std::unique_ptr<Node>> nodes_;  // those of a host are together, by segment
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<TimePoint> scriptDue_;  // by host
  std::vector<TimePoint> scheduledFor_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  Weather weather_;
  TimePoint now_{std::chrono::seconds(1000)};
  std::uint64_t nextSerial_ = 0;
  bool mustBeStill_ = false;  // calm, and past the bound
  Outcome outcome_;
};

}  // namespace holdfast::sim
