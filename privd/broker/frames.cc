#include "privd/broker/frames.h"

#include <algorithm>
#include <span>

namespace holdfast::privd {
namespace {

// Appends to a frame of fixed size.
class FrameWriter {
 public:
  explicit FrameWriter(std::span<std::uint8_t> frame) : frame_(frame) {}

  void u8(unsigned value) { frame_[at_++] = static_cast<std::uint8_t>(value); }
  void u16(unsigned value) {
    u8(value >> 8);
    u8(value & 0xff);
  }
  void bytes(std::span<const std::uint8_t> source) {
    std::copy(source.begin(), source.end(), frame_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += source.size();
  }

 private:
  std::span<std::uint8_t> frame_;
  std::size_t at_ = 0;
};

constexpr MacAddress kBroadcastMac{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
constexpr MacAddress kAllNodesMac{0x33, 0x33, 0, 0, 0, 1};
constexpr std::array<std::uint8_t, 16> kAllNodes{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr std::size_t kEthernetHeader = 14;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kAdvertBytes = 32;
constexpr unsigned kIcmpv6 = 58;
constexpr unsigned kNeighbourAdvert = 136;
constexpr unsigned kFlagRouter = 0x80;
constexpr unsigned kFlagOverride = 0x20;
constexpr unsigned kTargetLinkLayerAddress = 2;

std::uint32_t sumWords(std::span<const std::uint8_t> bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  }
  return sum;
}

// Over the pseudo-header of RFC 8200, 8.1: both addresses, which end the IPv6 header, length and
// next header.
std::uint16_t icmpv6Checksum(std::span<const std::uint8_t> frame) {
  const auto addresses = frame.subspan(kEthernetHeader + 8, 32);
  const auto message = frame.subspan(kEthernetHeader + kIpv6Header, kAdvertBytes);
  std::uint32_t sum =
      sumWords(addresses) + sumWords(message) + static_cast<std::uint32_t>(kAdvertBytes) + kIcmpv6;
  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(~sum & 0xffff);
}

}  // namespace

ArpFrame buildGratuitousArp(const MacAddress& mac, const IpAddress& address) {
  ArpFrame frame{};
  FrameWriter out(frame);
  const std::span<const std::uint8_t> ip(address.bytes.data(), 4);
  out.bytes(kBroadcastMac);
  out.bytes(mac);
  out.u16(0x0806);
  out.u16(1);       // hardware: Ethernet
  out.u16(0x0800);  // protocol: IPv4
  out.u8(6);
  out.u8(4);
  out.u16(1);  // a request
  out.bytes(mac);
  out.bytes(ip);
  out.bytes(kBroadcastMac);
  out.bytes(ip);
  return frame;
}

NeighbourAdvertFrame buildNeighbourAdvert(const MacAddress& mac, const IpAddress& address,
                                          bool router) {
  NeighbourAdvertFrame frame{};
  FrameWriter out(frame);
  out.bytes(kAllNodesMac);
  out.bytes(mac);
  out.u16(0x86dd);
  out.u16(0x6000);  // version 6, no traffic class, no flow label
  out.u16(0);
  out.u16(kAdvertBytes);
  out.u8(kIcmpv6);
  out.u8(255);
  out.bytes(address.bytes);
  out.bytes(kAllNodes);
  out.u8(kNeighbourAdvert);
  out.u8(0);
  out.u16(0);  // checksum, below
  out.u8(kFlagOverride | (router ? kFlagRouter : 0U));
  out.u8(0);
  out.u16(0);
  out.bytes(address.bytes);
  out.u8(kTargetLinkLayerAddress);
  out.u8(1);  // in units of 8 bytes
  out.bytes(mac);

  const std::uint16_t checksum = icmpv6Checksum(frame);
  frame[kEthernetHeader + kIpv6Header + 2] = static_cast<std::uint8_t>(checksum >> 8);
  frame[kEthernetHeader + kIpv6Header + 3] = static_cast<std::uint8_t>(checksum & 0xff);
  return frame;
}

}  // namespace holdfast::privd
