// What the scriptd of one identity gets: its own scripts only.
#include "config/seal/write.h"
#include "config/tables.h"

namespace holdfast::config {

void write(schema::ScriptConfig::Builder out, const PlannedIdentity& identity, const Plan& plan) {
  write(out.initDigest(), plan.digest);
  writeSettings(*plan.configuration->firstBlock("global_defs"), out);
  out.setUserName(identity.userName);
  out.setUid(identity.uid);
  out.setGid(identity.gid);
  auto scripts = out.initScripts(sizeOf(identity.scripts));
  for (unsigned i = 0; i < scripts.size(); ++i) {
    const PlannedScript& script = identity.scripts[i];
    scripts[i].setName(script.block->name());
    writeSettings(*script.block, scripts[i]);
    write(scripts[i].initArguments(sizeOf(script.arguments)), script.arguments);
  }
  auto hooks = out.initHooks(sizeOf(identity.hooks));
  for (unsigned i = 0; i < hooks.size(); ++i) {
    const PlannedHook& hook = identity.hooks[i];
    hooks[i].setInstanceName(hook.owner->name());
    hooks[i].setEvent(eventOf(*hook.row));
    write(hooks[i].initArguments(sizeOf(hook.arguments)), hook.arguments);
    hooks[i].setAppendState(hook.row->name == "notify");
    hooks[i].setOfGroup(&hook.owner->table() == &syncGroupTable());
  }
}

}  // namespace holdfast::config
