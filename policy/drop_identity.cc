#include <cap-ng.h>
#include <grp.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>

#include "policy/drop.h"

namespace holdfast::policy {
namespace {

// uid 0 is a user like any other, keeps nothing over a change of ids but what is kept on purpose,
// and no ambient capability can be raised. None of it can be taken back.
constexpr unsigned long kLockedSecureBits =
    SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
    SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

// libcap-ng reports what it could not do with a negative number; each of them is fatal here.
Status applyCapng(capng_select_t which, const char* what) {
  if (const int result = capng_apply(which); result != 0) {
    return Error{std::string(what) + ": libcap-ng returned " + std::to_string(result), EPERM};
  }
  return success();
}

void addAll(capng_type_t type, CapabilitySet set) {
  for (unsigned capability = 0; capability < 64; ++capability) {
    if (set.has(capability)) {
      capng_update(CAPNG_ADD, type, capability);
    }
  }
}

// setuid-root programs that scripts may run need uid 0 to mean something; the supervisor's children
// get their capabilities by starting as root, or by the ambient set.
bool locksSecureBits(const Drop& drop) {
  const bool inheritedByScripts =
      drop.request.role == Role::kScriptd && !drop.request.bounding.empty();
  return drop.request.role != Role::kSupervisor && !inheritedByScripts;
}

}  // namespace

CapabilitySet Drop::permitted() const {
  const CapabilitySet asked = request.capabilities | request.reserve;
  return asked == CapabilitySet::all() ? started.permitted : asked;
}

CapabilitySet Drop::effective() const {
  return request.capabilities == CapabilitySet::all() ? started.permitted : request.capabilities;
}

Status setGroups(Drop& drop) {
  std::vector<gid_t> groups = drop.request.groups;
  groups.push_back(drop.request.gid);
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  if (!drop.had(CAP_SETGID)) {
    std::vector<gid_t> present = drop.started.groups;
    std::sort(present.begin(), present.end());
    drop.report.groupsExact = present == groups || present.empty();
    return success();
  }
  if (::setgroups(groups.size(), groups.data()) != 0) {
    return systemError("setgroups");
  }
  drop.report.groupsExact = true;
  return success();
}

Status dropBoundingSet(Drop& drop) {
  const CapabilitySet wanted = drop.request.bounding & drop.started.bounding;
  drop.report.boundingExact = wanted == drop.started.bounding;
  if (drop.report.boundingExact || !drop.had(CAP_SETPCAP)) {
    return success();
  }
  capng_clear(CAPNG_SELECT_ALL);
  addAll(CAPNG_BOUNDING_SET, wanted);
  drop.report.boundingExact = true;
  return applyCapng(CAPNG_SELECT_BOUNDS, "bounding set");
}

Status lockSecureBits(Drop& drop) {
  const int present = ::prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
  if (present < 0) {
    return systemError("PR_GET_SECUREBITS");
  }
  const auto bits = static_cast<unsigned long>(present);
  drop.report.secureBitsLocked =
      !locksSecureBits(drop) || (bits & kLockedSecureBits) == kLockedSecureBits;
  if (drop.report.secureBitsLocked || !drop.had(CAP_SETPCAP)) {
    return success();
  }
  if (::prctl(PR_SET_SECUREBITS, bits | kLockedSecureBits, 0, 0, 0) != 0) {
    return systemError("PR_SET_SECUREBITS");
  }
  drop.report.secureBitsLocked = true;
  return success();
}

// Capabilities have to outlive the change of ids, since the exact set is set after it. Where
// NO_SETUID_FIXUP could not be locked, KEEPCAPS does it.
Status changeIds(Drop& drop) {
  const SandboxRequest& request = drop.request;
  const bool keep = ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0;
  if (::setresgid(request.gid, request.gid, request.gid) != 0) {
    return systemError("setresgid to " + std::to_string(request.gid));
  }
  if (::setresuid(request.uid, request.uid, request.uid) != 0) {
    return systemError("setresuid to " + std::to_string(request.uid));
  }
  if (keep && ::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0) {
    return systemError("PR_SET_KEEPCAPS");
  }
  return success();
}

Status clearAmbient(Drop&) {
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
    return systemError("PR_CAP_AMBIENT_CLEAR_ALL");
  }
  return success();
}

Status setCapabilities(Drop& drop) {
  const CapabilitySet missing = drop.permitted().without(drop.started.permitted);
  if (!missing.empty()) {
    return Error{"was started without " + missing.names() +
                     ": start holdfast as root, or with these as ambient capabilities",
                 EPERM};
  }
  capng_clear(CAPNG_SELECT_ALL);
  addAll(CAPNG_PERMITTED, drop.permitted());
  addAll(CAPNG_EFFECTIVE, drop.effective());
  return applyCapng(CAPNG_SELECT_CAPS, "capabilities");
}

}  // namespace holdfast::policy
