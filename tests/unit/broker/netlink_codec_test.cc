#include "privd/broker/netlink_codec.h"

#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>

#include <cstring>
#include <string>
#include <vector>

#include "fake_kernel.h"

namespace holdfast::privd {
namespace {

using Kind = NetlinkMessage::Kind;

const OneDevice kSeven(7);

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", std::to_integer<unsigned>(byte));
    text += digits;
  }
  return text;
}

// A copy with nothing readable behind it, aligned as a received datagram is.
std::vector<NetlinkMessage> read(std::span<const std::byte> bytes) {
  std::vector<std::max_align_t> aligned(bytes.size() / sizeof(std::max_align_t) + 1);
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  std::vector<NetlinkMessage> messages;
  readNetlink(std::as_writable_bytes(std::span(aligned)).first(bytes.size()),
              [&](const NetlinkMessage& message) { messages.push_back(message); });
  return messages;
}

TEST(NetlinkCodec, AddsAnIpv4AddressWithAllItsOptions) {
  VirtualAddress address = virtualAddress("10.12.49.37", 24);
  address.label = "e0:1";
  address.broadcast = IpAddress::parse("10.12.49.255");
  address.scope = RT_SCOPE_LINK;
  address.flags = IFA_F_NOPREFIXROUTE | IFA_F_NODAD;  // the second means nothing for IPv4
  NetlinkBatch batch;
  batch.change(Change::kAdd, {&address, &kSeven}, 0x11223344);
  batch.acknowledgeLast();
  EXPECT_EQ(hex(batch.bytes()),
            "4c000000"
            "1400"
            "0506"
            "44332211"
            "00000000"
            "02"
            "18"
            "00"
            "fd"
            "07000000"
            "0800"
            "0200"
            "0a0c3125"
            "0800"
            "0100"
            "0a0c3125"
            "0800"
            "0400"
            "0a0c31ff"
            "0900"
            "0300"
            "65303a3100"
            "000000"
            "0800"
            "0800"
            "00020000"
            "0500"
            "0b00"
            "12"
            "000000");
}

TEST(NetlinkCodec, LeavesThePreferredLifetimeOfIpv4Alone) {
  const VirtualAddress plain = virtualAddress("10.20.0.1", 24);
  VirtualAddress limited = plain;
  limited.preferredSeconds = 0;
  NetlinkBatch one;
  one.change(Change::kAdd, {&plain, &kSeven}, 1);
  NetlinkBatch other;
  other.change(Change::kAdd, {&limited, &kSeven}, 1);
  EXPECT_EQ(hex(other.bytes()), hex(one.bytes()));
}

TEST(NetlinkCodec, AddsADeprecatedIpv6AddressWithAPeer) {
  VirtualAddress address = virtualAddress("fd00::1", 128);
  address.peer = IpAddress::parse("fd00::2");
  address.flags = IFA_F_NODAD;
  address.preferredSeconds = 0;
  NetlinkBatch batch;
  batch.change(Change::kAdd, {&address, &kSeven}, 1);
  EXPECT_EQ(hex(batch.bytes()),
            "64000000"
            "1400"
            "0106"
            "01000000"
            "00000000"
            "0a"
            "80"
            "00"
            "00"
            "07000000"
            "1400"
            "0200"
            "fd000000000000000000000000000001"
            "1400"
            "0100"
            "fd000000000000000000000000000002"
            "0800"
            "0800"
            "02000000"
            "1400"
            "0600"
            "00000000"
            "ffffffff"
            "00000000"
            "00000000"
            "0500"
            "0b00"
            "12"
            "000000");
}

TEST(NetlinkCodec, RemovesByAddressAndPrefix) {
  VirtualAddress address = virtualAddress("10.12.49.37", 32);
  address.label = "e0:1";
  NetlinkBatch batch;
  batch.change(Change::kRemove, {&address, &kSeven}, 2);
  EXPECT_EQ(hex(batch.bytes()),
            "28000000"
            "1500"
            "0100"
            "02000000"
            "00000000"
            "02"
            "20"
            "00"
            "00"
            "07000000"
            "0800"
            "0200"
            "0a0c3125"
            "0800"
            "0100"
            "0a0c3125");
}

