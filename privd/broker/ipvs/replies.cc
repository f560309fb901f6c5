#include "privd/broker/ipvs/replies.h"

#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "privd/broker/netlink_socket.h"

namespace holdfast::privd::ipvs {
namespace {

template <int kMax>
using Attributes = std::array<nlattr*, kMax + 1>;

// A number of exactly this size; nothing where it is missing.
template <typename Value>
std::optional<Value> valueOf(const nlattr* attribute) {
  Value value{};
  if (attribute == nullptr || nla_len(attribute) != sizeof(value)) {
    return std::nullopt;
  }
  std::memcpy(&value, nla_data(attribute), sizeof(value));
  return value;
}

std::optional<std::uint16_t> portOf(const nlattr* attribute) {
  const auto port = valueOf<std::uint16_t>(attribute);
  return port ? std::optional(ntohs(*port)) : std::nullopt;
}

std::string textOf(const nlattr* attribute) {
  if (attribute == nullptr) {
    return {};
  }
  const std::string_view text(static_cast<const char*>(nla_data(attribute)),
                              static_cast<std::size_t>(nla_len(attribute)));
  return std::string(text.substr(0, text.find('\0')));
}

std::optional<AddressFamily> familyOf(const nlattr* attribute) {
  const auto number = valueOf<std::uint16_t>(attribute);
  return number == AF_INET    ? std::optional(AddressFamily::kIpv4)
         : number == AF_INET6 ? std::optional(AddressFamily::kIpv6)
                              : std::nullopt;
}

std::optional<IpAddress> addressOf(const nlattr* attribute, AddressFamily family) {
  IpAddress address;
  address.family = family;
  if (attribute == nullptr || static_cast<std::size_t>(nla_len(attribute)) < address.size()) {
    return std::nullopt;
  }
  std::memcpy(address.bytes.data(), nla_data(attribute), address.size());
  return address;
}

template <int kMax>
bool parseNested(nlattr* attribute, Attributes<kMax>& out) {
  return attribute != nullptr && nla_parse_nested(out.data(), kMax, attribute, nullptr) == 0;
}

// Kernels before 4.1 count some of them in 32 bits only.
Statistics readStatistics(nlattr* wide, nlattr* narrow) {
  Statistics statistics;
  Attributes<IPVS_STATS_ATTR_MAX> attributes{};
  if (!parseNested<IPVS_STATS_ATTR_MAX>(wide != nullptr ? wide : narrow, attributes)) {
    return statistics;
  }
  const auto count = [&](int type) -> std::uint64_t {
    const nlattr* attribute = attributes[static_cast<std::size_t>(type)];
    const auto value = valueOf<std::uint64_t>(attribute);
    return value ? *value : valueOf<std::uint32_t>(attribute).value_or(0);
  };
  statistics.connections = count(IPVS_STATS_ATTR_CONNS);
  statistics.inPackets = count(IPVS_STATS_ATTR_INPKTS);
  statistics.outPackets = count(IPVS_STATS_ATTR_OUTPKTS);
  statistics.inBytes = count(IPVS_STATS_ATTR_INBYTES);
  statistics.outBytes = count(IPVS_STATS_ATTR_OUTBYTES);
  return statistics;
}

std::optional<ServiceKey> readServiceKey(const Attributes<IPVS_SVC_ATTR_MAX>& attributes) {
  ServiceKey key;
  const auto family = familyOf(attributes[IPVS_SVC_ATTR_AF]);
  if (!family) {
    return std::nullopt;
  }
  key.family = key.address.family = *family;
  if (const auto mark = valueOf<std::uint32_t>(attributes[IPVS_SVC_ATTR_FWMARK])) {
    key.mark = *mark;
    return *mark != 0 ? std::optional(key) : std::nullopt;
  }
  const auto protocol = valueOf<std::uint16_t>(attributes[IPVS_SVC_ATTR_PROTOCOL]);
  const auto address = addressOf(attributes[IPVS_SVC_ATTR_ADDR], *family);
  const auto port = portOf(attributes[IPVS_SVC_ATTR_PORT]);
  if (!protocol || !address || !port) {
    return std::nullopt;
  }
  key.protocol = *protocol;
  key.address = *address;
  key.port = *port;
  return key;
}

std::optional<Service> readService(nlattr* nested) {
  Attributes<IPVS_SVC_ATTR_MAX> attributes{};
  if (!parseNested<IPVS_SVC_ATTR_MAX>(nested, attributes)) {
    return std::nullopt;
  }
  const auto key = readServiceKey(attributes);
  const auto flags = valueOf<ip_vs_flags>(attributes[IPVS_SVC_ATTR_FLAGS]);
  if (!key || !flags) {
    return std::nullopt;
  }
  Service service;
  service.key = *key;
  service.options.scheduler = textOf(attributes[IPVS_SVC_ATTR_SCHED_NAME]);
  service.options.engine = textOf(attributes[IPVS_SVC_ATTR_PE_NAME]);
  service.options.flags = flags->flags & ~std::uint32_t{IP_VS_SVC_F_HASHED};
  service.options.persistenceSeconds =
      valueOf<std::uint32_t>(attributes[IPVS_SVC_ATTR_TIMEOUT]).value_or(0);
  const std::uint32_t netmask =
      valueOf<std::uint32_t>(attributes[IPVS_SVC_ATTR_NETMASK]).value_or(0);
  service.options.netmask = key->family == AddressFamily::kIpv4 ? ntohl(netmask) : netmask;
  service.statistics =
      readStatistics(attributes[IPVS_SVC_ATTR_STATS64], attributes[IPVS_SVC_ATTR_STATS]);
  return service;
}

std::optional<Destination> readDestination(nlattr* nested, AddressFamily serviceFamily) {
  Attributes<IPVS_DEST_ATTR_MAX> attributes{};
  if (!parseNested<IPVS_DEST_ATTR_MAX>(nested, attributes)) {
    return std::nullopt;
  }
  const auto family = familyOf(attributes[IPVS_DEST_ATTR_ADDR_FAMILY]).value_or(serviceFamily);
  const auto address = addressOf(attributes[IPVS_DEST_ATTR_ADDR], family);
  const auto port = portOf(attributes[IPVS_DEST_ATTR_PORT]);
  if (!address || !port) {
    return std::nullopt;
  }
  const auto number = [&](int type) {
    return valueOf<std::uint32_t>(attributes[static_cast<std::size_t>(type)]).value_or(0);
  };
  Destination destination;
  destination.key = {*address, *port};
  destination.options = {
      .method = number(IPVS_DEST_ATTR_FWD_METHOD) & IP_VS_CONN_F_FWD_MASK,
      .weight = number(IPVS_DEST_ATTR_WEIGHT),
      .upperThreshold = number(IPVS_DEST_ATTR_U_THRESH),
      .lowerThreshold = number(IPVS_DEST_ATTR_L_THRESH),
      .tunnel =
          valueOf<std::uint8_t>(attributes[IPVS_DEST_ATTR_TUN_TYPE]).value_or(std::uint8_t{0}),
      .tunnelPort = portOf(attributes[IPVS_DEST_ATTR_TUN_PORT]).value_or(std::uint16_t{0}),
      .tunnelFlags =
          valueOf<std::uint16_t>(attributes[IPVS_DEST_ATTR_TUN_FLAGS]).value_or(std::uint16_t{0})};
  destination.activeConnections = number(IPVS_DEST_ATTR_ACTIVE_CONNS);
  destination.inactiveConnections = number(IPVS_DEST_ATTR_INACT_CONNS);
  destination.persistentConnections = number(IPVS_DEST_ATTR_PERSIST_CONNS);
  destination.statistics =
      readStatistics(attributes[IPVS_DEST_ATTR_STATS64], attributes[IPVS_DEST_ATTR_STATS]);
  return destination;
}

std::optional<RunningDaemon> readDaemon(nlattr* nested) {
  Attributes<IPVS_DAEMON_ATTR_MAX> attributes{};
  if (!parseNested<IPVS_DAEMON_ATTR_MAX>(nested, attributes)) {
    return std::nullopt;
  }
  const auto state = valueOf<std::uint32_t>(attributes[IPVS_DAEMON_ATTR_STATE]).value_or(0);
  if (state != IP_VS_STATE_MASTER && state != IP_VS_STATE_BACKUP) {
    return std::nullopt;
  }
  return RunningDaemon{state == IP_VS_STATE_MASTER ? Role::kMaster : Role::kBackup,
                       textOf(attributes[IPVS_DAEMON_ATTR_MCAST_IFN]),
                       valueOf<std::uint32_t>(attributes[IPVS_DAEMON_ATTR_SYNC_ID]).value_or(0)};
}

template <typename Value>
void keep(Reply& reply, std::optional<Value> value) {
  if (value) {
    reply.what = std::move(*value);
  }
}

void readIpvs(nlmsghdr* header, AddressFamily serviceFamily, Reply& reply) {
  Attributes<IPVS_CMD_ATTR_MAX> attributes{};
  if (nlmsg_parse(header, GENL_HDRLEN, attributes.data(), IPVS_CMD_ATTR_MAX, nullptr) != 0) {
    return;
  }
  // Each kind of answer has a command of its own.
  switch (static_cast<const genlmsghdr*>(nlmsg_data(header))->cmd) {
    case IPVS_CMD_NEW_SERVICE:
      keep(reply, readService(attributes[IPVS_CMD_ATTR_SERVICE]));
      break;
    case IPVS_CMD_NEW_DEST:
      keep(reply, readDestination(attributes[IPVS_CMD_ATTR_DEST], serviceFamily));
      break;
    case IPVS_CMD_NEW_DAEMON:
      keep(reply, readDaemon(attributes[IPVS_CMD_ATTR_DAEMON]));
      break;
    default:
      break;
  }
}

void readController(nlmsghdr* header, Reply& reply) {
  Attributes<CTRL_ATTR_MAX> attributes{};
  if (nlmsg_parse(header, GENL_HDRLEN, attributes.data(), CTRL_ATTR_MAX, nullptr) != 0 ||
      textOf(attributes[CTRL_ATTR_FAMILY_NAME]) != IPVS_GENL_NAME) {
    return;
  }
  if (const auto number = valueOf<std::uint16_t>(attributes[CTRL_ATTR_FAMILY_ID])) {
    reply.what = FamilyNumber{*number};
  }
}

}  // namespace

void readReplies(std::span<std::byte> datagram, std::uint16_t family, AddressFamily service,
                 const std::function<void(Reply& reply)>& found) {
  auto remaining = static_cast<int>(datagram.size());
  auto* header = reinterpret_cast<nlmsghdr*>(datagram.data());
  while (nlmsg_ok(header, remaining) != 0) {
    Reply reply;
    reply.sequence = header->nlmsg_seq;
    reply.interrupted = (header->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (header->nlmsg_type == NLMSG_ERROR) {
      reply.what = Answer{readNetlinkError(header, EPROTO)};
    } else if (header->nlmsg_type == NLMSG_DONE) {
      reply.what = EndOfDump{readNetlinkError(header, 0)};
    } else if (header->nlmsg_type == GENL_ID_CTRL) {
      readController(header, reply);
    } else if (family != 0 && header->nlmsg_type == family) {
      readIpvs(header, service, reply);
    }
    found(reply);
    header = nlmsg_next(header, &remaining);
  }
}

}  // namespace holdfast::privd::ipvs
