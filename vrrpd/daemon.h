// vrrpd: speaks VRRP, for every instance of its sealed configuration. It holds no privilege: what
// is to be done to the system it asks of privd, and scripts are run by a scriptd. Owned by main().
//
// It takes one configuration in its life. Its own crash, and that of any other process, is survived
// without a transition (docs/design.md, "What survives a crash").
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "ipc/control.h"
#include "ipc/event_loop.h"
#include "ipc/log.h"
#include "vrrpd/broker_link.h"
#include "vrrpd/configuration.h"
#include "vrrpd/dump.h"
#include "vrrpd/group_station.h"
#include "vrrpd/link_delays.h"
#include "vrrpd/notices.h"
#include "vrrpd/script_link.h"
#include "vrrpd/station.h"
#include "vrrpd/track_script.h"
#include "vrrpd/watchers.h"

namespace holdfast::vrrpd {

class Daemon {
 public:
  // `control` is owned.
  Daemon(EventLoop& loop, Log& log, UniqueFd control);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  [[nodiscard]] Status watch() { return control_.watch(); }
  // Until it is told to stop.
  [[nodiscard]] Status run();

 private:
  // From the supervisor.
  void load(Generation generation, const UniqueFd& sealed);
  void attach(schema::ControlRequest::Peer peer, std::uint32_t argument, UniqueFd channel);
  void start();
  void stop();
  void leaveWhenAllIsSaid();
  void dump(std::uint32_t what, const UniqueFd& memory);

  // From privd.
  void brokerEvent(schema::BrokerEvent::Reader event, UniqueFd fd);
  void interfaceTold(schema::BrokerEvent::Reader event);
  void interfaceIs(InterfaceId id, const KnownInterface& now);
  void linkDelaysExpired(TimePoint now);
  void socketTold(schema::BrokerEvent::Reader event, UniqueFd fd);
  void trackGroupTold(std::uint32_t group, std::uint32_t result);
  void begin();
  void resync();
  void brokerGone();

  // From a scriptd.
  void scriptEnded(IdentityId identity, ScriptId script, const ScriptOutcome& outcome);

  void adopt(Configuration configuration);
  void makeStations();
  void makeGroups();
  [[nodiscard]] Notifier::Outlets outletsOf(std::size_t subject, const std::vector<Hook>& hooks);
  void beginStations();
  [[nodiscard]] std::unique_ptr<Watchers> makeWatchers();
  ScriptLink& scriptLink(IdentityId identity);
  [[nodiscard]] Station* stationOf(schema::BrokerEvent::Reader event);
  void say(const Actions& lines);

  EventLoop& loop_;
  Log& log_;
  Control control_;
  Notices notices_;
  BrokerLink broker_;
  Generation generation_{};
  std::optional<Configuration> configuration_;
  std::map<IdentityId, std::unique_ptr<ScriptLink>> scriptLinks_;
  std::vector<TrackScript> scripts_;
  std::unique_ptr<Watchers> watchers_;
  std::vector<std::optional<KnownInterface>> interfaces_;  // as they count
  LinkDelays linkDelays_{{}};
  Timer linkTimer_;
  std::vector<std::optional<Noted>> noted_;
  std::vector<std::unique_ptr<Station>> stations_;
  std::vector<std::unique_ptr<GroupStation>> groups_;
  Dump dump_;
  std::set<std::uint32_t> lacking_;      // track groups that lack something
  std::set<std::uint32_t> unconfirmed_;  // those of a privd that is gone
  bool isStarted_ = false;
  bool hasBegun_ = false;
  TimePoint leaveBy_ = kNever;
  Timer leaveTimer_;
};

}  // namespace holdfast::vrrpd
