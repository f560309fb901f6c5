// The drop: how each process becomes what docs/design.md promises, in one function, in the one
// order that works. It is the first thing that a main does. There is no way back: an Error means
// that the process holds more than it should, and has to exit.
//
// The order: descriptors 0-2 valid; environment cleared; umask 077; no core, not dumpable; signals
// reset; every descriptor closed that is not in the list; setgroups; bounding set; securebits;
// setresgid; setresuid; ambient cleared; capset to the exact set; VERIFY from /proc/self/status,
// and try to undo; no_new_privs; rlimits; not dumpable again; parent-death signal; Landlock;
// seccomp.
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/result.h"
#include "policy/capabilities.h"
#include "policy/process_status.h"
#include "policy/role.h"

namespace holdfast::policy {

struct SandboxRequest {
  Role role = Role::kVrrpd;
  // Whom to become. The process's own ids are always possible; others need CAP_SETUID, CAP_SETGID.
  uid_t uid = 0;
  gid_t gid = 0;
  // Supplementary groups beside `gid`. Without CAP_SETGID (started by a user other than root) the
  // groups stay as they are, and the report says so.
  std::vector<gid_t> groups;
  // The exact permitted and effective set afterwards; inheritable and ambient are always empty.
  // CapabilitySet::all() (scriptd of identity root) stands for whatever it was started with.
  CapabilitySet capabilities;
  // Permitted, but not effective: what the supervisor hands to a worker and never uses itself.
  CapabilitySet reserve;
  // What execve could still give to this process or to one that it starts: what the supervisor's
  // workers need; for scriptd, what setuid programs like sudo can gain. All other roles: none.
  CapabilitySet bounding;
  // Kept open beside 0, 1 and 2.
  std::vector<int> keepDescriptors;
  // False only for the supervisor and for a scriptd whose scripts may run setuid and setgid
  // programs.
  bool noNewPrivileges = true;
  // RLIMIT_NOFILE, where the role's own limit does not fit.
  std::optional<unsigned> maxDescriptors;
};

// What could not be had, for the start-up log and for posture. Everything that is not said here is
// exactly as it was asked for.
struct SandboxReport {
  bool seccomp = false;  // false only where CAP_SYS_ADMIN and no_new_privs were both missing
  bool seccompOnlyLogs = false;        // a build with -Dseccomp=log: not for production
  std::optional<int> landlockVersion;  // 0: the kernel has none; nullopt: the role uses none
  bool boundingExact = false;  // false: no CAP_SETPCAP; the unit has to set CapabilityBoundingSet=
  bool secureBitsLocked = false;  // false: no CAP_SETPCAP; the unit has to set SecureBits=
  bool groupsExact = false;       // false: no CAP_SETGID

  [[nodiscard]] std::string text() const;  // one line for the log
};

// Drops. Afterwards the environment is empty (the supervisor reads NOTIFY_SOCKET and the like
// before), the umask is 077 (pid files need fchmod, scripts a umask of their own), signals have
// their default action and none is blocked, and no core can be written. Beyond that:
//
// privd, vrrpd, scriptd, watchd: INT, TERM, HUP, USR1, USR2 and PIPE do nothing. Ctrl-C and systemd
// send them to everybody, and only the supervisor is to act on them. (A handler, not SIG_IGN: a
// program that scriptd starts has the default action again. epoll_wait can fail with EINTR.) When
// the supervisor dies they read end of file on descriptor 3, and the parent-death signal gives them
// five seconds to leave before SIGALRM ends them. confd dies with its parent at once.
//
// privd, vrrpd: exec, fork and open kill the process. confd: opens for reading only. watchd: its
// own filter and Landlock come with confineToReading.
[[nodiscard]] Result<SandboxReport> enterSandbox(const SandboxRequest& request);

// The last step of watchd's drop, which only its configuration can say more about: from now on it
// opens files for reading only, and none but those beneath these directories (borrowed
// descriptors). Returns the version of Landlock; with 0, which is no Landlock, it can read what its
// user may.
[[nodiscard]] Result<int> confineToReading(std::span<const int> directories);

inline constexpr std::string_view kNoNewPrivilegesWord = "no-new-privileges";
inline constexpr std::string_view kSetuidProgramsWord = "setuid-programs";
inline constexpr std::string_view kLowPortsWord = "low-ports";

// Before the number of -D: "log-detail=1". Log lines of a higher detail stay in the worker.
inline constexpr std::string_view kLogDetailWord = "log-detail=";
// Without it: all of them are sent.
[[nodiscard]] std::uint8_t logDetailOf(std::span<char* const> arguments);

// The request of a worker from its command line {name, uid, gid, word...}, with the role's
// capabilities and descriptors 3 and 4. Words, beside kLogDetailWord, for privd:
//   low-ports          it has kLowPortCapabilities too.
// For scriptd:
//   no-new-privileges  its scripts cannot gain anything: setuid and setgid programs run without.
//   setuid-programs    the bounding set stays, so that sudo works. Without it the set is empty:
//                      setgid programs (sendmail) work, and sudo fails.
// scriptd of uid 0 keeps everything.
[[nodiscard]] Result<SandboxRequest> workerRequest(Role role, std::span<char* const> arguments);

// What the configuration asks of the supervisor beyond the ordinary.
struct SupervisorNeeds {
  bool rootScripts = false;      // a script runs as root, and keeps root's powers
  bool setuidPrograms = false;   // scripts may use sudo: see kSetuidProgramsWord
  bool noNewPrivileges = false;  // script_no_new_privs, for every script
  bool lowPorts = false;         // privd binds checks to ports below 1024
};

// The request of the supervisor, out of what it was started with. `now` is its own status.
[[nodiscard]] SandboxRequest supervisorRequest(const SupervisorNeeds& needs,
                                               const ProcessStatus& now);

// For the supervisor, between fork and exec: narrows what the executable starts with to what its
// own enterSandbox needs. Started as root: the bounding set. Started by another user with ambient
// capabilities: raises `request.capabilities` (and SETUID, SETGID where the ids differ) as ambient,
// out of the supervisor's reserve.
[[nodiscard]] Status handOver(const SandboxRequest& request);

// For the supervisor, once the configuration is known, where no_new_privs is in force and no script
// runs as root: from now on this process and all that it starts can become these users only (and
// stay what they are). Cannot be widened: a reload that names another user needs a restart.
[[nodiscard]] Status restrictIdentities(std::span<const uid_t> users,
                                        std::span<const gid_t> groups);

}  // namespace holdfast::policy
