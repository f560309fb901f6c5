// Landlock: no file, no TCP, no signal and no abstract socket outside of what a role needs. Raw
// system calls; what the running kernel's version does not know is left out.
#pragma once

#include <cstdint>
#include <span>

#include "ipc/result.h"

namespace holdfast::policy {

// What a confined process may still do with files.
enum class FileAccess : std::uint8_t {
  kUnrestricted,  // for scriptd: its scripts do what their user may
  kNone,
  kRead,         // read files and list directories, everywhere
  kReadBeneath,  // the same, beneath LandlockRules::beneath
};

struct LandlockRules {
  FileAccess files = FileAccess::kNone;
  std::span<const int> beneath;     // borrowed descriptors of directories
  bool denyTcpBind = true;          // since version 4
  bool denyTcpConnect = true;       // the same
  bool denySignals = true;          // to processes outside; since version 6
  bool denyAbstractSockets = true;  // connecting to those made outside; since version 6
};

// The version of the kernel's Landlock; 0 where it has none or it is switched off.
[[nodiscard]] int landlockVersion();

// Restricts the calling process and all that it starts, for ever. Needs no_new_privs. Where the
// version is 0 it does nothing. Returns the version that was used. `version` is for tests.
[[nodiscard]] Result<int> enterLandlock(const LandlockRules& rules, int version);

}  // namespace holdfast::policy
