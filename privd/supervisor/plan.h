// What the supervisor itself needs of the sealed configuration, as plain values.
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ipc/result.h"
#include "ipc/schemas/messages.capnp.h"
#include "ipc/time.h"
#include "privd/supervisor/process_settings.h"

namespace holdfast::supervisor {

struct ScriptPlan {
  std::string path;
  std::string usedBy;  // "vrrp_script chk_service"
  std::string file;
  std::uint32_t line = 0;
  bool isCheck = false;    // its result decides where addresses or servers are
  bool ofServers = false;  // run for virtual and real servers
};

// One scriptd.
struct IdentityPlan {
  std::string userName;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<ScriptPlan> scripts;
};

// A script that the supervisor has run by the scriptd of its identity.
struct ServicePlan {
  std::uint32_t identity = 0;
  std::uint32_t service = 0;  // index in ScriptConfig.services there
  Duration timeout{};         // zero: it may run for ever
};

struct FifoPlan {
  std::string path;
  uid_t uid = 0;
  gid_t gid = 0;

  friend auto operator<=>(const FifoPlan&, const FifoPlan&) = default;
};

struct Plan {
  bool startVrrp = false;
  bool startChecker = false;
  bool pings = false;          // checkd needs ICMP sockets
  bool bindsLowPorts = false;  // privd binds checks to ports below 1024
  bool disableLocalIgmp = false;
  bool severalFiles = false;  // what is said about a line names its file
  bool startWatch = false;
  bool scriptSecurity = false;
  bool scriptNoNewPrivileges = false;
  bool scriptSetuidPrograms = false;     // sudo works; never together with scriptNoNewPrivileges
  std::vector<IdentityPlan> identities;  // IdentityId is the index
  std::string instanceName;
  std::string netNamespace;
  bool usePidDirectory = false;
  std::string statsDumpFile;  // empty: beside the pid files, here and below
  std::string stateDumpFile;
  std::string jsonDumpFile;
  bool reloadCheckConfig = false;  // a reload with any mistake is refused ...
  std::string reloadCheckLog;      // ... and said here too, unless empty
  std::string reloadTimeFile;      // each empty: none
  bool reloadRepeat = false;
  std::string reloadFile;
  std::string configSaveDirectory;  // empty: none
  std::string configText;           // to be kept there
  Duration childWait = std::chrono::seconds(5);
  mode_t umask = 0177;
  std::string processName;  // the supervisor's own; empty for the program's
  ProcessSettings vrrp;
  ProcessSettings checker;
  std::optional<ServicePlan> startupScript;
  std::optional<ServicePlan> shutdownScript;
  std::map<schema::ControlRequest::Fifo, FifoPlan> fifos;
  std::map<schema::ControlRequest::Fifo, ServicePlan> fifoReaders;

  [[nodiscard]] bool hasRootScripts() const;
  [[nodiscard]] bool hasWork() const { return startVrrp || startChecker; }
};

// More identities than this are refused: each is a process.
inline constexpr std::size_t kMaxIdentities = 64;

// `sealedConfig` is borrowed. An Error is a message that confd cannot have written in good health.
[[nodiscard]] Result<Plan> readPlan(int sealedConfig);

}  // namespace holdfast::supervisor
