// The bytes of IPVS' generic netlink family, as linux/ip_vs.h has them.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <netlink/attr.h>

#include <array>
#include <cstring>

#include "privd/broker/ipvs/codec.h"
#include "privd/broker/ipvs/replies.h"
#include "tests/unit/broker/ipvs_sample.h"

namespace holdfast::privd::ipvs {
namespace {

constexpr std::uint16_t kFamily = 0x21;

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

TEST(IpvsCodec, WritesAnIpv4Service) {
  Batch batch(kFamily, 7);
  batch.change({.kind = Operation::Kind::kAddService,
                .service = tcp("10.0.0.1", 80),
                .serviceOptions = {.scheduler = "wlc",
                                   .flags = IP_VS_SVC_F_PERSISTENT,
                                   .persistenceSeconds = 300,
                                   .netmask = 0xffffff00,
                                   .engine = "sip"}});
  batch.acknowledgeLast();
  EXPECT_EQ(hex(batch.bytes()),
            "70000000"
            "2100"
            "0500"
            "07000000"
            "00000000"  // request, acknowledge
            "01010000"  // new service
            "5c000180"
            "06000100"
            "0200"
            "0000"  // AF_INET
            "06000200"
            "0600"
            "0000"  // TCP
            "14000300"
            "0a000001000000000000000000000000"
            "06000400"
            "0050"
            "0000"  // port, network order
            "08000600"
            "776c6300"  // wlc
            "08000b00"
            "73697000"  // sip
            "0c000700"
            "01000000"
            "ffffffff"  // flags and mask
            "08000800"
            "2c010000"  // 300 s
            "08000900"
            "ffffff00");  // netmask, network order
}

TEST(IpvsCodec, WritesAnIpv6DestinationOfAMark) {
  Batch batch(kFamily, 1);
  batch.change({.kind = Operation::Kind::kSetDestination,
                .service = {.family = AddressFamily::kIpv6, .mark = 5},
                .destination = at("2001:db8::1", 8080),
                .destinationOptions = {.method = IP_VS_CONN_F_TUNNEL,
                                       .weight = 10,
                                       .upperThreshold = 100,
                                       .lowerThreshold = 50,
                                       .tunnel = IP_VS_CONN_F_TUNNEL_TYPE_GUE,
                                       .tunnelPort = 6080,
                                       .tunnelFlags = IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM}});
  EXPECT_EQ(hex(batch.bytes()),
            "88000000"
            "2100"
            "0100"
            "01000000"
            "00000000"
            "06010000"
            "14000180"
            "06000100"
            "0a00"
            "0000"
            "08000500"
            "05000000"
            "60000280"
            "06000b00"
            "0a00"
            "0000"
            "14000100"
            "20010db8000000000000000000000001"
            "06000200"
            "1f90"
            "0000"
            "08000300"
            "02000000"
            "08000400"
            "0a000000"
            "08000500"
            "64000000"
            "08000600"
            "32000000"
            "05000d00"
            "01000000"
            "06000e00"
            "17c0"
            "0000"
            "06000f00"
            "0200"
            "0000");
}

TEST(IpvsCodec, WritesASyncDaemonWithWhatIsConfiguredOfIt) {
  Batch batch(kFamily, 1);
  batch.startDaemon({.interface = "e0", .syncId = 51}, Role::kBackup);
  EXPECT_EQ(hex(batch.bytes()),
            "30000000"
            "2100"
            "0500"
            "01000000"
            "00000000"
            "09010000"
            "1c000380"
            "08000100"
            "02000000"
            "07000200"
            "65300000"
            "08000300"
            "33000000");
}

TEST(IpvsCodec, WritesTimeoutsThatAreSet) {
  Batch batch(kFamily, 1);
  batch.setTimeouts({.tcpSeconds = 900, .udpSeconds = 60});
  EXPECT_EQ(hex(batch.bytes()),
            "24000000"
            "2100"
            "0500"
            "01000000"
            "00000000"
            "0c010000"
            "08000400"
            "84030000"
            "08000600"
            "3c000000");
}

// Replies that the kernel would send, from a message of the writer.
class IpvsReplies : public testing::Test {
 protected:
  template <typename Body>
  void message(std::uint16_t type, std::uint8_t command, int flags, Body&& body) {
    MessageWriter writer(type, flags);
    writer.header(genlmsghdr{command, 1, 0});
    body(writer);
    writer.appendTo(bytes_, 3);
  }
  std::vector<Reply> read() {
    std::vector<std::max_align_t> aligned(bytes_.size() / sizeof(std::max_align_t) + 1);
    std::memcpy(aligned.data(), bytes_.data(), bytes_.size());
    std::vector<Reply> replies;
    readReplies(std::as_writable_bytes(std::span(aligned)).first(bytes_.size()), kFamily,
                AddressFamily::kIpv4, [&](Reply& reply) { replies.push_back(std::move(reply)); });
    return replies;
  }
  std::vector<std::byte> bytes_;
};

TEST_F(IpvsReplies, ReadsWhatWasWritten) {
  Batch batch(kFamily, 3);
  const Operation service{.kind = Operation::Kind::kAddService,
                          .service = tcp("10.0.0.1", 80),
                          .serviceOptions = {.scheduler = "rr", .flags = IP_VS_SVC_F_ONEPACKET}};
  const Operation destination{.kind = Operation::Kind::kAddDestination,
                              .service = tcp("10.0.0.1", 80),
                              .destination = at("2001:db8::2", 81),
                              .destinationOptions = {.method = IP_VS_CONN_F_TUNNEL,
                                                     .weight = 4,
                                                     .tunnel = IP_VS_CONN_F_TUNNEL_TYPE_GRE,
                                                     .tunnelPort = 3,
                                                     .tunnelFlags = 1}};
  batch.change(service);
  batch.change(destination);
  bytes_.assign(batch.bytes().begin(), batch.bytes().end());
  const std::vector<Reply> replies = read();
  ASSERT_EQ(replies.size(), 2U);
  const auto& first = std::get<Service>(replies[0].what);
  EXPECT_EQ(first.key, service.service);
  EXPECT_EQ(first.options, service.serviceOptions);
  const auto& second = std::get<Destination>(replies[1].what);
  EXPECT_EQ(second.key, destination.destination);
  EXPECT_EQ(second.options, destination.destinationOptions);
}

TEST_F(IpvsReplies, TakesStatisticsOf64BitsWhereTheyAre) {
  message(kFamily, IPVS_CMD_NEW_DEST, 0, [](MessageWriter& writer) {
    writer.nest(IPVS_CMD_ATTR_DEST, [&] {
      writer.put(IPVS_DEST_ATTR_ADDR, IpAddress::parse("10.0.0.9")->bytes.data(), 16);
      writer.putValue(IPVS_DEST_ATTR_PORT, htons(80));
      writer.putValue(IPVS_DEST_ATTR_ACTIVE_CONNS, std::uint32_t{5});
      writer.nest(IPVS_DEST_ATTR_STATS,
                  [&] { writer.putValue(IPVS_STATS_ATTR_CONNS, std::uint32_t{1}); });
      writer.nest(IPVS_DEST_ATTR_STATS64, [&] {
        writer.putValue(IPVS_STATS_ATTR_CONNS, std::uint64_t{1} << 40);
        writer.putValue(IPVS_STATS_ATTR_INBYTES, std::uint64_t{9});
      });
    });
  });
  const auto replies = read();
  ASSERT_EQ(replies.size(), 1U);
  const auto& destination = std::get<Destination>(replies[0].what);
  EXPECT_EQ(destination.key, at("10.0.0.9", 80));
  EXPECT_EQ(destination.activeConnections, 5U);
  EXPECT_EQ(destination.statistics.connections, std::uint64_t{1} << 40);
  EXPECT_EQ(destination.statistics.inBytes, 9U);
}

TEST_F(IpvsReplies, KnowsTheFamilyByItsNameOnly) {
  const auto family = [](const char* name) {
    return [name](MessageWriter& writer) {
      writer.put(CTRL_ATTR_FAMILY_NAME, name, std::strlen(name) + 1);
      writer.putValue(CTRL_ATTR_FAMILY_ID, std::uint16_t{33});
    };
  };
  message(GENL_ID_CTRL, CTRL_CMD_NEWFAMILY, 0, family("IPVS"));
  message(GENL_ID_CTRL, CTRL_CMD_NEWFAMILY, 0, family("nl80211"));
  const auto replies = read();
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(std::get<FamilyNumber>(replies[0].what).number, 33);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(replies[1].what));
}

TEST_F(IpvsReplies, SkipsWhatIsCutOffOrOfTheWrongSize) {
  Batch batch(kFamily, 3);
  batch.change({.kind = Operation::Kind::kAddService,
                .service = tcp("10.0.0.1", 80),
                .serviceOptions = {.scheduler = "rr"}});
  const std::vector<std::byte> whole(batch.bytes().begin(), batch.bytes().end());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    bytes_.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_TRUE(read().empty()) << size;
  }
  // An attribute of one byte more than it is to have.
  bytes_ = whole;
  const std::size_t protocol = 16 + 4 + 4 + 8;
  ASSERT_EQ(bytes_[protocol], std::byte{6});
  bytes_[protocol] = std::byte{7};
  ASSERT_EQ(read().size(), 1U);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(read()[0].what));
}

}  // namespace
}  // namespace holdfast::privd::ipvs
