#include "vrrpd/group_station.h"

#include <utility>
#include <variant>

#include "ipc/log_text.h"

namespace holdfast::vrrpd {

GroupStation::GroupStation(Log& log, Notifier::Outlets notify, std::uint32_t index,
                           const ConfiguredGroup& configured, std::vector<Station*> members)
    : log_(log),
      notifier_(std::move(notify), index, configured.hooks),
      group_(configured.config),
      members_(std::move(members)) {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    members_[i]->joinGroup([this, i](Standing standing) { memberStands(i, standing); });
  }
}

void GroupStation::prepare(const std::vector<std::optional<Noted>>& noted) {
  GroupActions actions;
  group_.prepare(noted, actions);
  perform(actions);
}

void GroupStation::begin() {
  hasBegun_ = true;
  settle();
}

void GroupStation::memberStands(std::size_t member, Standing standing) {
  group_.memberStands(member, standing);
  if (hasBegun_) {
    settle();
  }
}

// What a member is told changes it, and comes back here before all members are told.
void GroupStation::settle() {
  if (std::exchange(isSettling_, true)) {
    return;
  }
  GroupActions actions;
  for (group_.settle(actions); !actions.empty(); group_.settle(actions)) {
    perform(actions);
  }
  isSettling_ = false;
}

void GroupStation::perform(GroupActions& actions) {
  for (const GroupAction& action : actions) {
    std::visit([this](const auto& one) { carryOut(one); }, action);
  }
  actions.clear();
}

void GroupStation::carryOut(const TellMember& action) {
  members_[action.member]->followGroup(action.group);
}

void GroupStation::carryOut(const Notify& action) {
  notifier_.notify(action);
}

void GroupStation::carryOut(const LogText& action) {
  write(log_, action);
}

}  // namespace holdfast::vrrpd
