// What an instance accepts, and the checks that say so (RFC 3768 and 5798, 7.1). Pure functions of
// the configuration and one datagram.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/ip_address.h"
#include "ipc/time.h"
#include "vrrpd/authentication.h"
#include "vrrpd/packet.h"

namespace holdfast::vrrpd {

// Why a datagram is not acted on, in the order of the checks, which is keepalived 2.2.7's.
enum class Reject : std::uint8_t {
  kProtocol,      // an authentication header where there is to be none, or the other way round
  kLength,        // shorter or longer than version and address count ask for
  kTtl,           // multicast with a TTL or hop limit other than 255
  kVersion,       // not the configured version
  kAuthType,      // VRRPv2: a number that nobody defined
  kAuthMismatch,  // VRRPv2: defined, but another than ours
  kPassword,      // VRRPv2: not our password
  kCheckValue,    // VRRPv2: the authentication header is not made with our password
  kReplay,        // VRRPv2: its sequence number has been there already
  kInterval,      // VRRPv2: another advertisement interval than ours
  kType,          // not an ADVERTISEMENT
  kTotalLength,   // the IP header promises another length
  kChecksum,
  kDestination,    // multicast where unicast is configured, or the other way round
  kAddressCount,   // another number of virtual addresses than ours
  kAddressList,    // the same number, but others
  kUnicastSource,  // check_unicast_src: not one of our peers
  kUnicastTtl,     // check_unicast_src: outside that peer's min_ttl and max_ttl
};
inline constexpr std::size_t kRejectCount = 18;

[[nodiscard]] std::string_view toString(Reject reject);

enum class OldUnicastChecksum : std::uint8_t { kDetect, kAlways, kNever };

struct UnicastPeer {
  IpAddress address;
  std::uint8_t minTtl = 0;
  std::uint8_t maxTtl = 255;
};

// The part of an instance's configuration that says what it accepts.
struct ReceiveRules {
  std::string name;
  AddressFamily family = AddressFamily::kIpv4;
  Version version = Version::kV2;
  std::uint8_t virtualRouterId = 0;
  Duration interval{};
  std::vector<IpAddress> addresses;
  std::vector<UnicastPeer> peers;  // empty: multicast
  bool checkUnicastSource = false;
  bool skipCheckAdvertAddresses = false;
  bool v3ChecksumAsV2 = false;
  OldUnicastChecksum oldUnicastChecksum = OldUnicastChecksum::kDetect;
  Authentication authentication;
};

// A datagram with a VRRP header of our virtual router id.
struct Candidate {
  const Envelope& envelope;
  const PduView& pdu;
  bool isFromMaster = false;  // its sender is the master that we follow (for skip_check_adv_addr)
  std::uint32_t lastSequence = 0;  // of an authentication header: what is not newer is a replay
};

// `text` is the line for the log without the leading "(<instance>) ".
struct Fault {
  Reject reason;
  std::string text;
};

// The first check that the candidate fails; nothing when it is an advertisement to act on.
[[nodiscard]] std::optional<Fault> firstFault(const ReceiveRules& rules,
                                              const Candidate& candidate);

// The checksum style by which an accepted candidate is valid.
[[nodiscard]] std::optional<ChecksumStyle> validStyle(const ReceiveRules& rules,
                                                      const Candidate& candidate);

}  // namespace holdfast::vrrpd
