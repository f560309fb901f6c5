#include "vrrpd/daemon.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "ipc/answer_load.h"
#include "ipc/concat.h"
#include "ipc/log_text.h"

namespace holdfast::vrrpd {
namespace {

// What a dump is called in the log; nothing for a number that is none.
const char* nameOf(Dump::What what) {
  switch (what) {
    case Dump::What::kStatistics:
    case Dump::What::kStatisticsAndClear:
      return "VRRP stats";
    case Dump::What::kData:
      return "VRRP data";
    case Dump::What::kJson:
      return "VRRP as json";
  }
  return nullptr;
}

// How long those who do not read are waited for at the end.
constexpr Duration kTimeToLeave = std::chrono::seconds(1);
constexpr Duration kTimeBetweenLooks = std::chrono::milliseconds(5);

// The instances, then the sync groups.
std::vector<Notices::Subject> subjectsOf(const Configuration& configuration) {
  std::vector<Notices::Subject> subjects;
  for (const ConfiguredInstance& instance : configuration.instances) {
    subjects.push_back({false, instance.config.router.name});
  }
  for (const ConfiguredGroup& group : configuration.groups) {
    subjects.push_back({true, group.config.name});
  }
  return subjects;
}

}  // namespace

Daemon::Daemon(EventLoop& loop, Log& log, UniqueFd control)
    : loop_(loop),
      log_(log),
      control_(
          loop, std::move(control),
          {
              .load = [this](Generation generation,
                             const UniqueFd& sealed) { load(generation, sealed); },
              .attach = [this](schema::ControlRequest::Peer peer, std::uint32_t argument,
                               UniqueFd channel) { attach(peer, argument, std::move(channel)); },
              .start = [this] { start(); },
              .stop = [this] { stop(); },
              .retire = nullptr,
              .dump = [this](std::uint32_t what, const UniqueFd& memory) { dump(what, memory); },
              .notebook = [this](std::uint32_t, const UniqueFd& memory) { remember(memory); },
              .fifo =
                  [this](schema::ControlRequest::Fifo fifo, bool reloaded, UniqueFd end) {
                    if (configuration_) {
                      notices_.adopt(fifo, reloaded, std::move(end));
                    }
                  },
              .runService = nullptr,
          }),
      notices_(loop, log, lastWords_),
      broker_(
          loop, log,
          {
              .event = [this](schema::BrokerEvent::Reader event,
                              UniqueFd fd) { brokerEvent(event, std::move(fd)); },
              .misbehaved = [this] { control_.misbehaved(schema::ControlRequest::Peer::PRIVD); },
              .gone = [this] { brokerGone(); },
          }),
      receivers_(loop, broker_),
      dump_(loop, {stations_, groups_},
            [this](int error, std::uint32_t bytes) { control_.dumped(error, bytes); }),
      leaveTimer_(loop, [this](TimePoint, Duration) { leaveWhenAllIsSaid(); }) {}

Status Daemon::run() {
  if (Status watching = watch(); !watching) {
    return watching;
  }
  return loop_.run();
}

void Daemon::load(Generation generation, const UniqueFd& sealed) {
  if (configuration_) {
    control_.loaded(generation, EBUSY);
    return;
  }
  generation_ = generation;
  answerLoad<schema::VrrpConfig>(
      control_, log_, generation, sealed,
      [this](schema::VrrpConfig::Reader config, std::uint32_t& refused) -> Status {
        auto configuration = readConfiguration(config, EventLoop::now(), refused);
        if (!configuration) {
          return configuration.error();
        }
        adopt(std::move(configuration).value());
        return success();
      });
}

void Daemon::adopt(Configuration configuration) {
  configuration_ = std::move(configuration);
  broker_.setGeneration(generation_);
  noted_.resize(configuration_->instances.size());
  interfaces_ = makeInterfaces();
  trackGroups_ = makeTrackGroups();
  scripts_ = makeScripts();
  watchers_ = makeWatchers();
  notices_.configure(subjectsOf(*configuration_), configuration_->fifoStatesOnReload);
  makeStations();
  makeGroups();
}

void Daemon::makeStations() {
  for (std::size_t i = 0; i < configuration_->instances.size(); ++i) {
    const ConfiguredInstance& configured = configuration_->instances[i];
    stations_.push_back(std::make_unique<Station>(
        loop_, log_, broker_, receivers_.of(configured.config), lastWords_,
        outletsOf(i, configured.hooks), idAt<InstanceId>(i), configured));
  }
}

void Daemon::makeGroups() {
  for (std::size_t i = 0; i < configuration_->groups.size(); ++i) {
    const ConfiguredGroup& configured = configuration_->groups[i];
    std::vector<Station*> members;
    for (const InstanceId member : configured.members) {
      members.push_back(stations_[indexOf(member)].get());
    }
    groups_.push_back(std::make_unique<GroupStation>(
        log_, outletsOf(stations_.size() + i, configured.hooks), static_cast<std::uint32_t>(i),
        configured, std::move(members)));
  }
}

std::unique_ptr<Interfaces> Daemon::makeInterfaces() {
  return std::make_unique<Interfaces>(
      loop_, log_, *configuration_,
      [this](InterfaceId id, const KnownInterface& now, bool reappeared) {
        for (const auto& station : stations_) {
          station->interfaceChanged(id, now, reappeared);
        }
      });
}

std::unique_ptr<TrackGroups> Daemon::makeTrackGroups() {
  return std::make_unique<TrackGroups>(
      configuration_->trackGroups,
      [this](InstanceId member, TrackGroupId group, const std::string& what) {
        stations_[indexOf(member)]->trackGroupLacks(group, what);
      });
}

std::unique_ptr<Scripts> Daemon::makeScripts() {
  return std::make_unique<Scripts>(
      loop_, log_, generation_, *configuration_,
      Scripts::Handlers{.changed =
                            [this](TrackScriptId script, Condition condition) {
                              for (const auto& station : stations_) {
                                station->scriptChanged(script, condition);
                              }
                            },
                        .misbehaved =
                            [this](IdentityId identity) {
                              control_.misbehaved(schema::ControlRequest::Peer::SCRIPTD,
                                                  static_cast<std::uint32_t>(identity));
                            },
                        .write = [this](const Actions& lines) { say(lines); }});
}

std::unique_ptr<Watchers> Daemon::makeWatchers() {
  return std::make_unique<Watchers>(
      loop_, log_, generation_, *configuration_,
      Watchers::Handlers{
          .file =
              [this](TrackFileId file, FileNumber number) {
                for (const auto& station : stations_) {
                  station->fileChanged(file, number);
                }
              },
          .process =
              [this](TrackProcessId process, Condition condition) {
                for (const auto& station : stations_) {
                  station->processChanged(process, condition);
                }
              },
          .misbehaved = [this] { control_.misbehaved(schema::ControlRequest::Peer::WATCHD); },
          .write = [this](const Actions& lines) { say(lines); }});
}

Notifier::Outlets Daemon::outletsOf(std::size_t subject, const std::vector<Hook>& hooks) {
  for (const Hook& hook : hooks) {
    scripts_->expect(hook.identity);
  }
  return {.scripts =
              [this](IdentityId identity, const Notification& notification) {
                scripts_->notify(identity, notification);
              },
          .fifos = [this, subject](const Notify& event) { notices_.tell(subject, event); }};
}

void Daemon::attach(schema::ControlRequest::Peer peer, std::uint32_t argument, UniqueFd channel) {
  if (!configuration_) {
    return;
  }
  if (peer == schema::ControlRequest::Peer::PRIVD) {
    broker_.attach(std::move(channel));
    if (isStarted_) {
      trackGroups_->isReplaced();
      broker_.hello();
      resync();
    }
  } else if (peer == schema::ControlRequest::Peer::WATCHD) {
    watchers_->attach(std::move(channel));
  } else if (peer == schema::ControlRequest::Peer::SCRIPTD) {
    scripts_->attach(idAt<IdentityId>(argument), std::move(channel));
  }
}

void Daemon::start() {
  if (!configuration_ || std::exchange(isStarted_, true)) {
    return;
  }
  if (configuration_->noSwap && ::mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
    log_.warning(systemError("vrrp_no_swap: mlockall").message);
  }
  broker_.hello();
}

void Daemon::stop() {
  for (const auto& station : stations_) {
    station->stop();
  }
  leaveBy_ = EventLoop::now() + kTimeToLeave;
  leaveWhenAllIsSaid();
}

// A yield that is lost would leave its addresses here until privd leaves too, while a peer has
// them.
void Daemon::leaveWhenAllIsSaid() {
  const bool isSaid = broker_.isIdle() && (!scripts_ || scripts_->isIdle());
  const TimePoint now = EventLoop::now();
  if (!isSaid && now < leaveBy_) {
    leaveTimer_.arm(now + kTimeBetweenLooks);
    return;
  }
  control_.stopped();
  loop_.stop();
}

void Daemon::dump(std::uint32_t what, const UniqueFd& memory) {
  const auto asked = static_cast<Dump::What>(what);
  const char* const name = nameOf(asked);
  if (name == nullptr || !configuration_) {
    control_.dumped(ENOSYS, 0);
    return;
  }
  log_.info(concat("Printing ", name, " for process(", ::getpid(), ") on signal"));
  dump_.write(asked, *configuration_, memory);
}

void Daemon::brokerEvent(schema::BrokerEvent::Reader event, UniqueFd fd) {
  using Kind = schema::BrokerEvent::Kind;
  Station* const station = stationOf(event);
  switch (event.getKind()) {
    case Kind::INTERFACE:
      interfaces_->told(event);
      return;
    case Kind::NOTED:
      if (!hasBegun_ && station != nullptr) {
        noted_[event.getInstance()] =
            Noted{stateOf(event.getState()), event.getPriority(),
                  std::chrono::milliseconds(event.getResult()), event.getPeer()};
      }
      return;
    case Kind::HELLO_END:
      begin();
      return;
    case Kind::SOCKET:
      socketTold(event, std::move(fd));
      return;
    case Kind::TAKEN:
      if (station != nullptr) {
        station->taken(event.getResult());
      }
      return;
    case Kind::YIELDED:
      if (station != nullptr) {
        station->yielded();
      }
      return;
    case Kind::RESTORED:
      if (station != nullptr) {
        station->addressRestored();
      }
      return;
    case Kind::LOST:
      if (station != nullptr) {
        station->addressLost(event.getResult());
      }
      return;
    case Kind::TRACK_GROUP:
      trackGroups_->told(event.getInstance(), event.getResult());
      return;
    case Kind::SOURCE:
      if (station != nullptr) {
        station->sourceTold(event.getResult());
      }
      return;
  }
}

Station* Daemon::stationOf(schema::BrokerEvent::Reader event) {
  return event.getInstance() < stations_.size() ? stations_[event.getInstance()].get() : nullptr;
}

void Daemon::socketTold(schema::BrokerEvent::Reader event, UniqueFd fd) {
  Station* const station = stationOf(event);
  if (station == nullptr) {
    return;
  }
  if (event.getFlags() == static_cast<std::uint8_t>(schema::BrokerEvent::SocketKind::RECEIVE)) {
    station->receiver().answer(event.getResult(), std::move(fd));
  } else {
    station->sendSocketAnswered(event.getPeer(), event.getResult(), std::move(fd),
                                static_cast<std::uint16_t>(event.getMtu()));
  }
}

// The interfaces are known, and what an earlier vrrpd noted. What its scripts returned last is
// asked for now and not sooner, so that it counts for a priority that is held.
void Daemon::begin() {
  trackGroups_->confirmed();
  for (const auto& station : stations_) {
    station->brokerBack();
  }
  if (std::exchange(hasBegun_, true)) {
    return;
  }
  if (configuration_->startupDelay > Duration::zero()) {
    log_.info(concat(
        "Delaying startup for ",
        std::chrono::duration_cast<std::chrono::seconds>(configuration_->startupDelay).count(),
        " seconds"));
  }
  if (std::ranges::any_of(noted_, [](const auto& noted) { return noted.has_value(); })) {
    scripts_->carryOn();
  }
  takeUpLastWords();
  beginStations();
  scripts_->listen();
  watchers_->listen();
  control_.ready();
}

void Daemon::remember(const UniqueFd& memory) {
  if (Status adopted = lastWords_.adopt(memory); !adopted) {
    log_.warning(adopted.error().message);
  }
}

void Daemon::takeUpLastWords() {
  std::vector<std::string> names;
  for (const ConfiguredInstance& instance : configuration_->instances) {
    names.push_back(instance.config.router.name);
  }
  lastWords_.begin(names);
  for (std::size_t i = 0; i < noted_.size(); ++i) {
    if (noted_[i]) {
      noted_[i]->lastAdvertisement = lastWords_.lastAdvertisement(idAt<InstanceId>(i));
    }
  }
}

void Daemon::beginStations() {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    std::vector<std::optional<Noted>> noted;
    for (const InstanceId member : configuration_->groups[i].members) {
      noted.push_back(noted_[indexOf(member)]);
    }
    groups_[i]->prepare(noted);
  }
  for (std::size_t i = 0; i < stations_.size(); ++i) {
    for (std::size_t s = 0; s < scripts_->tracked().size(); ++s) {
      stations_[i]->scriptChanged(idAt<TrackScriptId>(s), scripts_->tracked()[s].condition());
    }
    stations_[i]->begin(noted_[i]);
  }
  for (const auto& group : groups_) {
    group->begin();
  }
}

void Daemon::brokerGone() {
  receivers_.forget();
  for (const auto& station : stations_) {
    station->brokerGone();
  }
}

void Daemon::resync() {
  for (const auto& station : stations_) {
    station->resync();
  }
}

void Daemon::say(const Actions& lines) {
  for (const Action& line : lines) {
    if (const auto* text = std::get_if<LogText>(&line)) {
      write(log_, *text);
    }
  }
}

}  // namespace holdfast::vrrpd
