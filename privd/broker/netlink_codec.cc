#include "privd/broker/netlink_codec.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <variant>

#include "privd/broker/netlink_socket.h"
#include "privd/broker/object_kind.h"

namespace holdfast::privd {
namespace {

static_assert(static_cast<int>(Setting::kReversePathFilter) == IPV4_DEVCONF_RP_FILTER &&
              static_cast<int>(Setting::kArpFilter) == IPV4_DEVCONF_ARPFILTER &&
              static_cast<int>(Setting::kArpIgnore) == IPV4_DEVCONF_ARP_IGNORE &&
              static_cast<int>(Setting::kPromoteSecondaries) == IPV4_DEVCONF_PROMOTE_SECONDARIES &&
              static_cast<int>(Setting::kAcceptLocal) == IPV4_DEVCONF_ACCEPT_LOCAL);
constexpr std::size_t kIpv6DevconfForwarding = 0;  // DEVCONF_FORWARDING of <linux/ipv6.h>

constexpr char kMacvlan[] = "macvlan";
constexpr char kIpvlan[] = "ipvlan";
constexpr char kVrf[] = "vrf";
// On links, which have no IFA_PROTO: their alias (ip link set alias).
constexpr char kLinkMark[] = "holdfast";

// It answers for its own addresses only, and takes packets whose sender the routes find elsewhere:
// on the interface below.
const SettingValues kLinkSettings = {{Setting::kArpIgnore, 1},
                                     {Setting::kAcceptLocal, 1},
                                     {Setting::kReversePathFilter, 0},
                                     {Setting::kPromoteSecondaries, 1}};

void putMacvlan(MessageWriter& message) {
  message.put(IFLA_INFO_KIND, kMacvlan, sizeof(kMacvlan));
  message.nest(IFLA_INFO_DATA,
               [&] { message.putValue(IFLA_MACVLAN_MODE, std::uint32_t{MACVLAN_MODE_PRIVATE}); });
}

void putIpvlan(MessageWriter& message, LinkKind kind) {
  const int flags = kind == LinkKind::kIpvlanPrivate ? IPVLAN_F_PRIVATE
                    : kind == LinkKind::kIpvlanVepa  ? IPVLAN_F_VEPA
                                                     : 0;
  message.put(IFLA_INFO_KIND, kIpvlan, sizeof(kIpvlan));
  message.nest(IFLA_INFO_DATA, [&] {
    message.putValue(IFLA_IPVLAN_MODE, std::uint16_t{IPVLAN_MODE_L2});
    message.putValue(IFLA_IPVLAN_FLAGS, static_cast<std::uint16_t>(flags));
  });
}

void putSettings(MessageWriter& message, const SettingValues& values) {
  message.nest(IFLA_INET_CONF, [&] {
    for (const auto& [setting, value] : values) {
      message.putValue(static_cast<int>(setting), value);
    }
  });
}

}  // namespace

void NetlinkBatch::append(const MessageWriter& message, std::uint32_t sequence) {
  last_ = bytes_.size();
  message.appendTo(bytes_, sequence);
}

void NetlinkBatch::acknowledgeLast() {
  if (bytes_.size() - last_ >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, bytes_.data() + last_, sizeof(header));
    header.nlmsg_flags |= NLM_F_ACK;
    std::memcpy(bytes_.data() + last_, &header, sizeof(header));
  }
}

void NetlinkBatch::change(Change change, const Placement& placement, std::uint32_t sequence) {
  std::visit(
      [&](const auto* object) {
        append(messageFor(change, *object, *placement.devices), sequence);
      },
      placement.object);
}

void NetlinkBatch::dumpLinks(std::uint32_t sequence) {
  MessageWriter message(RTM_GETLINK, NLM_F_DUMP);
  message.header(ifinfomsg{});
  message.putValue(IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_SKIP_STATS});
  append(message, sequence);
}

void NetlinkBatch::dumpAddresses(std::uint32_t sequence) {
  MessageWriter message(RTM_GETADDR, NLM_F_DUMP);
  message.header(ifaddrmsg{});
  append(message, sequence);
}

