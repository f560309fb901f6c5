#include "privd/broker/tunnel_message.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/ila.h>
#include <linux/lwtunnel.h>
#include <linux/mpls.h>
#include <linux/mpls_iptunnel.h>
#include <linux/rtnetlink.h>

namespace holdfast::privd {
namespace {

// The same of IPv4 and of IPv6.
struct Attributes {
  int id, destination, source, ttl, tos, flags;
};
constexpr Attributes kIp = {LWTUNNEL_IP_ID,  LWTUNNEL_IP_DST, LWTUNNEL_IP_SRC,
                            LWTUNNEL_IP_TTL, LWTUNNEL_IP_TOS, LWTUNNEL_IP_FLAGS};
constexpr Attributes kIp6 = {LWTUNNEL_IP6_ID,       LWTUNNEL_IP6_DST, LWTUNNEL_IP6_SRC,
                             LWTUNNEL_IP6_HOPLIMIT, LWTUNNEL_IP6_TC,  LWTUNNEL_IP6_FLAGS};

void putIpTunnel(const Tunnel& tunnel, const Attributes& types, MessageWriter& message) {
  if (tunnel.id) {
    message.putValue(types.id, htobe64(*tunnel.id));
  }
  if (tunnel.destination) {
    message.put(types.destination, *tunnel.destination);
  }
  if (tunnel.source) {
    message.put(types.source, *tunnel.source);
  }
  if (tunnel.ttl) {
    message.putValue(types.ttl, *tunnel.ttl);
  }
  if (tunnel.tos) {
    message.putValue(types.tos, *tunnel.tos);
  }
  if (tunnel.flags) {
    message.putValue(types.flags, *tunnel.flags);  // in host order, as keepalived
  }
}

void putLabels(const std::vector<std::uint32_t>& labels, MessageWriter& message) {
  std::vector<std::uint32_t> stack;
  for (const std::uint32_t label : labels) {
    const bool isLast = stack.size() + 1 == labels.size();
    stack.push_back(htonl(label << MPLS_LS_LABEL_SHIFT | (isLast ? 1U << MPLS_LS_S_SHIFT : 0)));
  }
  message.put(MPLS_IPTUNNEL_DST, stack.data(), stack.size() * sizeof(stack[0]));
}

template <typename Body>
void putEncapsulation(MessageWriter& message, std::uint16_t type, const Body& body) {
  message.putValue(RTA_ENCAP_TYPE, type);
  message.nest(RTA_ENCAP, body);
}

}  // namespace

void putTunnel(const Tunnel& tunnel, MessageWriter& message) {
  switch (tunnel.kind) {
    case Tunnel::Kind::kNone:
      return;
    case Tunnel::Kind::kIp:
      putEncapsulation(message, LWTUNNEL_ENCAP_IP, [&] { putIpTunnel(tunnel, kIp, message); });
      return;
    case Tunnel::Kind::kIp6:
      putEncapsulation(message, LWTUNNEL_ENCAP_IP6, [&] { putIpTunnel(tunnel, kIp6, message); });
      return;
    case Tunnel::Kind::kMpls:
      putEncapsulation(message, LWTUNNEL_ENCAP_MPLS, [&] { putLabels(tunnel.labels, message); });
      return;
    case Tunnel::Kind::kIla:
      putEncapsulation(message, LWTUNNEL_ENCAP_ILA,
                       [&] { message.putValue(ILA_ATTR_LOCATOR, htobe64(tunnel.locator)); });
      return;
  }
}

}  // namespace holdfast::privd
