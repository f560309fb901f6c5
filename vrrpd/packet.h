// The VRRP advertisement on the wire: versions 2 and 3, over IPv4 and IPv6 (RFC 3768, 5798, 9568).
// Nothing here allocates, and nothing reads outside the span that it was given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "ipc/ip_address.h"
#include "ipc/time.h"

namespace holdfast::vrrpd {

inline constexpr std::uint8_t kIpProtocolVrrp = 112;
inline constexpr std::uint8_t kIpProtocolAuthHeader = 51;
inline constexpr std::uint8_t kTypeAdvertisement = 1;
inline constexpr std::size_t kHeaderBytes = 8;
inline constexpr std::size_t kAuthDataBytes = 8;  // behind the addresses of VRRPv2 over IPv4
inline constexpr std::size_t kMaxAddresses = 255;
inline constexpr std::size_t kMaxPduBytes = kHeaderBytes + kMaxAddresses * 16;
inline constexpr std::size_t kAuthHeaderBytes = 24;  // between IPv4 header and PDU, RFC 2402
inline constexpr std::size_t kMaxPayloadBytes = kAuthHeaderBytes + kMaxPduBytes;
inline constexpr std::size_t kMaxIpv4HeaderBytes = 60;
inline constexpr std::size_t kMaxDatagramBytes = kMaxPayloadBytes + kMaxIpv4HeaderBytes;
inline constexpr std::uint8_t kMulticastTtl = 255;

inline constexpr std::uint8_t kPriorityOwner = 255;
inline constexpr std::uint8_t kPriorityStop = 0;  // "the current Master has stopped participating"

enum class Version : std::uint8_t { kV2 = 2, kV3 = 3 };

// Numbers of RFC 2338, which first named them; RFC 3768 keeps kNone alone.
enum class AuthType : std::uint8_t { kNone = 0, kSimplePassword = 1, kAuthHeader = 2 };

// What the checksum of an IPv4 advertisement covers. IPv6 is always kPseudoHeader, and VRRPv2 over
// IPv4 always kPduOnly.
enum class ChecksumStyle : std::uint8_t {
  kPseudoHeader,     // RFC 5798, 5.2.8
  kPduOnly,          // v3_checksum_as_v2
  kMulticastPseudo,  // a pseudo-header with 224.0.0.18 as destination, also in unicast
};

// The IPv4 group that ChecksumStyle::kMulticastPseudo assumes.
[[nodiscard]] IpAddress defaultIpv4Group();

struct Advertisement {
  Version version = Version::kV2;
  std::uint8_t virtualRouterId = 0;
  std::uint8_t priority = 0;
  Duration interval{};  // sent in seconds (v2) or centiseconds (v3, at most 40.95 s)
  std::span<const IpAddress> addresses;
  AuthType authType = AuthType::kNone;     // VRRPv2
  std::span<const std::uint8_t> authData;  // of kSimplePassword: at most kAuthDataBytes
};

// How many bytes encodeAdvertisement writes.
[[nodiscard]] std::size_t encodedSize(const Advertisement& advertisement, AddressFamily family);

// Writes the VRRP part (the kernel adds the IP header) to the front of `out` and returns what it
// wrote; empty when `out` is too small or there are more than 255 addresses. All addresses are of
// the family of `source`.
[[nodiscard]] std::span<const std::uint8_t> encodeAdvertisement(const Advertisement& advertisement,
                                                                const IpAddress& source,
                                                                const IpAddress& destination,
                                                                ChecksumStyle style,
                                                                std::span<std::uint8_t> out);

// One received datagram with its IP header taken off: what the network said around the VRRP part.
struct Envelope {
  IpAddress source;
  IpAddress destination;
  std::uint8_t protocol = kIpProtocolVrrp;
  std::uint8_t ttl = 0;                      // or hop limit
  std::size_t headerBytes = 0;               // in front of `pdu`, where they were delivered
  std::size_t statedBytes = 0;               // the length of `pdu` that the IP header promises
  std::span<const std::uint8_t> pdu;         // what really arrived, Ethernet padding included
  std::span<const std::uint8_t> ipHeader;    // IPv4
  std::span<const std::uint8_t> authHeader;  // kAuthHeaderBytes where the protocol says so
};

// For a raw IPv4 socket, which delivers the IP header; nothing when that header is no IPv4 header.
[[nodiscard]] std::optional<Envelope> openIpv4(std::span<const std::uint8_t> datagram);

// For a raw IPv6 socket, which delivers the payload alone; the rest comes as control messages.
[[nodiscard]] Envelope envelopeIpv6(std::span<const std::uint8_t> payload, const IpAddress& source,
                                    const IpAddress& destination, std::uint8_t hopLimit);

// Where a raw socket's filter looks for the virtual router id, whatever else is wrong with the
// datagram: in the second byte behind the IPv4 header and an authentication header.
[[nodiscard]] std::optional<std::uint8_t> virtualRouterIdAt(std::span<const std::uint8_t> datagram,
                                                            AddressFamily family);

// The fields of a VRRP PDU, read in place. Fields are raw: whether they make sense is for the
// receive checks. `parse` asks for no more than the 8 bytes that every version has.
class PduView {
 public:
  [[nodiscard]] static std::optional<PduView> parse(std::span<const std::uint8_t> pdu);

  [[nodiscard]] std::uint8_t version() const { return bytes_[0] >> 4; }
  [[nodiscard]] std::uint8_t type() const { return bytes_[0] & 0x0f; }
  [[nodiscard]] std::uint8_t virtualRouterId() const { return bytes_[1]; }
  [[nodiscard]] std::uint8_t priority() const { return bytes_[2]; }
  [[nodiscard]] std::size_t addressCount() const { return bytes_[3]; }
  [[nodiscard]] std::uint8_t authType() const { return bytes_[4]; }  // VRRPv2 only
  [[nodiscard]] Duration interval() const;                           // as its version counts

  // The length that version and address count ask for.
  [[nodiscard]] std::size_t expectedBytes(AddressFamily family) const;
  // `index` < addressCount(), and the PDU holds expectedBytes().
  [[nodiscard]] IpAddress address(std::size_t index, AddressFamily family) const;
  // The last kAuthDataBytes of a VRRPv2 PDU over IPv4, which has to be whole.
  [[nodiscard]] std::span<const std::uint8_t> authData() const;
  // Over expectedBytes(), which the PDU must hold.
  [[nodiscard]] bool checksumIsValid(const IpAddress& source, const IpAddress& destination,
                                     ChecksumStyle style) const;

 private:
  explicit PduView(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::span<const std::uint8_t> bytes_;
};

}  // namespace holdfast::vrrpd
