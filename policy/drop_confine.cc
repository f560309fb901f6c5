#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "policy/drop.h"
#include "policy/landlock.h"
#include "policy/limits.h"
#include "policy/seccomp.h"

namespace holdfast::policy {
namespace {

// Long enough for privd to take a thousand addresses away.
constexpr unsigned kSecondsToLeave = 5;

void doNothing(int) {}
void leaveSoon(int) {
  ::alarm(kSecondsToLeave);
}

Status handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  return ::sigaction(signal, &action, nullptr) == 0 ? success() : Status(systemError("sigaction"));
}

Status ignoreWhatTheSupervisorActsOn() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE}) {
    if (auto handled = handle(signal, doNothing); !handled.ok()) {
      return handled;
    }
  }
  return handle(SIGRTMIN, leaveSoon);
}

Status setParentDeathSignal(int signal) {
  if (::prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) != 0) {
    return systemError("PR_SET_PDEATHSIG");
  }
  return success();
}

// Started by a user other than root, scriptd shares its uid with all the others, so a script could
// end them. Landlock needs no_new_privs, which systemd sets with DynamicUser=.
bool sharesItsUser(const Drop& drop) {
  return drop.request.uid != 0 && drop.request.uid == drop.started.uids[0];
}

std::optional<LandlockRules> landlockRulesOf(const Drop& drop) {
  switch (drop.request.role) {
    case Role::kPrivd:
      return LandlockRules{.denyTcpBind = false};  // sockets for checks
    case Role::kVrrpd:
      return LandlockRules{};
    case Role::kCheckd:
      return LandlockRules{.denyTcpBind = false, .denyTcpConnect = false};
    case Role::kConfd:
      return LandlockRules{.files = FileAccess::kRead};
    case Role::kWatchd:
      return std::nullopt;  // confineToReading
    case Role::kScriptd:
      if (sharesItsUser(drop)) {
        return LandlockRules{.files = FileAccess::kUnrestricted,
                             .denyTcpBind = false,
                             .denyTcpConnect = false,
                             .denySignals = true,
                             .denyAbstractSockets = false};
      }
      return std::nullopt;
    case Role::kSupervisor:
      return std::nullopt;
  }
  return std::nullopt;
}

bool noNewPrivilegesInForce(const Drop& drop) {
  return drop.request.noNewPrivileges || drop.wasNoNewPrivileges;
}

Status filter(Drop& drop) {
  auto loaded = loadFilter(filterOf(drop.request.role));
  drop.report.seccomp = drop.report.seccomp || loaded.ok();
  drop.report.seccompOnlyLogs = kSeccompOnlyLogs;
  return loaded;
}

}  // namespace

// A filter that is inherited by setuid programs can be set by CAP_SYS_ADMIN only, so the supervisor
// cannot wait for the end. Its filter refuses nothing that the steps still to come need.
Status filterWhilePrivileged(Drop& drop) {
  if (drop.request.role != Role::kSupervisor || noNewPrivilegesInForce(drop) ||
      !drop.had(CAP_SYS_ADMIN)) {
    return success();
  }
  return filter(drop);
}

Status setNoNewPrivileges(Drop& drop) {
  if (drop.request.noNewPrivileges && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return systemError("PR_SET_NO_NEW_PRIVS");
  }
  return success();
}

Status setLimits(Drop& drop) {
  for (Limit limit : limitsOf(drop.request.role)) {
    if (limit.resource == RLIMIT_NOFILE && drop.request.maxDescriptors.has_value()) {
      limit.value = *drop.request.maxDescriptors;
    }
    if (auto applied = applyLimit(limit); !applied.ok()) {
      return applied;
    }
  }
  return success();
}

Status dieWithParent(Drop& drop) {
  switch (drop.request.role) {
    case Role::kSupervisor:
      return success();
    case Role::kConfd:
      return setParentDeathSignal(SIGKILL);
    case Role::kPrivd:
    case Role::kVrrpd:
    case Role::kScriptd:
    case Role::kWatchd:
    case Role::kCheckd:
      break;
  }
  if (auto ignored = ignoreWhatTheSupervisorActsOn(); !ignored.ok()) {
    return ignored;
  }
  return setParentDeathSignal(SIGRTMIN);
}

Status enterLandlockOfRole(Drop& drop) {
  const auto rules = landlockRulesOf(drop);
  if (!rules.has_value() || !noNewPrivilegesInForce(drop)) {
    return success();
  }
  const auto entered = enterLandlock(*rules, landlockVersion());
  if (!entered.ok()) {
    return entered.error();
  }
  drop.report.landlockVersion = *entered;
  return success();
}

// scriptd without no_new_privs, and for root, is under the filter that it inherits from the
// supervisor, and so is watchd until confineToReading.
Status filterSystemCalls(Drop& drop) {
  const bool isLater = drop.request.role == Role::kWatchd;
  if (noNewPrivilegesInForce(drop) && !drop.isRootScriptd() && !isLater) {
    return filter(drop);
  }
  const auto now = readProcessStatus("/proc/self/status");
  if (!now.ok()) {
    return now.error();
  }
  drop.report.seccomp = now->seccompMode == 2;
  return success();
}

Result<int> confineToReading(std::span<const int> directories) {
  const auto entered =
      enterLandlock({.files = FileAccess::kReadBeneath, .beneath = directories}, landlockVersion());
  if (!entered.ok()) {
    return entered.error();
  }
  if (auto loaded = loadFilter(filterOf(Role::kWatchd)); !loaded.ok()) {
    return loaded.error();
  }
  return *entered;
}

}  // namespace holdfast::policy
