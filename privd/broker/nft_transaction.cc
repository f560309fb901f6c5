#include "privd/broker/nft_transaction.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "privd/broker/nft_expressions.h"

namespace holdfast::privd {
namespace {

// The names that keepalived gives them.
constexpr const char* kAddresses = "vips";
constexpr const char* kLinkLocal = "vips_link_local";
constexpr const char* kNeighborDiscovery = "neighbor-discovery";
constexpr const char* kLinkMap = "vmac_map";
constexpr const char* kLinkSet = "vmac_set";
constexpr const char* kIn = "in";
constexpr const char* kOut = "out";
constexpr const char* kInLinkLocal = "in_link_local";
constexpr const char* kOutLinkLocal = "out_link_local";

// Types of nft(8), which the kernel keeps for it.
constexpr std::uint32_t kTypeIpv4 = 7;
constexpr std::uint32_t kTypeIpv6 = 8;
constexpr std::uint32_t kTypeDevice = 20;
constexpr std::uint32_t kTypeIcmpv6 = 29;
constexpr std::uint32_t kTypeIpv6AndDevice = kTypeIpv6 << 6 | kTypeDevice;

constexpr std::uint8_t kMld2Report = 143;  // RFC 3810
// What NFT_META_OIFKIND is compared with: it has the size of a device's name.
constexpr std::array<std::uint8_t, 16> kMacvlan{'m', 'a', 'c', 'v', 'l', 'a', 'n'};
// For nft(8) too: keys, and what they stand for, are in host order. Type, length, value: nft's
// numbers of them are 0 and 1.
constexpr std::array<std::uint8_t, 12> kHostOrder{0, 4, 1, 0, 0, 0, 1, 4, 1, 0, 0, 0};

constexpr std::size_t kMessageBytes = 1024;
constexpr std::size_t kElementBytes = 48;  // with its attributes
constexpr std::size_t kElementsInAMessage = 512;

void matchIcmpv6(MessageWriter& message, std::uint8_t type) {
  loadMeta(message, NFT_META_L4PROTO, NFT_REG_1);
  compare(message, std::array<std::uint8_t, 1>{IPPROTO_ICMPV6});
  loadPayload(message, NFT_PAYLOAD_TRANSPORT_HEADER, offsetof(icmp6_hdr, icmp6_type), 1);
  compare(message, std::array{type});
}

void matchMacvlan(MessageWriter& message) {
  loadMeta(message, NFT_META_OIFKIND, NFT_REG_1);
  compare(message, kMacvlan);
}

std::vector<std::uint8_t> keyOf(const IpAddress& address) {
  return {address.bytes.begin(), address.bytes.begin() + static_cast<int>(address.size())};
}

std::vector<std::uint8_t> keyOf(const IpAddress& address, int device) {
  std::vector<std::uint8_t> key = keyOf(address);
  std::array<std::uint8_t, sizeof(device)> host{};
  std::memcpy(host.data(), &device, sizeof(device));
  key.insert(key.end(), host.begin(), host.end());
  return key;
}

std::vector<std::uint8_t> keyOf(int device) {
  std::vector<std::uint8_t> key(sizeof(device));
  std::memcpy(key.data(), &device, sizeof(device));
  return key;
}

}  // namespace

NftTransaction::NftTransaction(const FirewallTable& table, std::uint32_t sequence)
    : table_(table), sequence_(sequence) {
  MessageWriter begin(NFNL_MSG_BATCH_BEGIN, 0);
  begin.header(nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)});
  begin.appendTo(bytes_, sequence_);
}

std::vector<std::byte> nftTableQuestion(const FirewallTable& table, AddressFamily family,
                                        std::uint32_t sequence) {
  MessageWriter message(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, NLM_F_ACK);
  message.header(nfgenmsg{protocolOf(family), NFNETLINK_V0, 0});
  putText(message, NFTA_TABLE_NAME, table.name);
  std::vector<std::byte> bytes;
  message.appendTo(bytes, sequence);
  return bytes;
}

void NftTransaction::add(AddressFamily family, int type, int flags, const Body& body) {
  MessageWriter message(NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_ACK | flags,
                        kMessageBytes + kElementsInAMessage * kElementBytes);
  message.header(nfgenmsg{protocolOf(family), NFNETLINK_V0, 0});
  body(message);
  message.appendTo(bytes_, ++sequence_);
}

