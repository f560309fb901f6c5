#include "privd/broker/ipvs/sync_daemons.h"

#include <cerrno>
#include <utility>

namespace holdfast::privd::ipvs {
namespace {

// Its device can come later.
constexpr Duration kPatience = std::chrono::seconds(1);

std::string textOf(Role role) {
  return role == Role::kMaster ? "master" : "backup";
}

}  // namespace

// What the privd before this one has started.
void SyncDaemons::readThose() {
  isRead_ = true;
  const Result<std::vector<RunningDaemon>> found = kernel_.daemons();
  if (!found || !wanted_) {
    return;
  }
  for (const RunningDaemon& daemon : *found) {
    if (daemon.interface == wanted_->interface && daemon.syncId == wanted_->syncId) {
      running_ = wanted_;
      runningRoles_.insert(daemon.role);
    }
  }
}

void SyncDaemons::want(const std::optional<SyncDaemon>& daemon, bool isMaster) {
  std::set<Role> roles;
  if (daemon && (isMaster || !daemon->instance)) {
    roles.insert(Role::kMaster);
  }
  if (daemon && (!isMaster || !daemon->instance)) {
    roles.insert(Role::kBackup);
  }
  if (wanted_ == daemon && roles_ == roles) {
    return;
  }
  wanted_ = daemon;
  roles_ = std::move(roles);
  isTold_ = false;
  next_ = TimePoint{};
}

Status SyncDaemons::make() {
  if (!isRead_) {
    readThose();
  }
  for (const Role role : std::set<Role>(runningRoles_)) {
    if (running_ != wanted_ || !roles_.contains(role)) {
      const Status stopped = kernel_.stopDaemon(role);
      if (!stopped && stopped.error().code != ESRCH) {
        return stopped;
      }
      runningRoles_.erase(role);
    }
  }
  running_ = wanted_;
  for (const Role role : roles_) {
    if (runningRoles_.contains(role)) {
      continue;
    }
    Status started = kernel_.startDaemon(*wanted_, role);
    if (!started && started.error().code == EEXIST && kernel_.stopDaemon(role)) {
      started = kernel_.startDaemon(*wanted_, role);
    }
    if (!started) {
      return started;
    }
    runningRoles_.insert(role);
    log_.extraDetail("audit: IPVS sync daemon on " + wanted_->interface + " as " + textOf(role) +
                     ": done");
  }
  return success();
}

TimePoint SyncDaemons::work(TimePoint now) {
  if (now < next_) {
    return next_;
  }
  const Status made = make();
  if (!made && !std::exchange(isTold_, true)) {
    log_.error("IPVS: " + made.error().message + ": trying again");
  }
  next_ = made ? kNever : now + kPatience;
  return next_;
}

void SyncDaemons::stopAll() {
  want(std::nullopt, false);
  static_cast<void>(make());
  next_ = kNever;
}

}  // namespace holdfast::privd::ipvs
