// The VRRP state machine of one virtual router (RFC 3768 and 5798, 6), with what keepalived adds to
// it: FAULT, preempt_delay, the repeated announcements, the ways to answer a lesser master.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ipc/ip_address.h"
#include "ipc/time.h"
#include "vrrpd/action.h"
#include "vrrpd/hindrance.h"
#include "vrrpd/packet.h"
#include "vrrpd/receive_checks.h"

namespace holdfast::vrrpd {

struct VirtualRouterConfig {
  std::string name;
  AddressFamily family = AddressFamily::kIpv4;
  Version version = Version::kV2;
  std::uint8_t priority = 100;  // the base; 255 is the owner of the addresses
  Duration advertisementInterval = std::chrono::seconds(1);
  bool preemptMode = true;
  Duration preemptDelay{};
  std::uint32_t downTimerAdverts = 3;
  Duration startupDelay{};
  bool lowerPriorityNoAdvert = false;
  bool higherPrioritySendAdvert = false;
  bool fastHandover = false;
  bool ownerIgnoresOthers = false;  // priority 255 only
  bool notifyPriorityChanges = false;
  Duration announceDelay = std::chrono::seconds(5);  // to the second burst; zero: none
  Duration announceRefresh{};                        // zero: none
  Duration announceExtra{};                          // zero: none
  bool announceLowerPriority = true;
  Duration announceLowerPriorityDelay{};  // to the second burst; zero: none
};

// What was noted before a crash.
struct Noted {
  State state = State::kInitialize;
  std::uint8_t priority = 0;
  Duration silence{};               // how long nobody has been there to advertise
  std::uint16_t replayCounter = 0;  // AuthSequence::block()
  // Of who died, where it is known: it may have hung for longer than it has been dead.
  std::optional<TimePoint> lastAdvertisement = {};
};

// How a router stands to being Master: what its sync group has to know of it.
enum class Standing : std::uint8_t {
  kWaiting,    // in Initialize, for something of its own
  kFaulty,     // in FAULT because of something of its own
  kHeld,       // nothing but its group keeps it from taking part
  kListening,  // Backup, and follows nobody yet
  kFollowing,  // Backup of a master
  kReady,      // would be Master, if its group and privd let it
  kMaster,
  kStopped,
};

struct RouterCounters {
  std::uint64_t advertisementsSent = 0;
  std::uint64_t becameMaster = 0;
  std::uint64_t releasedMaster = 0;
  std::uint64_t priorityZeroReceived = 0;
  std::uint64_t priorityZeroSent = 0;
  std::uint64_t lowerPriorityReceived = 0;
};

// A plain object, without a socket and without a clock: every event carries the time, and what is
// to be done is appended to `out`. Owned by its Instance in vrrpd, and by the simulation.
class VirtualRouter {
 public:
  explicit VirtualRouter(VirtualRouterConfig config);

  // The Startup event. With `noted`, a process that died is carried on: a master goes on
  // advertising, and nothing is announced or notified that has not changed.
  void start(TimePoint now, const std::optional<Noted>& noted, Actions& out);
  // The Shutdown event. Nothing happens to this object after it.
  void stop(Actions& out);
  // To be called at nextDeadline() or later. A caller with advertisements waiting to be read gives
  // them to receive() first.
  void expire(TimePoint now, Actions& out);
  void receive(TimePoint now, const ReceivedAdvertisement& advertisement, Actions& out);

  // Something keeps this router from taking part, and does no longer. `what` is for the log:
  // "eth0 down", a script's name, an error text. Before start(), what is there already is told with
  // hinder().
  void hinder(TimePoint now, const Hindrance& hindrance, std::string_view what, Actions& out);
  void relieve(TimePoint now, const Hindrance& hindrance, Actions& out);

  // The effective priority, 1 to 254; ignored by an owner. A Master advertises it at once, though
  // not more than ten times in an interval.
  void setPriority(std::uint8_t priority, Actions& out);
  // The address that advertisements are sent from: the tie-break compares it.
  void setSource(const IpAddress& source) { source_ = source; }
  // A virtual address is gone and cannot be put back: let somebody else have it.
  void loseAddress(TimePoint now, Actions& out);
  // Whether there is somebody who sets the addresses: privd. A Master goes on without, since it has
  // them; nobody becomes Master, which would be to advertise addresses that are not there.
  void setAbleToTake(bool able, TimePoint now, Actions& out);
  // What the sync group is, a member is at most: kMaster lets it do what it likes, as without a
  // group; kBackup makes a Master step back, without a word to its peers; kFault keeps it from
  // taking part; kInitialize does too, before it has started.
  void followGroup(State group, TimePoint now, Actions& out);

