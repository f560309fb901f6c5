// static_routes and virtual_routes.
#include <linux/rtnetlink.h>

#include "config/resolve/iproute.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

using Kind = IprouteNames::Kind;

// Says why, and leaves the route out.
bool refuse(Resolution& resolution, Block& route, Code code, std::string message,
            std::string hint = {}) {
  resolution.error(code, route.statement(), std::move(message), std::move(hint));
  route.drop();
  return false;
}

void addFamily(std::vector<AddressFamily>& families, const IpAddress* address) {
  if (address != nullptr) {
    families.push_back(address->family);
  }
}

// What the route says of its family. A gateway of IPv6 is possible for IPv4.
std::vector<AddressFamily> familiesOf(const Block& route) {
  std::vector<AddressFamily> families;
  if (route.flag("inet") || route.flag("inet6")) {
    families.push_back(route.flag("inet6") ? AddressFamily::kIpv6 : AddressFamily::kIpv4);
  }
  for (const Key key : {Key("destination"), Key("src"), Key("from"), Key("via"), Key("or")}) {
    addFamily(families, route.address(key));
  }
  for (const Block* hop : route.blocks("nexthop")) {
    addFamily(families, hop->address("via"));
  }
  return families;
}

bool resolveFamily(Resolution& resolution, Block& route) {
  const auto families = familiesOf(route);
  const AddressFamily family = families.empty() ? AddressFamily::kIpv4 : families.front();
  for (const AddressFamily other : families) {
    if (other != family) {
      return refuse(resolution, route, Code::kConflict,
                    "Cannot mix IPv4 and IPv6 addresses for route (" + route.name() + ")");
    }
  }
  const bool isIp6 = family == AddressFamily::kIpv6;
  route.assume("family", std::int64_t{isIp6},
               families.empty() ? "nothing says otherwise" : "what its addresses say");
  if (route.setting("destination") == nullptr) {
    IpAddress everywhere;
    everywhere.family = family;
    route.assume("destination", everywhere, "the default route");
    route.assume("destination length", std::int64_t{0}, "the default route");
  }
  for (const std::string_view keyword : {"pref", "expires"}) {
    if (!isIp6 && route.isSaid(Key(keyword))) {
      return refuse(resolution, route, Code::kConflict,
                    std::string(keyword) + " is only valid for IPv6");
    }
  }
  return true;
}

bool resolveTunnels(Resolution& resolution, Block& route, const Block& owner) {
  for (Block* encapsulation : owner.blocks("encap")) {
    for (Block* tunnel : encapsulation->blocks("ip")) {
      if (!resolveName(resolution, *tunnel, "tos", "tos number", Kind::kTos, 255)) {
        return refuse(resolution, route, Code::kUnknownName,
                      "dsfield " + tunnel->text("tos") + " not valid for ip encapsulation");
      }
    }
    for (Block* tunnel : encapsulation->blocks("ip6")) {
      if (!resolveName(resolution, *tunnel, "tc", "tc number", Kind::kTos, 255)) {
        return refuse(resolution, route, Code::kUnknownName,
                      "tc value " + tunnel->text("tc") + " is invalid for ip6 encapsulation");
      }
    }
  }
  return true;
}

bool resolveNames(Resolution& resolution, Block& route) {
  const auto unknown = [&](std::string message, const char* hint) {
    return refuse(resolution, route, Code::kUnknownName, std::move(message), hint);
  };
  constexpr std::uint32_t kAny = 0xffffffff;
  if (!resolveName(resolution, route, "table", "table number", Kind::kTable, kAny)) {
    return unknown("Routing table " + route.text("table") + " not found for route",
                   "a number, or a name in /etc/iproute2/rt_tables");
  }
  if (!resolveName(resolution, route, "tos", "tos number", Kind::kTos, 255)) {
    return unknown("TOS value " + route.text("tos") + " is invalid",
                   "a number to 255, or a name in /etc/iproute2/rt_dsfield");
  }
  if (!resolveName(resolution, route, "protocol", "protocol number", Kind::kProtocol, 255)) {
    return unknown("Protocol " + route.text("protocol") + " not found or invalid for route",
                   "a number to 255, or a name in /etc/iproute2/rt_protos");
  }
  if (!resolveName(resolution, route, "scope", "scope number", Kind::kScope, 255)) {
    return unknown("Scope " + route.text("scope") + " not found or invalid for route",
                   "a number to 255, or a name in /etc/iproute2/rt_scopes");
  }
  if (!resolveRealms(resolution, route)) {
    return unknown("Invalid realms " + route.text("realms") + " for route",
                   "SOURCE/DESTINATION, each a number to 255 or a name in /etc/iproute2/rt_realms");
  }
  for (Block* hop : route.blocks("nexthop")) {
    if (!resolveRealms(resolution, *hop)) {
      return unknown("Invalid realms " + hop->text("realms") + " for route", "");
    }
    if (!resolveTunnels(resolution, route, *hop)) {
      return false;
    }
  }
  return resolveTunnels(resolution, route, route);
}

