// global_defs: scripts that the supervisor wants run, and the FIFOs that some of them read.
#include "config/resolve/resolution.h"
#include "config/statement.h"

namespace holdfast::config {
namespace {

void placeService(Resolution& resolution, const Row& row, PlannedService service) {
  const Command& command = *resolution.globals.command(Key(row.name));
  auto runnable = resolution.scripts.place(
      resolution, command, command.user ? &*command.user : nullptr, {.by = std::string(row.name)});
  if (!runnable) {
    return;
  }
  service.row = &row;
  service.arguments.insert(service.arguments.begin(), runnable->arguments.begin(),
                           runnable->arguments.end());
  auto& services = resolution.plan.identities[runnable->identity].services;
  resolution.plan.services[&row] = {runnable->identity,
                                    static_cast<std::uint32_t>(services.size())};
  services.push_back(std::move(service));
}

void resolveOwnScript(Resolution& resolution, std::string_view keyword) {
  const Row& row = *resolution.globals.table().named(keyword);
  if (resolution.globals.command(Key(keyword)) != nullptr) {
    const Duration timeout = resolution.globals.time(Key(std::string(keyword) + "_timeout"));
    placeService(resolution, row, {&row, {}, timeout});
  }
}

void resolveFifo(Resolution& resolution, const std::string& keyword) {
  const Block& globals = resolution.globals;
  const auto* path = globals.find<std::string>(Key(keyword));
  const Row& script = *globals.table().named(keyword + "_script");
  const bool hasScript = globals.command(Key(script.name)) != nullptr;
  if (path == nullptr) {
    if (hasScript) {
      resolution.notice(Code::kUnused, globals.at(Key(script.name)),
                        std::string(script.name) + " is not used", "there is no " + keyword);
    }
    return;
  }
  const Key owner(keyword + " owner");
  const auto* user = globals.find<std::shared_ptr<const UserName>>(owner);
  resolution.plan.fifoOwners[globals.table().named(keyword)] = resolution.scripts.ownerOf(
      resolution, user != nullptr && globals.isSaid(owner) ? user->get() : nullptr);
  if (hasScript) {
    placeService(resolution, script, {&script, {*path}, {}});
  }
}

}  // namespace

void resolveServices(Resolution& resolution) {
  resolveOwnScript(resolution, "startup_script");
  resolveOwnScript(resolution, "shutdown_script");
  for (const char* keyword : {"notify_fifo", "vrrp_notify_fifo", "lvs_notify_fifo"}) {
    resolveFifo(resolution, keyword);
  }
}

}  // namespace holdfast::config
