// The rows of global_defs that are about IPVS.
#pragma once

#include <array>

#include "config/field.h"
#include "config/table.h"
#include "ipc/schemas/lvs_config.capnp.h"

namespace holdfast::config {

void readIpvsTimeouts(Context& context, Block& globals, Cursor& cursor);
void readIpvsFlushOnStop(Context& context, Block& globals, Cursor& cursor);
void readSyncDaemon(Context& context, Block& globals, Cursor& cursor);
void readIpvsTable(Context& context, Block& globals, Cursor& cursor);

// clang-format off
inline constexpr std::array<Choice, 3> kIpvsFlushes = {{{"nothing", 0}, {"all", 1}, {"VS", 2}}};

inline constexpr std::array<Row, 17> kIpvsGlobalRows = {{
    {"lvs_timeouts", takes::orBare(takes::custom(readIpvsTimeouts, "[tcp SECONDS] [tcpfin SECONDS] [udp SECONDS]")), nothing(), {bySealer()},
     "how long IPVS remembers an idle connection"},
    {"lvs_timeouts tcp", takes::part(takes::number(0, 2678400)), value("0"), {to<&schema::IpvsConfig::Builder::setTcpTimeoutSeconds>()},
     "of an open one, in seconds; 0 leaves it as it is"},
    {"lvs_timeouts tcpfin", takes::part(takes::number(0, 2678400)), value("0"), {to<&schema::IpvsConfig::Builder::setTcpFinTimeoutSeconds>()},
     "of one that is being closed"},
    {"lvs_timeouts udp", takes::part(takes::number(0, 2678400)), value("0"), {to<&schema::IpvsConfig::Builder::setUdpTimeoutSeconds>()},
     "of UDP"},
    {"lvs_flush", takes::flag(), value("off"), {to<&schema::IpvsConfig::Builder::setFlushAtStart>()},
     "what IPVS has at the start is removed"},
    {"lvs_flush_on_stop", takes::orBare(takes::custom(readIpvsFlushOnStop, "[VS]", kIpvsFlushes)), value("nothing"), {to<&schema::IpvsConfig::Builder::setFlushAtStop>()},
     "what IPVS has at the end is removed all at once; VS: our virtual servers with what is in them"},
    {"lvs_flush_onstop", takes::sameAs("lvs_flush_on_stop"), nothing(), {},
     "the same"},
    {"lvs_sync_daemon", takes::orBare(takes::custom(readSyncDaemon, "INTERFACE [inst INSTANCE] [id 0..255] [maxlen 1..65507] [port PORT] [ttl 1..255] [group ADDRESS]")), nothing(), {to<&schema::SyncDaemon::Builder::setInterface>()},
     "connections are told to another load balancer"},
    {"lvs_sync_daemon inst", takes::part(takes::word()), nothing(), {bySealer()},
     "as its master while this vrrp_instance is, else as its backup"},
    {"lvs_sync_daemon id", takes::part(takes::number(0, 255)), rule("the instance's virtual_router_id, else 0"), {to<&schema::SyncDaemon::Builder::setSyncId>()},
     "tells groups of load balancers apart"},
    {"lvs_sync_daemon maxlen", takes::part(takes::number(1, 65507)), nothing(), {to<&schema::SyncDaemon::Builder::setMaxLength>()},
     "of a message, in bytes"},
    {"lvs_sync_daemon port", takes::part(takes::number(1, 65535)), nothing(), {to<&schema::SyncDaemon::Builder::setPort>()},
     "UDP port"},
    {"lvs_sync_daemon ttl", takes::part(takes::number(1, 255)), nothing(), {to<&schema::SyncDaemon::Builder::setTtl>()},
     "how far messages go"},
    {"lvs_sync_daemon group", takes::part(takes::address()), nothing(), {toOptional<&schema::SyncDaemon::Builder::initGroup, &schema::SyncDaemon::Builder::setHasGroup>()},
     "multicast address"},
    {"nftables_ipvs", takes::orBare(takes::custom(readIpvsTable, "[TABLE]")), nothing(), {to<&schema::IpvsConfig::Builder::setNftablesTable>()},
     "virtual server groups are one firewall mark each, which nftables sets; keepalived_ipvs where only the keyword is there"},
    {"nftables_ipvs_priority", takes::number(-2147483648.0, 2147483647), value("-1"), {to<&schema::IpvsConfig::Builder::setNftablesPriority>()},
     "priority of its chain"},
    {"nftables_ipvs_start_fwmark", takes::number(1), value("1000"), {bySealer()},
     "the first of these marks"},
}};
// clang-format on

}  // namespace holdfast::config
