#include "checkd/service.h"

#include <functional>
#include <map>
#include <utility>

#include "ipc/concat.h"

namespace holdfast::checkd {
namespace {

// What a new process knows before anybody has looked.
CheckState assumed(const Checker& checker) {
  return {.isUp = !checker.alpha};
}

// SplitMix64: nothing depends on it but that checks do not all begin at once.
std::uint64_t nextRandom(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state;
  mixed = (mixed ^ mixed >> 30U) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27U) * 0x94d049bb133111eb;
  return mixed ^ mixed >> 31U;
}

CheckerStanding standingOf(const FileCheck& check, std::int32_t number) {
  if (check.weight == 0) {
    return {.isUp = (number == 0) != check.reverse, .weightChange = 0};
  }
  const std::int64_t product = std::int64_t{number} * check.weight * (check.reverse ? -1 : 1);
  return {.isUp = product > std::numeric_limits<std::int32_t>::min(), .weightChange = product};
}

}  // namespace

std::vector<std::string> Service::keysOf(const VirtualServer& server) {
  const std::string own =
      concat(server.name, server.family == AddressFamily::kIpv6 ? " inet6" : " inet");
  std::vector<std::string> keys{own};
  for (const RealServer& real : server.realServers) {
    const std::string ofServer = concat(own, " ", real.name);
    keys.push_back(ofServer);
    std::map<std::size_t, std::size_t> ofKind;
    for (const Checker& checker : real.checkers) {
      const std::size_t kind = checker.check.index();
      keys.push_back(concat(ofServer, " ", kind, " ", ofKind[kind]++));
    }
  }
  return keys;
}

PoolRules Service::rulesOf(const VirtualServer& server, bool initialNotifies) {
  PoolRules rules{.name = server.name,
                  .quorum = server.quorum,
                  .hysteresis = server.hysteresis,
                  .omega = server.omega,
                  .sorryServer = server.sorryServer.value_or(""),
                  .sorryInhibit = server.sorryInhibit,
                  .initialNotifies = initialNotifies,
                  .servers = {}};
  for (const RealServer& real : server.realServers) {
    rules.servers.push_back({.name = real.name,
                             .weight = real.weight,
                             .inhibitOnFailure = real.inhibitOnFailure,
                             .drain = real.drain,
                             .drainOnFailure = real.drainOnFailure,
                             .checkers = real.checkers.size()});
  }
  return rules;
}

Service::Service(const Means& means, Log& log, const VirtualServer& server, bool initialNotifies,
                 const std::vector<std::optional<Memory::Entry>>& before, Outlets outlets)
    : log_(log),
      server_(server),
      outlets_(std::move(outlets)),
      pool_(rulesOf(server, initialNotifies)),
      servers_(server.realServers.size()),
      drainTimer_(means.loop, [this](TimePoint now, Duration) { watchDrains(now); }),
      random_(std::hash<std::string>()(server.name) ^
              static_cast<std::uint64_t>(EventLoop::now().time_since_epoch().count())) {
  prepare(before, means);
}

void Service::prepare(const std::vector<std::optional<Memory::Entry>>& before, const Means& means) {
  if (before.front()) {
    hadQuorum_ = before.front()->told;
  }
  std::size_t object = 1;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    servers_[i].object = object;
    prepareServer(i, before, means);
    object += 1 + servers_[i].checks.size();
  }
}

// A server that was down is not up because it has other checkers now: these have to see it first.
void Service::prepareServer(std::size_t server,
                            const std::vector<std::optional<Memory::Entry>>& before,
                            const Means& means) {
  Server& prepared = servers_[server];
  const RealServer& real = server_.realServers[server];
  const std::optional<Memory::Entry>& known = before[prepared.object];
  prepared.told = known ? known->told : std::nullopt;
  prepared.wasDraining = known && known->drains;
  const bool wasDown = prepared.told == false;
  bool isExplained = false;
  for (std::size_t i = 0; i < real.checkers.size(); ++i) {
    const auto& left = before[prepared.object + 1 + i];
    isExplained = isExplained || (left && !left->check.isUp);
  }
  for (std::size_t i = 0; i < real.checkers.size(); ++i) {
    const std::size_t object = prepared.object + 1 + i;
    Memory::Entry entry =
        before[object].value_or(Memory::Entry{.check = assumed(real.checkers[i])});
    if (!before[object] && wasDown && !isExplained) {
      entry.check.isUp = false;
    }
    outlets_.note(object, entry);
    prepared.checks.push_back(
        {nullptr,
         {.isUp = entry.check.isUp, .weightChange = entry.weightChange, .drains = entry.drains},
         object});
    if (targetsOf(real.checkers[i]) != 0) {
      prepared.checks.back().run = std::make_unique<CheckRun>(
          means, log_, CheckRun::Place{real.checkers[i], real}, entry,
          [this, server, i](const CheckerStanding& standing) { hear(server, i, standing); });
    }
    pool_.assume(server, i, prepared.checks.back().standing);
  }
}

void Service::start(TimePoint now) {
  if (hadQuorum_) {
    PoolStanding standing{.hasQuorum = *hadQuorum_, .told = {}, .draining = {}};
    for (const Server& server : servers_) {
      standing.told.push_back(server.told);
      standing.draining.push_back(server.wasDraining);
    }
    pool_.resume(standing, actions_);
  } else {
    pool_.begin(actions_);
  }
  perform();
  const PoolStanding standing = pool_.standing();
  outlets_.note(0, {.told = standing.hasQuorum});
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    outlets_.note(servers_[i].object, {.drains = standing.draining[i], .told = standing.told[i]});
  }
  if (!server_.suspendWithoutAddress) {
    activate(now);
  }
}

