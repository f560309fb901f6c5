// What global_defs says about IPVS.
#include "config/resolve/lvs.h"

namespace holdfast::config {
namespace {

// lvs_sync_daemon_interface of a vrrp_instance, as it was once said.
void adoptOldForm(Resolution& resolution) {
  Block& globals = resolution.globals;
  for (const Block* instance : resolution.root.blocks("vrrp_instance")) {
    const std::string* interface = instance->find<std::string>("lvs_sync_daemon_interface");
    if (interface == nullptr) {
      continue;
    }
    if (globals.setting("lvs_sync_daemon") != nullptr) {
      resolution.notice(Code::kDuplicate, instance->at("lvs_sync_daemon_interface"),
                        "lvs_sync_daemon is there already - ignoring that of " + instance->name());
      continue;
    }
    const std::string why = "lvs_sync_daemon_interface of " + instance->name();
    globals.assume("lvs_sync_daemon", *interface, why);
    globals.assume("lvs_sync_daemon inst", instance->name(), why);
  }
}

}  // namespace

void resolveIpvsGlobals(Resolution& resolution) {
  adoptOldForm(resolution);
  Block& globals = resolution.globals;
  const std::string* name = globals.find<std::string>("lvs_sync_daemon inst");
  const bool saysId = globals.setting("lvs_sync_daemon id") != nullptr;
  const Block* followed = nullptr;
  if (name != nullptr) {
    for (const Block* instance : resolution.root.blocks("vrrp_instance")) {
      followed = instance->name() == *name ? instance : followed;
    }
    if (followed == nullptr) {
      resolution.notice(Code::kUnknownName, globals.at("lvs_sync_daemon"),
                        "lvs_sync_daemon: there is no vrrp_instance " + *name,
                        "it will be master and backup at the same time");
      globals.forget("lvs_sync_daemon inst");
    }
  }
  if (!saysId && globals.find<std::string>("lvs_sync_daemon") != nullptr) {
    const bool hasId = followed != nullptr && followed->isSaid("virtual_router_id");
    globals.assume("lvs_sync_daemon id",
                   hasId ? followed->value("virtual_router_id") : Value(std::int64_t{0}),
                   hasId ? "the virtual_router_id" : "there is no instance");
  }
}

}  // namespace holdfast::config
