#include "checkd/server_pool.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace holdfast::checkd {
namespace {

constexpr std::uint16_t kSorryWeight = 1;

}  // namespace

ServerPool::ServerPool(PoolRules rules)
    : rules_(std::move(rules)), servers_(rules_.servers.size()) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    servers_[i].checkers.assign(rules_.servers[i].checkers, {.isUp = true, .weightChange = 0});
  }
}

void ServerPool::assume(std::size_t server, std::size_t checker, const CheckerStanding& standing) {
  servers_[server].checkers[checker] = standing;
}

void ServerPool::begin(Actions& out) {
  settle();
  hasQuorum_ = reachesQuorum();
  beginDrains({}, out);
  if (hasQuorum_) {
    logInfo(out, gainedText());
  } else {
    logInfo(out, "Starting with quorum down " + lackText());
    saySorry(true, out);
  }
  repeat(out);
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    // A server that nobody has seen yet is not down to its notifiers.
    if (servers_[i].isAlive) {
      servers_[i].told = true;
      if (rules_.initialNotifies) {
        out.emplace_back(NotifyServer{i, true});
      }
    }
  }
  // Servers that have yet to show that they live are no loss, but that the sorry server is in is
  // one.
  if (hasQuorum_ || hasSorryServer()) {
    out.emplace_back(NotifyQuorum{hasQuorum_});
  }
}

void ServerPool::resume(const PoolStanding& before, Actions& out) {
  settle();
  hasQuorum_ = before.hasQuorum ? !losesQuorum() : reachesQuorum();
  beginDrains(before.draining, out);
  repeat(out);
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    servers_[i].told = i < before.told.size() ? before.told[i] : std::nullopt;
    if (servers_[i].told || servers_[i].isAlive) {
      tell(i, servers_[i].isAlive, out);
    }
  }
  if (before.hasQuorum != hasQuorum_) {
    logInfo(out, hasQuorum_ ? gainedText() : "Lost quorum " + lackText());
    out.emplace_back(NotifyQuorum{hasQuorum_});
  }
}

void ServerPool::hear(std::size_t server, std::size_t checker, const CheckerStanding& standing,
                      Actions& out) {
  Server& changed = servers_[server];
  changed.checkers[checker] = standing;
  reweigh(server, weightOf(server), out);
  const bool isAlive = checkersAgree(changed);
  if (isAlive != changed.isAlive) {
    setAlive(server, isAlive, out);
  }
  if (isAlive == standing.isUp) {
    tell(server, isAlive, out);
  }
  judgeQuorum(out);
}

void ServerPool::repeat(Actions& out) const {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    out.emplace_back(PlaceServer{i, placementOf(i)});
  }
  if (hasSorryServer()) {
    out.emplace_back(PlaceSorryServer{sorryPlacement()});
  }
}

void ServerPool::end(Actions& out) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const PooledServer& named = rules_.servers[i];
    const bool isInhibited = named.inhibitOnFailure && !servers_[i].isAlive;
    logInfo(out, std::string("Shutting down ") + (isInhibited ? "(inhibited) " : "") + "service " +
                     named.name + " from VS " + rules_.name);
    if (rules_.omega && servers_[i].isAlive) {
      tell(i, false, out);
    }
  }
  if (rules_.omega && hasQuorum_) {
    out.emplace_back(NotifyQuorum{false});
  }
}

void ServerPool::removeServers(const std::vector<std::size_t>& removed, bool isWhole,
                               Actions& out) {
  if (isWhole) {
    logInfo(out, "Removing Virtual Server " + rules_.name);
  }
  for (const std::size_t server : removed) {
    if (servers_[server].isAlive) {
      logInfo(out, "Removing service " + rules_.servers[server].name + " from VS " + rules_.name);
      tell(server, false, out);
    }
  }
  if (isWhole && hasQuorum_) {
    out.emplace_back(NotifyQuorum{false});
  }
}

PoolStanding ServerPool::standing() const {
  PoolStanding standing{.hasQuorum = hasQuorum_, .told = {}, .draining = {}};
  for (const Server& server : servers_) {
    standing.told.push_back(server.told);
    standing.draining.push_back(server.isDraining);
  }
  return standing;
}