void Service::activate(TimePoint now) {
  isActive_ = true;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const RealServer& real = server_.realServers[i];
    for (std::size_t j = 0; j < servers_[i].checks.size(); ++j) {
      if (servers_[i].checks[j].run) {
        log_.detail(
            concat("Activating healthchecker for service ", real.name, " for VS ", server_.name));
        const Duration warmup = real.checkers[j].warmup;
        const auto delay =
            warmup == Duration::zero()
                ? Duration::zero()
                : Duration(static_cast<Duration::rep>(nextRandom(random_) %
                                                      static_cast<std::uint64_t>(warmup.count())));
        servers_[i].checks[j].run->activate(now, delay);
      }
    }
  }
}

void Service::suspend() {
  isActive_ = false;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    for (const Check& check : servers_[i].checks) {
      if (check.run) {
        log_.detail(concat("Suspending healthchecker for service ", server_.realServers[i].name,
                           " for VS ", server_.name));
        check.run->suspend();
      }
    }
  }
}

void Service::repeat() {
  if (hasEnded_) {
    return;
  }
  pool_.repeat(actions_);
  perform();
}

void Service::setAddressPresent(bool isPresent, TimePoint now) {
  if (!server_.suspendWithoutAddress || hasEnded_ || isPresent == isActive_) {
    return;
  }
  if (isPresent) {
    activate(now);
  } else {
    suspend();
  }
}

void Service::setFile(TrackFileId file, std::int32_t number) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const RealServer& real = server_.realServers[i];
    for (std::size_t j = 0; j < real.checkers.size(); ++j) {
      const auto* check = std::get_if<FileCheck>(&real.checkers[j].check);
      if (check != nullptr && check->file == file) {
        hear(i, j, standingOf(*check, number));
      }
    }
  }
}

void Service::hear(std::size_t server, std::size_t checker, const CheckerStanding& standing) {
  if (hasEnded_) {
    return;
  }
  Check& check = servers_[server].checks[checker];
  check.standing = standing;
  const CheckState state =
      check.run ? check.run->state() : CheckState{.isUp = standing.isUp, .hasRun = true};
  outlets_.note(check.object, {.check = state,
                               .weightChange = standing.weightChange,
                               .drains = standing.drains,
                               .told = {}});
  pool_.hear(server, checker, standing, actions_);
  perform();
}

void Service::end() {
  if (!hasEnded_) {
    stopChecking();
    pool_.end(actions_);
    perform();
  }
}

void Service::giveWayTo(const std::unordered_set<std::string>& keys) {
  stopChecking();
  const std::vector<std::string> own = keysOf(server_);
  std::vector<std::size_t> removed;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (!keys.contains(own[servers_[i].object])) {
      removed.push_back(i);
    }
  }
  pool_.removeServers(removed, !keys.contains(own.front()), actions_);
  perform();
}

void Service::stopChecking() {
  hasEnded_ = true;
  for (Server& server : servers_) {
    for (Check& check : server.checks) {
      check.run.reset();
    }
  }
}

void Service::perform() {
  if (std::exchange(isPerforming_, true)) {
    return;
  }
  while (!actions_.empty()) {
    for (const Action& action : std::exchange(actions_, {})) {
      std::visit([this](const auto& one) { perform(one); }, action);
    }
  }
  isPerforming_ = false;
}

void Service::perform(const PlaceServer& action) {
  outlets_.place(action.realServer, action.placement);
}

void Service::perform(const PlaceSorryServer& action) {
  outlets_.placeSorry(action.placement);
}

void Service::perform(const DrainServer& action) {
  const std::size_t server = action.realServer;
  if (action.isDraining) {
    const TimePoint now = EventLoop::now();
    const Duration time = server_.realServers[server].drainTime;
    drains_.begin(server, time == Duration::zero() ? kNever : now + time);
    drainTimer_.arm(now);
  } else {
    drains_.end(server);
  }
  noteServer(server);
}

void Service::watchDrains(TimePoint now) {
  if (hasEnded_) {
    return;
  }
  for (const std::size_t server : drains_.overdue(now)) {
    pool_.release(server, "its drain_time is over", actions_);
  }
  perform();
  if (!drains_.isIdle()) {
    outlets_.countConnections();
    drainTimer_.arm(now + DrainWatch::kPause);
  }
}

void Service::setConnections(std::size_t realServer, std::uint64_t connections) {
  if (!hasEnded_ && drains_.hear(realServer, connections)) {
    pool_.release(realServer, "nobody is connected", actions_);
    perform();
  }
}

void Service::noteServer(std::size_t server) {
  outlets_.note(servers_[server].object,
                {.drains = pool_.isDraining(server), .told = pool_.told(server)});
}

// The script first, then the FIFOs.
void Service::perform(const NotifyServer& action) {
  const RealServer& real = server_.realServers[action.realServer];
  if (const auto& script = action.isUp ? real.notifyUp : real.notifyDown) {
    outlets_.run(*script);
  }
  outlets_.tell(1 + action.realServer, action.isUp);
  noteServer(action.realServer);
}

void Service::perform(const NotifyQuorum& action) {
  if (const auto& script = action.isUp ? server_.quorumUp : server_.quorumDown) {
    outlets_.run(*script);
  }
  outlets_.tell(0, action.isUp);
  outlets_.note(0, {.told = action.isUp});
}

void Service::perform(const LogText& action) {
  write(log_, action);
}

}  // namespace holdfast::checkd
