// virtual_server
#include <arpa/inet.h>
#include <linux/ip_vs.h>

#include <algorithm>
#include <charconv>

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

constexpr std::array<Choice, 2> kFamilies = {{{"inet", 0}, {"inet6", 1}}};
constexpr std::array<Choice, 3> kProtocols = {
    {{"TCP", IPPROTO_TCP}, {"UDP", IPPROTO_UDP}, {"SCTP", IPPROTO_SCTP}}};
constexpr std::array<std::string_view, 14> kSchedulers = {
    "rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "fo", "ovf", "lblcr", "sed", "nq", "twos"};
constexpr const char* kSchedulerSyntax = "rr|wrr|lc|wlc|lblc|sh|mh|dh|fo|ovf|lblcr|sed|nq|twos";
constexpr std::int64_t kIpv6 = 1;
constexpr double kLongestPersistence = 2678400;  // 31 days
constexpr std::size_t kLongestEngine = IP_VS_PENAME_MAXLEN;
constexpr Duration kPersistence = std::chrono::minutes(6);

void readFamily(Context& context, Block& server, Cursor& cursor) {
  const std::string word(cursor.take());
  for (const Choice& family : kFamilies) {
    if (family.word == word) {
      const IpAddress* address = server.address("address");
      if (address != nullptr && (address->family == AddressFamily::kIpv6) != (family.value != 0)) {
        context.error(Code::kConflict, cursor,
                      "Virtual server specified family " + word + " conflicts with server family",
                      "the family is that of its address");
        return;
      }
      server.say("ip_family", family.value, &cursor.statement);
      return;
    }
  }
  context.error(Code::kInvalidValue, cursor, "unknown address family " + word,
                "takes inet or inet6");
}

void readProtocol(Context& context, Block& server, Cursor& cursor) {
  const std::string word(cursor.take());
  std::string upper = word;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  for (const Choice& protocol : kProtocols) {
    if (protocol.word == upper) {
      server.say("protocol", protocol.value, &cursor.statement);
      return;
    }
  }
  context.error(Code::kInvalidValue, cursor, "Unknown protocol " + word + " - ignoring",
                "takes TCP, UDP or SCTP");
}

void readScheduler(Context& context, Block& server, Cursor& cursor) {
  const std::string word(cursor.take());
  if (std::find(kSchedulers.begin(), kSchedulers.end(), word) == kSchedulers.end()) {
    context.error(Code::kInvalidValue, cursor, "Invalid lvs_scheduler '" + word + "' - ignoring",
                  std::string("takes ") + kSchedulerSyntax);
    return;
  }
  server.say("lvs_sched", word, &cursor.statement);
}

// These hold for the schedulers by hashes, and have to stand behind the one that is meant.
void readHashFlag(Context& context, Block& server, Cursor& cursor) {
  const std::string keyword(cursor.statement.keyword());
  const Setting* scheduler = server.setting("lvs_sched");
  const std::string* name = scheduler == nullptr ? nullptr : valueAs<std::string>(scheduler->value);
  if (name == nullptr || (*name != "sh" && *name != "mh")) {
    context.error(Code::kConflict, cursor.statement, 0,
                  keyword + " only applies to sh scheduler - ignoring",
                  "lvs_sched sh or mh has to stand above it");
    return;
  }
  server.say(Key(keyword), true, &cursor.statement);
}

void readServerSnmpName(Context& context, Block& server, Cursor& cursor) {
  readSnmpName(context, server, cursor, "virtual server");
}

void readMethod(Context& context, Block& server, Cursor& cursor) {
  readForwarding(context, server, cursor, "lvs_method", "virtual server");
}

void readSorryMethod(Context& context, Block& server, Cursor& cursor) {
  if (!server.isSaid("sorry_server")) {
    context.error(Code::kConflict, cursor.statement, 0,
                  "sorry_server forwarding used without sorry_server",
                  "it has to stand behind sorry_server");
  } else if (!cursor.hasWord()) {
    context.missingParameter(cursor.statement);
  } else {
    readForwarding(context, server, cursor, "sorry_server_lvs_method", "sorry server");
  }
}

void readSorryInhibit(Context& context, Block& server, Cursor& cursor) {
  if (!server.isSaid("sorry_server")) {
    context.error(Code::kConflict, cursor.statement, 0,
                  "Ignoring sorry_server inhibit used before or without sorry_server",
                  "it has to stand behind sorry_server");
    return;
  }
  server.say("sorry_server_inhibit", true, &cursor.statement);
}

// What was said of an earlier sorry server is not for this one.
void readSorryServer(Context& context, Block& server, Cursor& cursor) {
  server.forget("sorry_server port");
  (void)readServerAddress(context, server, cursor, "sorry_server", "sorry_server port",
                          "Invalid sorry server IP address");
}

void readPersistence(Context& context, Block& server, Cursor& cursor) {
  Duration timeout = kPersistence;
  if (cursor.hasWord()) {
    const auto seconds = context.number(cursor, {1, kLongestPersistence});
    if (!seconds) {
      return;
    }
    timeout = std::chrono::seconds(*seconds);
  }
  server.say("persistence_timeout", timeout, &cursor.statement);
}

void readEngine(Context& context, Block& server, Cursor& cursor) {
  std::string name(cursor.take());
  if (name.size() > kLongestEngine) {
    context.error(Code::kInvalidValue, cursor, "persistence_name too long, truncating - " + name,
                  "sip is the one that the kernel has");
    name.resize(kLongestEngine);
  }
  server.say("persistence_engine", std::move(name), &cursor.statement);
}

// A netmask for IPv4, a prefix length for IPv6; which of them it is also tells the family of a
// virtual server without an address.
void readGranularity(Context& context, Block& server, Cursor& cursor) {
  const std::string word(cursor.take());
  const IpAddress* address = server.address("address");
  const auto* said = server.find<std::int64_t>("ip_family");
  const bool ipv6 = address != nullptr ? address->family == AddressFamily::kIpv6
                    : said != nullptr  ? *said == kIpv6
                                       : word.find('.') == std::string::npos;
  std::int64_t value = 0;
  if (ipv6) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || value < 1 || value > 128) {
      context.error(Code::kInvalidValue, cursor,
                    "Invalid IPv6 persistence_granularity specified - " + word,
                    "takes a prefix length from 1 to 128");
      return;
    }
  } else {
    in_addr mask{};
    if (::inet_aton(word.c_str(), &mask) == 0) {
      context.error(Code::kInvalidValue, cursor,
                    "Invalid IPv4 persistence_granularity specified - " + word,
                    "takes a netmask such as 255.255.255.0");
      return;
    }
    value = ntohl(mask.s_addr);
  }
  if (address == nullptr) {
    server.say("ip_family", std::int64_t{ipv6}, &cursor.statement);
  }
  server.say("persistence_granularity", value, &cursor.statement);
}

}  // namespace