// What we write about an address is read back as the kernel's own news would be.
TEST(NetlinkCodec, ReadsAddresses) {
  VirtualAddress address = virtualAddress("fd00::1", 64);
  address.peer = IpAddress::parse("fd00::2");
  address.flags = IFA_F_NODAD | IFA_F_NOPREFIXROUTE;
  NetlinkBatch batch;
  batch.change(Change::kAdd, {&address, &kSeven}, 5);
  batch.change(Change::kRemove, {&address, &kSeven}, 6);
  const auto messages = read(batch.bytes());
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].kind, Kind::kAddress);
  EXPECT_EQ(messages[0].sequence, 5U);
  EXPECT_EQ(messages[0].address,
            (LinkAddress{7, *IpAddress::parse("fd00::1"), 64, 0, address.flags}));
  EXPECT_EQ(messages[1].kind, Kind::kAddressGone);
}

struct Attribute {
  std::uint16_t type;
  std::string data;
};

std::vector<std::byte> linkMessage(const std::vector<Attribute>& attributes) {
  std::string body(NLMSG_HDRLEN + sizeof(ifinfomsg), '\0');
  ifinfomsg info{};
  info.ifi_index = 4;
  info.ifi_type = ARPHRD_ETHER;
  info.ifi_flags = 0x41;
  std::memcpy(body.data() + NLMSG_HDRLEN, &info, sizeof(info));
  for (const Attribute& attribute : attributes) {
    const nlattr header{static_cast<std::uint16_t>(NLA_HDRLEN + attribute.data.size()),
                        attribute.type};
    body.append(reinterpret_cast<const char*>(&header), sizeof(header));
    body += attribute.data;
    body.resize(NLMSG_ALIGN(body.size()));
  }
  const nlmsghdr header{static_cast<std::uint32_t>(body.size()), RTM_NEWLINK, 0, 9, 0};
  std::memcpy(body.data(), &header, sizeof(header));
  const auto bytes = std::as_bytes(std::span(body));
  return {bytes.begin(), bytes.end()};
}

TEST(NetlinkCodec, ReadsLinks) {
  const auto messages = read(linkMessage({{IFLA_IFNAME, std::string("ens160\0", 7)},
                                          {IFLA_MTU, std::string("\x28\x23\0\0", 4)},
                                          {IFLA_ADDRESS, "\x02\x04\x06\x08\x0a\x0c"}}));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].kind, Kind::kLink);
  EXPECT_EQ(messages[0].link.index, 4);
  EXPECT_EQ(messages[0].link.name, "ens160");
  EXPECT_EQ(messages[0].link.mtu, 9000U);
  EXPECT_EQ(messages[0].link.flags, 0x41U);
  EXPECT_EQ(messages[0].link.mac, (MacAddress{2, 4, 6, 8, 10, 12}));
}

TEST(NetlinkCodec, TakesShortAttributesForNone) {
  const auto messages = read(linkMessage({{IFLA_IFNAME, std::string("noend")},
                                          {IFLA_MTU, "x"},
                                          {IFLA_ADDRESS, "\x02\x04"},
                                          {IFLA_AF_SPEC, "zz"}}));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].link.name, "noend");
  EXPECT_EQ(messages[0].link.mtu, 0U);
  EXPECT_FALSE(messages[0].link.mac);
}

TEST(NetlinkCodec, StopsAtTheEndOfTheDatagram) {
  VirtualAddress address = virtualAddress("10.12.49.37", 32);
  NetlinkBatch batch;
  batch.change(Change::kAdd, {&address, &kSeven}, 1);
  batch.change(Change::kAdd, {&address, &kSeven}, 2);
  const auto whole = batch.bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(read(whole.first(size)).size(), size < whole.size() / 2 ? 0U : 1U) << size;
  }
  std::vector<std::byte> lying(whole.begin(), whole.end());
  for (std::size_t i = 0; i < lying.size(); ++i) {
    for (const std::byte value : {std::byte{0}, std::byte{0x7f}, std::byte{0xff}}) {
      const std::byte kept = std::exchange(lying[i], value);
      EXPECT_LE(read(lying).size(), 3U);
      lying[i] = kept;
    }
  }
}

TEST(NetlinkCodec, ReadsErrors) {
  struct {
    nlmsghdr header;
    nlmsgerr error;
  } message{{sizeof(message), NLMSG_ERROR, 0, 3, 0}, {-EEXIST, {}}};
  auto messages = read(std::as_bytes(std::span(&message, 1)));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].kind, Kind::kAnswer);
  EXPECT_EQ(messages[0].error, EEXIST);
  message.error.error = 0;
  EXPECT_EQ(read(std::as_bytes(std::span(&message, 1)))[0].error, 0);
  for (const int nonsense : {5, -100000, INT_MIN}) {
    message.error.error = nonsense;
    EXPECT_EQ(read(std::as_bytes(std::span(&message, 1)))[0].error, EPROTO);
  }
}

}  // namespace
}  // namespace holdfast::privd
