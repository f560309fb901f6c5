// The lines of static_rules and virtual_rules.
#include <linux/fib_rules.h>

#include <array>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/lines.h"
#include "config/tables.h"
#include "config/tables/rule_parts.h"

namespace holdfast::config {
namespace {

constexpr std::array<Choice, 2> kFamilies = {{{"ipv4", 0}, {"ipv6", 1}}};

std::string unknownOption(const Block&, const std::string& word) {
  return "Unknown rule option " + word;
}

}  // namespace

bool beginRuleLine(Context&, Block&, Cursor&) {
  return true;
}

const Table& ruleLineTable() {
  using Rule = schema::Rule::Builder;
  using namespace rule_words;  // NOLINT(google-build-using-namespace): readers of its words
  constexpr Takes kAction = takes::orBare(takes::custom(readAction, ""));
  constexpr Takes kNoAction = takes::orBare(takes::custom(refuseAction, ""));
  // clang-format off
  static constexpr Row kRows[] = {
    {"family", takes::part(takes::oneOf(kFamilies)), rule("that of its addresses, else IPv4"), {to<&Rule::setFamily>()},
     "IPv4 or IPv6"},
    {"inet", takes::flag(), value("off"), {byCompiler()}, "it is a rule for IPv4"},
    {"inet6", takes::flag(), value("off"), {byCompiler()}, "it is a rule for IPv6"},
    {"not", takes::flag(), value("off"), {to<&Rule::setInvert>()},
     "for what the selectors do not fit"},
    {"from", takes::custom(readFrom, "ADDRESS[/LENGTH]|all"), nothing(), {toOptional<&Rule::initSource, &Rule::setHasSource>()},
     "packets from here"},
    {"from length", takes::part(takes::number(0, 128)), nothing(), {to<&Rule::setSourceLength>()},
     "the length of its prefix"},
    {"to", takes::custom(readTo, "ADDRESS[/LENGTH]|all"), nothing(), {toOptional<&Rule::initDestination, &Rule::setHasDestination>()},
     "packets to here"},
    {"to length", takes::part(takes::number(0, 128)), nothing(), {to<&Rule::setDestinationLength>()},
     "the length of its prefix"},
    {"preference", takes::number(), rule("16384, 16383 and so on downwards"), {to<&Rule::setPreference>()},
     "rules are tried from the lowest to the highest"},
    {"order", takes::sameAs("preference"), nothing(), {}, "the same"},
    {"priority", takes::sameAs("preference"), nothing(), {}, "the same"},
    {"tos", takes::word(), nothing(), {bySealer()},
     "packets with this type of service: a number or a name of rt_dsfield"},
    {"dsfield", takes::sameAs("tos"), nothing(), {}, "the same"},
    {"tos number", takes::part(takes::number(0, 255)), nothing(), {to<&Rule::setTos>()},
     "its number"},
    {"fwmark", takes::custom(readMark, "MARK[/MASK]"), nothing(), {toOptional<&Rule::setMark, &Rule::setHasMark>()},
     "packets with this mark of the firewall"},
    {"fwmark mask", takes::part(takes::number()), value("4294967295"), {to<&Rule::setMarkMask>()},
     "which of its bits count"},
    {"iif", takes::word(), nothing(), {bySealer()},
     "packets that came in here; lo for this host's own"},
    {"dev", takes::sameAs("iif"), nothing(), {}, "the same"},
    {"oif", takes::word(), nothing(), {bySealer()},
     "packets of sockets that are bound to this interface"},
    {"tun_id", takes::number(), nothing(), {toOptional<&Rule::setTunnelId, &Rule::setHasTunnelId>()},
     "packets out of a tunnel with this key"},
    {"id", takes::sameAs("tun_id"), nothing(), {}, "the same"},
    {"uidrange", takes::custom(readUids, "FIRST-LAST"), nothing(), {bySealer()},
     "packets of these users' sockets"},
    {"uidrange first", takes::part(takes::number()), nothing(), {toOptional<&Rule::setFirstUid, &Rule::setHasUids>()},
     "the lowest uid"},
    {"uidrange last", takes::part(takes::number()), nothing(), {to<&Rule::setLastUid>()},
     "the highest"},
    {"ipproto", takes::word(), nothing(), {bySealer()},
     "packets of this protocol: a number or a name of /etc/protocols"},
    {"ip_proto", takes::sameAs("ipproto"), nothing(), {}, "the same"},
    {"ipproto number", takes::part(takes::number(0, 255)), nothing(), {toOptional<&Rule::setIpProtocol, &Rule::setHasIpProtocol>()},
     "its number"},
    {"sport", takes::custom(readSourcePorts, "FIRST-LAST"), nothing(), {bySealer()},
     "packets from these ports"},
    {"sport first", takes::part(takes::number(0, 65535)), nothing(), {toOptional<&Rule::setFirstSourcePort, &Rule::setHasSourcePorts>()},
     "the lowest"},
    {"sport last", takes::part(takes::number(0, 65535)), nothing(), {to<&Rule::setLastSourcePort>()},
     "the highest"},
    {"dport", takes::custom(readDestinationPorts, "FIRST-LAST"), nothing(), {bySealer()},
     "packets to these ports"},
    {"dport first", takes::part(takes::number(0, 65535)), nothing(), {toOptional<&Rule::setFirstDestinationPort, &Rule::setHasDestinationPorts>()},
     "the lowest"},
    {"dport last", takes::part(takes::number(0, 65535)), nothing(), {to<&Rule::setLastDestinationPort>()},
     "the highest"},
    {"action", takes::part(takes::oneOf(kRuleActions)), rule("has to be said"), {to<&Rule::setAction>()},
     "what happens to such packets"},
    {"table", takes::custom(readTable, "NUMBER|NAME"), nothing(), {bySealer()},
     "they are routed by this table: a number or a name of rt_tables"},
    {"lookup", takes::sameAs("table"), nothing(), {}, "the same"},
    {"table number", takes::part(takes::number()), nothing(), {to<&Rule::setTable>()},
     "its number"},
    {"l3mdev", takes::orBare(takes::custom(readL3mdev, "")), nothing(), {to<&Rule::setL3mdev>()},
     "they are routed by the table of their VRF"},
    {"goto", takes::custom(readGoto, "PREFERENCE"), nothing(), {to<&Rule::setTarget>()},
     "a later rule goes on with them"},
    {"nop", kAction, nothing(), {byCompiler()}, "the next rule goes on with them"},
    {"blackhole", kAction, nothing(), {byCompiler()}, "they vanish"},
    {"unreachable", kAction, nothing(), {byCompiler()}, "they vanish, and the sender is told: host unreachable"},
    {"prohibit", kAction, nothing(), {byCompiler()}, "they vanish, and the sender is told: prohibited"},
    {"type", takes::custom(readType, "blackhole|unreachable|prohibit"), nothing(), {byCompiler()},
     "may stand before blackhole, unreachable and prohibit"},
    {"unicast", kNoAction, nothing(), {byCompiler()}, "no action of a rule"},
    {"local", kNoAction, nothing(), {byCompiler()}, "no action of a rule"},
    {"broadcast", kNoAction, nothing(), {byCompiler()}, "no action of a rule"},
    {"anycast", kNoAction, nothing(), {byCompiler()}, "no action of a rule"},
    {"multicast", kNoAction, nothing(), {byCompiler()}, "no action of a rule"},
    {"throw", kNoAction, nothing(), {byCompiler()}, "no action of a rule"},
    {"nat", kNoAction, nothing(), {byCompiler()}, "no action of a rule"},
    {"realms", takes::word(), nothing(), {bySealer()},
     "[SOURCE/]DESTINATION, that packets get: numbers or names of rt_realms"},
    {"realms number", takes::part(takes::number()), nothing(), {toOptional<&Rule::setRealms, &Rule::setHasRealms>()},
     "source realm times 65536, and the destination realm"},
    {"suppress_prefixlength", takes::number(0, 2147483647), nothing(), {toOptional<&Rule::setSuppressPrefixLength, &Rule::setHasSuppressPrefixLength>()},
     "routes of the table with so short a prefix do not count"},
    {"sup_pl", takes::sameAs("suppress_prefixlength"), nothing(), {}, "the same"},
    {"suppress_ifgroup", takes::word(), nothing(), {bySealer()},
     "routes through interfaces of this group do not count: a number or a name of group"},
    {"sup_group", takes::sameAs("suppress_ifgroup"), nothing(), {}, "the same"},
    {"suppress_ifgroup number", takes::part(takes::number()), nothing(), {toOptional<&Rule::setSuppressGroup, &Rule::setHasSuppressGroup>()},
     "its number"},
    {"protocol", takes::number(0, 255), value("18"), {to<&Rule::setProtocol>()},
     "whose rule it is; 18 is keepalived; others need no_track"},
    {"no_track", takes::flag(), value("off"), {bySealer()},
     "it is not put back when someone deletes it"},
    {"track_group", takes::custom(readTrackGroup, "NAME"), nothing(), {bySealer()},
     "static rules: these instances are in FAULT while it is not there"},
  };
  // clang-format on
  static const Table kTable("virtual_rules line", kRows,
                            {.unknown = unknownOption,
                             .missingEnds = true,
                             .unreadableDrops = true,
                             .unknownDrops = true});
  return kTable;
}

}  // namespace holdfast::config