void NftTransaction::removeTables() {
  const Body name = [&](MessageWriter& message) { putText(message, NFTA_TABLE_NAME, table_.name); };
  for (const AddressFamily family : {AddressFamily::kIpv4, AddressFamily::kIpv6}) {
    // One that is not there could not be removed.
    add(family, NFT_MSG_NEWTABLE, NLM_F_CREATE, name);
    add(family, NFT_MSG_DELTABLE, 0, name);
  }
}

void NftTransaction::addTable(AddressFamily family) {
  add(family, NFT_MSG_NEWTABLE, NLM_F_CREATE,
      [&](MessageWriter& message) { putText(message, NFTA_TABLE_NAME, table_.name); });
  if (family == AddressFamily::kIpv4) {
    addIpv4Rules();
  } else {
    addIpv6Rules();
  }
}

void NftTransaction::addSet(AddressFamily family, const SetPlan& plan) {
  add(family, NFT_MSG_NEWSET, NLM_F_CREATE, [&](MessageWriter& message) {
    putText(message, NFTA_SET_TABLE, table_.name);
    putText(message, NFTA_SET_NAME, plan.name);
    putNumber(message, NFTA_SET_FLAGS, plan.flags);
    putNumber(message, NFTA_SET_KEY_TYPE, plan.keyType);
    putNumber(message, NFTA_SET_KEY_LEN, plan.keyBytes);
    putNumber(message, NFTA_SET_ID, plan.id);
    if (plan.keyType == kTypeDevice) {
      message.put(NFTA_SET_USERDATA, kHostOrder.data(), kHostOrder.size());
    }
    if (plan.dataBytes != 0) {
      putNumber(message, NFTA_SET_DATA_TYPE, plan.dataType);
      putNumber(message, NFTA_SET_DATA_LEN, plan.dataBytes);
    }
  });
}

void NftTransaction::addBaseChain(AddressFamily family, const char* name, std::uint32_t hook) {
  add(family, NFT_MSG_NEWCHAIN, NLM_F_CREATE, [&](MessageWriter& message) {
    putText(message, NFTA_CHAIN_TABLE, table_.name);
    putText(message, NFTA_CHAIN_NAME, name);
    message.nest(NFTA_CHAIN_HOOK, [&] {
      putNumber(message, NFTA_HOOK_HOOKNUM, hook);
      putNumber(message, NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(table_.priority));
    });
    putNumber(message, NFTA_CHAIN_POLICY, NF_ACCEPT);
    putText(message, NFTA_CHAIN_TYPE, "filter");
  });
}

void NftTransaction::addChain(AddressFamily family, const char* name) {
  add(family, NFT_MSG_NEWCHAIN, NLM_F_CREATE, [&](MessageWriter& message) {
    putText(message, NFTA_CHAIN_TABLE, table_.name);
    putText(message, NFTA_CHAIN_NAME, name);
  });
}

void NftTransaction::addRule(AddressFamily family, const char* chain, const Body& expressions) {
  add(family, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, [&](MessageWriter& message) {
    putText(message, NFTA_RULE_TABLE, table_.name);
    putText(message, NFTA_RULE_CHAIN, chain);
    message.nest(NFTA_RULE_EXPRESSIONS, [&] { expressions(message); });
  });
}

void NftTransaction::putCounter(MessageWriter& message) const {
  if (table_.counters) {
    expression(message, "counter", [] {});
  }
}

void NftTransaction::addIpv4Rules() {
  constexpr AddressFamily kFamily = AddressFamily::kIpv4;
  addBaseChain(kFamily, kOut, NF_INET_LOCAL_OUT);
  if (table_.silencesLinks) {
    addLinks(kFamily);
    redirect(std::nullopt);
  }
  if (!table_.blocksAddresses) {
    return;
  }
  addSet(kFamily, {kAddresses, kTypeIpv4, sizeof(in_addr), 0, 1});
  addBaseChain(kFamily, kIn, NF_INET_LOCAL_IN);
  const auto drop = [&](const char* chain, std::uint32_t offset) {
    addRule(kFamily, chain, [&](MessageWriter& message) {
      loadPayload(message, NFT_PAYLOAD_NETWORK_HEADER, offset, sizeof(in_addr));
      lookUp(message, kAddresses);
      putCounter(message);
      verdict(message, NF_DROP);
    });
  };
  drop(kOut, offsetof(iphdr, saddr));
  drop(kIn, offsetof(iphdr, daddr));
}

