// A sync group at work: its members' stations, and its notify hooks.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ipc/log.h"
#include "vrrpd/configuration.h"
#include "vrrpd/notifier.h"
#include "vrrpd/station.h"
#include "vrrpd/sync_group.h"

namespace holdfast::vrrpd {

// Carries out what its SyncGroup asks for. Owned by the Daemon, beside the stations.
class GroupStation {
 public:
  // `members` in the order of the configuration; they are only borrowed.
  GroupStation(Log& log, Notifier::Outlets notify, std::uint32_t index,
               const ConfiguredGroup& configured, std::vector<Station*> members);
  GroupStation(const GroupStation&) = delete;
  GroupStation& operator=(const GroupStation&) = delete;

  // Before the members begin, and after.
  void prepare(const std::vector<std::optional<Noted>>& noted);
  void begin();

  [[nodiscard]] State state() const { return group_.state(); }

 private:
  void memberStands(std::size_t member, Standing standing);
  void settle();
  void perform(GroupActions& actions);
  void carryOut(const TellMember& action);
  void carryOut(const Notify& action);
  void carryOut(const LogText& action);

  Log& log_;
  Notifier notifier_;
  SyncGroup group_;
  std::vector<Station*> members_;
  bool hasBegun_ = false;
  bool isSettling_ = false;
};

}  // namespace holdfast::vrrpd
