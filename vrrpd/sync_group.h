// A vrrp_sync_group: virtual routers that are Master together, or not at all (keepalived.conf(5),
// vrrp_sync_group). What a group tracks its members track themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "vrrpd/action.h"
#include "vrrpd/virtual_router.h"

namespace holdfast::vrrpd {

struct SyncGroupConfig {
  std::string name;
  std::vector<std::string> members;  // their names
};

// VirtualRouter::followGroup() of that member.
struct TellMember {
  std::size_t member = 0;
  State group = State::kInitialize;
  friend bool operator==(const TellMember&, const TellMember&) = default;
};
using GroupAction = std::variant<TellMember, Notify, LogText>;
using GroupActions = std::vector<GroupAction>;

// A plain object, told how its members stand, that says what each of them may be. Whatever it asks
// for is carried out before it is asked again; a member that changes meanwhile is told at once.
class SyncGroup {
 public:
  explicit SyncGroup(SyncGroupConfig config);

  // Before its members start, with what an earlier process noted of each.
  void prepare(const std::vector<std::optional<Noted>>& noted, GroupActions& out);
  void memberStands(std::size_t member, Standing standing);
  // What follows from how the members stand, once all have started. To be called until nothing
  // does.
  void settle(GroupActions& out);

  [[nodiscard]] State state() const { return state_; }

 private:
  [[nodiscard]] bool any(Standing standing) const;
  [[nodiscard]] bool allAre(Standing standing) const;
  [[nodiscard]] bool allCanBeMaster() const;
  [[nodiscard]] State decide() const;
  void tell(State group, GroupActions& out);
  void sayWhatHappens(State group, GroupActions& out) const;
  void notify(State state, NotifyEvent event, GroupActions& out);

  SyncGroupConfig config_;
  std::vector<Standing> standings_;
  std::size_t cause_ = 0;             // the member that changed last
  State told_ = State::kInitialize;   // what the members may be
  bool hasMasterLeft_ = false;        // since they may be Master
  State state_ = State::kInitialize;  // that was told last
  bool hasNotified_ = false;
  bool isStopped_ = false;
};

}  // namespace holdfast::vrrpd
