// global_defs: what holds for everything.
#include <array>
#include <utility>

#include "config/resolve/resolution.h"
#include "config/statement.h"

namespace holdfast::config {
namespace {

void nameProcesses(Block& globals) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNames = {{
      {"process_name", "keepalived"},
      {"vrrp_process_name", "keepalived_vrrp"},
      {"checker_process_name", "keepalived_ipvs"},
      {"bfd_process_name", "keepalived_bfd"},
  }};
  for (const auto& [keyword, name] : kNames) {
    if (globals.flag("process_names") && !globals.isSaid(Key(keyword))) {
      globals.assume(Key(keyword), std::string(name), "process_names");
    }
  }
}

void resolveMail(Resolution& resolution) {
  Block& globals = resolution.globals;
  if (globals.isSaid("notification_email") && globals.firstBlock("notification_email") == nullptr) {
    resolution.error(Code::kMissingSetting, globals.at("notification_email"),
                     "Warning - empty notification_email block", "nobody gets mail");
  }
  if (globals.time("smtp_connect_timeout") == Duration(0)) {
    resolution.error(Code::kInvalidValue, globals.at("smtp_connect_timeout"),
                     "smtp_conect_timeout must be greater than 0, setting to 1");
    globals.adjust("smtp_connect_timeout", Duration(takes::kSecond), "it has to be more than 0");
  }
  if (!globals.isSaid("smtp_alert_vrrp")) {
    const bool said = globals.isSaid("smtp_alert");
    globals.assume("smtp_alert_vrrp", globals.flag("smtp_alert"),
                   said ? "smtp_alert" : "neither it nor smtp_alert is set");
  }
}

void resolveManagement(Block& globals) {
  for (const Key keyword : {Key("enable_snmp_rfcv2"), Key("enable_snmp_rfcv3")}) {
    if (globals.flag("enable_snmp_rfc") && !globals.isSaid(keyword)) {
      globals.assume(keyword, true, "enable_snmp_rfc");
    }
  }
  if (!globals.isSaid("snmp_rs_stats_update_interval")) {
    globals.assume("snmp_rs_stats_update_interval", globals.value("snmp_vs_stats_update_interval"),
                   "snmp_vs_stats_update_interval");
  }
}

// Beside the pid files.
void nameReloadFile(const Block& root, Block& globals) {
  const auto* path = globals.find<std::string>("reload_file");
  if (path == nullptr || !path->empty()) {
    return;
  }
  const auto* name = root.find<std::string>("instance");
  globals.adjust("reload_file",
                 std::string(root.flag("use_pid_dir") ? "/run/keepalived/" : "/run/") +
                     "keepalived" + (name == nullptr ? std::string() : "_" + *name) + ".reload",
                 "no path is given");
}

}  // namespace

void resolveGlobals(Resolution& resolution) {
  Block& globals = resolution.globals;
  // The interfaces of another network namespace are not known here.
  resolution.checksInterfaces =
      !globals.flag("dynamic_interfaces") && !resolution.root.isSaid("net_namespace");
  nameProcesses(globals);
  resolveMail(resolution);
  resolveManagement(globals);
  nameReloadFile(resolution.root, globals);
  resolution.haveOneAtLeast(globals, "vrrp_garp_master_repeat");
  resolution.haveOneAtLeast(globals, "vrrp_garp_master_refresh_repeat");
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
