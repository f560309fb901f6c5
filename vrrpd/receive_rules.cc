#include "vrrpd/receive_rules.h"

#include <algorithm>
#include <array>

#include "ipc/concat.h"

namespace holdfast::vrrpd {
namespace {

using Text = std::optional<std::string>;  // what is wrong, if anything is

constexpr std::uint8_t kRequiredTtl = 255;
constexpr std::size_t kMinEthernetPayload = 46;  // shorter frames arrive padded

long long seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

bool carriesAuthType(const ReceiveRules& rules) {
  return rules.version == Version::kV2 && rules.family == AddressFamily::kIpv4;
}

Text checkProtocol(const ReceiveRules& rules, const Candidate& candidate) {
  const Envelope& envelope = candidate.envelope;
  const bool isWanted = rules.authentication.hasHeader()
                            ? AuthHeaderView::parse(envelope.authHeader).has_value()
                            : envelope.protocol == kIpProtocolVrrp;
  if (isWanted) {
    return std::nullopt;
  }
  return concat("received IP protocol ", envelope.protocol, " from ", envelope.source,
                ", expecting ",
                rules.authentication.hasHeader() ? kIpProtocolAuthHeader : kIpProtocolVrrp,
                rules.authentication.hasHeader() ? " with" : " without", " authentication header");
}

Text checkLength(const ReceiveRules& rules, const Candidate& candidate) {
  const Envelope& envelope = candidate.envelope;
  const std::size_t expected = candidate.pdu.expectedBytes(rules.family);
  const std::size_t arrived = envelope.pdu.size();
  const std::size_t header = envelope.headerBytes;
  const bool isPadded = envelope.statedBytes == expected && header + arrived <= kMinEthernetPayload;
  if (arrived == expected || (arrived > expected && isPadded)) {
    return std::nullopt;
  }
  return concat("vrrp packet too ", arrived < expected ? "short" : "long", ", length ",
                header + arrived, " and expect ", header + expected);
}

Text checkTtl(const ReceiveRules&, const Candidate& candidate) {
  const Envelope& envelope = candidate.envelope;
  if (!envelope.destination.isMulticast() || envelope.ttl == kRequiredTtl) {
    return std::nullopt;
  }
  return concat("invalid TTL/HL from ", envelope.source, ". Received ", envelope.ttl,
                " and expect ", kRequiredTtl);
}

Text checkVersion(const ReceiveRules& rules, const Candidate& candidate) {
  const auto expected = static_cast<std::uint8_t>(rules.version);
  if (candidate.pdu.version() == expected) {
    return std::nullopt;
  }
  return concat("wrong VRRP version from ", candidate.envelope.source, ". Received ",
                candidate.pdu.version(), " and expect ", expected);
}

Text checkAuthType(const ReceiveRules& rules, const Candidate& candidate) {
  if (!carriesAuthType(rules) ||
      candidate.pdu.authType() <= static_cast<std::uint8_t>(AuthType::kAuthHeader)) {
    return std::nullopt;
  }
  return concat("Invalid auth type: ", candidate.pdu.authType());
}

Text checkAuthMatches(const ReceiveRules& rules, const Candidate& candidate) {
  const auto expected = static_cast<std::uint8_t>(rules.authentication.type);
  if (!carriesAuthType(rules) || candidate.pdu.authType() == expected) {
    return std::nullopt;
  }
  return concat("received a ", candidate.pdu.authType(), " auth, expecting ", expected, "!");
}

Text checkPassword(const ReceiveRules& rules, const Candidate& candidate) {
  if (!carriesAuthType(rules) || rules.authentication.type != AuthType::kSimplePassword ||
      isEqual(candidate.pdu.authData(), rules.authentication.key->bytes())) {
    return std::nullopt;
  }
  return concat("received an invalid passwd from ", candidate.envelope.source, "!");
}

Text checkCheckValue(const ReceiveRules& rules, const Candidate& candidate) {
  if (!rules.authentication.hasHeader()) {
    return std::nullopt;
  }
  const Envelope& envelope = candidate.envelope;
  const std::optional<AuthHeaderView> header = AuthHeaderView::parse(envelope.authHeader);
  const IpAddress named =
      IpAddress::fromHalves(AddressFamily::kIpv4, 0, header->securityParameters());
  if (named != envelope.source) {
    return concat("IPSEC-AH : the SPI from ", envelope.source, " is that of ", named);
  }
  if (!header->isSealedWith(*rules.authentication.key, envelope)) {
    return concat(
        "IPSEC-AH : invalid IPSEC HMAC-MD5 value. Due to fields mutation or bad "
        "password ! Received from ",
        envelope.source);
  }
  return std::nullopt;
}

Text checkReplay(const ReceiveRules& rules, const Candidate& candidate) {
  if (!rules.authentication.hasHeader()) {
    return std::nullopt;
  }
  const std::uint32_t sequence = AuthHeaderView::parse(candidate.envelope.authHeader)->sequence();
  if (sequence > candidate.lastSequence) {
    return std::nullopt;
  }
  return concat("IPSEC-AH : sequence number ", sequence,
                " already processed. Packet dropped. Local(", candidate.lastSequence, ")");
}

Text checkInterval(const ReceiveRules& rules, const Candidate& candidate) {
  if (rules.version == Version::kV3 || candidate.pdu.interval() == rules.interval) {
    return std::nullopt;
  }
  return concat("advertisement interval mismatch with ", candidate.envelope.source,
                " mine=", seconds(rules.interval), " sec rcv'd=", seconds(candidate.pdu.interval()),
                " sec");
}

Text checkType(const ReceiveRules&, const Candidate& candidate) {
  if (candidate.pdu.type() == kTypeAdvertisement) {
    return std::nullopt;
  }
  return concat("Invalid packet type. ", candidate.pdu.type(), " and expect ", kTypeAdvertisement);
}

Text checkTotalLength(const ReceiveRules& rules, const Candidate& candidate) {
  const std::size_t expected = candidate.pdu.expectedBytes(rules.family);
  if (candidate.envelope.statedBytes == expected) {
    return std::nullopt;
  }
  return concat("ip payload length mismatch from ", candidate.envelope.source, ". Received ",
                candidate.envelope.statedBytes, " and expect ", expected);
}

Text checkChecksum(const ReceiveRules& rules, const Candidate& candidate) {
  if (validStyle(rules, candidate)) {
    return std::nullopt;
  }
  return concat("Invalid VRRPv", candidate.pdu.version(), " checksum from ",
                candidate.envelope.source);
}

Text checkDestination(const ReceiveRules& rules, const Candidate& candidate) {
  const Envelope& envelope = candidate.envelope;
  if (envelope.destination.isMulticast() == rules.peers.empty()) {
    return std::nullopt;
  }
  return concat("expected ", rules.peers.empty() ? "multicast" : "unicast", " advert from ",
                envelope.source, " but received it at ", envelope.destination);
}

bool skipsAddresses(const ReceiveRules& rules, const Candidate& candidate) {
  return rules.skipCheckAdvertAddresses && candidate.isFromMaster;
}

Text checkAddressCount(const ReceiveRules& rules, const Candidate& candidate) {
  if (skipsAddresses(rules, candidate) || candidate.pdu.addressCount() == rules.addresses.size()) {
    return std::nullopt;
  }
  return concat("expected ", rules.addresses.size(), " VIPs but received ",
                candidate.pdu.addressCount(), " from ", candidate.envelope.source);
}

Text checkAddressList(const ReceiveRules& rules, const Candidate& candidate) {
  if (skipsAddresses(rules, candidate)) {
    return std::nullopt;
  }
  const auto isAdvertised = [&](const IpAddress& ours) {
    for (std::size_t i = 0; i < candidate.pdu.addressCount(); ++i) {
      if (candidate.pdu.address(i, rules.family) == ours) {
        return true;
      }
    }
    return false;
  };
  const auto missing = std::ranges::find_if_not(rules.addresses, isAdvertised);
  if (missing == rules.addresses.end()) {
    return std::nullopt;
  }
  return concat("ip address associated with VRID ", rules.virtualRouterId,
                " not present in advert from ", candidate.envelope.source, ": ", *missing);
}

Text checkUnicastSource(const ReceiveRules& rules, const Candidate& candidate) {
  const IpAddress& source = candidate.envelope.source;
  if (!rules.checkUnicastSource || rules.peers.empty() ||
      std::ranges::find(rules.peers, source, &UnicastPeer::address) != rules.peers.end()) {
    return std::nullopt;
  }
  return concat("unicast source address ", source, " not a unicast peer");
}

Text checkUnicastTtl(const ReceiveRules& rules, const Candidate& candidate) {
  const Envelope& envelope = candidate.envelope;
  const auto peer = std::ranges::find(rules.peers, envelope.source, &UnicastPeer::address);
  if (!rules.checkUnicastSource || peer == rules.peers.end() ||
      (envelope.ttl >= peer->minTtl && envelope.ttl <= peer->maxTtl)) {
    return std::nullopt;
  }
  return concat("TTL/HL ", envelope.ttl, " from ", envelope.source, " not in range ", peer->minTtl,
                " - ", peer->maxTtl);
}

struct Check {
  Reject reason;
  std::string_view name;
  Text (*run)(const ReceiveRules&, const Candidate&);
};

constexpr std::array<Check, kRejectCount> kChecks = {{
    {Reject::kProtocol, "protocol", checkProtocol},
    {Reject::kLength, "length", checkLength},
    {Reject::kTtl, "ttl", checkTtl},
    {Reject::kVersion, "version", checkVersion},
    {Reject::kAuthType, "auth-type", checkAuthType},
    {Reject::kAuthMismatch, "auth-mismatch", checkAuthMatches},
    {Reject::kPassword, "password", checkPassword},
    {Reject::kCheckValue, "check-value", checkCheckValue},
    {Reject::kReplay, "replay", checkReplay},
    {Reject::kInterval, "interval", checkInterval},
    {Reject::kType, "type", checkType},
    {Reject::kTotalLength, "total-length", checkTotalLength},
    {Reject::kChecksum, "checksum", checkChecksum},
    {Reject::kDestination, "destination", checkDestination},
    {Reject::kAddressCount, "address-count", checkAddressCount},
    {Reject::kAddressList, "address-list", checkAddressList},
    {Reject::kUnicastSource, "unicast-source", checkUnicastSource},
    {Reject::kUnicastTtl, "unicast-ttl", checkUnicastTtl},
}};

constexpr bool isInOrder() {
  for (std::size_t i = 0; i < kChecks.size(); ++i) {
    if (static_cast<std::size_t>(kChecks[i].reason) != i) {
      return false;
    }
  }
  return true;
}
static_assert(isInOrder());

}  // namespace

std::string_view toString(Reject reject) {
  return kChecks[static_cast<std::size_t>(reject)].name;
}

std::optional<Fault> firstFault(const ReceiveRules& rules, const Candidate& candidate) {
  for (const Check& check : kChecks) {
    if (Text text = check.run(rules, candidate)) {
      return Fault{check.reason, std::move(*text)};
    }
  }
  return std::nullopt;
}

std::optional<ChecksumStyle> validStyle(const ReceiveRules& rules, const Candidate& candidate) {
  const auto isValid = [&](ChecksumStyle style) {
    return candidate.pdu.checksumIsValid(candidate.envelope.source, candidate.envelope.destination,
                                         style);
  };
  if (isValid(ChecksumStyle::kPseudoHeader)) {
    return ChecksumStyle::kPseudoHeader;
  }
  if (rules.v3ChecksumAsV2 && isValid(ChecksumStyle::kPduOnly)) {
    return ChecksumStyle::kPduOnly;
  }
  if (!rules.peers.empty() && rules.oldUnicastChecksum != OldUnicastChecksum::kNever &&
      isValid(ChecksumStyle::kMulticastPseudo)) {
    return ChecksumStyle::kMulticastPseudo;
  }
  return std::nullopt;
}

}  // namespace holdfast::vrrpd
