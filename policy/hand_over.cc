#include <cap-ng.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "policy/process_status.h"
#include "policy/sandbox.h"

namespace holdfast::policy {
namespace {

// What enterSandbox of the executable has to hold to get where `request` says.
CapabilitySet neededBy(const SandboxRequest& request, const ProcessStatus& now) {
  if (request.capabilities == CapabilitySet::all()) {
    return request.capabilities;
  }
  CapabilitySet needed = request.capabilities | request.bounding | CapabilitySet{CAP_SETPCAP};
  if (request.uid != now.uids[0]) {
    needed = needed | CapabilitySet{CAP_SETUID};
  }
  if (request.gid != now.gids[0] || now.uids[0] == 0) {
    needed = needed | CapabilitySet{CAP_SETGID};
  }
  return needed;
}

// exec as root gives the bounding set.
Status narrowBoundingSet(CapabilitySet to, const ProcessStatus& now) {
  if (!now.effective.has(CAP_SETPCAP)) {
    return success();
  }
  for (unsigned capability = 0; capability < 64; ++capability) {
    if (now.bounding.has(capability) && !to.has(capability) &&
        ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
      return systemError("PR_CAPBSET_DROP");
    }
  }
  return success();
}

// exec as another user gives the ambient set, which has to be inheritable first.
Status raiseAmbient(CapabilitySet set, const ProcessStatus& now) {
  capng_clear(CAPNG_SELECT_ALL);
  for (unsigned capability = 0; capability < 64; ++capability) {
    const auto add = [capability](capng_type_t type, CapabilitySet from) {
      if (from.has(capability)) {
        capng_update(CAPNG_ADD, type, capability);
      }
    };
    add(CAPNG_EFFECTIVE, now.effective);
    add(CAPNG_PERMITTED, now.permitted);
    add(CAPNG_INHERITABLE, set);
  }
  if (const int result = capng_apply(CAPNG_SELECT_CAPS); result != 0) {
    return Error{"inheritable set: libcap-ng returned " + std::to_string(result), EPERM};
  }
  for (unsigned long capability = 0; capability < 64; ++capability) {
    if (set.has(static_cast<unsigned>(capability)) &&
        ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) {
      return systemError("PR_CAP_AMBIENT_RAISE");
    }
  }
  return success();
}

}  // namespace

Status handOver(const SandboxRequest& request) {
  const auto now = readProcessStatus("/proc/self/status");
  if (!now.ok()) {
    return now.error();
  }
  const CapabilitySet needed = neededBy(request, *now);
  if (now->uids[0] == 0) {
    return narrowBoundingSet(needed, *now);
  }
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
    return systemError("PR_CAP_AMBIENT_CLEAR_ALL");
  }
  return raiseAmbient(needed & now->permitted & now->bounding, *now);
}

SandboxRequest supervisorRequest(const SupervisorNeeds& needs, const ProcessStatus& now) {
  SandboxRequest request;
  request.role = Role::kSupervisor;
  request.uid = now.uids[0];
  request.gid = now.gids[0];
  request.noNewPrivileges = needs.noNewPrivileges;
  const bool everything = needs.rootScripts || needs.setuidPrograms;
  const CapabilitySet ordinary = kSupervisorCapabilities | kBrokerCapabilities |
                                 (needs.lowPorts ? kLowPortCapabilities : CapabilitySet{});
  const CapabilitySet forWorkers = everything ? CapabilitySet::all() : ordinary;
  request.capabilities = kSupervisorCapabilities & now.permitted;
  request.bounding = forWorkers & now.bounding;
  // Root's children get the bounding set, except under no_new_privs, which lets exec add nothing.
  if (now.uids[0] != 0 || needs.noNewPrivileges || now.noNewPrivileges) {
    request.reserve = (needs.rootScripts ? CapabilitySet::all() : ordinary) & now.permitted;
  }
  return request;
}

}  // namespace holdfast::policy
