// What privd gets for IPVS.
#include <linux/ip_vs.h>

#include "config/seal/write.h"

namespace holdfast::config {
namespace {

constexpr std::int64_t kIpv6 = 1;

std::uint32_t flagsOf(const Block& server) {
  const auto bit = [&server](std::initializer_list<Key> keys, std::uint32_t flag) {
    for (const Key key : keys) {
      if (server.flag(key)) {
        return flag;
      }
    }
    return 0U;
  };
  return bit({"flag-1", "sh-fallback", "mh-fallback"}, IP_VS_SVC_F_SCHED1) |
         bit({"flag-2", "sh-port", "mh-port"}, IP_VS_SVC_F_SCHED2) |
         bit({"flag-3"}, IP_VS_SVC_F_SCHED3) | bit({"ops"}, IP_VS_SVC_F_ONEPACKET) |
         (server.setting("persistence_timeout") != nullptr ? IP_VS_SVC_F_PERSISTENT : 0U);
}

void writePersistence(schema::IpvsVirtualServer::Builder out, const Block& server) {
  if (const auto* timeout = server.find<Duration>("persistence_timeout")) {
    out.setPersistenceTimeoutSeconds(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(*timeout).count()));
  }
  constexpr std::uint32_t kOneClient = 0xffffffff;
  constexpr std::uint8_t kOneClientIpv6 = 128;
  const auto* granularity = server.find<std::int64_t>("persistence_granularity");
  const bool ipv6 = server.number("ip_family") == kIpv6;
  out.setNetmask(granularity == nullptr || ipv6 ? kOneClient
                                                : static_cast<std::uint32_t>(*granularity));
  out.setPrefixLength(granularity == nullptr || !ipv6 ? kOneClientIpv6
                                                      : static_cast<std::uint8_t>(*granularity));
}

void writeMark(schema::IpvsService::Builder out, std::int64_t mark, bool ipv6) {
  out.setIsMark(true);
  out.setMark(static_cast<std::uint32_t>(mark));
  out.setFamily(ipv6 ? schema::Family::IPV6 : schema::Family::IPV4);
}

void writeAddresses(schema::IpvsService::Builder out, const IpAddress& first, const IpAddress& last,
                    std::int64_t port) {
  out.setFamily(first.family == AddressFamily::kIpv6 ? schema::Family::IPV6 : schema::Family::IPV4);
  write(out.initFirst(), first);
  write(out.initLast(), last);
  out.setPort(static_cast<std::uint16_t>(port));
}

// The first group of each name is the one; the others have been dropped.
using Groups = std::unordered_map<std::string, const Block*>;

void writeServices(schema::IpvsVirtualServer::Builder out, const Block& server,
                   const Groups& groups) {
  const bool ipv6 = server.number("ip_family") == kIpv6;
  const std::string* name = server.find<std::string>("group");
  if (name == nullptr) {
    auto service = out.initServices(1)[0];
    if (const auto* mark = server.find<std::int64_t>("fwmark")) {
      writeMark(service, *mark, ipv6);
    } else {
      const IpAddress& address = *server.address("address");
      writeAddresses(service, address, address, server.number("port"));
    }
    return;
  }
  const auto lines = groups.at(*name)->blocks("line");
  auto services = out.initServices(sizeOf(lines));
  for (unsigned i = 0; i < services.size(); ++i) {
    const Block& line = *lines[i];
    if (const auto* mark = line.find<std::int64_t>("fwmark")) {
      const auto* family = line.find<std::int64_t>("family");
      writeMark(services[i], *mark, family == nullptr ? ipv6 : *family == kIpv6);
    } else {
      writeAddresses(services[i], *line.address("address"), *line.address("last"),
                     line.number("port"));
    }
  }
}

void writeSorryServer(schema::IpvsDestination::Builder out, const Block& server) {
  write(out.initAddress(), *server.address("sorry_server"));
  out.setPort(static_cast<std::uint16_t>(server.number("sorry_server port")));
  const auto number = [&server](Key key) { return server.number(key); };
  out.setMethod(static_cast<schema::IpvsDestination::Method>(number("sorry_server_lvs_method")));
  out.setTunnel(
      static_cast<schema::IpvsDestination::Tunnel>(number("sorry_server_lvs_method type")));
  out.setTunnelPort(static_cast<std::uint16_t>(number("sorry_server_lvs_method port")));
  out.setChecksum(
      static_cast<schema::IpvsDestination::Checksum>(number("sorry_server_lvs_method checksum")));
  out.setWeight(1);
}

// With nftables_ipvs: one for the addresses of each family.
void writeMarks(schema::IpvsVirtualServer::Builder out, std::uint32_t& next) {
  bool ipv4 = false;
  bool ipv6 = false;
  for (const auto service : out.asReader().getServices()) {
    if (!service.getIsMark()) {
      (service.getFamily() == schema::Family::IPV4 ? ipv4 : ipv6) = true;
    }
  }
  out.setHasMarkIpv4(ipv4);
  out.setMarkIpv4(ipv4 ? next++ : 0);
  out.setHasMarkIpv6(ipv6);
  out.setMarkIpv6(ipv6 ? next++ : 0);
}

void write(schema::IpvsVirtualServer::Builder out, const Block& server, const Groups& groups) {
  out.setName(server.name());
  writeSettings(server, out);
  writeServices(out, server, groups);
  if (const auto* protocol = server.find<std::int64_t>("protocol")) {
    out.setProtocol(static_cast<std::uint16_t>(*protocol));
  }
  out.setFlags(flagsOf(server));
  out.setWatchAddress(server.flag("ha_suspend"));
  writePersistence(out, server);
  const auto servers = server.blocks("real_server");
  auto destinations = out.initDestinations(sizeOf(servers));
  for (unsigned i = 0; i < destinations.size(); ++i) {
    writeSettings(*servers[i], destinations[i]);
  }
  if (server.address("sorry_server") != nullptr) {
    out.setHasSorryServer(true);
    writeSorryServer(out.initSorryServer(), server);
  }
}

void writeSyncDaemon(schema::IpvsConfig::Builder out, const Plan& plan) {
  const Block& globals = *plan.configuration->firstBlock("global_defs");
  if (globals.setting("lvs_sync_daemon") == nullptr) {
    return;
  }
  out.setHasSyncDaemon(true);
  auto daemon = out.initSyncDaemon();
  writeSettings(globals, daemon);
  if (const std::string* name = globals.find<std::string>("lvs_sync_daemon inst")) {
    const auto instances = plan.configuration->blocks("vrrp_instance");
    for (unsigned i = 0; i < instances.size(); ++i) {
      if (instances[i]->name() == *name) {
        daemon.setHasInstance(true);
        daemon.setInstance(i);
      }
    }
  }
}

void write(schema::CheckSocket::Builder out, const PlannedCheckSocket& socket) {
  const Block& check = *socket.check;
  out.setKind(static_cast<schema::CheckSocket::Kind>(socket.kind));
  out.setFamily(check.address("connect_ip")->family == AddressFamily::kIpv6 ? schema::Family::IPV6
                                                                            : schema::Family::IPV4);
  if (const auto* mark = check.find<std::int64_t>("fwmark")) {
    out.setMark(static_cast<std::uint32_t>(*mark));
  }
  if (const IpAddress* source = check.address("bindto")) {
    out.setHasSource(true);
    config::write(out.initSource(), *source);
  }
  if (const auto* port = check.find<std::int64_t>("bind_port")) {
    out.setSourcePort(static_cast<std::uint16_t>(*port));
  }
  if (const std::string* interface = check.find<std::string>("bind_if")) {
    out.setInterface(*interface);
  }
}

}  // namespace