bool beginVirtualServer(Context& context, Block& server, Cursor& cursor) {
  const Statement& statement = cursor.statement;
  if (!cursor.hasWord()) {
    context.missingParameter(statement);
    return false;
  }
  const std::string word(cursor.peek());
  if (word == "fwmark" || word == "group") {
    cursor.take();
    if (!cursor.hasWord()) {
      context.missingParameter(statement);
      return false;
    }
    const std::string name(cursor.peek());
    if (word == "group") {
      server.say("group", name, &statement);
      server.setName("group " + name);
      return true;
    }
    const auto mark = context.number(cursor, {});
    if (!mark) {
      return false;
    }
    server.say("fwmark", *mark, &statement);
    server.setName("FWM " + name);
    return true;
  }
  if (!readServerAddress(context, server, cursor, "address", "port",
                         "Invalid virtual server IP address/port")) {
    return false;
  }
  server.setName(server.address("address")->toString());
  return true;
}

const Table& virtualServerTable() {
  using Ipvs = schema::IpvsVirtualServer::Builder;
  using Server = schema::VirtualServer::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"address", takes::part(takes::address()), nothing(), {bySealer()},
     "where it is reached"},
    {"port", takes::part(takes::number(0, 65535)), value("0"), {bySealer()},
     "of it; 0 for all"},
    {"fwmark", takes::part(takes::number()), nothing(), {bySealer()},
     "instead of an address: packets with this firewall mark"},
    {"group", takes::part(takes::word()), nothing(), {bySealer()},
     "instead of an address: a virtual_server_group"},
    {"ip_family", takes::custom(readFamily, "inet|inet6", kFamilies), rule("that of the address, else of its real servers"), {bySealer()},
     "the family of a firewall mark"},
    {"lvs_sched", takes::custom(readScheduler, kSchedulerSyntax), value("wlc"), {to<&Ipvs::setScheduler>()},
     "how a server is chosen for a new connection"},
    {"lb_algo", takes::sameAs("lvs_sched"), nothing(), {},
     "the same"},
    {"flag-1", takes::flag(), value("off"), {bySealer()},
     "the scheduler's first flag"},
    {"flag-2", takes::flag(), value("off"), {bySealer()},
     "the scheduler's second flag"},
    {"flag-3", takes::flag(), value("off"), {bySealer()},
     "the scheduler's third flag"},
    {"sh-port", takes::orBare(takes::custom(readHashFlag, "")), value("off"), {bySealer()},
     "source hashing: the port counts too"},
    {"sh-fallback", takes::orBare(takes::custom(readHashFlag, "")), value("off"), {bySealer()},
     "source hashing: another server where the one that was chosen is not available"},
    {"mh-port", takes::orBare(takes::custom(readHashFlag, "")), value("off"), {bySealer()},
     "Maglev hashing: the port counts too"},
    {"mh-fallback", takes::orBare(takes::custom(readHashFlag, "")), value("off"), {bySealer()},
     "Maglev hashing: another server where the one that was chosen is not available"},
    {"hashed", takes::orBare(takes::custom(readHashFlag, "")), nothing(), {byCompiler()},
     "old, and without effect"},
    {"ops", takes::flag(), value("off"), {bySealer()},
     "UDP: choose for each packet anew"},
    {"lvs_method", takes::custom(readMethod, kForwardingSyntax, kForwardingMethods), value("NAT"), {byHeirs()},
     "how packets reach the servers"},
    {"lvs_method type", takes::part(takes::oneOf(kTunnelTypes)), value("ipip"), {byHeirs()},
     "of a tunnel"},
    {"lvs_method port", takes::part(takes::number(0, 65535)), value("0"), {byHeirs()},
     "of a gue tunnel"},
    {"lvs_method checksum", takes::part(takes::oneOf(kTunnelChecksums)), value("nocsum"), {byHeirs()},
     "in a tunnel"},
    {"lb_kind", takes::sameAs("lvs_method"), nothing(), {},
     "the same"},
    {"persistence_engine", takes::custom(readEngine, "NAME"), nothing(), {to<&Ipvs::setPersistenceEngine>()},
     "what tells clients apart: sip, or nothing for their address"},
    {"persistence_timeout", takes::orBare(takes::custom(readPersistence, "[1..2678400]")), nothing(), {bySealer()},
     "a client comes back to its server for so long; 6 minutes where only the keyword is there"},
    {"persistence_granularity", takes::custom(readGranularity, "NETMASK|LENGTH"), rule("a client for itself"), {bySealer()},
     "clients of one network of this size have the same server"},
    {"protocol", takes::custom(readProtocol, "TCP|UDP|SCTP", kProtocols), rule("UDP"), {bySealer()},
     "of the service"},
    {"ha_suspend", takes::flag(), value("off"), {to<&Server::setSuspendWithoutAddress>()},
     "no checks while this host does not have the address"},
    {"smtp_alert", takes::onOff(), value("off"), {to<&Server::setSmtpAlert>()},
     "mail when quorum is gained or lost; smtp_alert_checker or smtp_alert in global_defs say so for all", kNotYet},
    {"virtualhost", takes::name(), nothing(), {byHeirs()},
     "the Host line of HTTP_GET and SSL_GET"},
    {"snmp_name", takes::orBare(takes::custom(readServerSnmpName, "NAME")), nothing(), {to<&Server::setSnmpName>()},
     "what it is called in SNMP", kNotYet},
    {"alpha", takes::flag(), value("off"), {to<&Server::setAlpha>()},
     "servers are down until a check has succeeded"},
    {"omega", takes::flag(), value("off"), {to<&Server::setOmega>()},
     "at the end notify_down and quorum_down run"},
    {"quorum", takes::number(1), value("1"), {to<&Server::setQuorum>()},
     "the total weight of living servers that it needs"},
    {"hysteresis", takes::number(), value("0"), {to<&Server::setHysteresis>()},
     "by how much the weight must be above quorum to gain it, and below to lose it"},
    {"quorum_up", takes::command(), nothing(), {bySealer()},
     "runs when quorum is gained"},
    {"quorum_down", takes::command(), nothing(), {bySealer()},
     "runs when quorum is lost"},
    {"weight", takes::number(1, 2147483647), value("1"), {byHeirs()},
     "of real servers that do not say so themselves"},
    {"sorry_server", takes::custom(readSorryServer, "ADDRESS [PORT]"), nothing(), {bySealer()},
     "takes the place of all servers while there is no quorum"},
    {"sorry_server port", takes::part(takes::number(0, 65535)), rule("that of the virtual server"), {bySealer()},
     "of it"},
    {"sorry_server name", takes::part(takes::word()), rule("as that of a real server"), {to<&Server::setSorryName>()},
     "what the log calls it"},
    {"sorry_server_inhibit", takes::orBare(takes::custom(readSorryInhibit, "")), value("off"), {to<&Server::setSorryInhibit>()},
     "it stays in the table with weight 0 while it is not needed"},
    {"sorry_server_lvs_method", takes::orBare(takes::custom(readSorryMethod, kForwardingSyntax, kForwardingMethods)), rule("lvs_method"), {bySealer()},
     "how packets reach it"},
    {"sorry_server_lvs_method type", takes::part(takes::oneOf(kTunnelTypes)), rule("lvs_method"), {bySealer()},
     "of a tunnel"},
    {"sorry_server_lvs_method port", takes::part(takes::number(0, 65535)), rule("lvs_method"), {bySealer()},
     "of a gue tunnel"},
    {"sorry_server_lvs_method checksum", takes::part(takes::oneOf(kTunnelChecksums)), rule("lvs_method"), {bySealer()},
     "in a tunnel"},
    {"delay_loop", kLoop, value("60"), {byHeirs()},
     "from one check to the next"},
    {"connect_timeout", kTimeout, value("5"), {byHeirs()},
     "how long a check waits for its answer"},
    {"retry", takes::number(1), nothing(), {byHeirs()},
     "further attempts before a check has failed"},
    {"delay_before_retry", kDelay, nothing(), {byHeirs()},
     "from a failure to the next attempt"},
    {"warmup", kDelay, nothing(), {byHeirs()},
     "the first check comes after a random time up to this; 0 for at once"},
    {"inhibit_on_failure", takes::flag(), value("off"), {byHeirs()},
     "a server that has failed gets weight 0 instead of being removed"},
    {"drain_time", takes::wholeSeconds(0, 31536000), value("300"), {byHeirs()},
     "how long a server may be drained; 0 for no limit"},
    {"drain_on_failure", takes::onOff(), value("off"), {byHeirs()},
     "a server that has failed is drained instead of being removed at once"},
    {"real_server", takes::block(realServerTable, beginRealServer, "ADDRESS [PORT]"), nothing(), {},
     "one of those who do the work"},
  };
  // clang-format on
  static const Table kTable("virtual_server", kRows);
  return kTable;
}

}  // namespace holdfast::config
