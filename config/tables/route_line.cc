// The lines of static_routes and virtual_routes.
#include <array>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/lines.h"
#include "config/tables.h"
#include "config/tables/route_parts.h"

namespace holdfast::config {
namespace {

constexpr std::array<Choice, 2> kFamilies = {{{"ipv4", 0}, {"ipv6", 1}}};

}  // namespace

bool beginRouteLine(Context&, Block&, Cursor&) {
  return true;
}

const Table& routeLineTable() {
  using Route = schema::Route::Builder;
  constexpr Takes kTyped = takes::custom(route_words::readTyped, "[to] PREFIX");
  constexpr Takes kMetric = takes::custom(readMetric, "[lock] NUMBER");
  constexpr Takes kTime = takes::custom(readMetric, "[lock] NUMBER|SECONDSs|MILLISECONDSms");
  constexpr Takes kPlacement = takes::orBare(takes::custom(route_words::readPlacement, ""));
  // clang-format off
  static constexpr Row kRows[] = {
    {"to", takes::custom(route_words::readDestination, "ADDRESS[/LENGTH]|default"), rule("has to be said"), {bySealer()},
     "where packets go; `to` itself need not be written"},
    {"destination", takes::part(takes::address()), rule("the default route"), {to<&Route::initDestination>()},
     "its address"},
    {"destination length", takes::part(takes::number(0, 128)), rule("0, the default route"), {to<&Route::setDestinationLength>()},
     "the length of its prefix"},
    {"type", takes::part(takes::oneOf(kRouteTypes)), value("unicast"), {to<&Route::setType>()},
     "what happens to packets"},
    {"unicast", kTyped, nothing(), {byCompiler()}, "they are sent on"},
    {"local", kTyped, nothing(), {byCompiler()}, "they are for this host"},
    {"broadcast", kTyped, nothing(), {byCompiler()}, "they are sent as link broadcasts"},
    {"anycast", kTyped, nothing(), {byCompiler()}, "they are for this host, as for others"},
    {"multicast", kTyped, nothing(), {byCompiler()}, "for multicast routing"},
    {"blackhole", kTyped, nothing(), {byCompiler()}, "they vanish"},
    {"unreachable", kTyped, nothing(), {byCompiler()}, "they vanish, and the sender is told: host unreachable"},
    {"prohibit", kTyped, nothing(), {byCompiler()}, "they vanish, and the sender is told: prohibited"},
    {"throw", kTyped, nothing(), {byCompiler()}, "this table knows no way: the next rule decides"},
    {"nat", kTyped, nothing(), {byCompiler()}, "Linux no longer has it"},
    {"xresolve", kTyped, nothing(), {byCompiler()}, "Linux never had it"},
    {"family", takes::part(takes::oneOf(kFamilies)), rule("that of its addresses, else IPv4"), {to<&Route::setFamily>()},
     "IPv4 or IPv6"},
    {"inet", takes::flag(), value("off"), {byCompiler()}, "it is an IPv4 route"},
    {"inet6", takes::flag(), value("off"), {byCompiler()}, "it is an IPv6 route"},
    {"via", takes::custom(readGateway, "[inet|inet6] ADDRESS"), nothing(), {toOptional<&Route::initGateway, &Route::setHasGateway>()},
     "the next router"},
    {"gw", takes::custom(route_words::readOldGateway, "ADDRESS"), nothing(), {byCompiler()},
     "the old word for via"},
    {"or", takes::custom(route_words::readSecondGateway, "ADDRESS"), nothing(), {bySealer()},
     "the old way to a second nexthop"},
    {"dev", takes::word(), nothing(), {bySealer()},
     "the interface; a route without one is not tracked"},
    {"oif", takes::sameAs("dev"), nothing(), {}, "the same"},
    {"vrf", takes::word(), nothing(), {bySealer()},
     "it goes into the table of this VRF"},
    {"onlink", takes::flag(), value("off"), {bySealer()},
     "the next router is on the link, even if no address says so"},
    {"src", takes::custom(route_words::readPreferredSource, "ADDRESS"), nothing(), {toOptional<&Route::initPreferredSource, &Route::setHasPreferredSource>()},
     "source address of this host's own packets"},
    {"from", takes::custom(route_words::readFrom, "ADDRESS[/LENGTH]"), nothing(), {toOptional<&Route::initSource, &Route::setHasSource>()},
     "IPv6: only for packets from here"},
    {"from length", takes::part(takes::number(0, 128)), nothing(), {to<&Route::setSourceLength>()},
     "the length of its prefix"},
    {"as", takes::custom(route_words::refuseTranslation, "[to] ADDRESS"), nothing(), {byCompiler()},
     "address translation by routes, which Linux no longer has"},
    {"tos", takes::word(), nothing(), {bySealer()},
     "only for packets with this type of service: a number or a name of rt_dsfield"},
    {"dsfield", takes::sameAs("tos"), nothing(), {}, "the same"},
    {"tos number", takes::part(takes::number(0, 255)), nothing(), {to<&Route::setTos>()},
     "its number"},
    {"table", takes::word(), nothing(), {bySealer()},
     "the table it is in: a number or a name of rt_tables"},
    {"table number", takes::part(takes::number()), value("254"), {to<&Route::setTable>()},
     "its number; 254 is main"},
    {"protocol", takes::word(), nothing(), {bySealer()},
     "whose route it is: a number or a name of rt_protos; needs no_track"},
    {"protocol number", takes::part(takes::number(0, 255)), value("18"), {to<&Route::setProtocol>()},
     "its number; 18 is keepalived, by which such routes are known"},
    {"scope", takes::word(), nothing(), {bySealer()},
     "how far it reaches: a number or a name of rt_scopes"},
    {"scope number", takes::part(takes::number(0, 255)), rule("0, global; host and link for local types"), {to<&Route::setScope>()},
     "its number"},
    {"metric", takes::number(), nothing(), {toOptional<&Route::setMetric, &Route::setHasMetric>()},
     "the lowest of several routes is used"},
    {"priority", takes::sameAs("metric"), nothing(), {}, "the same"},
    {"preference", takes::sameAs("metric"), nothing(), {}, "the same"},
    {"placement", takes::part(takes::oneOf(kRoutePlacements)), rule("prepend for unicast, add for other types"), {to<&Route::setPlacement>()},
     "where it goes among routes that match"},
    {"add", kPlacement, nothing(), {byCompiler()}, "only where no route matches"},
    {"prepend", kPlacement, nothing(), {byCompiler()}, "before the routes that match"},
    {"append", kPlacement, nothing(), {byCompiler()}, "behind the routes that match"},
    {"mtu", kMetric, nothing(), {bySealer()}, "largest packet on the path, in bytes"},
    {"hoplimit", kMetric, nothing(), {bySealer()}, "hop limit of packets sent, up to 255"},
    {"advmss", kMetric, nothing(), {bySealer()}, "segment size that TCP asks its peers for"},
    {"rtt", kTime, nothing(), {bySealer()}, "TCP's first guess of the round trip time"},
    {"rttvar", kTime, nothing(), {bySealer()}, "and of its variance"},
    {"rto_min", kTime, nothing(), {bySealer()}, "TCP's shortest retransmission time"},
    {"reordering", kMetric, nothing(), {bySealer()}, "how far packets may come out of order"},
    {"window", kMetric, nothing(), {bySealer()}, "TCP's largest window, in bytes"},
    {"cwnd", kMetric, nothing(), {bySealer()}, "TCP's largest congestion window; has to be locked"},
    {"ssthresh", kMetric, nothing(), {bySealer()}, "TCP's first slow start threshold"},
    {"initcwnd", kMetric, nothing(), {bySealer()}, "TCP's first congestion window, in segments"},
    {"initrwnd", kMetric, nothing(), {bySealer()}, "TCP's first receive window, in segments"},
    {"quickack", kMetric, nothing(), {bySealer()}, "1: acknowledgements are not delayed"},
    {"fastopen_no_cookie", kMetric, nothing(), {bySealer()}, "1: TCP fast open without a cookie"},
    {"features", takes::custom(route_words::readFeatures, "ecn"), nothing(), {bySealer()}, "explicit congestion notification"},
    {"congctl", takes::custom(readMetric, "[lock] NAME"), nothing(), {to<&Route::setCongestionControl>()},
     "TCP's congestion control"},
    {"locked", takes::part(takes::number()), value("0"), {to<&Route::setLockedMetrics>()},
     "what the kernel is not to change: bits 1 << RTAX_*"},
    {"realms", takes::word(), nothing(), {bySealer()},
     "[SOURCE/]DESTINATION: numbers or names of rt_realms"},
    {"realms number", takes::part(takes::number()), nothing(), {toOptional<&Route::setRealms, &Route::setHasRealms>()},
     "source realm times 65536, and the destination realm"},
    {"expires", takes::number(), nothing(), {toOptional<&Route::setExpiresSeconds, &Route::setHasExpires>()},
     "IPv6: seconds until the kernel removes it"},
    {"pref", takes::custom(route_words::readRouterPreference, kRouterPreferences), nothing(), {toOptional<&Route::setPreference, &Route::setHasPreference>()},
     "IPv6: router preference"},
    {"ttl-propagate", takes::custom(route_words::readTtlPropagate, "enabled|disabled"), nothing(), {toOptional<&Route::setTtlPropagate, &Route::setHasTtlPropagate>()},
     "the TTL of a label goes into the packet below"},
    {"encap", takes::options(encapsulationTable, endEncapsulation, "ip …|ip6 …|mpls …|ila …"), nothing(), {},
     "packets go through a light-weight tunnel"},
    {"nexthop", takes::options(nextHopTable, endNextHop, "[via ADDRESS] [dev NAME] [weight N] …"), nothing(), {},
     "one of several ways; the last of the line"},
    {"no_track", takes::flag(), value("off"), {bySealer()},
     "it is not put back when someone deletes it"},
    {"track_group", takes::custom(route_words::readTrackGroup, "NAME"), nothing(), {bySealer()},
     "static routes: these instances are in FAULT while it is not there"},
  };
  // clang-format on
  static const Table kTable("virtual_routes line", kRows,
                            {.bareWord = "to", .missingEnds = true, .unreadableDrops = true});
  return kTable;
}

}  // namespace holdfast::config
