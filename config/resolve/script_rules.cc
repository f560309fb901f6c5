// Rules of vrrp_script, and of the scripts that are told of states.
#include <array>
#include <unordered_set>

#include "config/resolve/resolution.h"
#include "config/statement.h"

namespace holdfast::config {
namespace {

// What no list has in it is not run.
std::unordered_set<std::string> trackedScripts(const Block& root) {
  std::unordered_set<std::string> names;
  for (const Block* owner : root.blocks()) {
    if (owner->table().find("track_script") == nullptr) {
      continue;
    }
    for (const Block* line : owner->blocks("track_script")) {
      names.insert(line->name());
    }
  }
  return names;
}

void resolveScript(Resolution& resolution, Block& script) {
  const Command* command = script.command("script");
  if (script.setting("timeout") == nullptr) {
    script.assume("timeout", script.value("interval"), "interval");
  }
  const auto* user = script.find<std::shared_ptr<const UserName>>("user");
  const bool own = user != nullptr && script.isSaid("user");
  PlannedTrackScript planned{&script, std::nullopt};
  auto runnable = resolution.scripts.place(resolution, *command, own ? user->get() : nullptr,
                                           {.by = "vrrp_script " + script.name(), .isCheck = true});
  if (runnable) {
    auto& scripts = resolution.plan.identities[runnable->identity].scripts;
    planned.place = {runnable->identity, static_cast<std::uint32_t>(scripts.size())};
    scripts.push_back({&script, std::move(runnable->arguments)});
  } else {
    resolution.complain(Severity::kWarning, Code::kUnknownName, command->statement,
                        "Track script " + script.name() + " cannot be run: it counts as failed");
  }
  resolution.plan.trackScripts.push_back(planned);
  resolution.plan.trackScriptNames.add(script.name());
}

}  // namespace

void resolveScripts(Resolution& resolution) {
  resolution.scripts.resolveDefaultUser(resolution);
  const auto tracked = trackedScripts(resolution.root);
  for (Block* script : resolution.root.blocks("vrrp_script")) {
    if (script->command("script") == nullptr) {
      resolution.error(Code::kMissingSetting, script->statement(),
                       "No script set for vrrp_script " + script->name() + " - removing");
      script->drop();
    } else if (!tracked.contains(script->name())) {
      resolution.notice(Code::kUnused, script->statement(),
                        "Warning - script " + script->name() + " is not used",
                        "no vrrp_instance has it in its track_script");
      script->drop();
    } else {
      resolveScript(resolution, *script);
    }
  }
}

void resolveHooks(Resolution& resolution, Block& owner) {
  // A state's own script before the one for all states.
  constexpr std::array<const char*, 7> kHooks = {"notify_master",  "notify_backup",
                                                 "notify_fault",   "notify_stop",
                                                 "notify_deleted", "notify_master_rx_lower_pri",
                                                 "notify"};
  for (const char* keyword : kHooks) {
    const Row* row = owner.table().named(keyword);
    const Command* command = row == nullptr ? nullptr : owner.command(Key(row->name));
    if (command == nullptr) {
      continue;
    }
    auto runnable =
        resolution.scripts.place(resolution, *command, command->user ? &*command->user : nullptr,
                                 {.by = owner.name() + " " + keyword}, Severity::kNotice);
    if (runnable) {
      auto& hooks = resolution.plan.identities[runnable->identity].hooks;
      const ScriptPlace place{runnable->identity, static_cast<std::uint32_t>(hooks.size())};
      resolution.plan.hooks[&owner].push_back({row, place});
      hooks.push_back({&owner, row, std::move(runnable->arguments)});
    }
  }
}

}  // namespace holdfast::config
