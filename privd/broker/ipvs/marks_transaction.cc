#include "privd/broker/ipvs/marks_transaction.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "privd/broker/nft_expressions.h"

namespace holdfast::privd::ipvs {
namespace {

constexpr const char* kChain = "in";
// Types of nft(8), which the kernel keeps for it.
constexpr std::uint32_t kTypeIpv4 = 7;
constexpr std::uint32_t kTypeIpv6 = 8;
constexpr std::uint32_t kTypePort = 13;
constexpr std::uint32_t kTypeMark = 19;
// For nft(8) too: keys are in network order, marks in that of the host. Type, length, value: nft's
// numbers of them are 0 and 1.
constexpr std::array<std::uint8_t, 12> kByteOrders{0, 4, 2, 0, 0, 0, 1, 4, 1, 0, 0, 0};
constexpr std::uint32_t kPortBytes = 4;          // with the padding of a field
constexpr std::uint32_t kDestinationPortAt = 2;  // in a header of TCP, UDP and SCTP
constexpr std::uint16_t kEveryPort = 0xffff;
constexpr std::size_t kElementsInAMessage = 128;

const char* mapOf(std::uint16_t protocol) {
  return protocol == IPPROTO_TCP ? "tcp_map" : protocol == IPPROTO_UDP ? "udp_map" : "sctp_map";
}

std::uint32_t bytesOf(AddressFamily family) {
  return family == AddressFamily::kIpv4 ? sizeof(in_addr) : sizeof(in6_addr);
}

std::vector<std::uint8_t> keyOf(const IpAddress& address, std::uint16_t port) {
  std::vector<std::uint8_t> key(address.bytes.begin(),
                                address.bytes.begin() + static_cast<int>(address.size()));
  const std::array<std::uint8_t, kPortBytes> padded{static_cast<std::uint8_t>(port >> 8),
                                                    static_cast<std::uint8_t>(port), 0, 0};
  key.insert(key.end(), padded.begin(), padded.end());
  return key;
}

}  // namespace

std::set<AddressFamily> familiesOf(std::span<const MarkedAddresses> marks) {
  std::set<AddressFamily> families;
  for (const MarkedAddresses& addresses : marks) {
    families.insert(addresses.first.family);
  }
  return families;
}

MarksTransaction::MarksTransaction(const FirewallTable& table,
                                   std::span<const MarkedAddresses> marks, std::uint32_t sequence)
    : NftTransaction(table, sequence) {
  removeTables();
  for (const AddressFamily family : familiesOf(marks)) {
    add(family, NFT_MSG_NEWTABLE, NLM_F_CREATE,
        [&](MessageWriter& message) { putText(message, NFTA_TABLE_NAME, this->table().name); });
    addBaseChain(family, kChain, NF_INET_LOCAL_IN);
    for (const std::uint16_t protocol : {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP}) {
      std::vector<MarkedAddresses> some;
      std::ranges::copy_if(marks, std::back_inserter(some), [&](const MarkedAddresses& each) {
        return each.first.family == family && each.protocol == protocol;
      });
      if (!some.empty()) {
        addMap(family, protocol, some);
      }
    }
  }
}

void MarksTransaction::addMap(AddressFamily family, std::uint16_t protocol,
                              std::span<const MarkedAddresses> marks) {
  const char* map = mapOf(protocol);
  const std::uint32_t address = bytesOf(family);
  add(family, NFT_MSG_NEWSET, NLM_F_CREATE, [&](MessageWriter& message) {
    putText(message, NFTA_SET_TABLE, table().name);
    putText(message, NFTA_SET_NAME, map);
    putNumber(message, NFTA_SET_FLAGS, NFT_SET_INTERVAL | NFT_SET_MAP | NFT_SET_CONCAT);
    putNumber(message, NFTA_SET_KEY_TYPE,
              (family == AddressFamily::kIpv4 ? kTypeIpv4 : kTypeIpv6) << 6 | kTypePort);
    putNumber(message, NFTA_SET_KEY_LEN, address + kPortBytes);
    putNumber(message, NFTA_SET_DATA_TYPE, kTypeMark);
    putNumber(message, NFTA_SET_DATA_LEN, sizeof(std::uint32_t));
    putNumber(message, NFTA_SET_ID, protocol);
    message.put(NFTA_SET_USERDATA, kByteOrders.data(), kByteOrders.size());
    message.nest(NFTA_SET_DESC, [&] {
      message.nest(NFTA_SET_DESC_CONCAT, [&] {
        for (const std::uint32_t bytes : {address, std::uint32_t{sizeof(in_port_t)}}) {
          message.nest(NFTA_LIST_ELEM, [&] { putNumber(message, NFTA_SET_FIELD_LEN, bytes); });
        }
      });
    });
  });
  while (!marks.empty()) {
    const auto some = marks.first(std::min(marks.size(), kElementsInAMessage));
    marks = marks.subspan(some.size());
    addElements(family, map, some);
  }
  addRule(family, protocol, map);
}

void MarksTransaction::addElements(AddressFamily family, const char* map,
                                   std::span<const MarkedAddresses> marks) {
  add(family, NFT_MSG_NEWSETELEM, NLM_F_CREATE, [&](MessageWriter& message) {
    putText(message, NFTA_SET_ELEM_LIST_TABLE, table().name);
    putText(message, NFTA_SET_ELEM_LIST_SET, map);
    message.nest(NFTA_SET_ELEM_LIST_ELEMENTS, [&] {
      for (const MarkedAddresses& each : marks) {
        std::array<std::uint8_t, sizeof(each.mark)> mark{};
        std::memcpy(mark.data(), &each.mark, sizeof(each.mark));
        const std::uint16_t lastPort = each.port != 0 ? each.port : kEveryPort;
        message.nest(NFTA_LIST_ELEM, [&] {
          putData(message, NFTA_SET_ELEM_KEY, keyOf(each.first, each.port));
          putData(message, NFTA_SET_ELEM_KEY_END, keyOf(each.last, lastPort));
          putData(message, NFTA_SET_ELEM_DATA, mark);
        });
      }
    });
  });
}

void MarksTransaction::addRule(AddressFamily family, std::uint16_t protocol, const char* map) {
  const bool ipv4 = family == AddressFamily::kIpv4;
  NftTransaction::addRule(family, kChain, [&](MessageWriter& message) {
    loadMeta(message, NFT_META_L4PROTO, NFT_REG_1);
    compare(message, std::array{static_cast<std::uint8_t>(protocol)});
    loadPayload(message, NFT_PAYLOAD_NETWORK_HEADER,
                ipv4 ? offsetof(iphdr, daddr) : offsetof(ip6_hdr, ip6_dst), bytesOf(family));
    // Right behind the address.
    loadPayload(message, NFT_PAYLOAD_TRANSPORT_HEADER, kDestinationPortAt, sizeof(in_port_t),
                ipv4 ? NFT_REG32_01 : NFT_REG_2);
    translate(message, map, NFT_REG_1);
    expression(message, "meta", [&] {
      putNumber(message, NFTA_META_KEY, NFT_META_MARK);
      putNumber(message, NFTA_META_SREG, NFT_REG_1);
    });
    verdict(message, NFT_RETURN);
  });
}

}  // namespace holdfast::privd::ipvs
