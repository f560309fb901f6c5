#include "vrrpd/packet.h"

#include <algorithm>

namespace holdfast::vrrpd {
namespace {

constexpr std::size_t kChecksumOffset = 6;
constexpr std::size_t kMinIpv4HeaderBytes = 20;
constexpr Duration kMaxIntervalV2 = std::chrono::seconds(255);
using Centiseconds = std::chrono::duration<std::int64_t, std::centi>;
constexpr Centiseconds kMaxIntervalV3(0x0fff);

// The ones' complement sum of RFC 1071 over pieces of even length.
class InternetChecksum {
 public:
  void add(std::span<const std::uint8_t> bytes) {
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
      add16(static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]));
    }
    if (bytes.size() % 2 != 0) {
      add16(static_cast<std::uint32_t>(bytes.back() << 8));
    }
  }
  void add(const IpAddress& address) { add(std::span(address.bytes).first(address.size())); }
  void add16(std::uint32_t word) { sum_ += word; }

  [[nodiscard]] std::uint16_t value() const {
    std::uint64_t sum = sum_;
    while (sum >> 16 != 0) {
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(~sum);
  }

 private:
  std::uint64_t sum_ = 0;
};

// Zero when computed over a PDU with a valid checksum in it.
std::uint16_t checksumOf(std::span<const std::uint8_t> pdu, const IpAddress& source,
                         const IpAddress& destination, ChecksumStyle style) {
  InternetChecksum checksum;
  if (style != ChecksumStyle::kPduOnly) {
    checksum.add(source);
    checksum.add(style == ChecksumStyle::kMulticastPseudo ? defaultIpv4Group() : destination);
    checksum.add16(kIpProtocolVrrp);
    checksum.add16(static_cast<std::uint32_t>(pdu.size()));
  }
  checksum.add(pdu);
  return checksum.value();
}

// VRRPv2 has no pseudo-header, except over IPv6, where the kernel fills the checksum in.
ChecksumStyle effectiveStyle(Version version, AddressFamily family, ChecksumStyle style) {
  if (family == AddressFamily::kIpv6) {
    return ChecksumStyle::kPseudoHeader;
  }
  return version == Version::kV2 ? ChecksumStyle::kPduOnly : style;
}

std::size_t pduBytes(Version version, AddressFamily family, std::size_t addresses) {
  const std::size_t addressBytes = family == AddressFamily::kIpv4 ? 4 : 16;
  const bool hasAuthData = version == Version::kV2 && family == AddressFamily::kIpv4;
  return kHeaderBytes + addresses * addressBytes + (hasAuthData ? kAuthDataBytes : 0);
}

void encodeInterval(const Advertisement& advertisement, std::span<std::uint8_t> out) {
  if (advertisement.version == Version::kV2) {
    const Duration interval = std::min(advertisement.interval, kMaxIntervalV2);
    out[4] = static_cast<std::uint8_t>(advertisement.authType);
    out[5] = static_cast<std::uint8_t>(
        std::chrono::duration_cast<std::chrono::seconds>(interval).count());
    return;
  }
  const auto interval =
      std::min(std::chrono::duration_cast<Centiseconds>(advertisement.interval), kMaxIntervalV3);
  out[4] = static_cast<std::uint8_t>(interval.count() >> 8 & 0x0f);
  out[5] = static_cast<std::uint8_t>(interval.count() & 0xff);
}

void takeAuthHeaderOff(Envelope& envelope) {
  if (envelope.pdu.size() >= kAuthHeaderBytes && envelope.statedBytes >= kAuthHeaderBytes) {
    envelope.authHeader = envelope.pdu.first(kAuthHeaderBytes);
    envelope.pdu = envelope.pdu.subspan(kAuthHeaderBytes);
    envelope.headerBytes += kAuthHeaderBytes;
    envelope.statedBytes -= kAuthHeaderBytes;
  }
}

}  // namespace

IpAddress defaultIpv4Group() {
  return IpAddress::fromHalves(AddressFamily::kIpv4, 0, 0xe0000012);
}

std::size_t encodedSize(const Advertisement& advertisement, AddressFamily family) {
  return pduBytes(advertisement.version, family, advertisement.addresses.size());
}

