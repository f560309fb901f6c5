// The single steps of the drop, for enterSandbox alone. Each leaves the process with less than
// before, or gives an Error.
#pragma once

#include "ipc/result.h"
#include "policy/process_status.h"
#include "policy/sandbox.h"

namespace holdfast::policy {

struct Drop {
  const SandboxRequest& request;
  const ProcessStatus started;  // as it was before the first step
  const bool wasNoNewPrivileges;
  SandboxReport report;

  [[nodiscard]] bool had(unsigned capability) const { return started.effective.has(capability); }
  // Ids, groups, bounding set and securebits are the supervisor's to hand on; scriptd's scripts of
  // identity root get what root has.
  [[nodiscard]] bool isRootScriptd() const {
    return request.role == Role::kScriptd && request.uid == 0;
  }
  // What capset is asked for.
  [[nodiscard]] CapabilitySet permitted() const;
  [[nodiscard]] CapabilitySet effective() const;
};

// What a process inherits from whoever started it (drop_inheritance.cc).
[[nodiscard]] Status validateDescriptors(Drop& drop);
[[nodiscard]] Status clearEnvironment(Drop& drop);
[[nodiscard]] Status forbidCores(Drop& drop);
[[nodiscard]] Status resetSignals(Drop& drop);
[[nodiscard]] Status closeDescriptors(Drop& drop);

// Who it is and which privileges that brings (drop_identity.cc).
[[nodiscard]] Status setGroups(Drop& drop);
[[nodiscard]] Status dropBoundingSet(Drop& drop);
[[nodiscard]] Status lockSecureBits(Drop& drop);
[[nodiscard]] Status changeIds(Drop& drop);
[[nodiscard]] Status clearAmbient(Drop& drop);
[[nodiscard]] Status setCapabilities(Drop& drop);

// That all of it is true and stays so (drop_verify.cc).
[[nodiscard]] Status verifyStatus(Drop& drop);
[[nodiscard]] Status tryToUndo(Drop& drop);

// What it cannot do from now on, whatever its user may (drop_confine.cc).
[[nodiscard]] Status filterWhilePrivileged(Drop& drop);
[[nodiscard]] Status setNoNewPrivileges(Drop& drop);
[[nodiscard]] Status setLimits(Drop& drop);
[[nodiscard]] Status dieWithParent(Drop& drop);
[[nodiscard]] Status enterLandlockOfRole(Drop& drop);
[[nodiscard]] Status filterSystemCalls(Drop& drop);

}  // namespace holdfast::policy
