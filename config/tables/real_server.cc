// virtual_server/real_server
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/lines.h"
#include "config/tables.h"
#include "config/tables/forwarding.h"
#include "config/tables/server_address.h"
#include "config/tables/timing.h"
#include "ipc/schemas/lvs_config.capnp.h"

namespace holdfast::config {
namespace {

void readServerSnmpName(Context& context, Block& server, Cursor& cursor) {
  readSnmpName(context, server, cursor, "real server");
}

void readMethod(Context& context, Block& server, Cursor& cursor) {
  readForwarding(context, server, cursor, "lvs_method", "real server");
}

}  // namespace

bool beginRealServer(Context& context, Block& server, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.missingParameter(cursor.statement);
    return false;
  }
  if (!readServerAddress(context, server, cursor, "address", "port",
                         "Invalid real server ip address/port")) {
    return false;
  }
  server.setName(server.address("address")->toString());
  return true;
}

const Table& realServerTable() {
  using Destination = schema::IpvsDestination::Builder;
  using Server = schema::RealServer::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"address", takes::part(takes::address()), nothing(), {to<&Destination::initAddress>()},
     "where it is"},
    {"port", takes::part(takes::number(0, 65535)), rule("that of the virtual server"), {to<&Destination::setPort>()},
     "of it"},
    {"weight", takes::number(0, 2147483647), from("weight"), {to<&Destination::setWeight>(), to<&Server::setWeight>()},
     "its share, compared with that of others; 0: no new connections"},
    {"lvs_method", takes::custom(readMethod, kForwardingSyntax, kForwardingMethods), from("lvs_method"), {to<&Destination::setMethod>()},
     "how packets reach it"},
    {"lvs_method type", takes::part(takes::oneOf(kTunnelTypes)), from("lvs_method type"), {to<&Destination::setTunnel>()},
     "of a tunnel"},
    {"lvs_method port", takes::part(takes::number(0, 65535)), from("lvs_method port"), {to<&Destination::setTunnelPort>()},
     "of a gue tunnel"},
    {"lvs_method checksum", takes::part(takes::oneOf(kTunnelChecksums)), from("lvs_method checksum"), {to<&Destination::setChecksum>()},
     "in a tunnel"},
    {"uthreshold", takes::number(), value("0"), {to<&Destination::setUpperThreshold>()},
     "it gets no new connections when it has so many; 0 for no limit"},
    {"lthreshold", takes::number(), value("0"), {to<&Destination::setLowerThreshold>()},
     "it gets new ones again when it has so few"},
    {"notify_up", takes::command(), nothing(), {bySealer()},
     "runs when it has come up"},
    {"notify_down", takes::command(), nothing(), {bySealer()},
     "runs when it has gone down"},
    {"smtp_alert", takes::onOff(), value("on"), {to<&Server::setSmtpAlert>()},
     "mail when it comes up or goes down; smtp_alert_checker or smtp_alert in global_defs say so for all", kNotYet},
    {"virtualhost", takes::name(), from("virtualhost"), {byHeirs()},
     "the Host line of HTTP_GET and SSL_GET"},
    {"snmp_name", takes::orBare(takes::custom(readServerSnmpName, "NAME")), nothing(), {to<&Server::setSnmpName>()},
     "what it is called in SNMP", kNotYet},
    {"alpha", takes::onOff(), from("alpha"), {to<&Server::setAlpha>()},
     "it is down until a check has succeeded"},
    {"inhibit_on_failure", takes::onOff(), from("inhibit_on_failure"), {to<&Server::setInhibitOnFailure>()},
     "when it has failed it gets weight 0 instead of being removed"},
    {"drain", takes::onOff(), value("off"), {to<&Server::setDrain>()},
     "it gets no new connections, and leaves when nobody is connected or drain_time is over; say it, and reload"},
    {"drain_time", takes::wholeSeconds(0, 31536000), from("drain_time"), {to<&Server::setDrainTimeNs>()},
     "how long it may be drained; 0 for no limit"},
    {"drain_on_failure", takes::onOff(), from("drain_on_failure"), {to<&Server::setDrainOnFailure>()},
     "when it has failed it is drained instead of being removed at once"},
    {"delay_loop", kLoop, from("delay_loop"), {byHeirs()},
     "from one check to the next"},
    {"connect_timeout", kTimeout, from("connect_timeout"), {byHeirs()},
     "how long a check waits for its answer"},
    {"retry", takes::number(1), from("retry"), {byHeirs()},
     "further attempts before a check has failed"},
    {"delay_before_retry", kDelay, from("delay_before_retry"), {byHeirs()},
     "from a failure to the next attempt"},
    {"warmup", kDelay, from("warmup"), {byHeirs()},
     "the first check comes after a random time up to this; 0 for at once"},
    {"TCP_CHECK", takes::blocks(tcpCheckTable), nothing(), {},
     "it takes connections"},
    {"HTTP_GET", takes::blocks(httpCheckTable), nothing(), {},
     "it answers HTTP requests"},
    {"SSL_GET", takes::blocks(sslCheckTable), nothing(), {},
     "it answers HTTPS requests"},
    {"SMTP_CHECK", takes::blocks(smtpCheckTable), nothing(), {},
     "it greets as a mail server does"},
    {"DNS_CHECK", takes::blocks(dnsCheckTable), nothing(), {},
     "it answers DNS queries over UDP"},
    {"MISC_CHECK", takes::blocks(miscCheckTable), nothing(), {},
     "a command of one's own finds it well"},
    {"UDP_CHECK", takes::blocks(udpCheckTable), nothing(), {},
     "no ICMP error comes back for a datagram, or a reply does"},
    {"PING_CHECK", takes::blocks(pingCheckTable), nothing(), {},
     "it answers pings"},
    {"FILE_CHECK", takes::blocks(fileCheckTable), nothing(), {},
     "the number in a file says so"},
    {"BFD_CHECK", takes::blocks(bfdCheckTable), nothing(), {},
     "a BFD session is up", kNotYet},
  };
  // clang-format on
  static const Table kTable("virtual_server/real_server", kRows);
  return kTable;
}

}  // namespace holdfast::config
