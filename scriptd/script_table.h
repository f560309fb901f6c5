// ScriptConfig as plain values, validated once at load.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ipc/result.h"
#include "ipc/schemas/config.capnp.h"
#include "scriptd/schedule.h"

namespace holdfast::scriptd {

struct ScriptEntry {
  std::string name;
  std::vector<std::string> arguments;
  ScriptTiming timing;
};

struct HookEntry {
  std::string ownerName;
  bool ofGroup = false;      // else of an instance
  const char* keyword = "";  // "notify_master"
  std::vector<std::string> arguments;
  bool appendState = false;
  std::size_t queue = 0;  // one for each instance and each sync group
};

struct ServiceEntry {
  std::string keyword;  // "startup_script"
  std::vector<std::string> arguments;
  Duration timeout{};  // zero: it is kept running
};

// MISC_CHECK: run when checkd asks.
struct CheckEntry {
  std::string name;  // the real server and its virtual server
  std::vector<std::string> arguments;
  Duration timeout{};
};

// Of virtual and real servers: the same.
struct NotifierEntry {
  std::string name;  // the server and the keyword
  std::vector<std::string> arguments;
};

struct ScriptTable {
  std::string userName;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  bool scriptSecurity = false;
  bool noNewPrivileges = false;
  std::vector<ScriptEntry> scripts;
  std::vector<HookEntry> hooks;
  std::size_t queues = 0;
  std::vector<ServiceEntry> services;
  std::vector<CheckEntry> checks;
  std::vector<NotifierEntry> notifiers;
};

// An Error where the message is malformed or holds what the compiler never writes: a script without
// a word, a word with a NUL in it, an interval or timeout of 0 or of more than ten years.
[[nodiscard]] Result<ScriptTable> readScriptTable(schema::ScriptConfig::Reader config);

}  // namespace holdfast::scriptd