  [[nodiscard]] TimePoint nextDeadline() const;
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] Standing standing() const;
  [[nodiscard]] std::uint8_t priority() const { return priority_; }
  // Whose advertisements a Backup follows.
  [[nodiscard]] const std::optional<IpAddress>& master() const { return master_; }
  [[nodiscard]] std::uint8_t masterPriority() const { return masterPriority_; }
  // Master_Adver_Interval; a Master's is its own.
  [[nodiscard]] Duration masterInterval() const {
    return state_ == State::kMaster ? config_.advertisementInterval : masterAdverInterval_;
  }
  [[nodiscard]] const Hindrances& hindrances() const { return hindrances_; }
  [[nodiscard]] const VirtualRouterConfig& config() const { return config_; }
  [[nodiscard]] const RouterCounters& counters() const { return counters_; }
  void setCounters(const RouterCounters& counters) { counters_ = counters; }

  // RFC 5798, 6.1. Of this router, with the interval of the master that it follows.
  [[nodiscard]] Duration skewTime() const;
  [[nodiscard]] Duration masterDownInterval() const;
  // The shortest silence after which a Backup may take over from this master: its Skew_Time, which
  // is that peer's own, is left out.
  [[nodiscard]] Duration peersMasterDownInterval() const;

 private:
  struct Timers {
    TimePoint adver = kNever;       // Adver_Timer, Master
    TimePoint masterDown = kNever;  // Master_Down_Timer, Backup
    TimePoint ownerStart = kNever;  // an owner's vrrp_startup_delay, Initialize
    TimePoint secondBurst = kNever;
    TimePoint refresh = kNever;
    TimePoint extra = kNever;
    TimePoint lowerPriorityBurst = kNever;
  };

  // virtual_router.cc: Initialize, and what all states share
  void begin(TimePoint now, Actions& out);
  void carryOn(TimePoint now, Actions& out);
  void carryOn(NotifyEvent told, Actions& out);
  void takeOver(TimePoint now, Actions& out);
  void takeOverIfReady(TimePoint now, Actions& out);
  void releaseAddresses(Actions& out);
  void note(NotifyEvent event, Actions& out);
  void log(Actions& out, std::string_view text) const;
  void logD(Actions& out, std::string_view text) const;

  // virtual_router_fault.cc
  void settle(TimePoint now, Actions& out);
  void enterFault(Actions& out);

  // virtual_router_backup.cc
  void enterBackup(TimePoint now, std::string_view suffix, Actions& out);
  void receiveAsBackup(TimePoint now, const ReceivedAdvertisement& advertisement, Actions& out);
  void waitForMaster(TimePoint until);
  void hurry(TimePoint now, const ReceivedAdvertisement& advertisement);
  [[nodiscard]] bool defersTo(TimePoint now, const ReceivedAdvertisement& advertisement,
                              Actions& out);
  void follow(TimePoint now, const ReceivedAdvertisement& advertisement, Actions& out);
  void learnInterval(Duration interval, Actions& out);
  void masterDownTimerExpired(TimePoint now, Actions& out);
  void stopPreemptDelay(Actions& out);

  // virtual_router_master.cc
  void enterMaster(TimePoint now, Actions& out);
  void receiveAsMaster(TimePoint now, const ReceivedAdvertisement& advertisement, Actions& out);
  [[nodiscard]] bool losesTo(const ReceivedAdvertisement& advertisement) const;
  void giveWay(TimePoint now, const ReceivedAdvertisement& advertisement, Actions& out);
  void holdAgainst(TimePoint now, const ReceivedAdvertisement& advertisement, Actions& out);
  void warnOfMisconfiguration(const ReceivedAdvertisement& advertisement, Actions& out);
  void sendAdvertisement(TimePoint now, Actions& out);
  void sendPriorityZero(Actions& out);
  void adverTimerExpired(TimePoint now, Actions& out);
  void advertiseSoon();
  void announceRegularly(TimePoint now);
  void announceWhenDue(TimePoint now, Actions& out);
  [[nodiscard]] bool fenceIfOverslept(TimePoint now, Actions& out);

  VirtualRouterConfig config_;
  State state_ = State::kInitialize;
  bool isStarted_ = false;
  bool isStopped_ = false;
  std::uint8_t priority_;
  std::optional<IpAddress> source_;
  Hindrances hindrances_;
  std::optional<Noted> noted_;  // until it has been carried on
  TimePoint notedAt_{};
  bool canTake_ = true;
  bool groupLetsTake_ = true;
  bool isReady_ = false;  // it would be Master if it could and might take its addresses
  bool hasToldOfPrivd_ = false;
  std::optional<NotifyEvent> lastNotified_;
  bool hasWaitedForScripts_ = false;
  TimePoint quietUntil_ = TimePoint::min();  // vrrp_startup_delay: nothing is heard before
  Timers timers_;

  // Backup
  Duration masterAdverInterval_;  // Master_Adver_Interval
  std::optional<IpAddress> master_;
  std::uint8_t masterPriority_ = 0;
  TimePoint preemptDelayUntil_ = kNever;  // kNever: not started
  bool hasListenedAgain_ = false;

  // Master
  TimePoint lastAdvertisement_ = TimePoint::min();
  TimePoint lastAnswer_ = TimePoint::min();  // to a lesser master
  bool hasWarned_ = false;

  RouterCounters counters_;
};

}  // namespace holdfast::vrrpd
