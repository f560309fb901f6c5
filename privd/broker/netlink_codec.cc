#include "privd/broker/netlink_codec.h"

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
#include <memory>

namespace holdfast::privd {
namespace {

constexpr std::size_t kMessageBytes = 512;
constexpr std::uint32_t kForeverSeconds = ~0U;
constexpr std::size_t kIpv6DevconfForwarding = 0;  // DEVCONF_FORWARDING of <linux/ipv6.h>

struct FreeMessage {
  void operator()(nl_msg* message) const { nlmsg_free(message); }
};

// IFA_F_* that mean something for IPv4; the others are for IPv6 only.
constexpr std::uint32_t kIpv4Flags = IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;

}  // namespace

// One message under construction. kMessageBytes has room for everything that is put in: nla_put
// cannot fail.
class NetlinkBatch::Message {
 public:
  Message(int type, int flags, std::uint32_t sequence) : message_(nlmsg_alloc_size(kMessageBytes)) {
    if (message_) {
      nlmsg_put(message_.get(), 0, sequence, type, 0, NLM_F_REQUEST | flags);
    }
  }

  template <typename Header>
  void header(const Header& header) {
    if (message_) {
      Header copy = header;
      nlmsg_append(message_.get(), &copy, sizeof(copy), NLMSG_ALIGNTO);
    }
  }
  void put(int type, const void* data, std::size_t size) {
    if (message_) {
      nla_put(message_.get(), type, static_cast<int>(size), data);
    }
  }
  void put(int type, const IpAddress& address) { put(type, address.bytes.data(), address.size()); }
  template <typename Body>
  void nest(int type, Body&& body) {
    nlattr* nested = message_ ? nla_nest_start(message_.get(), type) : nullptr;
    if (nested != nullptr) {
      body();
      nla_nest_end(message_.get(), nested);
    }
  }
  void appendTo(std::vector<std::byte>& bytes) const {
    if (message_) {
      const nlmsghdr* header = nlmsg_hdr(message_.get());
      const auto* begin = reinterpret_cast<const std::byte*>(header);
      bytes.insert(bytes.end(), begin, begin + NLMSG_ALIGN(header->nlmsg_len));
    }
  }

