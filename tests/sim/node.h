// A virtual router of vrrpd on one simulated host, a privd that remembers, a clock that drifts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ipc/time.h"
#include "vrrpd/instance.h"

namespace holdfast::sim {

struct Packet {
  IpAddress source;
  IpAddress destination;
  std::vector<std::uint8_t> pdu;
};

// What a node does to the world, and what it may not do.
struct World {
  std::function<void(std::size_t node, Packet packet)> send;
  std::function<void(std::size_t node, std::string text)> trace;
  std::function<void(std::size_t node, std::string text)> violation;
  std::function<void(std::size_t node)> stateChanged;
};

class Node {
 public:
  Node(std::size_t index, vrrpd::InstanceConfig config, IpAddress address, double clockRate,
       World& world);

  // What it asks for is in the node's own time.
  using Stands = std::function<void(vrrpd::Standing standing, TimePoint local)>;
  void joinGroup(Stands stands) { stands_ = std::move(stands); }
  void followGroup(vrrpd::State group, TimePoint local);

  // All times are the world's; the router is told the node's own.
  void make(TimePoint now, bool isCarriedOn);  // with what privd noted; else as for the first time
  void begin(TimePoint now);
  void stop(TimePoint now);   // gracefully
  void crash(TimePoint now);  // kill -9: privd keeps the addresses and the note
  void reconfigure(std::uint8_t priority, Duration preemptDelay);  // while it is not alive
  void pause() { isPaused_ = true; }
  // `keepsInbox`: the process was stopped; else the whole machine was, and has missed everything.
  void resume(bool keepsInbox);
  void catchUp(TimePoint now);  // after all of its host have resumed
  void setLink(TimePoint now, bool isUp);
  void setScript(TimePoint now, bool isGood);
  void answerScript(TimePoint now);             // the first run after a start has ended
  void setBroker(TimePoint now, bool isThere);  // privd alone dies, and is there again

  void wake(TimePoint now);
  void deliver(TimePoint now, Packet packet);
  // In the world's time; kNever when it does not wait for anything.
  [[nodiscard]] TimePoint nextDeadline() const;

  [[nodiscard]] TimePoint localTime(TimePoint now) const;
  [[nodiscard]] const std::optional<vrrpd::Noted>& carriedOn() const { return carriedOn_; }
  [[nodiscard]] bool isAlive() const { return instance_ != nullptr; }
  [[nodiscard]] bool isRunning() const { return isAlive() && !isPaused_; }
  [[nodiscard]] bool isPaused() const { return isPaused_; }
  [[nodiscard]] bool isLinkUp() const { return isLinkUp_; }
  [[nodiscard]] bool isScriptGood() const { return isScriptGood_; }
  [[nodiscard]] bool isBrokerThere() const { return isBrokerThere_; }
  [[nodiscard]] bool holdsAddress() const { return holdsAddress_; }
  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] const vrrpd::Instance& instance() const { return *instance_; }
  [[nodiscard]] const vrrpd::InstanceConfig& config() const { return config_; }
  [[nodiscard]] const IpAddress& address() const { return address_; }
  [[nodiscard]] vrrpd::State state() const {
    return isAlive() ? instance_->router().state() : vrrpd::State::kInitialize;
  }

 private:
  [[nodiscard]] vrrpd::InterfaceStatus linkStatus() const;
  void tellLink(TimePoint now);
  void receive(TimePoint local, const Packet& packet);
  void drainInbox(TimePoint local);
  void perform(TimePoint local);
  void carryOut(TimePoint local, const vrrpd::Action& action);
  void send(TimePoint local, std::uint8_t priority);
  void checkAdvertisement(TimePoint local, std::uint8_t priority);
  void checkTakeover(TimePoint local);

  std::size_t index_;
  vrrpd::InstanceConfig config_;
  IpAddress address_;
  double clockRate_;
  World& world_;
  std::unique_ptr<vrrpd::Instance> instance_;
  vrrpd::Actions out_;
  std::vector<Packet> inbox_;
  Stands stands_;
  vrrpd::Standing standing_ = vrrpd::Standing::kWaiting;
  std::optional<vrrpd::Noted> carriedOn_;
  bool isPaused_ = false;
  bool isLinkUp_ = true;
  bool isScriptGood_ = true;
  bool isBrokerThere_ = true;
  bool hasScriptAnswered_ = false;
  bool wasHeldUp_ = false;  // since its last advertisement

  // privd's memory
  bool holdsAddress_ = false;
  std::optional<vrrpd::Noted> noted_;
  TimePoint diedAt_{};

  // What the checks need to remember.
  vrrpd::State lastState_ = vrrpd::State::kInitialize;
  TimePoint lastAdvertisement_ = TimePoint::min();
  TimePoint lastFollowed_ = TimePoint::min();
  bool heardPriorityZero_ = false;  // or, with fast_handover, that the master fell below it
};

}  // namespace holdfast::sim
