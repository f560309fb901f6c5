// Starting one of our executables: fork, exec, with its sockets on the descriptor numbers that
// docs/design.md fixes.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "ipc/channel.h"
#include "ipc/result.h"
#include "policy/sandbox.h"
#include "privd/supervisor/process_settings.h"

namespace holdfast::supervisor {

struct ChildSpec {
  std::string path;                           // absolute
  std::vector<std::string> arguments;         // arguments[0] is the name that ps shows
  policy::SandboxRequest sandbox;             // what it will ask for; narrows what it starts with
  std::vector<std::string> environment = {};  // NAME=VALUE
  ProcessSettings settings = {};
};

// The supervisor's ends.
struct Child {
  pid_t pid = -1;
  Channel control;
  Channel log;
};

// The child has /dev/null as its standard streams and no signal blocked. An
// exec that fails is an exit status of 127. A setting that it cannot have is said in its log.
[[nodiscard]] Result<Child> spawn(const ChildSpec& spec);

}  // namespace holdfast::supervisor
