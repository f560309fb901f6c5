// How the words of routes and their nexthops are read.
#pragma once

#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "config/table.h"

namespace holdfast::config {

inline constexpr std::array<Choice, 11> kRouteTypes = {{{"unicast", RTN_UNICAST},
                                                        {"local", RTN_LOCAL},
                                                        {"broadcast", RTN_BROADCAST},
                                                        {"anycast", RTN_ANYCAST},
                                                        {"multicast", RTN_MULTICAST},
                                                        {"blackhole", RTN_BLACKHOLE},
                                                        {"unreachable", RTN_UNREACHABLE},
                                                        {"prohibit", RTN_PROHIBIT},
                                                        {"throw", RTN_THROW},
                                                        {"nat", RTN_NAT},
                                                        {"xresolve", RTN_XRESOLVE}}};
inline constexpr std::array<Choice, 3> kRoutePlacements = {
    {{"prepend", 0}, {"append", 1}, {"add", 2}}};
inline constexpr std::array<Choice, 3> kRouterPreferences = {{{"low", ICMPV6_ROUTER_PREF_LOW},
                                                              {"medium", ICMPV6_ROUTER_PREF_MEDIUM},
                                                              {"high", ICMPV6_ROUTER_PREF_HIGH}}};

namespace route_words {
void readDestination(Context& context, Block& route, Cursor& cursor);
void readTyped(Context& context, Block& route, Cursor& cursor);
void readPlacement(Context& context, Block& route, Cursor& cursor);
void readPreferredSource(Context& context, Block& route, Cursor& cursor);
void readOldGateway(Context& context, Block& route, Cursor& cursor);
void readSecondGateway(Context& context, Block& route, Cursor& cursor);
void readFrom(Context& context, Block& route, Cursor& cursor);
void refuseTranslation(Context& context, Block& route, Cursor& cursor);
void readFeatures(Context& context, Block& route, Cursor& cursor);
void readRouterPreference(Context& context, Block& route, Cursor& cursor);
void readTtlPropagate(Context& context, Block& route, Cursor& cursor);
void readTrackGroup(Context& context, Block& route, Cursor& cursor);
}  // namespace route_words

// [inet|inet6] ADDRESS, for `via`.
void readGateway(Context& context, Block& block, Cursor& cursor);
// Looks at what stands behind encap.
void endEncapsulation(Context& context, Block& encapsulation, Cursor& cursor);
// Looks at what stands behind a nexthop: only another one may follow.
void endNextHop(Context& context, Block& nextHop, Cursor& cursor);
// The value of a route's metric, with `lock` before it where that is possible.
void readMetric(Context& context, Block& route, Cursor& cursor);

// RTA_METRICS: the keywords that are numbers.
struct Metric {
  std::string_view keyword;
  std::uint8_t attribute;  // RTAX_*
  bool lockable = false;
  std::uint8_t perMillisecond = 0;  // of a time: units of the kernel in a millisecond
  std::uint32_t highest = 0xffffffff;
};
[[nodiscard]] const Metric& metricNamed(std::string_view keyword);
[[nodiscard]] const std::array<Metric, 16>& routeMetrics();

}  // namespace holdfast::config
