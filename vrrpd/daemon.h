// vrrpd: speaks VRRP, for every instance of its sealed configuration. It holds no privilege: what
// is to be done to the system it asks of privd, and scripts are run by a scriptd. Owned by main().
//
// It takes one configuration in its life. Its own crash, and that of any other process, is survived
// without a transition (docs/design.md, "What survives a crash").
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ipc/control.h"
#include "ipc/event_loop.h"
#include "ipc/log.h"
#include "vrrpd/broker_link.h"
#include "vrrpd/configuration.h"
#include "vrrpd/dump.h"
#include "vrrpd/group_station.h"
#include "vrrpd/interfaces.h"
#include "vrrpd/last_words.h"
#include "vrrpd/notices.h"
#include "vrrpd/receivers.h"
#include "vrrpd/scripts.h"
#include "vrrpd/station.h"
#include "vrrpd/track_groups.h"
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
  void remember(const UniqueFd& memory);

  // From privd.
  void brokerEvent(schema::BrokerEvent::Reader event, UniqueFd fd);
  void socketTold(schema::BrokerEvent::Reader event, UniqueFd fd);
  void begin();
  void resync();
  void brokerGone();

  void adopt(Configuration configuration);
  void makeStations();
  void makeGroups();
  [[nodiscard]] Notifier::Outlets outletsOf(std::size_t subject, const std::vector<Hook>& hooks);
  void beginStations();
  void takeUpLastWords();
  [[nodiscard]] std::unique_ptr<Interfaces> makeInterfaces();
  [[nodiscard]] std::unique_ptr<TrackGroups> makeTrackGroups();
  [[nodiscard]] std::unique_ptr<Scripts> makeScripts();
  [[nodiscard]] std::unique_ptr<Watchers> makeWatchers();
  [[nodiscard]] Station* stationOf(schema::BrokerEvent::Reader event);
  void say(const Actions& lines);

  EventLoop& loop_;
  Log& log_;
  Control control_;
  LastWords lastWords_;
  Notices notices_;
  BrokerLink broker_;
  Generation generation_{};
  std::optional<Configuration> configuration_;
  std::unique_ptr<Interfaces> interfaces_;
  std::unique_ptr<TrackGroups> trackGroups_;
  std::unique_ptr<Scripts> scripts_;
  std::unique_ptr<Watchers> watchers_;
  std::vector<std::optional<Noted>> noted_;
  Receivers receivers_;
  std::vector<std::unique_ptr<Station>> stations_;
  std::vector<std::unique_ptr<GroupStation>> groups_;
  Dump dump_;
  bool isStarted_ = false;
  bool hasBegun_ = false;
  TimePoint leaveBy_ = kNever;
  Timer leaveTimer_;
};

}  // namespace holdfast::vrrpd