void write(schema::IpvsConfig::Builder out, const Plan& plan) {
  const Block& globals = *plan.configuration->firstBlock("global_defs");
  write(out.initDigest(), plan.digest);
  writeSettings(globals, out);
  out.setSetTimeouts(globals.setting("lvs_timeouts") != nullptr);
  out.setNftables(globals.setting("nftables_ipvs") != nullptr);
  writeSyncDaemon(out, plan);
  Groups groups;
  for (const Block* group : plan.configuration->blocks("virtual_server_group")) {
    groups.emplace(group->name(), group);
  }
  auto nextMark = static_cast<std::uint32_t>(globals.number("nftables_ipvs_start_fwmark"));
  const auto blocks = plan.configuration->blocks("virtual_server");
  auto servers = out.initVirtualServers(sizeOf(blocks));
  for (unsigned i = 0; i < servers.size(); ++i) {
    write(servers[i], *blocks[i], groups);
    if (out.getNftables() && blocks[i]->find<std::string>("group") != nullptr) {
      writeMarks(servers[i], nextMark);
    }
  }
  auto sockets = out.initCheckSockets(sizeOf(plan.checkSockets));
  for (unsigned i = 0; i < sockets.size(); ++i) {
    write(sockets[i], plan.checkSockets[i]);
  }
}

}  // namespace holdfast::config
