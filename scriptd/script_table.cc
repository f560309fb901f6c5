#include "scriptd/script_table.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "ipc/kj_edge.h"

namespace holdfast::scriptd {
namespace {

constexpr std::uint64_t kMaxDurationNs = std::uint64_t{10} * 366 * 24 * 3600 * 1'000'000'000;

using Words = std::vector<std::string>;

std::string textOf(capnp::Text::Reader text) {
  return {text.begin(), text.size()};
}

Words wordsOf(capnp::List<capnp::Text>::Reader list) {
  Words words;
  words.reserve(list.size());
  for (const capnp::Text::Reader word : list) {
    words.push_back(textOf(word));
  }
  return words;
}

bool isCommand(const Words& words) {
  return !words.empty() && !words.front().empty() &&
         std::none_of(words.begin(), words.end(),
                      [](const std::string& word) { return word.find('\0') != std::string::npos; });
}

bool isDuration(std::uint64_t ns) {
  return ns > 0 && ns <= kMaxDurationNs;
}

const char* keywordOf(schema::NotifyHook::Event event) {
  switch (event) {
    case schema::NotifyHook::Event::ANY:
      return "notify";
    case schema::NotifyHook::Event::MASTER:
      return "notify_master";
    case schema::NotifyHook::Event::BACKUP:
      return "notify_backup";
    case schema::NotifyHook::Event::FAULT:
      return "notify_fault";
    case schema::NotifyHook::Event::STOP:
      return "notify_stop";
    case schema::NotifyHook::Event::DELETED:
      return "notify_deleted";
    case schema::NotifyHook::Event::MASTER_RX_LOWER_PRIORITY:
      return "notify_master_rx_lower_pri";
  }
  return "notify";
}

Status readScripts(schema::ScriptConfig::Reader config, ScriptTable& table) {
  for (const auto script : config.getScripts()) {
    ScriptEntry entry;
    entry.name = textOf(script.getName());
    entry.arguments = wordsOf(script.getArguments());
    if (!isCommand(entry.arguments) || !isDuration(script.getIntervalNs()) ||
        !isDuration(script.getTimeoutNs())) {
      return Error{"script " + entry.name + " is malformed", EINVAL};
    }
    entry.timing.interval = Duration(static_cast<std::int64_t>(script.getIntervalNs()));
    entry.timing.timeout = Duration(static_cast<std::int64_t>(script.getTimeoutNs()));
    table.scripts.push_back(std::move(entry));
  }
  return success();
}

Status readHooks(schema::ScriptConfig::Reader config, ScriptTable& table) {
  std::map<std::pair<bool, std::string>, std::size_t> queues;
  for (const auto hook : config.getHooks()) {
    HookEntry entry;
    entry.ownerName = textOf(hook.getInstanceName());
    entry.ofGroup = hook.getOfGroup();
    entry.keyword = keywordOf(hook.getEvent());
    entry.arguments = wordsOf(hook.getArguments());
    entry.appendState = hook.getAppendState();
    if (!isCommand(entry.arguments) || entry.ownerName.find('\0') != std::string::npos) {
      return Error{"hook of " + entry.ownerName + " is malformed", EINVAL};
    }
    entry.queue = queues.try_emplace({entry.ofGroup, entry.ownerName}, queues.size()).first->second;
    table.hooks.push_back(std::move(entry));
  }
  table.queues = queues.size();
  return success();
}

Status readServices(schema::ScriptConfig::Reader config, ScriptTable& table) {
  for (const auto service : config.getServices()) {
    ServiceEntry entry{textOf(service.getName()), wordsOf(service.getArguments()),
                       Duration(static_cast<std::int64_t>(service.getTimeoutNs()))};
    if (!isCommand(entry.arguments) ||
        (service.getTimeoutNs() != 0 && !isDuration(service.getTimeoutNs()))) {
      return Error{entry.keyword + " is malformed", EINVAL};
    }
    table.services.push_back(std::move(entry));
  }
  return success();
}

Status readServerScripts(schema::ScriptConfig::Reader config, ScriptTable& table) {
  for (const auto check : config.getChecks()) {
    CheckEntry entry{textOf(check.getName()), wordsOf(check.getArguments()),
                     Duration(static_cast<std::int64_t>(check.getTimeoutNs()))};
    if (!isCommand(entry.arguments) || !isDuration(check.getTimeoutNs())) {
      return Error{"the check of " + entry.name + " is malformed", EINVAL};
    }
    table.checks.push_back(std::move(entry));
  }
  for (const auto notifier : config.getNotifiers()) {
    NotifierEntry entry{textOf(notifier.getName()), wordsOf(notifier.getArguments())};
    if (!isCommand(entry.arguments)) {
      return Error{entry.name + " is malformed", EINVAL};
    }
    table.notifiers.push_back(std::move(entry));
  }
  return success();
}

}  // namespace

Result<ScriptTable> readScriptTable(schema::ScriptConfig::Reader config) {
  ScriptTable table;
  const Status read = catchKj("scripts", [&config, &table]() -> Status {
    table.userName = textOf(config.getUserName());
    table.uid = config.getUid();
    table.gid = config.getGid();
    table.scriptSecurity = config.getScriptSecurity();
    table.noNewPrivileges = config.getNoNewPrivileges();
    if (Status status = readScripts(config, table); !status) {
      return status;
    }
    if (Status status = readHooks(config, table); !status) {
      return status;
    }
    if (Status status = readServices(config, table); !status) {
      return status;
    }
    return readServerScripts(config, table);
  });
  if (!read) {
    return read.error();
  }
  return table;
}

}  // namespace holdfast::scriptd