void NftTransaction::addIpv6Rules() {
  constexpr AddressFamily kFamily = AddressFamily::kIpv6;
  addBaseChain(kFamily, kOut, NF_INET_LOCAL_OUT);
  if (table_.silencesLinks) {
    addLinks(kFamily);
    for (const std::uint8_t type :
         {std::uint8_t{MLD_LISTENER_REPORT}, std::uint8_t{MLD_LISTENER_REDUCTION}, kMld2Report}) {
      redirect(type);
    }
    dropSolicitations();
  }
  if (table_.blocksAddresses) {
    addIpv6Barrier();
  }
}

// Which interfaces are VMACs, and what each is on.
void NftTransaction::addLinks(AddressFamily family) {
  addSet(family, {.name = kLinkMap,
                  .keyType = kTypeDevice,
                  .keyBytes = sizeof(int),
                  .flags = NFT_SET_MAP,
                  .id = 4,
                  .dataType = kTypeDevice,
                  .dataBytes = sizeof(int)});
  if (family == AddressFamily::kIpv6) {
    addSet(family, {kLinkSet, kTypeDevice, sizeof(int), 0, 5});
  }
}

// What a VMAC would tell of its groups comes from the interface that it is on: switches are to
// learn where the groups are heard, and nothing of the MAC address that all routers have.
void NftTransaction::redirect(std::optional<std::uint8_t> icmpType) {
  const bool ipv4 = !icmpType;
  const AddressFamily family = ipv4 ? AddressFamily::kIpv4 : AddressFamily::kIpv6;
  addRule(family, kOut, [&](MessageWriter& message) {
    if (icmpType) {
      matchIcmpv6(message, *icmpType);
    } else {
      loadPayload(message, NFT_PAYLOAD_NETWORK_HEADER, offsetof(iphdr, protocol), 1);
      compare(message, std::array<std::uint8_t, 1>{IPPROTO_IGMP});
    }
    matchMacvlan(message);
    loadPayload(message, NFT_PAYLOAD_NETWORK_HEADER,
                ipv4 ? offsetof(iphdr, daddr) : offsetof(ip6_hdr, ip6_dst),
                ipv4 ? sizeof(in_addr) : sizeof(in6_addr));
    loadMeta(message, NFT_META_OIF, NFT_REG_2);
    translate(message, kLinkMap, NFT_REG_2);
    expression(message, "dup", [&] {
      putNumber(message, NFTA_DUP_SREG_ADDR, NFT_REG_1);
      putNumber(message, NFTA_DUP_SREG_DEV, NFT_REG_2);
    });
    putCounter(message);
    verdict(message, NF_DROP);
  });
}

// A VMAC has no use for an address of a router's making.
void NftTransaction::dropSolicitations() {
  addRule(AddressFamily::kIpv6, kOut, [&](MessageWriter& message) {
    matchIcmpv6(message, ND_ROUTER_SOLICIT);
    matchMacvlan(message);
    loadMeta(message, NFT_META_OIF, NFT_REG_1);
    lookUp(message, kLinkSet);
    putCounter(message);
    verdict(message, NF_DROP);
  });
}

void NftTransaction::addIpv6Barrier() {
  constexpr AddressFamily kFamily = AddressFamily::kIpv6;
  addSet(kFamily, {kAddresses, kTypeIpv6, sizeof(in6_addr), 0, 1});
  addSet(kFamily, {kNeighborDiscovery, kTypeIcmpv6, 1, NFT_SET_CONSTANT, 2});
  addSet(kFamily, {kLinkLocal, kTypeIpv6AndDevice, sizeof(in6_addr) + sizeof(std::uint32_t), 0, 3});
  changeElements(Change::kAdd, kFamily, kNeighborDiscovery,
                 std::array<Element, 2>{Element{{ND_NEIGHBOR_SOLICIT}, {}},
                                        Element{{ND_NEIGHBOR_ADVERT}, {}}});
  addBaseChain(kFamily, kIn, NF_INET_LOCAL_IN);
  addChain(kFamily, kInLinkLocal);
  addChain(kFamily, kOutLinkLocal);
  addIpv6Direction(kOut, kOutLinkLocal, offsetof(ip6_hdr, ip6_src), NFT_META_OIF);
  addIpv6Direction(kIn, kInLinkLocal, offsetof(ip6_hdr, ip6_dst), NFT_META_IIF);
}