 private:
  std::unique_ptr<nl_msg, FreeMessage> message_;
};

void NetlinkBatch::changeAddress(Change change, const Placement& placement, std::uint32_t sequence,
                                 bool acknowledge) {
  const VirtualAddress& wanted = *placement.address;
  const bool ipv4 = wanted.address.family == AddressFamily::kIpv4;
  const bool add = change == Change::kAdd;
  Message message(add ? RTM_NEWADDR : RTM_DELADDR,
                  (add ? NLM_F_CREATE | NLM_F_EXCL : 0) | (acknowledge ? NLM_F_ACK : 0), sequence);
  ifaddrmsg header{};
  header.ifa_family = static_cast<std::uint8_t>(socketFamily(wanted.address.family));
  header.ifa_prefixlen = wanted.prefixLength;
  header.ifa_scope = wanted.scope;
  header.ifa_index = static_cast<unsigned>(placement.index);
  message.header(header);
  message.put(IFA_LOCAL, wanted.address);
  message.put(IFA_ADDRESS, wanted.peer.value_or(wanted.address));
  if (add) {
    if (wanted.broadcast) {
      message.put(IFA_BROADCAST, *wanted.broadcast);
    }
    if (ipv4 && !wanted.label.empty()) {
      message.put(IFA_LABEL, wanted.label.c_str(), wanted.label.size() + 1);
    }
    const std::uint32_t flags = ipv4 ? wanted.flags & kIpv4Flags : wanted.flags;
    message.put(IFA_FLAGS, &flags, sizeof(flags));
    // keepalived leaves the preferred lifetime of IPv4 addresses alone: 0 would deprecate them.
    if (!ipv4 && wanted.preferredSeconds != kForeverSeconds) {
      const ifa_cacheinfo lifetime{wanted.preferredSeconds, kForeverSeconds, 0, 0};
      message.put(IFA_CACHEINFO, &lifetime, sizeof(lifetime));
    }
    message.put(IFA_PROTO, &kAddressProtocol, sizeof(kAddressProtocol));
  }
  message.appendTo(bytes_);
}

void NetlinkBatch::dumpLinks(std::uint32_t sequence) {
  Message message(RTM_GETLINK, NLM_F_DUMP, sequence);
  message.header(ifinfomsg{});
  const std::uint32_t mask = RTEXT_FILTER_SKIP_STATS;
  message.put(IFLA_EXT_MASK, &mask, sizeof(mask));
  message.appendTo(bytes_);
}

void NetlinkBatch::dumpAddresses(std::uint32_t sequence) {
  Message message(RTM_GETADDR, NLM_F_DUMP, sequence);
  message.header(ifaddrmsg{});
  message.appendTo(bytes_);
}

void NetlinkBatch::getLink(int index, std::uint32_t sequence) {
  Message message(RTM_GETLINK, NLM_F_ACK, sequence);
  ifinfomsg header{};
  header.ifi_index = index;
  message.header(header);
  const std::uint32_t mask = RTEXT_FILTER_SKIP_STATS;
  message.put(IFLA_EXT_MASK, &mask, sizeof(mask));
  message.appendTo(bytes_);
}

void NetlinkBatch::setPromoteSecondaries(int index, bool promote, std::uint32_t sequence) {
  Message message(RTM_SETLINK, NLM_F_ACK, sequence);
  ifinfomsg header{};
  header.ifi_index = index;
  message.header(header);
  const std::uint32_t value = promote ? 1 : 0;
  message.nest(IFLA_AF_SPEC, [&] {
    message.nest(AF_INET, [&] {
      message.nest(IFLA_INET_CONF,
                   [&] { message.put(IPV4_DEVCONF_PROMOTE_SECONDARIES, &value, sizeof(value)); });
    });
  });
  message.appendTo(bytes_);
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
    message.promotesSecondaries =
        arrayElement(ipv4[IFLA_INET_CONF], IPV4_DEVCONF_PROMOTE_SECONDARIES - 1) != 0;
  }
  std::array<nlattr*, IFLA_INET6_MAX + 1> ipv6{};
  if (families[AF_INET6] != nullptr &&
      nla_parse_nested(ipv6.data(), IFLA_INET6_MAX, families[AF_INET6], nullptr) == 0) {
    message.forwardsIpv6 = arrayElement(ipv6[IFLA_INET6_CONF], kIpv6DevconfForwarding) != 0;
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
  const nlattr* mac = attributes[IFLA_ADDRESS];
  if (info->ifi_type == ARPHRD_ETHER && mac != nullptr && nla_len(mac) == 6) {
    message.link.mac.emplace();
    std::memcpy(message.link.mac->data(), nla_data(mac), 6);
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
  return true;
}

// A negative errno as in NLMSG_ERROR and NLMSG_DONE; a message too short for one is an error.
int readError(nlmsghdr* header, int whenMissing) {
  int error = 0;
  if (static_cast<std::size_t>(nlmsg_datalen(header)) < sizeof(error)) {
    return whenMissing;
  }
  std::memcpy(&error, nlmsg_data(header), sizeof(error));
  return error < 0 && error > -4096 ? -error : (error == 0 ? 0 : EPROTO);
}

NetlinkMessage readMessage(nlmsghdr* header) {
  using Kind = NetlinkMessage::Kind;
  NetlinkMessage message;
  message.sequence = header->nlmsg_seq;
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
    case NLMSG_ERROR:
      message.kind = Kind::kAnswer;
      message.error = readError(header, EPROTO);
      break;
    case NLMSG_DONE:
      message.kind = Kind::kDone;
      message.error = readError(header, 0);
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
