// Routes as kernel objects.
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "privd/broker/object_kind.h"
#include "privd/broker/tunnel_message.h"

namespace holdfast::privd {
namespace {

// Room for what is there once, and for what each next hop has.
constexpr std::size_t kRouteBytes = 1024;
constexpr std::size_t kNextHopBytes = 384;

struct TypeName {
  std::uint8_t type;
  const char* name;
};

constexpr TypeName kTypes[] = {
    {RTN_LOCAL, "local "},         {RTN_BROADCAST, "broadcast "}, {RTN_ANYCAST, "anycast "},
    {RTN_MULTICAST, "multicast "}, {RTN_BLACKHOLE, "blackhole "}, {RTN_UNREACHABLE, "unreachable "},
    {RTN_PROHIBIT, "prohibit "},   {RTN_THROW, "throw "},         {RTN_NAT, "nat "},
};

struct Limit {
  std::uint8_t attribute;
  std::uint32_t highest;
};

// The kernel lowers these itself, but only of what is put: it would not find the route again.
constexpr Limit kLimits[] = {
    {RTAX_MTU, 65'535 - 15}, {RTAX_ADVMSS, 65'535 - 40}, {RTAX_HOPLIMIT, 255}};

std::uint32_t asKept(const RouteMetric& metric) {
  const auto* limit = std::find_if(std::begin(kLimits), std::end(kLimits), [&](const Limit& one) {
    return one.attribute == metric.attribute;
  });
  return limit == std::end(kLimits) ? metric.value : std::min(metric.value, limit->highest);
}

std::string textOfWay(const NextHop& way, const Devices& devices) {
  return (way.gateway ? " via " + way.gateway->toString() : "") +
         (way.interface ? " dev " + devices.nameOf(*way.interface) : "");
}

void putWay(const NextHop& way, AddressFamily family, MessageWriter& message) {
  if (way.gateway && way.gateway->family == family) {
    message.put(RTA_GATEWAY, *way.gateway);
  } else if (way.gateway) {
    struct {
      std::uint16_t family;
      std::uint8_t address[16];
    } via{static_cast<std::uint16_t>(socketFamily(way.gateway->family)), {}};
    std::copy_n(way.gateway->bytes.begin(), way.gateway->size(), via.address);
    message.put(RTA_VIA, &via, sizeof(via.family) + way.gateway->size());
  }
  if (way.realms) {
    message.putValue(RTA_FLOW, *way.realms);
  }
  putTunnel(way.tunnel, message);
}

void putNextHops(const Route& route, const Devices& devices, MessageWriter& message) {
  message.nest(RTA_MULTIPATH, [&] {
    for (const NextHop& hop : route.nextHops) {
      rtnexthop header{};
      header.rtnh_flags = static_cast<std::uint8_t>(hop.flags);
      header.rtnh_hops = static_cast<std::uint8_t>(hop.weight - 1);
      header.rtnh_ifindex = hop.interface ? devices.indexOf(*hop.interface) : 0;
      message.element(header, [&] { putWay(hop, route.family, message); });
    }
  });
}

void putMetrics(const Route& route, MessageWriter& message) {
  if (route.metrics.empty() && route.lockedMetrics == 0 && route.congestionControl.empty()) {
    return;
  }
  message.nest(RTA_METRICS, [&] {
    if (route.lockedMetrics != 0) {
      message.putValue(RTAX_LOCK, route.lockedMetrics);
    }
    for (const RouteMetric& metric : route.metrics) {
      message.putValue(metric.attribute, asKept(metric));
    }
    if (!route.congestionControl.empty()) {
      message.put(RTAX_CC_ALGO, route.congestionControl.c_str(),
                  route.congestionControl.size() + 1);
    }
  });
}

void putOptions(const Route& route, MessageWriter& message) {
  if (route.metric) {
    message.putValue(RTA_PRIORITY, *route.metric);
  }
  if (route.preferredSource) {
    message.put(RTA_PREFSRC, *route.preferredSource);
  }
  if (route.expiresSeconds) {
    message.putValue(RTA_EXPIRES, *route.expiresSeconds);
  }
  if (route.preference) {
    message.putValue(RTA_PREF, *route.preference);
  }
  if (route.ttlPropagate) {
    message.putValue(RTA_TTL_PROPAGATE, std::uint8_t{*route.ttlPropagate});
  }
  putMetrics(route, message);
}

int flagsToPut(Route::Placement placement) {
  switch (placement) {
    case Route::Placement::kPrepend:
      return NLM_F_CREATE;
    case Route::Placement::kAppend:
      return NLM_F_CREATE | NLM_F_APPEND;
    case Route::Placement::kAdd:
      return NLM_F_CREATE | NLM_F_EXCL;
  }
  return 0;
}

std::uint32_t tableOf(const Route& route, const Devices& devices) {
  return route.vrf ? devices.tableOf(*route.vrf) : route.table;
}

rtmsg headerOf(const Route& route, std::uint32_t table) {
  constexpr std::uint32_t kMaxShortTable = 255;
  rtmsg header{};
  header.rtm_family = static_cast<std::uint8_t>(socketFamily(route.family));
  header.rtm_dst_len = route.destinationLength;
  header.rtm_src_len = route.source ? route.sourceLength : 0;
  header.rtm_tos = route.tos;
  header.rtm_table = static_cast<std::uint8_t>(table <= kMaxShortTable ? table : RT_TABLE_UNSPEC);
  header.rtm_protocol = route.protocol;
  header.rtm_scope = route.scope;
  header.rtm_type = route.type;
  header.rtm_flags = route.way.flags;
  return header;
}

}  // namespace

std::vector<InterfaceId> devicesOf(const Route& route) {
  std::vector<InterfaceId> devices;
  const auto add = [&devices](const std::optional<InterfaceId>& id) {
    if (id) {
      devices.push_back(*id);
    }
  };
  add(route.way.interface);
  add(route.vrf);
  for (const NextHop& hop : route.nextHops) {
    add(hop.interface);
  }
  return devices;
}

bool hasPlace(const Route& route, const Devices& devices) {
  const std::vector<InterfaceId> needed = devicesOf(route);
  return std::all_of(needed.begin(), needed.end(),
                     [&](InterfaceId id) { return devices.indexOf(id) != 0; }) &&
         tableOf(route, devices) != RT_TABLE_UNSPEC;
}

bool isGone(const Route&, int error) {
  // A kernel that does not know routes of this kind has none.
  return error == ESRCH || error == ENODEV || error == EOPNOTSUPP || error == EAFNOSUPPORT;
}

std::string textOf(const Route& route, const Devices& devices) {
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                  [&](const TypeName& row) { return row.type == route.type; });
  std::string text = type == std::end(kTypes) ? "" : type->name;
  text += route.destinationLength == 0
              ? "default"
              : route.destination.toString() + "/" + std::to_string(route.destinationLength);
  text += route.source
              ? " from " + route.source->toString() + "/" + std::to_string(route.sourceLength)
              : "";
  text += textOfWay(route.way, devices);
  text += route.tos == 0 ? "" : " tos " + std::to_string(route.tos);
  if (route.vrf) {
    text += " vrf " + devices.nameOf(*route.vrf);
  } else if (route.table != RT_TABLE_MAIN) {
    text += " table " + std::to_string(route.table);
  }
  text += route.metric ? " metric " + std::to_string(*route.metric) : "";
  for (const NextHop& hop : route.nextHops) {
    text += " nexthop" + textOfWay(hop, devices) + " weight " + std::to_string(hop.weight);
  }
  return text;
}

