#include "vrrpd/receive_checks.h"

#include <algorithm>
#include <utility>

#include "ipc/concat.h"

namespace holdfast::vrrpd {

ReceiveChecks::ReceiveChecks(ReceiveRules rules)
    : rules_(std::move(rules)),
      peerUsesOldChecksum_(rules_.peers.size(),
                           rules_.oldUnicastChecksum == OldUnicastChecksum::kAlways) {
  senders_.reserve(kMaxSenders);
}

std::optional<ReceivedAdvertisement> ReceiveChecks::check(const Envelope& envelope,
                                                          const std::optional<IpAddress>& master,
                                                          Actions& out) {
  const std::optional<PduView> pdu = PduView::parse(envelope.pdu);
  if (!pdu) {
    rejectUnopened(envelope.headerBytes + envelope.pdu.size(), out);
    return std::nullopt;
  }
  if (pdu->virtualRouterId() != rules_.virtualRouterId) {
    return std::nullopt;
  }
  const Candidate candidate{envelope, *pdu, master == envelope.source, sequence_.last()};
  const std::optional<Fault> fault = firstFault(rules_, candidate);
  if (!fault || fault->reason > Reject::kDestination) {
    ++counters_.received;
  }
  if (fault) {
    reject(envelope.source, *fault, out);
    return std::nullopt;
  }
  ++counters_.accepted;
  if (rules_.authentication.hasHeader()) {
    sequence_.heard(AuthHeaderView::parse(envelope.authHeader)->sequence());
  }
  learnStyle(candidate, out);
  std::erase_if(senders_, [&](const Sender& known) { return known.address == envelope.source; });
  return ReceivedAdvertisement{
      .source = envelope.source, .priority = pdu->priority(), .interval = pdu->interval()};
}

void ReceiveChecks::rejectUnopened(std::size_t bytes, Actions& out) {
  const std::string_view family = rules_.family == AddressFamily::kIpv4 ? "IPv4" : "IPv6";
  reject(IpAddress{.family = rules_.family},
         {Reject::kLength, concat(family, " VRRP packet too short - ", bytes, " bytes")}, out);
}

ChecksumStyle ReceiveChecks::sendStyle(const IpAddress& destination) const {
  if (rules_.v3ChecksumAsV2) {
    return ChecksumStyle::kPduOnly;
  }
  const auto peer = std::ranges::find(rules_.peers, destination, &UnicastPeer::address);
  if (peer == rules_.peers.end() ||
      !peerUsesOldChecksum_[static_cast<std::size_t>(peer - rules_.peers.begin())]) {
    return ChecksumStyle::kPseudoHeader;
  }
  return ChecksumStyle::kMulticastPseudo;
}

void ReceiveChecks::learnStyle(const Candidate& candidate, Actions& out) {
  const auto peer =
      std::ranges::find(rules_.peers, candidate.envelope.source, &UnicastPeer::address);
  if (rules_.version == Version::kV2 || rules_.v3ChecksumAsV2 ||
      rules_.oldUnicastChecksum != OldUnicastChecksum::kDetect || peer == rules_.peers.end()) {
    return;
  }
  const bool isOld = validStyle(rules_, candidate) == ChecksumStyle::kMulticastPseudo;
  auto usesOld = peerUsesOldChecksum_[static_cast<std::size_t>(peer - rules_.peers.begin())];
  if (isOld != usesOld) {
    usesOld = isOld;
    logInfo(out, concat("(", rules_.name, ") Setting unicast VRRPv3 checksum to ",
                        isOld ? "old" : "new", " version"));
  }
}

void ReceiveChecks::reject(const IpAddress& source, const Fault& fault, Actions& out) {
  const auto index = static_cast<std::size_t>(fault.reason);
  ++counters_.rejected[index];
  std::uint32_t& logged = sender(source).logged;
  const std::uint32_t bit = std::uint32_t{1} << index;
  if ((logged & bit) == 0) {
    logged |= bit;
    logInfo(out, concat("(", rules_.name, ") ", fault.text));
  }
}

ReceiveChecks::Sender& ReceiveChecks::sender(const IpAddress& address) {
  const auto known = std::ranges::find(senders_, address, &Sender::address);
  if (known != senders_.end()) {
    return *known;
  }
  if (senders_.size() < kMaxSenders) {
    return senders_.emplace_back(Sender{.address = address});
  }
  return senders_.back();
}

}  // namespace holdfast::vrrpd
