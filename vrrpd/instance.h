// One vrrp_instance: its state machine, what it accepts from the network and what it tracks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ipc/ids.h"
#include "ipc/ip_address.h"
#include "ipc/time.h"
#include "vrrpd/action.h"
#include "vrrpd/line_budget.h"
#include "vrrpd/priority.h"
#include "vrrpd/receive_checks.h"
#include "vrrpd/virtual_router.h"

namespace holdfast::vrrpd {

struct InstanceConfig {
  // Where its advertisements leave and come in.
  [[nodiscard]] const std::optional<InterfaceId>& speaksOn() const {
    return link && !transmitsBase ? link : interface;
  }

  VirtualRouterConfig router;
  ReceiveRules rules;
  std::optional<InterfaceId> interface;
  std::string interfaceName;
  // The VMAC or ipvlan that it has on that, or without an interface the VRF that it speaks in.
  std::optional<InterfaceId> link;
  std::string linkName;
  bool transmitsBase = false;       // its advertisements take no notice of that
  bool trackPrimary = true;         // false with dont_track_primary
  std::optional<IpAddress> source;  // unicast_src_ip or mcast_src_ip; else the interface's own
  IpAddress group;                  // where advertisements go to without unicast peers
  bool unicastFaultNoPeer = false;
  bool isUnicast = false;
  std::vector<Tracked> tracked;
  // After a crash: for how long the noted priority stands when something that it tracks does not
  // answer.
  Duration longestHold = std::chrono::seconds(10);
};

// What privd tells of an interface.
struct InterfaceStatus {
  bool isUp = false;  // exists, IFF_UP and IFF_RUNNING
  std::optional<IpAddress> sourceIpv4;
  std::optional<IpAddress> sourceIpv6;

  friend bool operator==(const InterfaceStatus&, const InterfaceStatus&) = default;
};

// As VirtualRouter: a plain object that is told events and the time. Owned by the Daemon in vrrpd,
// and by the simulation.
class Instance {
 public:
  explicit Instance(InstanceConfig config);

  // Before start: every interface's status, and what is known already of what it tracks.
  void start(TimePoint now, const std::optional<Noted>& noted, Actions& out);
  void stop(Actions& out) { router_.stop(out); }
  void expire(TimePoint now, Actions& out);
  [[nodiscard]] TimePoint nextDeadline() const;

  // One datagram of the receive socket: `envelope` as openIpv4() or envelopeIpv6() gave it. What
  // changes nothing has a bounded number of lines in the log.
  void receive(TimePoint now, const Envelope& envelope, Actions& out);
  void receiveUnopened(TimePoint now, std::size_t bytes, Actions& out);

  // Returns whether the address that advertisements are sent from is another one now, so that the
  // sockets have to be opened anew.
  bool interfaceChanged(TimePoint now, InterfaceId id, const InterfaceStatus& status, Actions& out);
  void scriptChanged(TimePoint now, TrackScriptId id, Condition condition, Actions& out) {
    learn(now, TrackedKind::kScript, objectOf(id), condition, out);
  }
  void fileChanged(TimePoint now, TrackFileId id, FileNumber number, Actions& out) {
    learn(now, TrackedKind::kFile, objectOf(id), number, out);
  }
  void processChanged(TimePoint now, TrackProcessId id, Condition condition, Actions& out) {
    learn(now, TrackedKind::kProcess, objectOf(id), condition, out);
  }
  void socketsMissing(TimePoint now, Actions& out);
  void socketsReady(TimePoint now, Actions& out);
  void socketRefused(TimePoint now, std::string_view why, Actions& out);
  // The configured source address is not on this host.
  void sourceMissing(TimePoint now, Actions& out);
  [[nodiscard]] bool lacksSource() const {
    return router_.hindrances().contains({HindranceKind::kSourceNotConfigured});
  }
  // Something static of a track group is not there; `what` is empty when all of it is.
  void trackGroupLacks(TimePoint now, TrackGroupId group, std::string_view what, Actions& out);
  void loseAddress(TimePoint now, Actions& out) { router_.loseAddress(now, out); }
  void setAbleToTake(bool able, TimePoint now, Actions& out) {
    router_.setAbleToTake(able, now, out);
  }
  void followGroup(State group, TimePoint now, Actions& out) {
    router_.followGroup(group, now, out);
  }

  // The multicast group, or the unicast peers in their order.
  [[nodiscard]] std::size_t destinationCount() const { return destinations_.size(); }
  [[nodiscard]] const IpAddress& destination(std::size_t index) const {
    return destinations_[index];
  }
  // The replay counter of the next advertisement, the same for all of its destinations.
  [[nodiscard]] std::uint32_t nextSequence() { return checks_.sequence().next(); }
  [[nodiscard]] std::uint16_t replayCounter() const { return checks_.sequence().block(); }
  // An advertisement for that destination, written to `out`, which has kMaxPayloadBytes: the PDU,
  // with the authentication header in front where there is one. Empty without a source address.
  // `stamp` is of an authentication header.
  [[nodiscard]] std::span<const std::uint8_t> encode(std::uint8_t priority, std::size_t destination,
                                                     std::span<std::uint8_t> out,
                                                     const AuthStamp& stamp = {}) const;

  [[nodiscard]] const InstanceConfig& config() const { return config_; }
  [[nodiscard]] const std::string& name() const { return config_.router.name; }
  [[nodiscard]] const VirtualRouter& router() const { return router_; }
  [[nodiscard]] const ReceiveCounters& receiveCounters() const { return checks_.counters(); }
  // Those of an earlier process, or zeros.
  void setCounters(const RouterCounters& router, const ReceiveCounters& received) {
    router_.setCounters(router);
    checks_.setCounters(received);
  }
  [[nodiscard]] std::uint64_t linesLeftOut() const { return packetLines_.leftOut(); }
  [[nodiscard]] const std::optional<IpAddress>& source() const { return source_; }

 private:
  [[nodiscard]] static std::uint32_t objectOf(auto id) {
    return static_cast<std::uint32_t>(indexOf(id));
  }
  // `known` is a Condition or a FileNumber.
  void learn(TimePoint now, TrackedKind kind, std::uint32_t object, auto known, Actions& out);
  void applyTracked(TimePoint now, Actions& out);
  void applyTracked(TimePoint now, std::size_t index, Actions& out);
  [[nodiscard]] bool awaits(std::size_t index) const;
  void applyPriority(Actions& out) { router_.setPriority(tally_.effective(), out); }
  void hinderIf(bool hindered, TimePoint now, const Hindrance& hindrance, std::string_view what,
                Actions& out);
  void endHold(TimePoint now, Actions& out);
  bool setSource(TimePoint now, const std::optional<IpAddress>& source, Actions& out);

  InstanceConfig config_;
  VirtualRouter router_;
  ReceiveChecks checks_;
  LineBudget packetLines_;
  PriorityTally tally_;  // in the order of config_.tracked
  std::vector<IpAddress> destinations_;
  std::optional<IpAddress> source_;
  TimePoint holdUntil_ = kNever;
};

}  // namespace holdfast::vrrpd