void ServerPool::settle() {
  aliveWeight_ = 0;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    Server& server = servers_[i];
    server.isAlive = checkersAgree(server);
    server.weight = weightOf(i);
    aliveWeight_ += server.isAlive ? server.weight : 0U;
  }
}

bool ServerPool::checkersAgree(const Server& server) const {
  return std::ranges::all_of(server.checkers, &CheckerStanding::isUp);
}

std::uint16_t ServerPool::weightOf(std::size_t server) const {
  if (rules_.servers[server].drain) {
    return 0;
  }
  std::int64_t weight = rules_.servers[server].weight;
  for (const CheckerStanding& checker : servers_[server].checkers) {
    if (checker.drains) {
      return 0;
    }
    weight += checker.weightChange;
  }
  return static_cast<std::uint16_t>(
      std::clamp<std::int64_t>(weight, 0, std::numeric_limits<std::uint16_t>::max()));
}

Placement ServerPool::placementOf(std::size_t server) const {
  if (servers_[server].isDraining) {
    return {.isIn = true, .weight = 0};
  }
  if (servers_[server].isAlive && !isSorry() && !rules_.servers[server].drain) {
    return {.isIn = true, .weight = servers_[server].weight};
  }
  return {.isIn = rules_.servers[server].inhibitOnFailure, .weight = 0};
}

Placement ServerPool::sorryPlacement() const {
  if (isSorry()) {
    return {.isIn = true, .weight = kSorryWeight};
  }
  return {.isIn = rules_.sorryInhibit, .weight = 0};
}

bool ServerPool::reachesQuorum() const {
  return aliveWeight_ > 0 && aliveWeight_ >= std::uint64_t{rules_.quorum} + rules_.hysteresis;
}

bool ServerPool::losesQuorum() const {
  return aliveWeight_ == 0 || aliveWeight_ + rules_.hysteresis < rules_.quorum;
}

void ServerPool::setAlive(std::size_t server, bool isAlive, Actions& out) {
  Server& changed = servers_[server];
  changed.isAlive = isAlive;
  const PooledServer& named = rules_.servers[server];
  const bool wasDraining = changed.isDraining;
  aliveWeight_ = isAlive ? aliveWeight_ + changed.weight : aliveWeight_ - changed.weight;
  if (named.drain) {
    if (!isAlive && !named.drainOnFailure) {
      release(server, "it has failed", out);
    }
    return;
  }
  if (isAlive) {
    stopDraining(server, out);
    logInfo(out, (named.inhibitOnFailure ? "Enabling service " + named.name + " of VS "
                                         : "Adding service " + named.name + " to VS ") +
                     rules_.name);
  } else if (named.drainOnFailure && !named.inhibitOnFailure && !isSorry()) {
    drain(server, out);
  } else {
    sayRemoved(server, "", out);
  }
  if (!isSorry() || wasDraining) {
    out.emplace_back(PlaceServer{server, placementOf(server)});
  }
}

// At the start: those that are to be drained, and those that were.
void ServerPool::beginDrains(const std::vector<bool>& before, Actions& out) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const PooledServer& named = rules_.servers[i];
    const bool wasDraining = i < before.size() && before[i];
    const bool goesOn = wasDraining && !servers_[i].isAlive && named.drainOnFailure;
    if (goesOn || (named.drain && servers_[i].isAlive)) {
      drain(i, out);
    }
  }
}

void ServerPool::drain(std::size_t server, Actions& out) {
  servers_[server].isDraining = true;
  logInfo(out, "Draining service " + rules_.servers[server].name + " of VS " + rules_.name);
  out.emplace_back(DrainServer{server, true});
}

void ServerPool::stopDraining(std::size_t server, Actions& out) {
  if (std::exchange(servers_[server].isDraining, false)) {
    out.emplace_back(DrainServer{server, false});
  }
}

