// System call filters: what a rule is, and how a table of rules becomes a filter of the kernel.
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "ipc/result.h"
#include "policy/role.h"

namespace holdfast::policy {

enum class Verdict : std::uint8_t {
  kAllow,
  kKill,            // the whole process, with SIGSYS
  kNotImplemented,  // ENOSYS: glibc then uses an older call, which the table decides about
  kRefuse,          // EPERM
};

// (argument & mask) == value. A check of a deny list masks to the 32 bits that the kernel looks at
// for an int: the upper half is the caller's to choose.
struct Check {
  unsigned argument = 0;
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  bool ownPid = false;   // value is the pid of the process that loads the filter
  bool unequal = false;  // argument != value; the mask is ~0
};

inline constexpr std::size_t kMaxChecks = 3;

// One row of a table: where all checks hold, the verdict is `verdict`.
struct Rule {
  int systemCall;
  Verdict verdict;
  const char* reason;
  Check checks[kMaxChecks];  // those with a mask of 0 are none
};

// What one role may call. Where no rule holds, `otherwise`; any ABI but the machine's own is
// killed.
struct Filter {
  Verdict otherwise = Verdict::kKill;
  std::vector<std::span<const Rule>> tables;

  [[nodiscard]] std::vector<Rule> rules() const;
};

[[nodiscard]] Filter filterOf(Role role);

// A program of the kernel's filter machine, in which `pid` is the process's own.
[[nodiscard]] Result<std::vector<sock_filter>> compileFilter(Verdict otherwise,
                                                             std::span<const Rule> rules,
                                                             pid_t pid);

// Puts the calling process under the filter, for ever. Needs no_new_privs or CAP_SYS_ADMIN.
[[nodiscard]] Status loadFilter(const Filter& filter);

// Loads a program that was made by hand.
[[nodiscard]] Status loadProgram(std::span<const sock_filter> program);

// True in a build with -Dseccomp=log: what would be killed is only written to the kernel's log. A
// property of the executable, so that nothing at run time can ask for it.
#ifdef HOLDFAST_SECCOMP_LOG
inline constexpr bool kSeccompOnlyLogs = true;
#else
inline constexpr bool kSeccompOnlyLogs = false;
#endif

}  // namespace holdfast::policy