std::span<const std::uint8_t> encodeAdvertisement(const Advertisement& advertisement,
                                                  const IpAddress& source,
                                                  const IpAddress& destination, ChecksumStyle style,
                                                  std::span<std::uint8_t> out) {
  const std::size_t size = encodedSize(advertisement, source.family);
  if (size > out.size() || advertisement.addresses.size() > kMaxAddresses) {
    return {};
  }
  out = out.first(size);
  std::ranges::fill(out, std::uint8_t{0});
  out[0] = static_cast<std::uint8_t>(static_cast<unsigned>(advertisement.version) << 4 |
                                     kTypeAdvertisement);
  out[1] = advertisement.virtualRouterId;
  out[2] = advertisement.priority;
  out[3] = static_cast<std::uint8_t>(advertisement.addresses.size());
  encodeInterval(advertisement, out);
  std::size_t offset = kHeaderBytes;
  for (const IpAddress& address : advertisement.addresses) {
    std::copy_n(address.bytes.begin(), source.size(),
                out.begin() + static_cast<std::ptrdiff_t>(offset));
    offset += source.size();
  }
  if (out.size() - offset == kAuthDataBytes) {
    const std::size_t bytes = std::min(advertisement.authData.size(), kAuthDataBytes);
    std::copy_n(advertisement.authData.begin(), bytes,
                out.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  const std::uint16_t checksum = checksumOf(
      out, source, destination, effectiveStyle(advertisement.version, source.family, style));
  out[kChecksumOffset] = static_cast<std::uint8_t>(checksum >> 8);
  out[kChecksumOffset + 1] = static_cast<std::uint8_t>(checksum & 0xff);
  return out;
}

std::optional<Envelope> openIpv4(std::span<const std::uint8_t> datagram) {
  if (datagram.size() < kMinIpv4HeaderBytes || datagram[0] >> 4 != 4) {
    return std::nullopt;
  }
  const std::size_t headerBytes = static_cast<std::size_t>(datagram[0] & 0x0f) * 4;
  const std::size_t totalBytes = static_cast<std::size_t>(datagram[2] << 8 | datagram[3]);
  if (headerBytes < kMinIpv4HeaderBytes || headerBytes > datagram.size() ||
      totalBytes < headerBytes) {
    return std::nullopt;
  }
  Envelope envelope;
  std::copy_n(datagram.begin() + 12, 4, envelope.source.bytes.begin());
  std::copy_n(datagram.begin() + 16, 4, envelope.destination.bytes.begin());
  envelope.protocol = datagram[9];
  envelope.ttl = datagram[8];
  envelope.headerBytes = headerBytes;
  envelope.statedBytes = totalBytes - headerBytes;
  envelope.pdu = datagram.subspan(headerBytes);
  envelope.ipHeader = datagram.first(headerBytes);
  if (envelope.protocol == kIpProtocolAuthHeader) {
    takeAuthHeaderOff(envelope);
  }
  return envelope;
}

Envelope envelopeIpv6(std::span<const std::uint8_t> payload, const IpAddress& source,
                      const IpAddress& destination, std::uint8_t hopLimit) {
  return Envelope{.source = source,
                  .destination = destination,
                  .ttl = hopLimit,
                  .statedBytes = payload.size(),
                  .pdu = payload};
}

std::optional<std::uint8_t> virtualRouterIdAt(std::span<const std::uint8_t> datagram,
                                              AddressFamily family) {
  std::size_t at = 1;
  if (family == AddressFamily::kIpv4) {
    if (datagram.size() < kMinIpv4HeaderBytes) {
      return std::nullopt;
    }
    at += static_cast<std::size_t>(datagram[0] & 0x0f) * 4;
    at += datagram[9] == kIpProtocolAuthHeader ? kAuthHeaderBytes : 0;
  }
  return at < datagram.size() ? std::optional(datagram[at]) : std::nullopt;
}

std::optional<PduView> PduView::parse(std::span<const std::uint8_t> pdu) {
  if (pdu.size() < kHeaderBytes) {
    return std::nullopt;
  }
  return PduView(pdu);
}

Duration PduView::interval() const {
  if (version() == static_cast<std::uint8_t>(Version::kV2)) {
    return std::chrono::seconds(bytes_[5]);
  }
  return Centiseconds((bytes_[4] & 0x0f) << 8 | bytes_[5]);
}

std::size_t PduView::expectedBytes(AddressFamily family) const {
  const Version known =
      version() == static_cast<std::uint8_t>(Version::kV2) ? Version::kV2 : Version::kV3;
  return pduBytes(known, family, addressCount());
}

IpAddress PduView::address(std::size_t index, AddressFamily family) const {
  IpAddress address;
  address.family = family;
  const auto from = bytes_.subspan(kHeaderBytes + index * address.size(), address.size());
  std::ranges::copy(from, address.bytes.begin());
  return address;
}

std::span<const std::uint8_t> PduView::authData() const {
  return bytes_.first(expectedBytes(AddressFamily::kIpv4)).last(kAuthDataBytes);
}

bool PduView::checksumIsValid(const IpAddress& source, const IpAddress& destination,
                              ChecksumStyle style) const {
  const auto pdu = bytes_.first(expectedBytes(source.family));
  const Version known =
      version() == static_cast<std::uint8_t>(Version::kV2) ? Version::kV2 : Version::kV3;
  return checksumOf(pdu, source, destination, effectiveStyle(known, source.family, style)) == 0;
}

}  // namespace holdfast::vrrpd
