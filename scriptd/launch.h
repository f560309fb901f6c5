// Starting one program: the only place in scriptd where a process is made.
//
// The child shares the parent's memory until it has become the program (CLONE_VM | CLONE_VFORK, as
// posix_spawn(3) does it): no page tables are copied, and a failure comes back as a value. So the
// child's side is one function that makes system calls and nothing else.
#pragma once

#include <sys/types.h>

#include "ipc/result.h"

namespace holdfast::scriptd {

struct LaunchPlan {
  // Run by descriptor where `file` is valid, else by path.
  int file = -1;
  const char* path = nullptr;
  char* const* arguments = nullptr;    // ends with nullptr
  char* const* environment = nullptr;  // ends with nullptr
  int output = -1;                     // becomes standard output and standard error
  bool noNewPrivileges = false;
};

// Starts the program in a session of its own, as reaper of its own tree, with default signals, no
// ambient capability, umask 077, and no descriptor but 0 (the caller's), 1 and 2 (`output`). It is
// sent TERM when the caller dies.
[[nodiscard]] Result<pid_t> launch(const LaunchPlan& plan);

}  // namespace holdfast::scriptd