// "via A or B" is two nexthops.
void resolveSecondGateway(Block& route) {
  const IpAddress* second = route.address("or");
  if (second == nullptr) {
    return;
  }
  const Row& row = *route.table().find("nexthop");
  for (const IpAddress* gateway : {route.address("via"), second}) {
    if (gateway == nullptr) {
      continue;
    }
    auto hop = std::make_unique<Block>(nextHopTable(), &row, &route, route.statement());
    hop->assume("via", *gateway, gateway == second ? "or" : "via");
    if (route.isSaid("dev")) {
      hop->assume("dev", route.value("dev"), "that of the route");
    }
    route.add(row, std::move(hop));
  }
  route.forget("via");
  route.forget("dev");
}

bool resolveInterfaces(Resolution& resolution, Block& route) {
  const auto known = [&](const Block& block, Key key) {
    const auto* name = block.find<std::string>(key);
    return name == nullptr || resolution.useInterface(*name, route.statement(),
                                                      "WARNING - interface " + *name +
                                                          " for VROUTE nexthop doesn't exist");
  };
  bool good = known(route, "dev");
  for (const Block* hop : route.blocks("nexthop")) {
    good = known(*hop, "dev") && good;
  }
  if (const auto* vrf = route.find<std::string>("vrf")) {
    good =
        resolution.useInterface(*vrf, route.statement(), "VRF " + *vrf + " not found for route") &&
        good;
  }
  if (!good) {
    route.drop();
  }
  return good;
}

void resolveWatching(Resolution& resolution, Block& route) {
  resolveProtocol(resolution, route, "protocol number", "Route");
  if (!route.isSaid("dev") && !route.flag("no_track")) {
    resolution.error(Code::kConflict, route.statement(),
                     "Warning - cannot track route " + route.name() +
                         " with no interface specified, not tracking",
                     "say dev, or no_track");
    route.assume("no_track", true, "without dev there is no interface to watch");
  }
  resolveTrackGroup(resolution, route);
}

// The kernel refuses IPv4 routes of these types with a wider scope.
void resolveScope(Block& route) {
  const std::int64_t type = route.number("type");
  const bool isHost = type == RTN_LOCAL || type == RTN_NAT;
  const bool isLink = type == RTN_BROADCAST || type == RTN_ANYCAST;
  if (!route.isSaid("scope")) {
    const int scope = isHost ? RT_SCOPE_HOST : isLink ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    route.assume("scope number", std::int64_t{scope},
                 isHost || isLink ? "the type of the route" : "the default");
  }
  if (route.setting("placement") == nullptr) {
    const bool isUnicast = type == RTN_UNICAST;
    route.assume("placement", std::int64_t{isUnicast ? 0 : 2},
                 isUnicast ? "the default" : "the type of the route");
  }
}

void resolveRoute(Resolution& resolution, Block& route) {
  if (!route.isSaid("to")) {
    refuse(resolution, route, Code::kMissingSetting, "Route must have a destination");
    return;
  }
  if (resolveFamily(resolution, route) && resolveNames(resolution, route)) {
    if (resolveInterfaces(resolution, route)) {
      resolveScope(route);
      resolveWatching(resolution, route);
      resolveSecondGateway(route);
    }
  }
}

}  // namespace

void resolveRoutes(Resolution& resolution) {
  eachLine(resolution, "static_routes", "virtual_routes",
           [&resolution](Block& route) { resolveRoute(resolution, route); });
}

}  // namespace holdfast::config
