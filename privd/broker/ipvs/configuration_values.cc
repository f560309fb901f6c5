// Reading the smaller parts of a sealed IpvsConfig, each with its bounds.
#include <linux/ip_vs.h>
#include <net/if.h>

#include <algorithm>
#include <string_view>

#include "privd/broker/ipvs/configuration.h"
#include "privd/broker/sealed_values.h"

namespace holdfast::privd::ipvs {
namespace {

constexpr std::uint32_t kMaxWeight = 65'535;

// The kernel's rule for device names, and nothing that could upset a terminal.
bool isInterface(std::string_view name) {
  return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
         std::ranges::all_of(name,
                             [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':'; });
}

Result<std::uint32_t> methodOf(schema::IpvsDestination::Method method) {
  switch (method) {
    case schema::IpvsDestination::Method::NAT:
      return IP_VS_CONN_F_MASQ;
    case schema::IpvsDestination::Method::LOCAL:
      return IP_VS_CONN_F_LOCALNODE;
    case schema::IpvsDestination::Method::TUNNEL:
      return IP_VS_CONN_F_TUNNEL;
    case schema::IpvsDestination::Method::DIRECT:
      return IP_VS_CONN_F_DROUTE;
  }
  return Error{"a destination with an unknown way of forwarding"};
}

Result<std::uint8_t> tunnelOf(schema::IpvsDestination::Tunnel tunnel) {
  switch (tunnel) {
    case schema::IpvsDestination::Tunnel::IPIP:
      return std::uint8_t{IP_VS_CONN_F_TUNNEL_TYPE_IPIP};
    case schema::IpvsDestination::Tunnel::GUE:
      return std::uint8_t{IP_VS_CONN_F_TUNNEL_TYPE_GUE};
    case schema::IpvsDestination::Tunnel::GRE:
      return std::uint8_t{IP_VS_CONN_F_TUNNEL_TYPE_GRE};
  }
  return Error{"a destination with an unknown tunnel"};
}

Result<std::uint16_t> checksumOf(schema::IpvsDestination::Checksum checksum) {
  switch (checksum) {
    case schema::IpvsDestination::Checksum::NONE:
      return std::uint16_t{IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM};
    case schema::IpvsDestination::Checksum::NORMAL:
      return std::uint16_t{IP_VS_TUNNEL_ENCAP_FLAG_CSUM};
    case schema::IpvsDestination::Checksum::REMOTE:
      return std::uint16_t{IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM};
  }
  return Error{"a destination with an unknown checksum"};
}

Result<CheckSocket::Kind> kindOf(schema::CheckSocket::Kind kind) {
  switch (kind) {
    case schema::CheckSocket::Kind::TCP:
      return CheckSocket::Kind::kTcp;
    case schema::CheckSocket::Kind::UDP:
      return CheckSocket::Kind::kUdp;
    case schema::CheckSocket::Kind::PING:
      return CheckSocket::Kind::kPing;
  }
  return Error{"a socket for a check of an unknown kind"};
}

}  // namespace

Result<ConfiguredDestination> readDestination(schema::IpvsDestination::Reader source) {
  ConfiguredDestination destination;
  const Result<IpAddress> address = readAddress(source.getAddress());
  if (!address || !validUnicast(*address)) {
    return Error{"the address of a destination is not unicast"};
  }
  const Result<std::uint32_t> method = methodOf(source.getMethod());
  const Result<std::uint8_t> tunnel = tunnelOf(source.getTunnel());
  const Result<std::uint16_t> checksum = checksumOf(source.getChecksum());
  if (!method || !tunnel || !checksum) {
    return !method ? method.error() : !tunnel ? tunnel.error() : checksum.error();
  }
  if (source.getWeight() > kMaxWeight) {
    return Error{"the weight of a destination is out of range"};
  }
  destination.key = {*address, source.getPort()};
  destination.options = {.method = *method,
                         .weight = source.getWeight(),
                         .upperThreshold = source.getUpperThreshold(),
                         .lowerThreshold = source.getLowerThreshold(),
                         .tunnel = *tunnel,
                         .tunnelPort = source.getTunnelPort(),
                         .tunnelFlags = *checksum};
  return destination;
}

Result<SyncDaemon> readSyncDaemon(schema::SyncDaemon::Reader source) {
  SyncDaemon daemon;
  daemon.interface = source.getInterface();
  if (!isInterface(daemon.interface)) {
    return Error{"the sync daemon's interface has an invalid name"};
  }
  daemon.instance = valueIf(source.getHasInstance(), static_cast<InstanceId>(source.getInstance()));
  daemon.syncId = source.getSyncId();
  daemon.maxLength = source.getMaxLength();
  daemon.port = source.getPort();
  daemon.ttl = source.getTtl();
  if (source.getHasGroup()) {
    const Result<IpAddress> group = readAddress(source.getGroup());
    if (!group || !group->isMulticast()) {
      return Error{"the sync daemon's group is not multicast"};
    }
    daemon.group = *group;
  }
  return daemon;
}

Result<CheckSocket> readCheckSocket(schema::CheckSocket::Reader source) {
  CheckSocket socket;
  const Result<CheckSocket::Kind> kind = kindOf(source.getKind());
  const Result<AddressFamily> family = readFamily(source.getFamily());
  if (!kind || !family) {
    return !kind ? kind.error() : family.error();
  }
  socket.kind = *kind;
  socket.family = *family;
  socket.mark = source.getMark();
  if (source.getHasSource()) {
    const Result<IpAddress> address =
        readUnicast(source.getSource(), *family, "the source of a check");
    if (!address) {
      return address.error();
    }
    socket.source = *address;
  }
  socket.sourcePort = source.getSourcePort();
  socket.interface = source.getInterface();
  if (!socket.interface.empty() && !isInterface(socket.interface)) {
    return Error{"the interface of a check has an invalid name"};
  }
  return socket;
}

}  // namespace holdfast::privd::ipvs
