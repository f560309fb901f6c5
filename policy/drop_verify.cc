#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "policy/drop.h"

namespace holdfast::policy {
namespace {

Error differs(const char* what, const std::string& is, const std::string& wanted) {
  return Error{std::string(what) + " is " + is + ", not " + wanted, EPERM};
}

template <typename Id>
Status verifyIds(const char* what, const std::array<Id, 4>& ids, Id wanted) {
  for (const Id id : ids) {
    if (id != wanted) {
      return differs(what, std::to_string(id), std::to_string(wanted));
    }
  }
  return success();
}

Status verifySet(const char* what, CapabilitySet is, CapabilitySet wanted) {
  return is == wanted ? success() : differs(what, is.names(), wanted.names());
}

Status verifyGroups(const Drop& drop, const std::vector<gid_t>& groups) {
  if (!drop.report.groupsExact) {
    return success();
  }
  for (const gid_t group : groups) {
    const auto& asked = drop.request.groups;
    if (group != drop.request.gid && std::find(asked.begin(), asked.end(), group) == asked.end()) {
      return Error{"group " + std::to_string(group) + " is left", EPERM};
    }
  }
  return success();
}

Status verifyCapabilities(const Drop& drop, const ProcessStatus& now) {
  struct Set {
    const char* name;
    CapabilitySet is;
    CapabilitySet wanted;
  };
  const CapabilitySet bounding = drop.report.boundingExact
                                     ? drop.request.bounding & drop.started.bounding
                                     : drop.started.bounding;
  const Set sets[] = {
      {"inheritable set", now.inheritable, {}},
      {"permitted set", now.permitted, drop.permitted()},
      {"effective set", now.effective, drop.effective()},
      {"bounding set", now.bounding, bounding},
      {"ambient set", now.ambient, {}},
  };
  for (const Set& set : sets) {
    if (auto verified = verifySet(set.name, set.is, set.wanted); !verified.ok()) {
      return verified;
    }
  }
  return success();
}

// The raw call: libcap-ng would look at what is permitted first.
bool canRaiseCapability(CapabilitySet to) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  for (unsigned half = 0; half < 2; ++half) {
    const auto bits = static_cast<std::uint32_t>(to.bits() >> (32 * half));
    data[half].effective = bits;
    data[half].permitted = bits;
  }
  return ::syscall(SYS_capset, &header, data) == 0;
}

bool canRaiseAmbient() {
  for (const int capability : {CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_SETUID}) {
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, static_cast<unsigned long>(capability), 0,
                0) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

// From the kernel's own words, whatever a library or a return value said.
Status verifyStatus(Drop& drop) {
  const auto now = readProcessStatus("/proc/self/status");
  if (!now.ok()) {
    return now.error();
  }
  if (auto uids = verifyIds("user id", now->uids, drop.request.uid); !uids.ok()) {
    return uids;
  }
  if (auto gids = verifyIds("group id", now->gids, drop.request.gid); !gids.ok()) {
    return gids;
  }
  if (auto groups = verifyGroups(drop, now->groups); !groups.ok()) {
    return groups;
  }
  return verifyCapabilities(drop, *now);
}

// The supervisor and scriptd for root are to be able to: nothing to try.
Status tryToUndo(Drop& drop) {
  if (drop.request.role == Role::kSupervisor || drop.isRootScriptd()) {
    return success();
  }
  constexpr uid_t kSomebodyElse = 65534;
  const uid_t other = drop.request.uid == 0 ? kSomebodyElse : 0;
  if (::setresuid(other, other, other) == 0) {
    return Error{"could become user " + std::to_string(other) + " again"};
  }
  const gid_t otherGroup = drop.request.gid == 0 ? kSomebodyElse : 0;
  if (::setresgid(otherGroup, otherGroup, otherGroup) == 0) {
    return Error{"could become group " + std::to_string(otherGroup) + " again"};
  }
  const CapabilitySet more = drop.permitted() | CapabilitySet{CAP_SYS_ADMIN};
  if (canRaiseCapability(more)) {
    return Error{"could raise a capability again"};
  }
  if (canRaiseAmbient()) {
    return Error{"could raise an ambient capability"};
  }
  return success();
}

}  // namespace holdfast::policy
