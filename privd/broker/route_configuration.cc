// Reading the sealed routes.
#include <linux/rtnetlink.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "privd/broker/sealed_values.h"

namespace holdfast::privd {
namespace {

constexpr std::size_t kMaxNextHops = 256;
constexpr std::size_t kMaxLabels = 30;  // the kernel's MAX_NEW_LABELS
constexpr std::uint32_t kMaxLabel = (1U << 20) - 1;
constexpr std::size_t kMaxCongestionControl = 16;  // TCP_CA_NAME_MAX, with the final 0
constexpr std::uint16_t kMaxWeight = 256;
constexpr std::uint32_t kAllowedFlags = RTNH_F_ONLINK;

Status readLabels(capnp::List<std::uint32_t>::Reader labels, Tunnel& tunnel) {
  if (labels.size() > kMaxLabels) {
    return Error{"too many MPLS labels"};
  }
  for (const std::uint32_t label : labels) {
    if (label > kMaxLabel) {
      return Error{"an MPLS label of more than 20 bits"};
    }
    tunnel.labels.push_back(label);
  }
  const bool isMpls = tunnel.kind == Tunnel::Kind::kMpls;
  return isMpls && tunnel.labels.empty() ? Status(Error{"MPLS without a label"}) : success();
}

Result<Tunnel::Kind> readKind(schema::Encapsulation::Kind kind) {
  using Kind = schema::Encapsulation::Kind;
  switch (kind) {
    case Kind::NONE:
      return Tunnel::Kind::kNone;
    case Kind::IP:
      return Tunnel::Kind::kIp;
    case Kind::IP6:
      return Tunnel::Kind::kIp6;
    case Kind::MPLS:
      return Tunnel::Kind::kMpls;
    case Kind::ILA:
      return Tunnel::Kind::kIla;
  }
  return Error{"unknown encapsulation"};
}

Status readEndpoint(bool isThere, schema::Address::Reader address, Tunnel::Kind kind,
                    std::optional<IpAddress>& out) {
  if (!isThere) {
    return success();
  }
  const Result<IpAddress> read = readAddress(address);
  const AddressFamily family =
      kind == Tunnel::Kind::kIp6 ? AddressFamily::kIpv6 : AddressFamily::kIpv4;
  if (!read || read->family != family) {
    return Error{"an end of a tunnel is not of its family"};
  }
  out = *read;
  return success();
}

Status readTunnel(schema::Encapsulation::Reader source, Tunnel& tunnel) {
  const Result<Tunnel::Kind> kind = readKind(source.getKind());
  if (!kind) {
    return kind.error();
  }
  tunnel.kind = *kind;
  tunnel.id = valueIf(source.getHasId(), source.getId());
  tunnel.tos = valueIf(source.getHasTos(), source.getTos());
  tunnel.ttl = valueIf(source.getHasTtl(), source.getTtl());
  tunnel.flags = valueIf(source.getHasFlags(), source.getFlags());
  tunnel.locator = source.getLocator();
  if (Status end = readEndpoint(source.getHasDestination(), source.getDestination(), tunnel.kind,
                                tunnel.destination);
      !end) {
    return end;
  }
  if (Status end =
          readEndpoint(source.getHasSource(), source.getSource(), tunnel.kind, tunnel.source);
      !end) {
    return end;
  }
  return readLabels(source.getLabels(), tunnel);
}

// What a route and a nexthop of it have in common.
template <typename Source>
Status readWay(Source source, std::size_t interfaces, NextHop& way) {
  if (source.getHasGateway()) {
    const Result<IpAddress> gateway = readAddress(source.getGateway());
    if (!gateway || !validUnicast(*gateway)) {
      return Error{"a gateway is not a unicast address"};
    }
    way.gateway = *gateway;
  }
  way.flags = source.getFlags();
  if ((way.flags & ~kAllowedFlags) != 0) {
    return Error{"it has a flag that may not be set"};
  }
  way.realms = valueIf(source.getHasRealms(), source.getRealms());
  if (Status interface =
          readInterface(source.getHasInterface(), source.getInterface(), interfaces, way.interface);
      !interface) {
    return interface;
  }
  return readTunnel(source.getEncapsulation(), way.tunnel);
}

Status readNextHops(schema::Route::Reader source, std::size_t interfaces, Route& route) {
  const auto hops = source.getNextHops();
  if (hops.size() > kMaxNextHops) {
    return Error{"too many nexthops"};
  }
  for (const auto hop : hops) {
    NextHop way;
    way.weight = hop.getWeight();
    if (way.weight == 0 || way.weight > kMaxWeight) {
      return Error{"the weight of a nexthop is out of range"};
    }
    if (Status read = readWay(hop, interfaces, way); !read) {
      return read;
    }
    route.nextHops.push_back(std::move(way));
  }
  return success();
}

Status readMetrics(schema::Route::Reader source, Route& route) {
  const auto metrics = source.getMetrics();
  if (metrics.size() > RTAX_MAX) {
    return Error{"too many metrics"};
  }
  for (const auto metric : metrics) {
    const std::uint8_t attribute = metric.getAttribute();
    const bool known = attribute > RTAX_LOCK && attribute <= RTAX_MAX && attribute != RTAX_CC_ALGO;
    if (!known) {
      return Error{"an unknown metric"};
    }
    route.metrics.push_back({attribute, metric.getValue()});
  }
  route.lockedMetrics = source.getLockedMetrics();
  if (route.lockedMetrics >> (RTAX_MAX + 1) != 0) {
    return Error{"an unknown metric is locked"};
  }
  route.congestionControl =
      std::string_view(source.getCongestionControl().cStr(), source.getCongestionControl().size());
  if (route.congestionControl.size() >= kMaxCongestionControl ||
      !printable(route.congestionControl)) {
    return Error{"the name of a congestion control is too long or not printable"};
  }
  return success();
}

Status readPlacement(schema::Route::Placement placement, Route& route) {
  switch (placement) {
    case schema::Route::Placement::PREPEND:
      route.placement = Route::Placement::kPrepend;
      return success();
    case schema::Route::Placement::APPEND:
      route.placement = Route::Placement::kAppend;
      return success();
    case schema::Route::Placement::ADD:
      route.placement = Route::Placement::kAdd;
      return success();
  }
  return Error{"unknown placement"};
}

// What it is for, and in which table it stands.
Status readSubject(schema::Route::Reader source, std::size_t interfaces, Route& route) {
  const Result<AddressFamily> family = readFamily(source.getFamily());
  if (!family) {
    return family.error();
  }
  route.family = *family;
  route.type = source.getType();
  if (route.type == RTN_UNSPEC || route.type > RTN_MAX) {
    return Error{"unknown type"};
  }
  route.destinationLength = source.getDestinationLength();
  std::optional<IpAddress> destination;
  if (Status read =
          readPrefix(source.getDestination(), route.destinationLength, route.family, destination);
      !read) {
    return read;
  }
  route.destination = *destination;
  route.sourceLength = source.getSourceLength();
  if (source.getHasSource()) {
    Status read = readPrefix(source.getSource(), route.sourceLength, route.family, route.source);
    if (!read) {
      return read;
    }
  }
  route.tos = source.getTos();
  route.table = source.getTable();
  if (Status vrf = readInterface(source.getHasVrf(), source.getVrf(), interfaces, route.vrf);
      !vrf) {
    return vrf;
  }
  return route.table == RT_TABLE_UNSPEC && !route.vrf ? Status(Error{"no table"}) : success();
}

void readNumbers(schema::Route::Reader source, Route& route) {
  route.protocol = source.getProtocol();
  route.scope = source.getScope();
  route.metric = valueIf(source.getHasMetric(), source.getMetric());
  route.expiresSeconds = valueIf(source.getHasExpires(), source.getExpiresSeconds());
  route.preference = valueIf(source.getHasPreference(), source.getPreference());
  route.ttlPropagate = valueIf(source.getHasTtlPropagate(), source.getTtlPropagate());
  route.tracked = source.getTracked();
}

}  // namespace

Result<Route> readRoute(schema::Route::Reader source, std::size_t interfaces) {
  Route route;
  readNumbers(source, route);
  Status status = readSubject(source, interfaces, route);
  if (status && source.getHasPreferredSource()) {
    const Result<IpAddress> preferred =
        readUnicast(source.getPreferredSource(), route.family, "the source of a route");
    status = preferred ? success() : Status(preferred.error());
    route.preferredSource = preferred ? std::optional(*preferred) : std::nullopt;
  }
  status = status ? readPlacement(source.getPlacement(), route) : status;
  status = status ? readWay(source, interfaces, route.way) : status;
  status = status ? readNextHops(source, interfaces, route) : status;
  status = status ? readMetrics(source, route) : status;
  status = status
               ? readTrackGroup(source.getHasTrackGroup(), source.getTrackGroup(), route.trackGroup)
               : status;
  if (!status) {
    return Error{"a route: " + status.error().message};
  }
  return route;
}

}  // namespace holdfast::privd
