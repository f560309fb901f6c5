// What the scriptd of one identity gets: its own scripts only.
#include "config/seal/write.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

// What checkd asks for.
void writeChecks(schema::ScriptConfig::Builder out, const PlannedIdentity& identity) {
  auto checks = out.initChecks(sizeOf(identity.checks));
  for (unsigned i = 0; i < checks.size(); ++i) {
    const PlannedCheck& check = identity.checks[i];
    checks[i].setName(check.name);
    checks[i].setTimeoutNs(timeLimitOf(*check.block));
    write(checks[i].initArguments(sizeOf(check.arguments)), check.arguments);
  }
  auto notifiers = out.initNotifiers(sizeOf(identity.notifiers));
  for (unsigned i = 0; i < notifiers.size(); ++i) {
    notifiers[i].setName(identity.notifiers[i].name);
    write(notifiers[i].initArguments(sizeOf(identity.notifiers[i].arguments)),
          identity.notifiers[i].arguments);
  }
}

}  // namespace

std::uint64_t timeLimitOf(const Block& miscCheck) {
  const Duration timeout = miscCheck.time("misc_timeout");
  return static_cast<std::uint64_t>(
      (timeout > Duration(0) ? timeout : miscCheck.time("delay_loop")).count());
}

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
  writeChecks(out, identity);
  auto services = out.initServices(sizeOf(identity.services));
  for (unsigned i = 0; i < services.size(); ++i) {
    const PlannedService& service = identity.services[i];
    services[i].setName(std::string(service.row->name));
    write(services[i].initArguments(sizeOf(service.arguments)), service.arguments);
    services[i].setTimeoutNs(static_cast<std::uint64_t>(service.timeout.count()));
  }
}

}  // namespace holdfast::config
