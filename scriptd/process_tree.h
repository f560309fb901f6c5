// Finding and ending what a script has left behind, from /proc.
#pragma once

#include <sys/types.h>

#include <set>
#include <vector>

namespace holdfast::scriptd {

// The direct children of a process, those of all its threads. Empty where the kernel does not say
// (CONFIG_PROC_CHILDREN) or the process is gone.
[[nodiscard]] std::vector<pid_t> childrenOf(pid_t pid);

// Sends KILL to every descendant of `root`, again and again until no new one appears. `root` itself
// is left alone. What may not be ended (a setuid program) is returned.
std::vector<pid_t> killDescendants(pid_t root);

// The same for children of this process that are not in `spared`, and for all their descendants.
std::vector<pid_t> killAdopted(const std::set<pid_t>& spared);

}  // namespace holdfast::scriptd
