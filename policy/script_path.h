// Whether a script may be run, judged from its path: the rule behind enable_script_security.
//
// The supervisor asks at load, and a scriptd asks again before every run. The path is walked from
// "/" component by component, symbolic links are resolved by hand, and each component is judged
// through a descriptor of the very object that was found, so that what is judged is what is used.
// A component is safe when root or the script's own user owns it and nobody else can write it: then
// nobody else can replace the script between the walk and the run. Group-writable is fine where the
// group is root's, and a sticky directory may be written by everybody, since each entry in it is
// judged too. POSIX ACLs need no look of their own: one that grants writing shows in the mode's
// group bits.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ipc/result.h"
#include "ipc/unique_fd.h"

namespace holdfast::policy {

// Whom the script runs as, without supplementary groups.
struct ScriptIdentity {
  uid_t uid = 0;
  gid_t gid = 0;
};

enum class ScriptProblem : std::uint8_t {
  kNotAbsolute,
  kMissing,
  kNotADirectory,
  kTooManyLinks,  // more than 40, as in path_resolution(7)
  kTooLong,
  kNotRegular,
  kNotExecutable,  // by the identity
  kNotReachable,   // a directory that the identity cannot search
  kChanged,        // while it was looked at
  kUnreadable,     // a system call failed with `error`
  kForeignOwner,
  kGroupWritable,
  kOtherWritable,
  kUnchecked,  // this process, which is not the identity, cannot look (EACCES)
};

enum class ScriptSeverity : std::uint8_t {
  kUnchecked,  // not known here; the scriptd will know
  kUnsafe,     // refused with enable_script_security, else run with a warning
  kUnusable,   // never run
};
[[nodiscard]] ScriptSeverity severityOf(ScriptProblem problem);

struct ScriptFinding {
  ScriptProblem problem = ScriptProblem::kUnchecked;
  std::string component;  // its path without links
  bool inInterpreter = false;
  bool hasStatus = false;  // owner, group and mode mean something
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0;
  int error = 0;

  friend bool operator==(const ScriptFinding&, const ScriptFinding&) = default;
};

enum class ScriptFormat : std::uint8_t {
  kUnknown,      // cannot be read; run it by descriptor
  kElf,          // run it by descriptor
  kInterpreted,  // begins with #!; run it by path, since it uses $0
  kPlainText,    // neither: /bin/sh runs it
};

struct ScriptVerdict {
  // The first finding of each severity on the way. Plain data: see describe().
  std::optional<ScriptFinding> unusable;
  std::optional<ScriptFinding> unsafe;
  std::optional<ScriptFinding> unchecked;

  UniqueFd file;  // O_PATH, of the file that was judged; invalid where it was not reached
  ScriptFormat format = ScriptFormat::kUnknown;
  std::string interpreter;  // what follows #!, or /bin/sh for plain text

  [[nodiscard]] bool mayRun(bool scriptSecurity) const {
    return file.valid() && !unusable && !(scriptSecurity && unsafe);
  }
  // The most severe one, or nothing.
  [[nodiscard]] const ScriptFinding* worst() const;
};

// Walks `path` and, where the file begins with #!, its interpreter. Never blocks on what it finds
// there (a FIFO, a device): only regular files are opened.
[[nodiscard]] ScriptVerdict walkScriptPath(std::string_view path, ScriptIdentity identity);

// Whether `path` is a directory that nobody else could write to or replace: fit for PATH.
[[nodiscard]] bool isSafeDirectory(std::string_view path, ScriptIdentity identity);

// The directory that `path` names (O_PATH), where nobody but root and the identity can replace it,
// nor what another user has in it: it may be sticky, so the owner of what is in there counts. An
// Error names the component that is not so.
[[nodiscard]] Result<UniqueFd> openSafeDirectory(std::string_view path, ScriptIdentity identity);

// One printable line for an operator: the component, its owner and mode, what is wrong with it and
// what to do. Reads /etc/passwd and /etc/group for names, never asks NSS.
[[nodiscard]] std::string describe(const ScriptFinding& finding, ScriptIdentity identity);

}  // namespace holdfast::policy