const char* nounOf(const Route&) {
  return "route ";
}

std::string placeOf(const Route&, const Devices&) {
  return "";
}

std::string adviceAbout(const Route&, const Devices&, int error) {
  switch (error) {
    case ENETUNREACH:
    case EHOSTUNREACH:
      return "its gateway has to be in a network of its interface, or say onlink";
    case ENETDOWN:
      return "its interface is down";
    case EINVAL:
      return "check its gateway, source, scope and type";
    case EOPNOTSUPP:
      return "the kernel has no such routes, or lacks a module for them";
    default:
      return "";
  }
}

std::string byHand(const Route& route, const Devices& devices) {
  return "it still leads packets: ip route del " + textOf(route, devices);
}

// What is removed is told as it was put: a like route that is not ours stays.
MessageWriter messageFor(Change change, const Route& route, const Devices& devices) {
  MessageWriter message(change == Change::kAdd ? RTM_NEWROUTE : RTM_DELROUTE,
                        change == Change::kAdd ? flagsToPut(route.placement) : 0,
                        kRouteBytes + route.nextHops.size() * kNextHopBytes);
  const std::uint32_t table = tableOf(route, devices);
  message.header(headerOf(route, table));
  message.putValue(RTA_TABLE, table);
  if (route.destinationLength != 0) {
    message.put(RTA_DST, route.destination);
  }
  if (route.source) {
    message.put(RTA_SRC, *route.source);
  }
  if (route.way.interface) {
    message.putValue(RTA_OIF, devices.indexOf(*route.way.interface));
  }
  putWay(route.way, route.family, message);
  putOptions(route, message);
  if (!route.nextHops.empty()) {
    putNextHops(route, devices, message);
  }
  return message;
}

}  // namespace holdfast::privd
