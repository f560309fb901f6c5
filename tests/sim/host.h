// One simulated host: its virtual routers on their segments, perhaps in one sync group, and what
// happens to all of them at once.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/node.h"
#include "vrrpd/sync_group.h"

namespace holdfast::sim {

// The nodes are only borrowed: one on each segment. All times are the world's, but `local`.
class Host {
 public:
  Host(std::vector<Node*> nodes, bool isGrouped, World& world);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  void start(TimePoint now);
  void stop(TimePoint now);    // gracefully
  void crash(TimePoint now);   // kill -9: privd keeps the addresses and the note
  void revive(TimePoint now);  // the supervisor starts it again
  void pause();
  void resume(TimePoint now, bool keepsInbox);
  void setScript(TimePoint now, bool isGood);
  void answerScript(TimePoint now);
  void setBroker(TimePoint now, bool isThere);

  [[nodiscard]] const std::vector<Node*>& nodes() const { return nodes_; }
  [[nodiscard]] bool isGrouped() const { return isGrouped_; }
  [[nodiscard]] bool isAlive() const { return nodes_.front()->isAlive(); }
  [[nodiscard]] bool isRunning() const { return nodes_.front()->isRunning(); }
  [[nodiscard]] bool isPaused() const { return nodes_.front()->isPaused(); }
  [[nodiscard]] bool isScriptGood() const { return nodes_.front()->isScriptGood(); }
  [[nodiscard]] bool isBrokerThere() const { return nodes_.front()->isBrokerThere(); }

  [[nodiscard]] bool isAny(vrrpd::State state) const;
  [[nodiscard]] bool isAll(vrrpd::State state) const;
  [[nodiscard]] Duration shortestInterval() const;

  // Members of a group are master together; one that joins masters has a while for it.
  void checkUnity(TimePoint now);

 private:
  void create(TimePoint now, bool isCarriedOn);
  void memberStands(std::size_t member, vrrpd::Standing standing, TimePoint local);
  void settle(TimePoint local);
  void carryOut(const vrrpd::GroupActions& actions, TimePoint local);

  std::vector<Node*> nodes_;
  bool isGrouped_;
  World& world_;
  std::optional<vrrpd::SyncGroup> group_;  // while it is alive
  bool hasBegun_ = false;
  bool isSettling_ = false;
  TimePoint mixedSince_ = kNever;
};

}  // namespace holdfast::sim
