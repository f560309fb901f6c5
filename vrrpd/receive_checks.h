// One instance's gate for what arrives from the network.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "ipc/ip_address.h"
#include "ipc/time.h"
#include "vrrpd/action.h"
#include "vrrpd/authentication.h"
#include "vrrpd/packet.h"
#include "vrrpd/receive_rules.h"

namespace holdfast::vrrpd {

// What the state machine needs to know of an accepted advertisement.
struct ReceivedAdvertisement {
  IpAddress source;
  std::uint8_t priority = 0;
  Duration interval{};
};

struct ReceiveCounters {
  std::uint64_t received = 0;  // passed all but the checks of addresses and of unicast senders
  std::uint64_t accepted = 0;
  std::array<std::uint64_t, kRejectCount> rejected{};

  [[nodiscard]] std::uint64_t of(Reject reject) const {
    return rejected[static_cast<std::size_t>(reject)];
  }
};

// Owned by its instance, in vrrpd. It reads what any host of the segment may send, so a datagram
// that is not accepted changes nothing but a counter and what has been logged: each kind of reject
// once for each sender, until an advertisement of that sender is accepted.
class ReceiveChecks {
 public:
  explicit ReceiveChecks(ReceiveRules rules);

  // The advertisement, when it is for this virtual router and passes every check. `master` is the
  // sender that we follow, if any.
  [[nodiscard]] std::optional<ReceivedAdvertisement> check(const Envelope& envelope,
                                                           const std::optional<IpAddress>& master,
                                                           Actions& out);
  // For a datagram of `bytes` that is too short or too broken to have an envelope.
  void rejectUnopened(std::size_t bytes, Actions& out);

  // How an advertisement to `destination` is to be checksummed: a unicast peer whose last one had
  // the old style is answered in it.
  [[nodiscard]] ChecksumStyle sendStyle(const IpAddress& destination) const;

  // The replay counter, for what is sent.
  [[nodiscard]] AuthSequence& sequence() { return sequence_; }
  [[nodiscard]] const AuthSequence& sequence() const { return sequence_; }

  [[nodiscard]] const ReceiveRules& rules() const { return rules_; }
  [[nodiscard]] const ReceiveCounters& counters() const { return counters_; }
  void setCounters(const ReceiveCounters& counters) { counters_ = counters; }

 private:
  // What has been logged of one sender. Once the table is full, all further senders share its last
  // entry, so that invented source addresses fill neither the memory nor the log.
  struct Sender {
    IpAddress address;
    std::uint32_t logged = 0;  // a bit for each Reject
  };
  static constexpr std::size_t kMaxSenders = 32;

  void reject(const IpAddress& source, const Fault& fault, Actions& out);
  Sender& sender(const IpAddress& address);
  void learnStyle(const Candidate& candidate, Actions& out);

  ReceiveRules rules_;
  ReceiveCounters counters_;
  AuthSequence sequence_;
  std::vector<Sender> senders_;
  std::vector<bool> peerUsesOldChecksum_;  // in the order of rules_.peers
};

}  // namespace holdfast::vrrpd