// Neighbours have to be able to find the address that they send to.
void NftTransaction::addIpv6Direction(const char* chain, const char* linkLocalChain,
                                      std::uint32_t offset, std::uint32_t deviceKey) {
  constexpr AddressFamily kFamily = AddressFamily::kIpv6;
  constexpr std::array<std::uint8_t, 1> kIcmpv6{IPPROTO_ICMPV6};
  constexpr std::array<std::uint8_t, 16> kLinkLocalMask{0xff, 0xc0};
  constexpr std::array<std::uint8_t, 16> kLinkLocalPrefix{0xfe, 0x80};
  const auto loadAddress = [&](MessageWriter& message) {
    loadPayload(message, NFT_PAYLOAD_NETWORK_HEADER, offset, sizeof(in6_addr));
  };
  addRule(kFamily, chain, [&](MessageWriter& message) {
    loadMeta(message, NFT_META_L4PROTO, NFT_REG_1);
    compare(message, kIcmpv6);
    loadPayload(message, NFT_PAYLOAD_TRANSPORT_HEADER, offsetof(icmp6_hdr, icmp6_type), 1);
    lookUp(message, kNeighborDiscovery);
    putCounter(message);
    verdict(message, NF_ACCEPT);
  });
  addRule(kFamily, chain, [&](MessageWriter& message) {
    loadAddress(message);
    mask(message, kLinkLocalMask);
    compare(message, kLinkLocalPrefix);
    putCounter(message);
    verdict(message, NFT_GOTO, linkLocalChain);
  });
  addRule(kFamily, chain, [&](MessageWriter& message) {
    loadAddress(message);
    lookUp(message, kAddresses);
    putCounter(message);
    verdict(message, NF_DROP);
  });
  addRule(kFamily, linkLocalChain, [&](MessageWriter& message) {
    loadAddress(message);
    loadMeta(message, deviceKey, NFT_REG_2);  // right behind
    lookUp(message, kLinkLocal);
    putCounter(message);
    verdict(message, NF_DROP);
  });
}

void NftTransaction::changeElements(Change change, AddressFamily family, const char* set,
                                    std::span<const Element> elements) {
  while (!elements.empty()) {
    const auto some = elements.first(std::min(elements.size(), kElementsInAMessage));
    elements = elements.subspan(some.size());
    const bool isNew = change == Change::kAdd;
    add(family, isNew ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM, isNew ? NLM_F_CREATE : 0,
        [&](MessageWriter& message) {
          putText(message, NFTA_SET_ELEM_LIST_TABLE, table_.name);
          putText(message, NFTA_SET_ELEM_LIST_SET, set);
          message.nest(NFTA_SET_ELEM_LIST_ELEMENTS, [&] {
            for (const Element& element : some) {
              message.nest(NFTA_LIST_ELEM, [&] {
                putData(message, NFTA_SET_ELEM_KEY, element.key);
                if (!element.data.empty()) {
                  putData(message, NFTA_SET_ELEM_DATA, element.data);
                }
              });
            }
          });
        });
  }
}

void NftTransaction::change(Change change, const Barrier& barrier) {
  for (const AddressFamily family : {AddressFamily::kIpv4, AddressFamily::kIpv6}) {
    std::vector<Element> addresses;
    for (const IpAddress& address : barrier.addresses) {
      if (address.family == family) {
        addresses.push_back({keyOf(address), {}});
      }
    }
    changeElements(change, family, kAddresses, addresses);
    std::vector<Element> links;
    for (const auto& [device, parent] : barrier.links) {
      links.push_back({keyOf(device), keyOf(parent)});
    }
    changeElements(change, family, kLinkMap, links);
  }
  std::vector<Element> addresses;
  for (const auto& [address, device] : barrier.linkLocal) {
    addresses.push_back({keyOf(address, device), {}});
  }
  changeElements(change, AddressFamily::kIpv6, kLinkLocal, addresses);
  std::vector<Element> links;
  for (const auto& [device, parent] : barrier.links) {
    links.push_back({keyOf(device), {}});
  }
  changeElements(change, AddressFamily::kIpv6, kLinkSet, links);
}

std::span<const std::byte> NftTransaction::finish() {
  MessageWriter end(NFNL_MSG_BATCH_END, 0);
  end.header(nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)});
  end.appendTo(bytes_, sequence_ + 1);
  return bytes_;
}

}  // namespace holdfast::privd
