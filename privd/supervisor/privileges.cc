#include "privd/supervisor/privileges.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <utility>

#include "policy/capabilities.h"
#include "policy/process_status.h"
#include "policy/sandbox.h"
#include "policy/users.h"

namespace holdfast::supervisor {
namespace {

using policy::CapabilitySet;

constexpr const char* kOwnStatus = "/proc/self/status";

std::vector<uid_t> allUids(const Plan& plan, const WorkerUsers& users) {
  std::vector<uid_t> uids{::getuid(), users.privdUid, users.vrrpdUid, users.checkdUid};
  for (const IdentityPlan& identity : plan.identities) {
    uids.push_back(identity.uid);
  }
  return uids;
}

std::vector<gid_t> allGids(const Plan& plan, const WorkerUsers& users) {
  std::vector<gid_t> gids{::getgid(), users.privdGid, users.vrrpdGid, users.checkdGid};
  for (const IdentityPlan& identity : plan.identities) {
    gids.push_back(identity.gid);
  }
  return gids;
}

}  // namespace

Status checkPermissions() {
  const auto status = policy::readProcessStatus(kOwnStatus);
  if (!status) {
    return status.error();
  }
  const CapabilitySet missing = policy::kBrokerCapabilities.without(status->permitted);
  if (missing.empty()) {
    return success();
  }
  return Error{"cannot start without the capabilities " + missing.names() +
                   ": start as root, or give them in the unit with AmbientCapabilities=",
               EPERM};
}

void checkLowPorts(Plan& plan, LogSink& log) {
  const auto status = policy::readProcessStatus(kOwnStatus);
  if (plan.bindsLowPorts && status && !status->permitted.includes(policy::kLowPortCapabilities)) {
    log.own(kWarning,
            "checks with a bind_port below 1024 will fail: they take CAP_NET_BIND_SERVICE, which "
            "AmbientCapabilities= and CapabilityBoundingSet= in the unit give");
    plan.bindsLowPorts = false;
  }
}

Status enterNetNamespace(const std::string& name) {
  if (name.empty()) {
    return success();
  }
  if (name.find('/') != std::string::npos || name == "." || name == "..") {
    return Error{"'" + name + "' is not the name of a network namespace"};
  }
  const std::string path = "/run/netns/" + name;
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    return systemError("cannot open network namespace " + path);
  }
  if (::setns(fd.get(), CLONE_NEWNET) != 0) {
    return systemError("cannot enter network namespace " + name + " (needs CAP_SYS_ADMIN)");
  }
  return success();
}

Result<WorkerUsers> workerUsers() {
  if (::getuid() != 0) {
    const uid_t uid = ::getuid();
    const gid_t gid = ::getgid();
    return WorkerUsers{uid, gid, uid, gid, uid, gid};
  }
  const auto privd = policy::daemonUser(policy::kPrivdUser);
  if (!privd) {
    return privd.error();
  }
  const auto vrrpd = policy::daemonUser(policy::kVrrpdUser);
  if (!vrrpd) {
    return vrrpd.error();
  }
  const auto checkd = policy::daemonUser(policy::kCheckdUser);
  if (!checkd) {
    return checkd.error();
  }
  return WorkerUsers{privd->uid, privd->gid, vrrpd->uid, vrrpd->gid, checkd->uid, checkd->gid};
}

Result<std::string> dropPrivileges(const Plan& plan, const WorkerUsers& users,
                                   std::vector<int> keepDescriptors) {
  const auto status = policy::readProcessStatus(kOwnStatus);
  if (!status) {
    return status.error();
  }
  const bool noNewPrivileges = plan.scriptNoNewPrivileges || status->noNewPrivileges;
  policy::SandboxRequest request =
      policy::supervisorRequest({.rootScripts = plan.hasRootScripts(),
                                 .setuidPrograms = plan.scriptSetuidPrograms,
                                 .noNewPrivileges = plan.scriptNoNewPrivileges,
                                 .lowPorts = plan.bindsLowPorts},
                                *status);
  request.keepDescriptors = std::move(keepDescriptors);
  const auto report = policy::enterSandbox(request);
  if (!report) {
    return report.error();
  }
  if (noNewPrivileges && !plan.hasRootScripts()) {
    const Status restricted =
        policy::restrictIdentities(allUids(plan, users), allGids(plan, users));
    if (!restricted) {
      return restricted.error();
    }
  }
  return report->text();
}

}  // namespace holdfast::supervisor
