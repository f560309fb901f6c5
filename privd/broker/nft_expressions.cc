#include "privd/broker/nft_expressions.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <string>
#include <vector>

namespace holdfast::privd {

std::uint8_t protocolOf(AddressFamily family) {
  return family == AddressFamily::kIpv4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
}

void putText(MessageWriter& message, int type, std::string_view text) {
  const std::string terminated(text);
  message.put(type, terminated.c_str(), terminated.size() + 1);
}

void putNumber(MessageWriter& message, int type, std::uint32_t number) {
  message.putValue(type, htonl(number));
}

void expression(MessageWriter& message, const char* name, const std::function<void()>& data) {
  message.nest(NFTA_LIST_ELEM, [&] {
    putText(message, NFTA_EXPR_NAME, name);
    message.nest(NFTA_EXPR_DATA, data);
  });
}

void loadPayload(MessageWriter& message, std::uint32_t base, std::uint32_t offset,
                 std::uint32_t bytes, std::uint32_t reg) {
  expression(message, "payload", [&] {
    putNumber(message, NFTA_PAYLOAD_DREG, reg);
    putNumber(message, NFTA_PAYLOAD_BASE, base);
    putNumber(message, NFTA_PAYLOAD_OFFSET, offset);
    putNumber(message, NFTA_PAYLOAD_LEN, bytes);
  });
}

void loadMeta(MessageWriter& message, std::uint32_t key, std::uint32_t reg) {
  expression(message, "meta", [&] {
    putNumber(message, NFTA_META_KEY, key);
    putNumber(message, NFTA_META_DREG, reg);
  });
}

// The device that stands for the one in a register takes its place there; without one, the rule
// does not match.
void translate(MessageWriter& message, const char* map, std::uint32_t reg) {
  expression(message, "lookup", [&] {
    putText(message, NFTA_LOOKUP_SET, map);
    putNumber(message, NFTA_LOOKUP_SREG, reg);
    putNumber(message, NFTA_LOOKUP_DREG, reg);
  });
}

void lookUp(MessageWriter& message, const char* set) {
  expression(message, "lookup", [&] {
    putText(message, NFTA_LOOKUP_SET, set);
    putNumber(message, NFTA_LOOKUP_SREG, NFT_REG_1);
  });
}

void putData(MessageWriter& message, int type, std::span<const std::uint8_t> bytes) {
  message.nest(type, [&] { message.put(NFTA_DATA_VALUE, bytes.data(), bytes.size()); });
}

void compare(MessageWriter& message, std::span<const std::uint8_t> with) {
  expression(message, "cmp", [&] {
    putNumber(message, NFTA_CMP_SREG, NFT_REG_1);
    putNumber(message, NFTA_CMP_OP, NFT_CMP_EQ);
    putData(message, NFTA_CMP_DATA, with);
  });
}

void mask(MessageWriter& message, std::span<const std::uint8_t> bits) {
  const std::vector<std::uint8_t> none(bits.size());
  expression(message, "bitwise", [&] {
    putNumber(message, NFTA_BITWISE_SREG, NFT_REG_1);
    putNumber(message, NFTA_BITWISE_DREG, NFT_REG_1);
    putNumber(message, NFTA_BITWISE_LEN, static_cast<std::uint32_t>(bits.size()));
    putData(message, NFTA_BITWISE_MASK, bits);
    putData(message, NFTA_BITWISE_XOR, none);
  });
}

void verdict(MessageWriter& message, int code, const char* chain) {
  expression(message, "immediate", [&] {
    putNumber(message, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    message.nest(NFTA_IMMEDIATE_DATA, [&] {
      message.nest(NFTA_DATA_VERDICT, [&] {
        putNumber(message, NFTA_VERDICT_CODE, static_cast<std::uint32_t>(code));
        if (chain != nullptr) {
          putText(message, NFTA_VERDICT_CHAIN, chain);
        }
      });
    });
  });
}

}  // namespace holdfast::privd
