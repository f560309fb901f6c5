// The kernel's sync daemons (lvs_sync_daemon): as master or as backup after the state of a VRRP
// instance, or both. Owned by the Balancer.
#pragma once

#include <optional>
#include <set>

#include "ipc/log.h"
#include "ipc/time.h"
#include "privd/broker/ipvs/kernel.h"

namespace holdfast::privd::ipvs {

class SyncDaemons {
 public:
  SyncDaemons(IpvsKernel& kernel, Log& log) : kernel_(kernel), log_(log) {}

  // Those of an earlier privd go on where they are what is wanted. `isMaster` is of the instance.
  void want(const std::optional<SyncDaemon>& daemon, bool isMaster);
  // Starts and stops them. Returns when it wants to be called again.
  [[nodiscard]] TimePoint work(TimePoint now);
  void stopAll();

 private:
  void readThose();
  [[nodiscard]] Status make();

  IpvsKernel& kernel_;
  Log& log_;
  std::optional<SyncDaemon> wanted_;
  std::set<Role> roles_;               // that are wanted
  std::optional<SyncDaemon> running_;  // what runs in `runningRoles_`
  std::set<Role> runningRoles_;
  bool isRead_ = false;
  bool isTold_ = false;  // that it cannot be done
  TimePoint next_ = kNever;
};

}  // namespace holdfast::privd::ipvs
