#include "privd/broker/socket_filter.h"

#include <netinet/in.h>
#include <netinet/ip.h>

#include <cstddef>
#include <cstdint>

#include "privd/broker/sockets.h"

namespace holdfast::privd {
namespace {

constexpr std::uint32_t kAuthHeaderBytes = 24;
constexpr std::uint32_t kRouterIdAt = 1;  // in the VRRP header, all versions
constexpr std::uint32_t kBitsInAWord = 32;
constexpr std::uint32_t kAccept = 0xffffffff;
constexpr std::uint32_t kDrop = 0;

constexpr std::uint16_t kLoadByte = BPF_LD | BPF_B | BPF_ABS;
constexpr std::uint16_t kLoadByteBehindX = BPF_LD | BPF_B | BPF_IND;
constexpr std::uint16_t kReturn = BPF_RET | BPF_K;

void step(SocketFilter& filter, std::uint16_t code, std::uint32_t value) {
  filter.push_back(BPF_STMT(code, value));
}

// Drops the packet unless A is `value`.
void require(SocketFilter& filter, std::uint32_t value) {
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0));
  step(filter, kReturn, kDrop);
}

// A: the virtual router id.
void loadRouterId(SocketFilter& filter, const ReceiveSocketPlan& plan) {
  if (plan.family == AddressFamily::kIpv6) {
    step(filter, kLoadByte, kRouterIdAt);
    return;
  }
  step(filter, kLoadByte, offsetof(iphdr, protocol));
  require(filter, plan.authenticationHeader ? IPPROTO_AH : kVrrpProtocol);
  step(filter, BPF_LDX | BPF_B | BPF_MSH, 0);  // X: the length of the IP header
  if (!plan.authenticationHeader) {
    step(filter, kLoadByteBehindX, kRouterIdAt);
    return;
  }
  step(filter, kLoadByteBehindX, 0);  // next header
  require(filter, kVrrpProtocol);
  step(filter, kLoadByteBehindX, kAuthHeaderBytes + kRouterIdAt);
}

std::uint32_t wordOf(const VirtualRouterIds& ids, std::uint32_t word) {
  std::uint32_t bits = 0;
  for (std::uint32_t bit = 0; bit < kBitsInAWord; ++bit) {
    bits |= static_cast<std::uint32_t>(ids[word * kBitsInAWord + bit]) << bit;
  }
  return bits;
}

// Accepts the packet if A is one of `ids`: the bit A % 32 of the word A / 32 of a set.
void acceptMembers(SocketFilter& filter, const VirtualRouterIds& ids) {
  step(filter, BPF_ST, 0);
  step(filter, BPF_ALU | BPF_AND | BPF_K, kBitsInAWord - 1);
  step(filter, BPF_MISC | BPF_TAX, 0);  // X: the bit
  step(filter, BPF_LD | BPF_MEM, 0);
  step(filter, BPF_ALU | BPF_RSH | BPF_K, 5);  // A: which word
  for (std::uint32_t word = 0; word < ids.size() / kBitsInAWord; ++word) {
    if (const std::uint32_t bits = wordOf(ids, word); bits != 0) {
      constexpr std::uint8_t kToTheNextWord = 5;
      filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, word, 0, kToTheNextWord));
      step(filter, BPF_LD | BPF_IMM, bits);
      step(filter, BPF_ALU | BPF_RSH | BPF_X, 0);
      filter.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1));
      step(filter, kReturn, kAccept);
      step(filter, kReturn, kDrop);
    }
  }
  step(filter, kReturn, kDrop);
}

}  // namespace

SocketFilter dropEverything() {
  return {BPF_STMT(kReturn, kDrop)};
}

SocketFilter acceptAdvertisements(const ReceiveSocketPlan& plan) {
  SocketFilter filter;
  loadRouterId(filter, plan);
  acceptMembers(filter, plan.virtualRouterIds);
  return filter;
}

}  // namespace holdfast::privd
