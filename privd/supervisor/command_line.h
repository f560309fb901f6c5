// keepalived(8)'s command line.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ipc/result.h"

namespace holdfast::supervisor {

// Exit statuses that scripts and service managers see (docs/differences.md).
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;  // the command line, or a failure of our own
inline constexpr int kExitConfig = 2;   // a worker refused the configuration
inline constexpr int kExitAlreadyRunning = 3;
inline constexpr int kExitPermission = 4;  // something that the start needs is not allowed
inline constexpr int kExitConfigFile = 6;  // the configuration file cannot be read

struct CommandLine {
  enum class Action { kRun, kTest, kPrint };

  Action action = Action::kRun;
  std::string printed;  // kPrint: what --version, --help and --signum say
  bool printToStdout = false;

  std::string configFile = "/etc/keepalived/keepalived.conf";
  std::string configId;  // empty: the node name up to its first dot
  bool allIncludeChecks = false;
  std::string credentialsDirectory;    // from the environment
  std::vector<std::string> variables;  // likewise: for the configuration
  bool dumpConfig = false;
  bool jsonDiagnostics = false;
  std::optional<std::string> testLog;
  // For kTest only.
  bool strict = false;
  std::string assumedInterfaces;  // separated by commas
  bool assumeAllInterfaces = false;

  bool foreground = false;
  bool console = false;  // only with `foreground`
  bool syslog = true;
  int facility = 3;  // LOG_DAEMON >> 3
  int detail = 0;    // -D adds one
  bool respawn = true;
  bool startVrrp = true;
  bool startChecker = true;

  std::string netNamespace;
  std::optional<std::string> pidFile;
  std::optional<std::string> vrrpPidFile;
  std::optional<std::string> checkersPidFile;

  // For stderr before anything else: options that are recognised and have no effect yet, and
  // mistakes that keepalived tolerates.
  std::vector<std::string> remarks;
};

// An Error is to be printed, and ends the program with kExitFailure.
[[nodiscard]] Result<CommandLine> parseCommandLine(std::span<char* const> arguments);

}  // namespace holdfast::supervisor
