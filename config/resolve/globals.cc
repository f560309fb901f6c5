// global_defs: what holds for everything.
#include "config/resolve/resolution.h"

namespace holdfast::config {

void resolveGlobals(Resolution& resolution) {
  Block& globals = resolution.globals;
  // The interfaces of another network namespace are not known here.
  resolution.checksInterfaces =
      !globals.flag("dynamic_interfaces") && !resolution.root.isSaid("net_namespace");
  if (globals.flag("vrrp_min_garp")) {
    if (!globals.isSaid("vrrp_garp_master_delay")) {
      globals.assume("vrrp_garp_master_delay", Duration(0), "vrrp_min_garp");
    }
    if (!globals.isSaid("vrrp_garp_master_repeat")) {
      globals.assume("vrrp_garp_master_repeat", std::int64_t{1}, "vrrp_min_garp");
    }
  }
  // An instance without a value of its own has these, not those of its own master burst.
  if (!globals.isSaid("vrrp_garp_lower_prio_delay")) {
    globals.assume("vrrp_garp_lower_prio_delay", globals.value("vrrp_garp_master_delay"),
                   "vrrp_garp_master_delay");
  }
  if (!globals.isSaid("vrrp_garp_lower_prio_repeat")) {
    globals.assume("vrrp_garp_lower_prio_repeat", globals.value("vrrp_garp_master_repeat"),
                   "vrrp_garp_master_repeat");
  }
}

}  // namespace holdfast::config
