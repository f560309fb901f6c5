// What global_defs says about IPVS.
#include "config/resolve/lvs.h"

namespace holdfast::config {

void resolveIpvsGlobals(Resolution& resolution) {
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
