// global_defs: SNMP, D-Bus, dumps, and what checkers have in common.
#include "config/block.h"
#include "config/field.h"
#include "config/tables/global_areas.h"
#include "ipc/schemas/lvs_config.capnp.h"
#include "ipc/schemas/management_config.capnp.h"

namespace holdfast::config {
namespace {

void readSocket(Context& context, Block& globals, Cursor& cursor) {
  const Statement& statement = cursor.statement;
  std::string socket(cursor.take());
  if (cursor.hasWord()) {
    cursor.take();
    context.error(Code::kInvalidValue, cursor,
                  "Too many parameters specified for snmp_socket - ignoring");
  } else if (isFirst(context, globals, "snmp_socket", statement,
                     "SNMP socket already set to " + globals.text("snmp_socket") + " - ignoring")) {
    globals.say("snmp_socket", std::move(socket), &statement);
  }
}

constexpr Takes kInterval = takes::seconds(0.001, 30);

}  // namespace

std::span<const Row> managementRows() {
  using S = schema::SupervisorConfig::Builder;
  using Snmp = schema::Snmp::Builder;
  using Dbus = schema::Dbus::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"snmp_socket", takes::orElse(takes::custom(readSocket, "SOCKET"), "SNMP error : snmp socket name missing"),
     value("unix:/var/agentx/master"), {to<&Snmp::setSocket>()},
     "where the AgentX master is", kNotYet},
    {"enable_traps", takes::flag(), value("off"), {to<&Snmp::setTraps>()},
     "SNMP traps", kNotYet},
    {"enable_snmp_vrrp", takes::flag(), value("off"), {to<&Snmp::setVrrp>()},
     "KEEPALIVED-MIB of virtual routers", kNotYet},
    {"enable_snmp_keepalived", takes::sameAs("enable_snmp_vrrp"), nothing(), {},
     "deprecated: enable_snmp_vrrp"},
    {"enable_snmp_checker", takes::flag(), value("off"), {to<&Snmp::setChecker>()},
     "KEEPALIVED-MIB of virtual and real servers", kNotYet},
    {"enable_snmp_rfc", takes::flag(), value("off"), {byHeirs()},
     "both of the following", kNotYet},
    {"enable_snmp_rfcv2", takes::flag(), rule("off, on with enable_snmp_rfc"), {to<&Snmp::setRfc2787>()},
     "VRRP-MIB (RFC 2787)", kNotYet},
    {"enable_snmp_rfcv3", takes::flag(), rule("off, on with enable_snmp_rfc"), {to<&Snmp::setRfc6527>()},
     "VRRPV3-MIB (RFC 6527)", kNotYet},
    {"snmp_vs_stats_update_interval", kInterval, value("5"), {to<&Snmp::setVirtualServerIntervalNs>()},
     "how old counters of virtual servers may be", kNotYet},
    {"snmp_rs_stats_update_interval", kInterval, rule("snmp_vs_stats_update_interval"), {to<&Snmp::setRealServerIntervalNs>()},
     "how old counters of real servers may be", kNotYet},
    {"enable_dbus", takes::flag(), value("off"), {to<&Dbus::setEnable>()},
     "virtual routers on D-Bus", kNotYet},
    {"dbus_service_name", takes::orElse(takes::word(), "dbus_service_name missing - ignoring"), value("org.keepalived.Vrrp1"),
     {to<&Dbus::setServiceName>()},
     "its name there", kNotYet},
    {"dbus_no_interface_name", takes::word(), value("none"), {to<&Dbus::setNoInterfaceName>()},
     "stands in paths for the interface of an instance without one", kNotYet},
    {"state_dump_file", takes::word(), nothing(), {to<&S::setStateDumpFile>()},
     "where SIGUSR1 writes the state to; else keepalived.data beside the pid files"},
    {"stats_dump_file", takes::word(), nothing(), {to<&S::setStatsDumpFile>()},
     "where SIGUSR2 writes counters to; else keepalived.stats beside the pid files"},
    {"json_dump_file", takes::word(), nothing(), {to<&S::setJsonDumpFile>()},
     "where SIGRTMIN+2 writes the state to as JSON; else keepalived.json beside the pid files"},
    {"json_version", takes::number(1, 2), value("1"), {to<&S::setJsonVersion>()},
     "which layout that has", kNotYet},
    {"data_use_instance", takes::onOff(), value("off"), {byCompiler()},
     "names of dumps have those of instance and network namespace in them, which is so anyhow"},
    {"checker_log_all_failures", takes::onOff(), value("off"), {byHeirs()},
     "every failed check of a server is logged, not only that of the last attempt"},
    {"rs_init_notifies", takes::onOff(), value("off"), {to<&schema::CheckerConfig::Builder::setRealServerInitNotifies>()},
     "notifiers of real servers also run for what holds at the start"},
  };
  // clang-format on
  return kRows;
}

}  // namespace holdfast::config
