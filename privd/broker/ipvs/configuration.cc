#include "privd/broker/ipvs/configuration.h"

#include <linux/ip_vs.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "ipc/kj_edge.h"
#include "privd/broker/sealed_values.h"

namespace holdfast::privd::ipvs {
namespace {

constexpr std::uint32_t kAllowedFlags = IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_ONEPACKET |
                                        IP_VS_SVC_F_SCHED1 | IP_VS_SVC_F_SCHED2 |
                                        IP_VS_SVC_F_SCHED3;
constexpr std::size_t kMaxName = 255;
constexpr std::uint32_t kMaxPersistenceSeconds = 31 * 86'400;
constexpr std::uint32_t kMaxTimeoutSeconds = 31 * 86'400;
constexpr std::uint32_t kMaxPrefix = 128;

// Part of a module's name: the kernel may load it.
bool isModuleWord(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

IpAddress plus(const IpAddress& address, std::uint64_t count) {
  const std::uint64_t low = address.low() + count;
  return IpAddress::fromHalves(address.family, address.high() + (low < count ? 1 : 0), low);
}

// How many addresses lie between, without `first`; nothing where they are out of order.
std::optional<std::uint64_t> distance(const IpAddress& first, const IpAddress& last) {
  if (first.family != last.family || first.high() != last.high() || first.low() > last.low()) {
    return std::nullopt;
  }
  return last.low() - first.low();
}

// The services of one line of the configuration.
struct Line {
  ServiceKey first;
  IpAddress last;
  std::uint64_t more = 0;  // addresses after the first
};

Result<Line> readLine(schema::IpvsService::Reader source, std::uint16_t protocol) {
  Line line;
  const Result<AddressFamily> family = readFamily(source.getFamily());
  if (!family) {
    return family.error();
  }
  line.first.family = line.first.address.family = *family;
  if (source.getIsMark()) {
    line.first.mark = source.getMark();
    return line.first.mark != 0 ? Result<Line>(line) : Error{"a firewall mark of 0"};
  }
  const Result<IpAddress> first = readAddress(source.getFirst());
  const Result<IpAddress> last = readAddress(source.getLast());
  if (!first || !last || first->family != *family || first->isUnspecified()) {
    return Error{"a service without an address of its family"};
  }
  const auto more = distance(*first, *last);
  if (!more) {
    return Error{"a range of services whose end is before its beginning"};
  }
  if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP && protocol != IPPROTO_SCTP) {
    return Error{"a service of a protocol that IPVS does not know"};
  }
  line.first.protocol = protocol;
  line.first.address = *first;
  line.first.port = source.getPort();
  line.last = *last;
  line.more = *more;
  return line;
}

Status readOptions(schema::IpvsVirtualServer::Reader source, VirtualServer& server) {
  server.name = source.getName();
  server.options = {.scheduler = source.getScheduler(),
                    .flags = source.getFlags(),
                    .persistenceSeconds = source.getPersistenceTimeoutSeconds(),
                    .netmask = source.getNetmask(),
                    .engine = source.getPersistenceEngine()};
  server.prefixLength = source.getPrefixLength();
  const ServiceOptions& options = server.options;
  if (server.name.empty() || server.name.size() > kMaxName || !printable(server.name)) {
    return Error{"its name is missing, too long or not printable"};
  }
  if (options.scheduler.empty() || options.scheduler.size() >= IP_VS_SCHEDNAME_MAXLEN ||
      !isModuleWord(options.scheduler)) {
    return Error{"its scheduler cannot be one"};
  }
  if (options.engine.size() >= IP_VS_PENAME_MAXLEN || !isModuleWord(options.engine)) {
    return Error{"its persistence engine cannot be one"};
  }
  if ((options.flags & ~kAllowedFlags) != 0 ||
      options.persistenceSeconds > kMaxPersistenceSeconds || server.prefixLength > kMaxPrefix) {
    return Error{"its flags, its persistence or its granularity is out of range"};
  }
  return success();
}

Status readDestinations(schema::IpvsVirtualServer::Reader source, VirtualServer& server) {
  if (source.getDestinations().size() > kMaxDestinations) {
    return Error{"too many destinations"};
  }
  for (const auto each : source.getDestinations()) {
    Result<ConfiguredDestination> destination = readDestination(each);
    if (!destination) {
      return destination.error();
    }
    server.destinations.push_back(std::move(destination).value());
  }
  if (source.getHasSorryServer()) {
    Result<ConfiguredDestination> sorry = readDestination(source.getSorryServer());
    if (!sorry) {
      return sorry.error();
    }
    server.sorryServer = std::move(sorry).value();
  }
  return success();
}

// With nftables_ipvs a mark of each family stands for all addresses of a group.
void addMarkServices(schema::IpvsVirtualServer::Reader source, VirtualServer& server) {
  const auto add = [&](AddressFamily family, std::uint32_t mark) {
    ServiceRange range;
    range.first.family = range.first.address.family = family;
    range.first.mark = mark;
    server.services.push_back(range);
  };
  if (source.getHasMarkIpv4() && source.getMarkIpv4() != 0) {
    add(AddressFamily::kIpv4, source.getMarkIpv4());
  }
  if (source.getHasMarkIpv6() && source.getMarkIpv6() != 0) {
    add(AddressFamily::kIpv6, source.getMarkIpv6());
  }
}

Status readServices(schema::IpvsVirtualServer::Reader source, bool nftables, VirtualServer& server,
                    std::vector<MarkedAddresses>& marks) {
  const auto lines = source.getServices();
  if (lines.size() > kMaxRanges) {
    return Error{"too many services"};
  }
  for (const auto each : lines) {
    const Result<Line> line = readLine(each, source.getProtocol());
    if (!line) {
      return line.error();
    }
    if (source.getWatchAddress() && line->first.mark == 0) {
      server.watched.push_back({line->first.address, line->last});
    }
    const bool ipv4 = line->first.family == AddressFamily::kIpv4;
    const bool isMarked = ipv4 ? source.getHasMarkIpv4() : source.getHasMarkIpv6();
    if (nftables && isMarked && line->first.mark == 0) {
      marks.push_back({ipv4 ? source.getMarkIpv4() : source.getMarkIpv6(), line->first.protocol,
                       line->first.address, line->last, line->first.port});
    } else if (line->more >= kMaxInRange) {
      return Error{"too many services in a range"};
    } else {
      server.services.push_back({line->first, static_cast<std::uint32_t>(line->more + 1)});
    }
  }
  addMarkServices(source, server);
  return success();
}

Status readGlobals(schema::IpvsConfig::Reader source, Configuration& config) {
  config.flushAtStart = source.getFlushAtStart();
  switch (source.getFlushAtStop()) {
    case schema::IpvsConfig::Flush::NOTHING:
      config.flushAtStop = Flush::kNothing;
      break;
    case schema::IpvsConfig::Flush::EVERYTHING:
      config.flushAtStop = Flush::kEverything;
      break;
    case schema::IpvsConfig::Flush::VIRTUAL_SERVERS:
      config.flushAtStop = Flush::kVirtualServers;
      break;
  }
  if (source.getSetTimeouts()) {
    config.timeouts = {source.getTcpTimeoutSeconds(), source.getTcpFinTimeoutSeconds(),
                       source.getUdpTimeoutSeconds()};
    if (std::max({config.timeouts->tcpSeconds, config.timeouts->tcpFinSeconds,
                  config.timeouts->udpSeconds}) > kMaxTimeoutSeconds) {
      return Error{"a timeout is out of range"};
    }
  }
  if (source.getHasSyncDaemon()) {
    Result<SyncDaemon> daemon = readSyncDaemon(source.getSyncDaemon());
    if (!daemon) {
      return daemon.error();
    }
    config.syncDaemon = std::move(daemon).value();
  }
  config.marksTable = {.name = source.getNftablesTable(), .priority = source.getNftablesPriority()};
  if (config.marksTable.name.size() >= NFT_NAME_MAXLEN || !printable(config.marksTable.name) ||
      (source.getNftables() && config.marksTable.name.empty())) {
    return Error{"the name of its nftables table is missing, too long or not printable"};
  }
  return success();
}

Status readCheckSockets(schema::IpvsConfig::Reader source, Configuration& config) {
  if (source.getCheckSockets().size() > kMaxCheckSockets) {
    return Error{"too many sockets for checks"};
  }
  for (const auto each : source.getCheckSockets()) {
    Result<CheckSocket> socket = readCheckSocket(each);
    if (!socket) {
      return socket.error();
    }
    config.checkSockets.push_back(std::move(socket).value());
  }
  return success();
}

Status readServer(schema::IpvsVirtualServer::Reader source, bool nftables, Configuration& config) {
  VirtualServer server;
  Status status = readOptions(source, server);
  status = status ? readServices(source, nftables, server, config.marks) : status;
  status = status ? readDestinations(source, server) : status;
  config.virtualServers.push_back(std::move(server));
  return status;
}

Status readServers(schema::IpvsConfig::Reader source, Configuration& config) {
  const auto servers = source.getVirtualServers();
  if (servers.size() > kMaxVirtualServers) {
    return Error{"too many virtual servers"};
  }
  std::size_t services = 0;
  std::size_t destinations = 0;
  for (std::uint32_t i = 0; i < servers.size(); ++i) {
    if (Status status = readServer(servers[i], source.getNftables(), config); !status) {
      return Error{"virtual server " + std::to_string(i) + ": " + status.error().message};
    }
    const VirtualServer& server = config.virtualServers.back();
    services += server.serviceCount();
    destinations += server.serviceCount() * (server.destinations.size() + 1);
    if (services > kMaxServices || destinations > kMaxDestinations) {
      return Error{"too many services, or too many destinations of all of them together"};
    }
  }
  std::ranges::sort(config.marks);
  return success();
}

}  // namespace

ServiceKey ServiceRange::at(std::uint32_t index) const {
  ServiceKey key = first;
  key.address = plus(first.address, index);
  return key;
}

DestinationKey ConfiguredDestination::keyFor(const ServiceKey& service) const {
  return {key.address, key.port != 0 ? key.port : service.port};
}

std::size_t VirtualServer::serviceCount() const {
  std::size_t count = 0;
  for (const ServiceRange& range : services) {
    count += range.count;
  }
  return count;
}

ServiceOptions VirtualServer::optionsOf(const ServiceKey& service) const {
  ServiceOptions result = options;
  if (service.family == AddressFamily::kIpv6) {
    result.netmask = prefixLength;
  }
  return result;
}

Result<Configuration> readConfiguration(schema::IpvsConfig::Reader config) {
  Configuration result;
  Status read = catchKj("sealed configuration of IPVS", [&]() -> Status {
    Status status = readGlobals(config, result);
    status = status ? readServers(config, result) : status;
    return status ? readCheckSockets(config, result) : status;
  });
  return read ? Result<Configuration>(std::move(result)) : read.error();
}

}  // namespace holdfast::privd::ipvs
