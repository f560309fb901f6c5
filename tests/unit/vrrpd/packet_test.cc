#include "vrrpd/packet.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <vector>

#include "tests/unit/vrrpd/hex.h"

namespace holdfast::vrrpd {
namespace {

using namespace std::chrono_literals;

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

// Captured from Debian's keepalived 2.2.7, from the IPv4 header or the VRRP header on.
const char* const kV2Ipv4 =
    "45c0 002c 0001 0000 ff70 d084 0a09 0001 e000 0012"
    "210a c802 0001 0217 0a09 0064 0a09 0065 0000 0000 0000 0000";
const char* const kV3Ipv4 =
    "45c0 0024 0001 0000 ff70 d08c 0a09 0001 e000 0012 310a c802 0032 0749 0a09 0064 0a09 0065";
const char* const kV3Unicast =
    "45c0 0020 0001 0000 ff70 a698 0a09 0001 0a09 0002 310a c801 0064 e791 0a09 0064";
const char* const kV3Ipv6 =
    "310a c802 0032 41e2 fe80 0000 0000 0000 0000 0000 0000 0100 fd00"
    "0000 0000 0000 0000 0000 0000 0005";
const char* const kV2Ipv6 = "210a c801 0002 d60a fe80 0000 0000 0000 0000 0000 0000 0100";

struct Vector {
  const char* hex;
  Version version;
  Duration interval;
  const char* source;
  const char* destination;
  std::vector<IpAddress> addresses;
};

std::vector<Vector> vectors() {
  return {
      {kV2Ipv4, Version::kV2, 1s, "10.9.0.1", "224.0.0.18", {ip("10.9.0.100"), ip("10.9.0.101")}},
      {kV3Ipv4,
       Version::kV3,
       500ms,
       "10.9.0.1",
       "224.0.0.18",
       {ip("10.9.0.100"), ip("10.9.0.101")}},
      {kV3Unicast, Version::kV3, 1s, "10.9.0.1", "10.9.0.2", {ip("10.9.0.100")}},
      {kV3Ipv6,
       Version::kV3,
       500ms,
       "fe80::9cad:72ff:fed7:bba4",
       "ff02::12",
       {ip("fe80::100"), ip("fd00::5")}},
      {kV2Ipv6, Version::kV2, 2s, "fe80::8cf1:50ff:fe89:66cd", "ff02::12", {ip("fe80::100")}},
  };
}

// The envelope as each family's socket would give it.
Envelope open(const Vector& vector, const std::vector<std::uint8_t>& bytes) {
  const IpAddress source = ip(vector.source);
  return source.family == AddressFamily::kIpv4
             ? *openIpv4(bytes)
             : envelopeIpv6(bytes, source, ip(vector.destination), 255);
}

TEST(Packet, ReadsWhatKeepalivedSends) {
  for (const Vector& vector : vectors()) {
    const std::vector<std::uint8_t> bytes = fromHex(vector.hex);
    const Envelope envelope = open(vector, bytes);
    EXPECT_EQ(envelope.source, ip(vector.source));
    EXPECT_EQ(envelope.destination, ip(vector.destination));
    EXPECT_EQ(envelope.ttl, 255);
    EXPECT_EQ(envelope.protocol, kIpProtocolVrrp);
    const std::optional<PduView> pdu = PduView::parse(envelope.pdu);
    ASSERT_TRUE(pdu);
    const AddressFamily family = envelope.source.family;
    EXPECT_EQ(pdu->version(), static_cast<std::uint8_t>(vector.version));
    EXPECT_EQ(pdu->type(), kTypeAdvertisement);
    EXPECT_EQ(pdu->virtualRouterId(), 10);
    EXPECT_EQ(pdu->priority(), 200);
    EXPECT_EQ(pdu->interval(), vector.interval);
    ASSERT_EQ(pdu->addressCount(), vector.addresses.size());
    ASSERT_EQ(pdu->expectedBytes(family), envelope.pdu.size());
    for (std::size_t i = 0; i < vector.addresses.size(); ++i) {
      EXPECT_EQ(pdu->address(i, family), vector.addresses[i]);
    }
    EXPECT_TRUE(
        pdu->checksumIsValid(envelope.source, envelope.destination, ChecksumStyle::kPseudoHeader))
        << vector.hex;
  }
}

TEST(Packet, WritesWhatKeepalivedSends) {
  for (const Vector& vector : vectors()) {
    const std::vector<std::uint8_t> bytes = fromHex(vector.hex);
    const Envelope envelope = open(vector, bytes);
    const Advertisement advertisement{.version = vector.version,
                                      .virtualRouterId = 10,
                                      .priority = 200,
                                      .interval = vector.interval,
                                      .addresses = vector.addresses};
    std::array<std::uint8_t, kMaxPduBytes> out{};
    out.fill(0xee);
    const auto written = encodeAdvertisement(advertisement, envelope.source, envelope.destination,
                                             ChecksumStyle::kPseudoHeader, out);
    EXPECT_EQ(std::vector(written.begin(), written.end()),
              std::vector(envelope.pdu.begin(), envelope.pdu.end()))
        << vector.hex;
  }
}

TEST(Packet, ChecksumStylesDifferOnlyForVersion3OverIpv4) {
  const std::vector<IpAddress> addresses{ip("10.9.0.100")};
  const Advertisement v3{.version = Version::kV3,
                         .virtualRouterId = 10,
                         .priority = 200,
                         .interval = 1s,
                         .addresses = addresses};
  const IpAddress source = ip("10.9.0.1");
  const IpAddress peer = ip("10.9.0.2");
  for (const auto sent :
       {ChecksumStyle::kPseudoHeader, ChecksumStyle::kPduOnly, ChecksumStyle::kMulticastPseudo}) {
    std::array<std::uint8_t, 64> out{};
    const auto pdu = *PduView::parse(encodeAdvertisement(v3, source, peer, sent, out));
    for (const auto expected :
         {ChecksumStyle::kPseudoHeader, ChecksumStyle::kPduOnly, ChecksumStyle::kMulticastPseudo}) {
      EXPECT_EQ(pdu.checksumIsValid(source, peer, expected), sent == expected);
    }
  }
  Advertisement v2 = v3;
  v2.version = Version::kV2;
  std::array<std::uint8_t, 64> out{};
  const auto pdu =
      *PduView::parse(encodeAdvertisement(v2, source, peer, ChecksumStyle::kMulticastPseudo, out));
  EXPECT_TRUE(pdu.checksumIsValid(source, peer, ChecksumStyle::kPseudoHeader));
}

TEST(Packet, EveryFlippedBitBreaksTheChecksum) {
  for (const Vector& vector : vectors()) {
    std::vector<std::uint8_t> bytes = fromHex(vector.hex);
    const std::size_t header = bytes.size() - open(vector, bytes).pdu.size();
    for (std::size_t i = header + 4; i < bytes.size(); ++i) {
      bytes[i] ^= 0x10;
      const Envelope envelope = open(vector, bytes);
      EXPECT_FALSE(PduView::parse(envelope.pdu)
                       ->checksumIsValid(envelope.source, envelope.destination,
                                         ChecksumStyle::kPseudoHeader));
      bytes[i] ^= 0x10;
    }
  }
}

TEST(Packet, RefusesToWriteWhatDoesNotFit) {
  std::vector<IpAddress> addresses(kMaxAddresses, ip("fe80::1"));
  Advertisement advertisement{.version = Version::kV3, .interval = 1s, .addresses = addresses};
  std::array<std::uint8_t, kMaxPduBytes + 16> out{};
  EXPECT_EQ(encodeAdvertisement(advertisement, ip("fe80::2"), ip("ff02::12"),
                                ChecksumStyle::kPseudoHeader, out)
                .size(),
            kMaxPduBytes);
  EXPECT_TRUE(encodeAdvertisement(advertisement, ip("fe80::2"), ip("ff02::12"),
                                  ChecksumStyle::kPseudoHeader,
                                  std::span(out).first(kMaxPduBytes - 1))
                  .empty());
  addresses.push_back(ip("fe80::1"));
  advertisement.addresses = addresses;
  EXPECT_TRUE(encodeAdvertisement(advertisement, ip("fe80::2"), ip("ff02::12"),
                                  ChecksumStyle::kPseudoHeader, out)
                  .empty());
}

TEST(Packet, ClampsTheIntervalToItsField) {
  std::array<std::uint8_t, 64> out{};
  for (const auto& [version, asked, sent] :
       {std::tuple<Version, Duration, Duration>{Version::kV2, 300s, 255s},
        {Version::kV2, 1500ms, 1s},
        {Version::kV3, 60s, 40950ms},
        {Version::kV3, 15ms, 10ms}}) {
    const Advertisement advertisement{.version = version, .interval = asked};
    const auto pdu = *PduView::parse(encodeAdvertisement(
        advertisement, ip("10.9.0.1"), ip("224.0.0.18"), ChecksumStyle::kPseudoHeader, out));
    EXPECT_EQ(pdu.interval(), sent);
  }
}

TEST(Packet, OpensOnlyIpv4Headers) {
  const std::vector<std::uint8_t> good = fromHex(kV2Ipv4);
  for (std::size_t size = 0; size < 20; ++size) {
    EXPECT_FALSE(openIpv4(std::span(good).first(size))) << size;
  }
  EXPECT_TRUE(openIpv4(std::span(good).first(20)));
  std::vector<std::uint8_t> bad = good;
  bad[0] = 0x65;  // IPv6
  EXPECT_FALSE(openIpv4(bad));
  bad[0] = 0x44;  // a header of 16 bytes
  EXPECT_FALSE(openIpv4(bad));
  bad[0] = 0x4f;  // a header of 60 bytes in a datagram of 44
  EXPECT_FALSE(openIpv4(bad));
  bad = good;
  bad[2] = 0;
  bad[3] = 19;  // a total length shorter than the header
  EXPECT_FALSE(openIpv4(bad));
}

TEST(Packet, SkipsIpOptionsAndKeepsPadding) {
  std::vector<std::uint8_t> bytes = fromHex(kV3Unicast);
  bytes.insert(bytes.begin() + 20, {1, 1, 1, 0});
  bytes[0] = 0x46;
  bytes[3] = static_cast<std::uint8_t>(bytes.size());
  bytes.insert(bytes.end(), 6, 0);
  const Envelope envelope = *openIpv4(bytes);
  EXPECT_EQ(envelope.statedBytes, 12U);
  EXPECT_EQ(envelope.pdu.size(), 18U);
  EXPECT_EQ(PduView::parse(envelope.pdu)->virtualRouterId(), 10);
}

TEST(Packet, ParsesNoPduShorterThanItsHeader) {
  const std::vector<std::uint8_t> bytes = fromHex(kV3Ipv6);
  EXPECT_FALSE(PduView::parse(std::span(bytes).first(7)));
  EXPECT_TRUE(PduView::parse(std::span(bytes).first(8)));
}

}  // namespace
}  // namespace holdfast::vrrpd
