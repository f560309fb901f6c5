// What the daemons are to do: the configuration with every rule applied, and what ties its objects
// together. config/seal/ makes the sealed messages from it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/block.h"
#include "config/diagnostic.h"
#include "config/files.h"
#include "config/names.h"
#include "config/source.h"

namespace holdfast::config {

using Digest = std::array<std::uint8_t, 32>;

// Blocks of one kind that have become indices.
class Definitions {
 public:
  std::uint32_t add(Block& block);
  // Nullptr and nullopt where there is none.
  [[nodiscard]] Block* find(std::string_view name) const;
  [[nodiscard]] std::optional<std::uint32_t> index(std::string_view name) const {
    return names_.find(name);
  }
  [[nodiscard]] const std::vector<Block*>& all() const { return blocks_; }

 private:
  Names names_;
  std::vector<Block*> blocks_;
};

// An interface that is made on another one.
struct PlannedLink {
  const Block* instance = nullptr;
  std::string name;
  std::string parent;
  bool ipvlan = false;
  bool addressesOnly = false;  // its instance does not speak on it
  std::int64_t family = 0;     // 0 is IPv4
  std::uint64_t macAddress = 0;
  std::optional<std::uint32_t> group;
};

// One script of one identity: which scriptd has it, and as which number.
struct ScriptPlace {
  std::uint32_t identity = 0;
  std::uint32_t index = 0;
};

struct PlannedScript {
  const Block* block = nullptr;  // its vrrp_script
  std::vector<std::string> arguments;
};

// Run for the supervisor.
struct PlannedService {
  const Row* row = nullptr;  // its keyword: startup_script
  std::vector<std::string> arguments;
  Duration timeout{0};  // 0: it may run for ever
};

struct FileOwner {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

struct PlannedHook {
  const Block* owner = nullptr;  // the vrrp_instance or vrrp_sync_group
  const Row* row = nullptr;      // its keyword: notify_master
  std::vector<std::string> arguments;
};

struct PlannedCheck {
  const Block* block = nullptr;  // its MISC_CHECK
  std::string name;              // of the real server and its virtual server
  std::vector<std::string> arguments;
};

struct PlannedNotifier {
  std::string name;  // of the server, and the keyword
  std::vector<std::string> arguments;
};

struct ScriptUse {
  std::string by;          // for messages: "vrrp_script chk_service"
  bool isCheck = false;    // its result decides where addresses or servers are
  bool ofServers = false;  // run for virtual and real servers
};

struct ScriptPath {
  std::string path;
  ScriptUse use;
  std::string file;
  std::uint32_t line = 0;
};

// Whoever runs scripts: one scriptd each.
struct PlannedIdentity {
  std::string userName;
  std::string groupName;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<PlannedScript> scripts;
  std::vector<PlannedHook> hooks;
  std::vector<PlannedCheck> checks;
  std::vector<PlannedNotifier> notifiers;
  std::vector<PlannedService> services;
  std::vector<ScriptPath> paths;
};

struct HookReference {
  const Row* row = nullptr;
  ScriptPlace place;
};

enum class CheckSocketKind : std::uint8_t { kTcp, kUdp, kPing };

// What privd has to make for a check: it alone may set a mark or take a low port.
struct PlannedCheckSocket {
  const Block* check = nullptr;
  CheckSocketKind kind = CheckSocketKind::kTcp;
  bool hasLowPort = false;  // below 1024
};

struct PlannedTrackScript {
  const Block* block = nullptr;
  // Nullopt where nobody may or can run it: it has failed, for good.
  std::optional<ScriptPlace> place;
};

// What is in the files that an SSL block or a check names; null where it names none.
struct PlannedTls {
  std::shared_ptr<const Secret> authorities;
  std::shared_ptr<const Secret> certificate;
  std::shared_ptr<const Secret> key;
  std::shared_ptr<const Secret> password;  // of the key
  const Block* check = nullptr;            // the first that has these settings of its own
  bool isBroken = false;                   // not everything could be read
};

struct Plan {
  Digest digest{};
  bool severalFiles = false;
  std::string text;             // with config_save_dir
  std::size_t loadedBytes = 0;  // what is in the files of secrets and certificates
  std::unique_ptr<Block> configuration;
  Names interfaces;
  std::vector<PlannedIdentity> identities;
  std::vector<PlannedTrackScript> trackScripts;  // those that are used
  Names trackScriptNames;                        // their names, in the same order
  std::unordered_map<const Block*, std::vector<HookReference>> hooks;  // by owner
  std::unordered_map<const Row*, ScriptPlace> services;                // by keyword
  std::unordered_map<const Row*, FileOwner> fifoOwners;                // by keyword
  Definitions instances;
  Definitions syncGroups;
  Definitions trackGroups;
  std::unordered_map<const Block*, std::vector<Block*>> members;  // of either kind of group
  std::unordered_map<const Block*, std::uint32_t> syncGroupOf;    // an instance
  Definitions trackFiles;
  Definitions trackProcesses;
  Definitions bfdSessions;
  Definitions trackBfds;  // those that vrrpd may track
  std::vector<PlannedLink> links;
  Names linkNames;                                         // in the same order
  std::unordered_map<const Block*, std::uint32_t> linkOf;  // an instance: where it speaks
  std::unordered_map<const Block*, std::vector<std::string>> garpGroups;  // their interfaces
  std::unordered_map<const Block*, ScriptPlace> checks;                   // by MISC_CHECK
  PlannedTls tls;
  std::vector<PlannedTls> tlsClients;                           // of checks, each once
  std::unordered_map<const Block*, std::uint32_t> tlsClientOf;  // by check
  std::vector<PlannedCheckSocket> checkSockets;
  std::unordered_map<const Block*, std::uint32_t>
      checkSocketOf;  // by check, and host of SMTP_CHECK
};

// What the host is like, as far as a configuration depends on it.
struct Host {
  std::vector<std::string> interfaces;  // that exist
  std::uint32_t uid = 0;                // of the user who started
  std::uint32_t gid = 0;
  std::string passwdFile = "/etc/passwd";
  std::string groupFile = "/etc/group";
  bool everyInterface = false;                   // an interface of any name is taken to exist
  std::vector<std::string> madeInterfaces = {};  // those of them that can be a VMAC or an ipvlan
  std::string credentialsDirectory = {};         // $CREDENTIALS_DIRECTORY
  std::string sitePolicyFile = {};               // empty: no look at it
};

// Problems go to `report`; where one of them is fatal there the plan is not to be used.
[[nodiscard]] Plan resolve(std::unique_ptr<Block> configuration, const Source& source,
                           const Files& files, const Host& host, Report& report);

}  // namespace holdfast::config
