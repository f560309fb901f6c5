// What stands at the outermost level of a configuration.
#include <string>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/lines.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

void readIpvsNamespace(Context&, Block& root, Cursor& cursor) {
  root.say("net_namespace_ipvs", std::string(cursor.hasWord() ? cursor.take() : ""),
           &cursor.statement);
}

}  // namespace

const Table& rootTable() {
  using Supervisor = schema::SupervisorConfig::Builder;
  using Broker = schema::BrokerConfig::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"net_namespace", takes::name(), nothing(), {to<&Supervisor::setNetNamespace>()},
     "run in this network namespace"},
    {"net_namespace_ipvs", takes::orBare(takes::custom(readIpvsNamespace, "[NAME]")), nothing(), {bySealer()},
     "the network namespace of virtual servers; without a name that of the host", kNotYet},
    {"namespace_with_ipsets", takes::flag(), value("off"), {byCompiler()},
     "means nothing: nftables has sets of its own in every namespace"},
    {"instance", takes::name(), nothing(), {to<&Supervisor::setInstanceName>()},
     "tells several daemons on one host apart: part of pid files' names and of the log's ident"},
    {"use_pid_dir", takes::flag(), value("off"), {to<&Supervisor::setUsePidDirectory>()},
     "pid files in a directory of their own"},
    {"child_wait_time", takes::wholeSeconds(), value("5"), {to<&Supervisor::setChildWaitNs>()},
     "how long the processes may take to leave at the end, before they are killed"},
    {"global_defs", takes::block(globalTable), nothing(), {},
     "what holds for everything"},
    {"static_ipaddress", takes::list(addressLineTable, beginAddressLine, "ADDRESS[/LENGTH]"), nothing(), {bySealer()},
     "addresses that are there from the start to the end"},
    {"static_routes", takes::list(routeLineTable, beginRouteLine, "[TYPE] PREFIX"), nothing(), {bySealer()},
     "routes that are there from the start to the end"},
    {"static_rules", takes::list(ruleLineTable, beginRuleLine, "SELECTORS ACTION"), nothing(), {bySealer()},
     "policy rules that are there from the start to the end"},
    {"vrrp_script", takes::trackerBlock(scriptTable, "vrrp script"), nothing(), {},
     "a check that is run periodically"},
    {"vrrp_instance", takes::namedBlock(instanceTable, "vrrp instance"), nothing(), {},
     "a virtual router"},
    {"virtual_server_group", takes::block(virtualServerGroupTable, beginVirtualServerGroup, "NAME"), nothing(), {},
     "addresses and firewall marks that have the same servers"},
    {"virtual_server", takes::block(virtualServerTable, beginVirtualServer, "ADDRESS [PORT] | fwmark NUMBER | group NAME"), nothing(), {},
     "a service whose connections are shared among real servers"},
    {"SSL", takes::blocks(sslTable), nothing(), {},
     "certificate and key of SSL_GET"},
    {"vrrp_sync_group", takes::namedBlock(syncGroupTable, "vrrp sync group"), nothing(), {},
     "virtual routers that are master together"},
    {"track_group", takes::namedBlock(trackGroupTable, "track_group"), nothing(), {},
     "virtual routers that need static addresses, routes or rules"},
    {"track_file", takes::trackerBlock(trackFileTable, "track file"), nothing(), {},
     "a file with a number in it that counts for virtual routers and real servers"},
    {"vrrp_track_file", takes::sameAs("track_file"), nothing(), {},
     "deprecated: track_file"},
    {"vrrp_track_process", takes::trackerBlock(trackProcessTable, "track process"), nothing(), {},
     "processes that have to run"},
    {"bfd_instance", takes::looseBlock(bfdTable, "BFD"), nothing(), {},
     "a BFD session (RFC 5880)", kNotYet},
    {"garp_group", takes::blocks(garpGroupTable), nothing(), {},
     "intervals between announcements on some interfaces"},
    {"linkbeat_use_polling", takes::flag(), value("off"), {to<&Broker::setLinkbeatAll>()},
     "look at all links by polling", kNotYet},
    {"linkbeat_interfaces", takes::list(linkbeatLineTable, beginLinkbeatLine, "INTERFACE"), nothing(), {bySealer()},
     "interface [MII|ETHTOOL|IOCTL]: links that are looked at by polling", kNotYet},
    {"interface_up_down_delays", takes::list(delayLineTable, beginDelayLine, "INTERFACE"), nothing(), {bySealer()},
     "interface DOWN [UP]: seconds that a state has to last before it counts"},
  };
  // clang-format on
  static const Table kTable("", kRows);
  return kTable;
}

}  // namespace holdfast::config