void NetlinkBatch::dumpRoutes(AddressFamily family, std::uint32_t sequence) {
  MessageWriter message(RTM_GETROUTE, NLM_F_DUMP);
  rtmsg header{};
  header.rtm_family = static_cast<std::uint8_t>(socketFamily(family));
  header.rtm_protocol = kProtocol;
  message.header(header);
  append(message, sequence);
}

void NetlinkBatch::dumpRules(AddressFamily family, std::uint32_t sequence) {
  MessageWriter message(RTM_GETRULE, NLM_F_DUMP);
  fib_rule_hdr header{};
  header.family = static_cast<std::uint8_t>(socketFamily(family));
  message.header(header);
  append(message, sequence);
}

void NetlinkBatch::removeShown(std::span<const std::byte> message, std::uint32_t sequence) {
  last_ = bytes_.size();
  bytes_.insert(bytes_.end(), message.begin(), message.end());
  bytes_.resize(last_ + NLMSG_ALIGN(message.size()));
  nlmsghdr header{};
  std::memcpy(&header, message.data(), sizeof(header));
  ++header.nlmsg_type;  // RTM_DEL… is one more than RTM_NEW…
  header.nlmsg_flags = NLM_F_REQUEST;
  header.nlmsg_seq = sequence;
  header.nlmsg_pid = 0;
  std::memcpy(bytes_.data() + last_, &header, sizeof(header));
}

void NetlinkBatch::getLink(int index, std::uint32_t sequence) {
  MessageWriter message(RTM_GETLINK, 0);
  ifinfomsg header{};
  header.ifi_index = index;
  message.header(header);
  message.putValue(IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_SKIP_STATS});
  append(message, sequence);
  acknowledgeLast();
}

void NetlinkBatch::getLinkNamed(const std::string& name, std::uint32_t sequence) {
  MessageWriter message(RTM_GETLINK, 0);
  message.header(ifinfomsg{});
  message.put(IFLA_IFNAME, name.c_str(), name.size() + 1);
  message.putValue(IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_SKIP_STATS});
  append(message, sequence);
  acknowledgeLast();
}

void NetlinkBatch::createLink(const LinkPlan& plan, std::uint32_t group, std::uint32_t sequence) {
  MessageWriter message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  message.header(ifinfomsg{});
  message.put(IFLA_IFNAME, plan.name.c_str(), plan.name.size() + 1);
  message.putValue(IFLA_LINK, plan.parent);
  message.putValue(IFLA_GROUP, group);
  if (plan.nature.mac) {
    message.put(IFLA_ADDRESS, plan.nature.mac->data(), plan.nature.mac->size());
  }
  message.nest(IFLA_LINKINFO, [&] {
    if (plan.nature.kind == LinkKind::kVmac) {
      putMacvlan(message);
    } else {
      putIpvlan(message, plan.nature.kind);
    }
  });
  append(message, sequence);
  acknowledgeLast();
}

void NetlinkBatch::prepareLink(int index, std::uint32_t sequence) {
  MessageWriter message(RTM_SETLINK, 0);
  ifinfomsg header{};
  header.ifi_index = index;
  message.header(header);
  message.put(IFLA_IFALIAS, kLinkMark, sizeof(kLinkMark));
  message.nest(IFLA_AF_SPEC, [&] {
    message.nest(AF_INET, [&] { putSettings(message, kLinkSettings); });
    // No address of its own: it would be announced, and asked for.
    message.nest(AF_INET6, [&] {
      message.putValue(IFLA_INET6_ADDR_GEN_MODE, std::uint8_t{IN6_ADDR_GEN_MODE_NONE});
    });
  });
  append(message, sequence);
  acknowledgeLast();
}

void NetlinkBatch::setUp(int index, std::uint32_t sequence) {
  MessageWriter message(RTM_SETLINK, 0);
  ifinfomsg header{};
  header.ifi_index = index;
  header.ifi_flags = header.ifi_change = IFF_UP;
  message.header(header);
  append(message, sequence);
  acknowledgeLast();
}

void NetlinkBatch::setVrf(int index, int vrf, std::uint32_t sequence) {
  MessageWriter message(RTM_SETLINK, 0);
  ifinfomsg header{};
  header.ifi_index = index;
  message.header(header);
  message.putValue(IFLA_MASTER, vrf);
  append(message, sequence);
  acknowledgeLast();
}

