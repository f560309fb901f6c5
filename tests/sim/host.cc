#include "tests/sim/host.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "ipc/concat.h"

namespace holdfast::sim {
namespace {

using namespace std::chrono_literals;
using vrrpd::State;

constexpr Duration kLongestJoin = 4s;  // beyond a master-down time: a start delay, a script's run

}  // namespace

Host::Host(std::vector<Node*> nodes, bool isGrouped, World& world)
    : nodes_(std::move(nodes)), isGrouped_(isGrouped), world_(world) {
  for (std::size_t i = 0; isGrouped_ && i < nodes_.size(); ++i) {
    nodes_[i]->joinGroup(
        [this, i](vrrpd::Standing standing, TimePoint local) { memberStands(i, standing, local); });
  }
}

void Host::start(TimePoint now) {
  create(now, false);
}

void Host::revive(TimePoint now) {
  create(now, true);
}

// As the Daemon in vrrpd.
void Host::create(TimePoint now, bool isCarriedOn) {
  const TimePoint local = nodes_.front()->localTime(now);
  std::vector<std::optional<vrrpd::Noted>> noted;
  vrrpd::SyncGroupConfig config{.name = "G", .members = {}};
  for (Node* node : nodes_) {
    node->make(now, isCarriedOn);
    noted.push_back(node->carriedOn());
    config.members.emplace_back("V");
  }
  hasBegun_ = false;
  if (isGrouped_) {
    group_.emplace(config);
    vrrpd::GroupActions actions;
    group_->prepare(noted, actions);
    carryOut(actions, local);
  }
  for (Node* node : nodes_) {
    node->begin(now);
  }
  hasBegun_ = true;
  settle(local);
}

void Host::stop(TimePoint now) {
  for (Node* node : nodes_) {
    node->stop(now);
  }
  group_.reset();
}

void Host::crash(TimePoint now) {
  group_.reset();
  for (Node* node : nodes_) {
    node->crash(now);
  }
}

void Host::pause() {
  for (Node* node : nodes_) {
    node->pause();
  }
}

void Host::resume(TimePoint now, bool keepsInbox) {
  mixedSince_ = kNever;
  for (Node* node : nodes_) {
    node->resume(keepsInbox);
  }
  for (Node* node : nodes_) {
    node->catchUp(now);
  }
}

void Host::setScript(TimePoint now, bool isGood) {
  for (Node* node : nodes_) {
    node->setScript(now, isGood);
  }
}

void Host::answerScript(TimePoint now) {
  for (Node* node : nodes_) {
    node->answerScript(now);
  }
}

void Host::setBroker(TimePoint now, bool isThere) {
  for (Node* node : nodes_) {
    node->setBroker(now, isThere);
  }
}

void Host::memberStands(std::size_t member, vrrpd::Standing standing, TimePoint local) {
  if (group_) {
    group_->memberStands(member, standing);
    settle(local);
  }
}

// As the GroupStation in vrrpd.
void Host::settle(TimePoint local) {
  if (!group_ || !hasBegun_ || std::exchange(isSettling_, true)) {
    return;
  }
  vrrpd::GroupActions actions;
  for (group_->settle(actions); !actions.empty(); group_->settle(actions)) {
    carryOut(std::exchange(actions, {}), local);
  }
  isSettling_ = false;
}

void Host::carryOut(const vrrpd::GroupActions& actions, TimePoint local) {
  for (const vrrpd::GroupAction& action : actions) {
    if (const auto* tell = std::get_if<vrrpd::TellMember>(&action)) {
      nodes_[tell->member]->followGroup(tell->group, local);
    } else if (const auto* text = std::get_if<LogText>(&action)) {
      world_.trace(nodes_.front()->index(), text->text);
    } else if (const auto& told = std::get<vrrpd::Notify>(action);
               (told.event == vrrpd::NotifyEvent::kMaster) != isAll(State::kMaster)) {
      world_.violation(nodes_.front()->index(), "tells of a group what its members are not");
    }
  }
}

bool Host::isAny(State state) const {
  return std::ranges::any_of(nodes_, [state](const Node* node) { return node->state() == state; });
}

bool Host::isAll(State state) const {
  return std::ranges::all_of(nodes_, [state](const Node* node) { return node->state() == state; });
}

Duration Host::shortestInterval() const {
  return (*std::ranges::min_element(
              nodes_, {},
              [](const Node* node) { return node->config().router.advertisementInterval; }))
      ->config()
      .router.advertisementInterval;
}

void Host::checkUnity(TimePoint now) {
  if (!isGrouped_ || !isRunning() || !isAny(State::kMaster) || isAll(State::kMaster)) {
    mixedSince_ = kNever;
    return;
  }
  if (isAny(State::kFault)) {
    world_.violation(nodes_.front()->index(), "has a member in FAULT and one that is master");
  }
  mixedSince_ = std::min(mixedSince_, now);
  const auto& router = nodes_.front()->config().router;
  const Duration bound = router.advertisementInterval * (router.downTimerAdverts + 1) +
                         router.startupDelay + kLongestJoin;
  if (now - mixedSince_ > bound) {
    world_.violation(nodes_.front()->index(), "has a member that is master alone");
  }
}

}  // namespace holdfast::sim