void ServerPool::release(std::size_t server, const char* why, Actions& out) {
  if (servers_[server].isDraining) {
    stopDraining(server, out);
    sayRemoved(server, why, out);
    out.emplace_back(PlaceServer{server, placementOf(server)});
  }
}

void ServerPool::sayRemoved(std::size_t server, std::string_view why, Actions& out) const {
  const PooledServer& named = rules_.servers[server];
  logInfo(out, (named.inhibitOnFailure ? "Disabling service " + named.name + " of VS "
                                       : "Removing service " + named.name + " from VS ") +
                   rules_.name + (why.empty() ? "" : ": ") + std::string(why));
}

void ServerPool::tell(std::size_t server, bool isAlive, Actions& out) {
  if (servers_[server].told != isAlive) {
    servers_[server].told = isAlive;
    out.emplace_back(NotifyServer{server, isAlive});
  }
}

void ServerPool::reweigh(std::size_t server, std::uint16_t weight, Actions& out) {
  Server& weighed = servers_[server];
  const std::uint16_t before = std::exchange(weighed.weight, weight);
  if (weight == before) {
    return;
  }
  logInfo(out, "Changing weight from " + std::to_string(before) + " to " + std::to_string(weight) +
                   (weighed.isAlive ? " for active service " : " for inactive service ") +
                   rules_.servers[server].name + " of VS " + rules_.name);
  if (!weighed.isAlive) {
    return;
  }
  aliveWeight_ = aliveWeight_ - before + weight;
  if (!isSorry()) {
    out.emplace_back(PlaceServer{server, placementOf(server)});
  }
}

void ServerPool::judgeQuorum(Actions& out) {
  if (!hasQuorum_ && reachesQuorum()) {
    gainQuorum(out);
  } else if (hasQuorum_ && losesQuorum()) {
    loseQuorum(out);
  }
}

// Whoever comes in comes in first, so that there is no moment without a server.
void ServerPool::gainQuorum(Actions& out) {
  hasQuorum_ = true;
  logInfo(out, gainedText());
  if (hasSorryServer()) {
    saySorry(false, out);
    placeAlive(out);
    out.emplace_back(PlaceSorryServer{sorryPlacement()});
  }
  out.emplace_back(NotifyQuorum{true});
}

void ServerPool::loseQuorum(Actions& out) {
  hasQuorum_ = false;
  logInfo(out, "Lost quorum " + lackText());
  if (hasSorryServer()) {
    saySorry(true, out);
    out.emplace_back(PlaceSorryServer{sorryPlacement()});
    placeAlive(out);
  }
  out.emplace_back(NotifyQuorum{false});
}

std::string ServerPool::gainedText() const {
  return "Gained quorum " + std::to_string(rules_.quorum) + "+" +
         std::to_string(rules_.hysteresis) + "=" +
         std::to_string(std::uint64_t{rules_.quorum} + rules_.hysteresis) +
         " <= " + std::to_string(aliveWeight_) + " for VS " + rules_.name;
}

std::string ServerPool::lackText() const {
  return std::to_string(rules_.quorum) + "-" + std::to_string(rules_.hysteresis) + "=" +
         std::to_string(std::int64_t{rules_.quorum} - rules_.hysteresis) + " > " +
         std::to_string(aliveWeight_) + " for VS " + rules_.name;
}

void ServerPool::saySorry(bool comes, Actions& out) const {
  if (!hasSorryServer()) {
    return;
  }
  const auto say = [&](const char* verb, const char* preposition) {
    logInfo(out, std::string(verb) + " sorry server " + rules_.sorryServer + " " + preposition +
                     " VS " + rules_.name);
  };
  if (rules_.sorryInhibit) {
    say(comes ? "Enabling" : "Disabling", "of");
  } else {
    say(comes ? "Adding" : "Removing", comes ? "to" : "from");
  }
  logInfo(out, std::string(comes ? "Removing alive servers from" : "Adding alive servers to") +
                   " the pool for VS " + rules_.name);
}

void ServerPool::placeAlive(Actions& out) const {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (servers_[i].isAlive) {
      out.emplace_back(PlaceServer{i, placementOf(i)});
    }
  }
}

}  // namespace holdfast::checkd