void NetlinkBatch::removeLink(int index, std::uint32_t sequence) {
  MessageWriter message(RTM_DELLINK, 0);
  ifinfomsg header{};
  header.ifi_index = index;
  message.header(header);
  append(message, sequence);
  acknowledgeLast();
}

void NetlinkBatch::set(int index, const SettingValues& values, std::uint32_t sequence) {
  MessageWriter message(RTM_SETLINK, 0);
  ifinfomsg header{};
  header.ifi_index = index;
  message.header(header);
  message.nest(IFLA_AF_SPEC, [&] { message.nest(AF_INET, [&] { putSettings(message, values); }); });
  append(message, sequence);
  acknowledgeLast();
}

namespace {

// Element `index` of an attribute that is an array of 32-bit numbers; 0 where it is too short.
std::uint32_t arrayElement(const nlattr* attribute, std::size_t index) {
  std::uint32_t value = 0;
  if (attribute != nullptr &&
      static_cast<std::size_t>(nla_len(attribute)) >= (index + 1) * sizeof(value)) {
    std::memcpy(&value, static_cast<const char*>(nla_data(attribute)) + index * sizeof(value),
                sizeof(value));
  }
  return value;
}

void readAfSpec(nlattr* afSpec, NetlinkMessage& message) {
  std::array<nlattr*, AF_MAX + 1> families{};
  if (nla_parse_nested(families.data(), AF_MAX, afSpec, nullptr) != 0) {
    return;
  }
  std::array<nlattr*, IFLA_INET_MAX + 1> ipv4{};
  if (families[AF_INET] != nullptr &&
      nla_parse_nested(ipv4.data(), IFLA_INET_MAX, families[AF_INET], nullptr) == 0) {
    for (std::size_t i = 1; i < message.settings.size(); ++i) {
      message.settings[i] = arrayElement(ipv4[IFLA_INET_CONF], i - 1);
    }
  }
  std::array<nlattr*, IFLA_INET6_MAX + 1> ipv6{};
  if (families[AF_INET6] != nullptr &&
      nla_parse_nested(ipv6.data(), IFLA_INET6_MAX, families[AF_INET6], nullptr) == 0) {
    message.forwardsIpv6 = arrayElement(ipv6[IFLA_INET6_CONF], kIpv6DevconfForwarding) != 0;
  }
}

template <typename Number>
std::optional<Number> numberOf(const nlattr* attribute) {
  if (attribute == nullptr || static_cast<std::size_t>(nla_len(attribute)) < sizeof(Number)) {
    return std::nullopt;
  }
  Number value{};
  std::memcpy(&value, nla_data(attribute), sizeof(value));
  return value;
}

std::optional<LinkKind> ipvlanOf(std::optional<std::uint16_t> mode, std::uint16_t flags) {
  if (mode != IPVLAN_MODE_L2) {
    return std::nullopt;
  }
  return (flags & IPVLAN_F_PRIVATE) != 0 ? LinkKind::kIpvlanPrivate
         : (flags & IPVLAN_F_VEPA) != 0  ? LinkKind::kIpvlanVepa
                                         : LinkKind::kIpvlanBridge;
}

// Which kind of link it is, and whether its master is a VRF.
void readLinkInfo(nlattr* linkInfo, int master, Link& link) {
  constexpr int kMost = std::max({int{IFLA_VRF_MAX}, int{IFLA_MACVLAN_MAX}, int{IFLA_IPVLAN_MAX}});
  std::array<nlattr*, IFLA_INFO_MAX + 1> info{};
  if (nla_parse_nested(info.data(), IFLA_INFO_MAX, linkInfo, nullptr) != 0) {
    return;
  }
  const nlattr* slave = info[IFLA_INFO_SLAVE_KIND];
  link.vrf = slave != nullptr && nla_strcmp(slave, kVrf) == 0 ? master : 0;
  const nlattr* kind = info[IFLA_INFO_KIND];
  std::array<nlattr*, kMost + 1> data{};
  if (kind == nullptr || info[IFLA_INFO_DATA] == nullptr ||
      nla_parse_nested(data.data(), kMost, info[IFLA_INFO_DATA], nullptr) != 0) {
    return;
  }
  if (nla_strcmp(kind, kVrf) == 0) {
    link.vrfTable = arrayElement(data[IFLA_VRF_TABLE], 0);
  } else if (nla_strcmp(kind, kMacvlan) == 0 &&
             arrayElement(data[IFLA_MACVLAN_MODE], 0) == MACVLAN_MODE_PRIVATE) {
    link.kind = LinkKind::kVmac;
  } else if (nla_strcmp(kind, kIpvlan) == 0) {
    link.kind = ipvlanOf(numberOf<std::uint16_t>(data[IFLA_IPVLAN_MODE]),
                         numberOf<std::uint16_t>(data[IFLA_IPVLAN_FLAGS]).value_or(0));
  }
}

bool readLink(nlmsghdr* header, NetlinkMessage& message) {
  std::array<nlattr*, IFLA_MAX + 1> attributes{};
  if (nlmsg_parse(header, sizeof(ifinfomsg), attributes.data(), IFLA_MAX, nullptr) != 0) {
    return false;
  }
  const auto* info = static_cast<const ifinfomsg*>(nlmsg_data(header));
  // Bridge ports and the like have messages of the same type for other address families.
  if (info->ifi_family != AF_UNSPEC || info->ifi_index <= 0) {
    return false;
  }
  message.link.index = info->ifi_index;
  message.link.flags = info->ifi_flags;
  if (const nlattr* name = attributes[IFLA_IFNAME]; name != nullptr) {
    const auto* text = static_cast<const char*>(nla_data(name));
    message.link.name.assign(text, ::strnlen(text, static_cast<std::size_t>(nla_len(name))));
  }
  message.link.mtu = arrayElement(attributes[IFLA_MTU], 0);
  message.link.parent = static_cast<int>(arrayElement(attributes[IFLA_LINK], 0));
  message.link.group = arrayElement(attributes[IFLA_GROUP], 0);
  message.marked =
      attributes[IFLA_IFALIAS] != nullptr && nla_strcmp(attributes[IFLA_IFALIAS], kLinkMark) == 0;
  const nlattr* mac = attributes[IFLA_ADDRESS];
  if (info->ifi_type == ARPHRD_ETHER && mac != nullptr && nla_len(mac) == 6) {
    message.link.mac.emplace();
    std::memcpy(message.link.mac->data(), nla_data(mac), 6);
  }
  if (attributes[IFLA_LINKINFO] != nullptr) {
    readLinkInfo(attributes[IFLA_LINKINFO],
                 static_cast<int>(arrayElement(attributes[IFLA_MASTER], 0)), message.link);
  }
  if (attributes[IFLA_AF_SPEC] != nullptr) {
    readAfSpec(attributes[IFLA_AF_SPEC], message);
  }
  return true;
}

bool readAddress(nlmsghdr* header, NetlinkMessage& message) {
  std::array<nlattr*, IFA_MAX + 1> attributes{};
  if (nlmsg_parse(header, sizeof(ifaddrmsg), attributes.data(), IFA_MAX, nullptr) != 0) {
    return false;
  }
  const auto* info = static_cast<const ifaddrmsg*>(nlmsg_data(header));
  if (info->ifa_family != AF_INET && info->ifa_family != AF_INET6) {
    return false;
  }
  IpAddress& ip = message.address.address;
  ip.family = info->ifa_family == AF_INET ? AddressFamily::kIpv4 : AddressFamily::kIpv6;
  // IFA_ADDRESS is the peer's where there is one.
  const nlattr* value =
      attributes[IFA_LOCAL] != nullptr ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
  if (value == nullptr || static_cast<std::size_t>(nla_len(value)) != ip.size()) {
    return false;
  }
  std::memcpy(ip.bytes.data(), nla_data(value), ip.size());
  message.address.index = static_cast<int>(info->ifa_index);
  message.address.prefixLength = info->ifa_prefixlen;
  message.address.scope = info->ifa_scope;
  message.address.flags = attributes[IFA_FLAGS] != nullptr ? arrayElement(attributes[IFA_FLAGS], 0)
                                                           : std::uint32_t{info->ifa_flags};
  const nlattr* protocol = attributes[IFA_PROTO];
  message.marked = protocol != nullptr && nla_len(protocol) == sizeof(kProtocol) &&
                   nla_get_u8(protocol) == kProtocol;
  return true;
}

std::optional<AddressFamily> familyOf(std::uint8_t family) {
  return family == AF_INET    ? std::optional(AddressFamily::kIpv4)
         : family == AF_INET6 ? std::optional(AddressFamily::kIpv6)
                              : std::nullopt;
}

bool readRoute(nlmsghdr* header, NetlinkMessage& message) {
  std::array<nlattr*, RTA_MAX + 1> attributes{};
  if (nlmsg_parse(header, sizeof(rtmsg), attributes.data(), RTA_MAX, nullptr) != 0) {
    return false;
  }
  const auto* info = static_cast<const rtmsg*>(nlmsg_data(header));
  const std::optional<AddressFamily> family = familyOf(info->rtm_family);
  if (!family || (info->rtm_flags & RTM_F_CLONED) != 0) {
    return false;
  }
  RouteNews& route = message.route;
  route.family = route.destination.family = *family;
  route.destinationLength = info->rtm_dst_len;
  if (const nlattr* destination = attributes[RTA_DST]; destination != nullptr) {
    if (static_cast<std::size_t>(nla_len(destination)) != route.destination.size()) {
      return false;
    }
    std::memcpy(route.destination.bytes.data(), nla_data(destination), route.destination.size());
  }
  message.marked = info->rtm_protocol == kProtocol;
  return true;
}

bool readRule(nlmsghdr* header, NetlinkMessage& message) {
  std::array<nlattr*, FRA_MAX + 1> attributes{};
  if (nlmsg_parse(header, sizeof(fib_rule_hdr), attributes.data(), FRA_MAX, nullptr) != 0) {
    return false;
  }
  const std::optional<AddressFamily> family =
      familyOf(static_cast<const fib_rule_hdr*>(nlmsg_data(header))->family);
  if (!family) {
    return false;
  }
  message.rule = {*family, arrayElement(attributes[FRA_PRIORITY], 0)};
  const nlattr* protocol = attributes[FRA_PROTOCOL];
  message.marked = protocol != nullptr && nla_len(protocol) == sizeof(kProtocol) &&
                   nla_get_u8(protocol) == kProtocol;
  return true;
}

NetlinkMessage readMessage(nlmsghdr* header) {
  using Kind = NetlinkMessage::Kind;
  NetlinkMessage message;
  message.sequence = header->nlmsg_seq;
  message.whole = {reinterpret_cast<const std::byte*>(header), header->nlmsg_len};
  message.interrupted = (header->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
  switch (header->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      if (readLink(header, message)) {
        message.kind = header->nlmsg_type == RTM_NEWLINK ? Kind::kLink : Kind::kLinkGone;
      }
      break;
    case RTM_NEWADDR:
    case RTM_DELADDR:
      if (readAddress(header, message)) {
        message.kind = header->nlmsg_type == RTM_NEWADDR ? Kind::kAddress : Kind::kAddressGone;
      }
      break;
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      if (readRoute(header, message)) {
        const bool isGone =
            header->nlmsg_type == RTM_DELROUTE || (header->nlmsg_flags & NLM_F_REPLACE) != 0;
        message.kind = isGone ? Kind::kRouteGone : Kind::kRoute;
      }
      break;
    case RTM_NEWRULE:
    case RTM_DELRULE:
      if (readRule(header, message)) {
        message.kind = header->nlmsg_type == RTM_NEWRULE ? Kind::kRule : Kind::kRuleGone;
      }
      break;
    case NLMSG_ERROR:
      message.kind = Kind::kAnswer;
      message.error = readNetlinkError(header, EPROTO);
      break;
    case NLMSG_DONE:
      message.kind = Kind::kDone;
      message.error = readNetlinkError(header, 0);
      break;
    default:
      break;
  }
  return message;
}

}  // namespace

void readNetlink(std::span<std::byte> datagram,
                 const std::function<void(const NetlinkMessage&)>& found) {
  auto remaining = static_cast<int>(datagram.size());
  auto* header = reinterpret_cast<nlmsghdr*>(datagram.data());
  while (nlmsg_ok(header, remaining) != 0) {
    found(readMessage(header));
    header = nlmsg_next(header, &remaining);
  }
}

}  // namespace holdfast::privd
