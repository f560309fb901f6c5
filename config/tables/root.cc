// What stands at the outermost level of a configuration.
#include "config/field.h"
#include "config/lines.h"
#include "config/tables.h"

namespace holdfast::config {

const Table& rootTable() {
  using Supervisor = schema::SupervisorConfig::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"net_namespace", takes::name(), nothing(), {to<&Supervisor::setNetNamespace>()},
     "run in this network namespace"},
    {"instance", takes::name(), nothing(), {to<&Supervisor::setInstanceName>()},
     "tells several daemons on one host apart: part of pid files' names and of the log's ident"},
    {"use_pid_dir", takes::flag(), value("off"), {to<&Supervisor::setUsePidDirectory>()},
     "pid files in a directory of their own"},
    {"child_wait_time", takes::wholeSeconds(), value("5"), {to<&Supervisor::setChildWaitNs>()},
     "how long the processes may take to leave at the end, before they are killed"},
    {"global_defs", takes::block(globalTable), nothing(), {},
     "what holds for everything"},
    {"vrrp_script", takes::namedBlock(scriptTable, "vrrp script"), nothing(), {},
     "a check that is run periodically"},
    {"vrrp_instance", takes::namedBlock(instanceTable, "vrrp instance"), nothing(), {},
     "a virtual router"},
    {"virtual_server_group", takes::block(virtualServerGroupTable, beginVirtualServerGroup, "NAME"), nothing(), {},
     "addresses and firewall marks that have the same servers", kNotYet},
    {"virtual_server", takes::block(virtualServerTable, beginVirtualServer, "ADDRESS [PORT] | fwmark NUMBER | group NAME"), nothing(), {},
     "a service whose connections are shared among real servers", kNotYet},
    {"SSL", takes::blocks(sslTable), nothing(), {},
     "certificate and key of SSL_GET", kNotYet},
  };
  // clang-format on
  static const Table kTable("", kRows);
  return kTable;
}

}  // namespace holdfast::config
