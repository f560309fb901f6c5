#include "checkd/server_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace holdfast::checkd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr CheckerStanding kUp{.isUp = true};
constexpr CheckerStanding kDown{.isUp = false};

PoolRules rulesOf(std::vector<std::uint32_t> weights) {
  PoolRules rules{.name = "[10.0.0.1]:tcp:80"};
  for (std::size_t i = 0; i < weights.size(); ++i) {
    rules.servers.push_back({.name = "[10.0.0." + std::to_string(i + 2) + "]:tcp:80",
                             .weight = weights[i],
                             .checkers = 1});
  }
  return rules;
}

PoolRules withSorryServer(PoolRules rules) {
  rules.sorryServer = "[10.0.0.9]:tcp:80";
  return rules;
}

template <typename T>
std::vector<T> only(const Actions& actions) {
  std::vector<T> found;
  for (const Action& action : actions) {
    if (const T* one = std::get_if<T>(&action)) {
      found.push_back(*one);
    }
  }
  return found;
}

std::vector<std::string> lines(const Actions& actions) {
  std::vector<std::string> found;
  for (const LogText& line : only<LogText>(actions)) {
    found.push_back(line.text);
  }
  return found;
}

// A pool, what it last asked for, and the table that follows from all that it asked for.
class Pool {
 public:
  explicit Pool(const PoolRules& rules) : pool(rules), table(rules.servers.size()) {}

  void begin() {
    asked.clear();
    pool.begin(asked);
    obey();
  }
  void hear(std::size_t server, const CheckerStanding& standing, std::size_t checker = 0) {
    asked.clear();
    pool.hear(server, checker, standing, asked);
    obey();
  }
  void release(std::size_t server) {
    asked.clear();
    pool.release(server, "nobody", asked);
    obey();
  }
  void obey() {
    for (const auto& place : only<PlaceServer>(asked)) {
      table[place.realServer] = place.placement;
    }
    for (const auto& place : only<PlaceSorryServer>(asked)) {
      sorry = place.placement;
    }
  }

  ServerPool pool;
  std::vector<Placement> table;
  Placement sorry;
  Actions asked;
};

TEST(ServerPool, ServersAreInTheTableFromTheStart) {
  Pool pool(rulesOf({1, 3}));
  pool.begin();
  EXPECT_THAT(pool.table, ElementsAre(Placement{true, 1}, Placement{true, 3}));
  EXPECT_THAT(only<NotifyQuorum>(pool.asked), ElementsAre(NotifyQuorum{true}));
  EXPECT_THAT(only<NotifyServer>(pool.asked), IsEmpty());
  EXPECT_THAT(lines(pool.asked), ElementsAre("Gained quorum 1+0=1 <= 4 for VS [10.0.0.1]:tcp:80"));
}

TEST(ServerPool, InitialNotifiesSayWhatIsUp) {
  PoolRules rules = rulesOf({1, 1});
  rules.initialNotifies = true;
  Pool pool(rules);
  pool.pool.assume(1, 0, kDown);
  pool.begin();
  EXPECT_THAT(only<NotifyServer>(pool.asked), ElementsAre(NotifyServer{0, true}));
}

TEST(ServerPool, ADeadServerLeavesAndComesBack) {
  Pool pool(rulesOf({1, 1}));
  pool.begin();
  pool.hear(1, kDown);
  EXPECT_THAT(pool.table, ElementsAre(Placement{true, 1}, Placement{false, 0}));
  EXPECT_THAT(only<NotifyServer>(pool.asked), ElementsAre(NotifyServer{1, false}));
  EXPECT_THAT(lines(pool.asked),
              ElementsAre("Removing service [10.0.0.3]:tcp:80 from VS [10.0.0.1]:tcp:80"));
  pool.hear(1, kDown);
  EXPECT_THAT(pool.asked, IsEmpty());
  pool.hear(1, kUp);
  EXPECT_THAT(pool.table, ElementsAre(Placement{true, 1}, Placement{true, 1}));
  EXPECT_THAT(only<NotifyServer>(pool.asked), ElementsAre(NotifyServer{1, true}));
  EXPECT_THAT(lines(pool.asked),
              ElementsAre("Adding service [10.0.0.3]:tcp:80 to VS [10.0.0.1]:tcp:80"));
}

TEST(ServerPool, AnInhibitedServerStaysWithoutWeight) {
  PoolRules rules = rulesOf({4, 1});
  rules.servers[0].inhibitOnFailure = true;
  Pool pool(rules);
  pool.begin();
  pool.hear(0, kDown);
  EXPECT_EQ(pool.table[0], (Placement{true, 0}));
  EXPECT_THAT(lines(pool.asked),
              ElementsAre("Disabling service [10.0.0.2]:tcp:80 of VS [10.0.0.1]:tcp:80"));
  pool.hear(0, kUp);
  EXPECT_EQ(pool.table[0], (Placement{true, 4}));
  EXPECT_THAT(lines(pool.asked),
              ElementsAre("Enabling service [10.0.0.2]:tcp:80 of VS [10.0.0.1]:tcp:80"));
}

TEST(ServerPool, EveryCheckerHasToAgree) {
  PoolRules rules = rulesOf({1, 1});
  rules.servers[0].checkers = 2;
  Pool pool(rules);
  pool.begin();
  pool.hear(0, kDown, 0);
  pool.hear(0, kDown, 1);
  EXPECT_THAT(pool.asked, IsEmpty());
  pool.hear(0, kUp, 0);
  EXPECT_FALSE(pool.pool.isAlive(0));
  EXPECT_THAT(pool.asked, IsEmpty());
  pool.hear(0, kUp, 1);
  EXPECT_TRUE(pool.pool.isAlive(0));
}

TEST(ServerPool, WithoutQuorumTheSorryServerTakesTheirPlace) {
  PoolRules rules = withSorryServer(rulesOf({1, 1}));
  rules.quorum = 2;
  Pool pool(rules);
  pool.begin();
  EXPECT_EQ(pool.sorry, Placement{});
  pool.hear(1, kDown);
  EXPECT_THAT(pool.table, ElementsAre(Placement{}, Placement{}));
  EXPECT_EQ(pool.sorry, (Placement{true, 1}));
  EXPECT_THAT(lines(pool.asked),
              ElementsAre("Removing service [10.0.0.3]:tcp:80 from VS [10.0.0.1]:tcp:80",
                          "Lost quorum 2-0=2 > 1 for VS [10.0.0.1]:tcp:80",
                          "Adding sorry server [10.0.0.9]:tcp:80 to VS [10.0.0.1]:tcp:80",
                          "Removing alive servers from the pool for VS [10.0.0.1]:tcp:80"));
  EXPECT_THAT(only<NotifyQuorum>(pool.asked), ElementsAre(NotifyQuorum{false}));
  pool.hear(1, kUp);
  EXPECT_THAT(pool.table, ElementsAre(Placement{true, 1}, Placement{true, 1}));
  EXPECT_EQ(pool.sorry, Placement{});
}

// Clients find a server at every moment.
TEST(ServerPool, WhoeverComesInComesInBeforeOthersLeave) {
  PoolRules rules = withSorryServer(rulesOf({1, 1}));
  rules.quorum = 2;
  Pool pool(rules);
  pool.begin();
  pool.hear(1, kDown);
  const auto isSorry = [](const Action& action) {
    return std::holds_alternative<PlaceSorryServer>(action);
  };
  const auto isServer = [](std::size_t server) {
    return [server](const Action& action) {
      const auto* place = std::get_if<PlaceServer>(&action);
      return place != nullptr && place->realServer == server;
    };
  };
  EXPECT_LT(std::ranges::find_if(pool.asked, isSorry),
            std::ranges::find_if(pool.asked, isServer(0)));
  pool.hear(1, kUp);
  EXPECT_LT(std::ranges::find_if(pool.asked, isServer(1)),
            std::ranges::find_if(pool.asked, isSorry));
}

TEST(ServerPool, TheSorryServerCanStayWithoutWeight) {
  PoolRules rules = withSorryServer(rulesOf({1}));
  rules.sorryInhibit = true;
  Pool pool(rules);
  pool.begin();
  EXPECT_EQ(pool.sorry, (Placement{true, 0}));
  pool.hear(0, kDown);
  EXPECT_EQ(pool.sorry, (Placement{true, 1}));
}

TEST(ServerPool, WithoutASorryServerTheLivingStay) {
  PoolRules rules = rulesOf({1, 1});
  rules.quorum = 2;
  Pool pool(rules);
  pool.begin();
  pool.hear(1, kDown);
  EXPECT_EQ(pool.table[0], (Placement{true, 1}));
  EXPECT_THAT(only<NotifyQuorum>(pool.asked), ElementsAre(NotifyQuorum{false}));
}

TEST(ServerPool, HysteresisDampsTheQuorum) {
  PoolRules rules = withSorryServer(rulesOf({2, 2, 2}));
  rules.quorum = 3;
  rules.hysteresis = 1;
  Pool pool(rules);
  pool.begin();
  pool.hear(2, kDown);
  EXPECT_TRUE(pool.pool.hasQuorum());
  pool.hear(1, kDown);
  EXPECT_TRUE(pool.pool.hasQuorum()) << "2 is not less than 3 - 1";
  pool.hear(0, kDown);
  EXPECT_FALSE(pool.pool.hasQuorum());
  pool.hear(0, kUp);
  EXPECT_FALSE(pool.pool.hasQuorum()) << "2 does not reach 3 + 1";
  pool.hear(1, kUp);
  EXPECT_TRUE(pool.pool.hasQuorum());
}

TEST(ServerPool, NoServerIsNoQuorumWhateverTheHysteresis) {
  PoolRules rules = rulesOf({1});
  rules.hysteresis = 1;
  Pool pool(rules);
  pool.begin();
  pool.hear(0, kDown);
  EXPECT_FALSE(pool.pool.hasQuorum());
}

TEST(ServerPool, WithAlphaServersHaveToShowThatTheyLive) {
  Pool pool(withSorryServer(rulesOf({1, 1})));
  pool.pool.assume(0, 0, kDown);
  pool.pool.assume(1, 0, kDown);
  pool.begin();
  EXPECT_THAT(pool.table, ElementsAre(Placement{}, Placement{}));
  EXPECT_EQ(pool.sorry, (Placement{true, 1}));
  EXPECT_THAT(lines(pool.asked),
              ElementsAre("Starting with quorum down 1-0=1 > 0 for VS [10.0.0.1]:tcp:80",
                          "Adding sorry server [10.0.0.9]:tcp:80 to VS [10.0.0.1]:tcp:80",
                          "Removing alive servers from the pool for VS [10.0.0.1]:tcp:80"));
  EXPECT_THAT(only<NotifyQuorum>(pool.asked), ElementsAre(NotifyQuorum{false}));
  pool.hear(0, kUp);
  EXPECT_THAT(pool.table, ElementsAre(Placement{true, 1}, Placement{}));
  EXPECT_THAT(only<NotifyServer>(pool.asked), ElementsAre(NotifyServer{0, true}));
  pool.hear(1, kDown);
  EXPECT_THAT(only<NotifyServer>(pool.asked), ElementsAre(NotifyServer{1, false}))
      << "its first verdict is news, though it was taken to be down";
}

TEST(ServerPool, ACheckerThatPassesDoesNotSayThatItsServerIsDown) {
  PoolRules rules = rulesOf({1});
  rules.servers[0].checkers = 2;
  Pool pool(rules);
  pool.pool.assume(0, 0, kDown);
  pool.pool.assume(0, 1, kDown);
  pool.begin();
  pool.hear(0, kUp, 0);
  EXPECT_THAT(only<NotifyServer>(pool.asked), IsEmpty());
}

TEST(ServerPool, CheckersChangeWeights) {
  Pool pool(rulesOf({10, 1}));
  pool.begin();
  pool.hear(0, {.isUp = true, .weightChange = 5});
  EXPECT_EQ(pool.table[0], (Placement{true, 15}));
  EXPECT_THAT(
      lines(pool.asked),
      ElementsAre("Changing weight from 10 to 15 for active service [10.0.0.2]:tcp:80 of VS "
                  "[10.0.0.1]:tcp:80"));
  pool.hear(0, {.isUp = true, .weightChange = -100});
  EXPECT_EQ(pool.table[0], (Placement{true, 0}));
  pool.hear(0, {.isUp = true, .weightChange = std::numeric_limits<std::int32_t>::max()});
  EXPECT_EQ(pool.table[0], (Placement{true, 65535}));
}

TEST(ServerPool, AServerThatDrainsHasNoWeightWhateverIsAdded) {
  PoolRules rules = rulesOf({10, 1});
  rules.servers[0].checkers = 2;
  Pool pool(rules);
  pool.begin();
  pool.hear(0, {.isUp = true, .weightChange = 5});
  pool.hear(0, {.isUp = true, .drains = true}, 1);
  EXPECT_EQ(pool.table[0], (Placement{true, 0}));
  EXPECT_EQ(pool.pool.aliveWeight(), 1U);
  EXPECT_THAT(only<NotifyServer>(pool.asked), IsEmpty());
  pool.hear(0, kUp, 1);
  EXPECT_EQ(pool.table[0], (Placement{true, 15}));
}

TEST(ServerPool, ADrainedServerLeavesWhenItIsReleased) {
  PoolRules rules = rulesOf({10, 1});
  rules.servers[0].drain = true;
  Pool pool(rules);
  pool.begin();
  EXPECT_EQ(pool.table[0], (Placement{true, 0}));
  EXPECT_EQ(pool.pool.aliveWeight(), 1U);
  EXPECT_THAT(only<DrainServer>(pool.asked), ElementsAre(DrainServer{0, true}));
  pool.release(0);
  EXPECT_EQ(pool.table[0], (Placement{false, 0}));
  EXPECT_THAT(only<DrainServer>(pool.asked), ElementsAre(DrainServer{0, false}));
  EXPECT_THAT(lines(pool.asked),
              ElementsAre("Removing service [10.0.0.2]:tcp:80 from VS [10.0.0.1]:tcp:80: nobody"));
  pool.hear(0, kDown);
  pool.hear(0, kUp);
  EXPECT_EQ(pool.table[0], (Placement{false, 0})) << "it is still to be drained";
  EXPECT_EQ(pool.pool.aliveWeight(), 1U);
}

TEST(ServerPool, ADrainedServerThatFailsLeavesAtOnce) {
  PoolRules rules = rulesOf({10, 1});
  rules.servers[0].drain = true;
  Pool pool(rules);
  pool.begin();
  pool.hear(0, kDown);
  EXPECT_EQ(pool.table[0], (Placement{false, 0}));
  EXPECT_THAT(only<NotifyServer>(pool.asked), ElementsAre(NotifyServer{0, false}));
}

PoolRules drainedOnFailure(PoolRules rules) {
  for (PooledServer& server : rules.servers) {
    server.drainOnFailure = true;
  }
  return rules;
}

TEST(ServerPool, AFailureDrainsWhereItIsToldTo) {
  Pool pool(drainedOnFailure(rulesOf({10, 1})));
  pool.begin();
  pool.hear(0, kDown);
  EXPECT_EQ(pool.table[0], (Placement{true, 0}));
  EXPECT_THAT(only<NotifyServer>(pool.asked), ElementsAre(NotifyServer{0, false}));
  EXPECT_THAT(lines(pool.asked),
              ElementsAre("Draining service [10.0.0.2]:tcp:80 of VS [10.0.0.1]:tcp:80"));
  pool.hear(0, kUp);
  EXPECT_EQ(pool.table[0], (Placement{true, 10}));
  EXPECT_FALSE(pool.pool.isDraining(0));
  pool.release(0);
  EXPECT_EQ(pool.table[0], (Placement{true, 10})) << "it is not drained any more";
  pool.hear(0, kDown);
  pool.release(0);
  EXPECT_EQ(pool.table[0], (Placement{false, 0}));
}

TEST(ServerPool, TheLastServerDrainsBehindTheSorryServer) {
  PoolRules rules = drainedOnFailure(withSorryServer(rulesOf({1})));
  rules.hysteresis = 1;
  rules.quorum = 1;
  rules.servers[0].weight = 1;
  Pool pool(rules);
  pool.pool.assume(0, 0, kUp);
  pool.begin();
  EXPECT_FALSE(pool.pool.hasQuorum());
  pool.hear(0, kDown);
  EXPECT_EQ(pool.table[0], (Placement{false, 0})) << "it was out, and stays out";
  Pool other(drainedOnFailure(withSorryServer(rulesOf({1}))));
  other.begin();
  other.hear(0, kDown);
  EXPECT_EQ(other.table[0], (Placement{true, 0}));
  EXPECT_TRUE(other.sorry.isIn);
  other.hear(0, kUp);
  EXPECT_EQ(other.table[0], (Placement{true, 1}));
  EXPECT_FALSE(other.sorry.isIn);
}

TEST(ServerPool, ADrainGoesOnInANewProcess) {
  const PoolRules rules = drainedOnFailure(rulesOf({10, 1}));
  Pool before(rules);
  before.begin();
  before.hear(0, kDown);
  ServerPool after(rules);
  after.assume(0, 0, kDown);
  Actions asked;
  after.resume(before.pool.standing(), asked);
  EXPECT_EQ(only<PlaceServer>(asked).front(), (PlaceServer{0, {true, 0}}));
  EXPECT_THAT(only<DrainServer>(asked), ElementsAre(DrainServer{0, true}));
}

TEST(ServerPool, WeightsCountForTheQuorum) {
  PoolRules rules = rulesOf({2, 2});
  rules.quorum = 4;
  Pool pool(rules);
  pool.begin();
  pool.hear(0, {.isUp = true, .weightChange = -1});
  EXPECT_FALSE(pool.pool.hasQuorum());
  pool.hear(0, kDown);
  pool.hear(0, {.isUp = true, .weightChange = 0});
  EXPECT_TRUE(pool.pool.hasQuorum());
}

TEST(ServerPool, ANewPrivdIsToldEverythingSilently) {
  Pool pool(withSorryServer(rulesOf({1, 2})));
  pool.begin();
  pool.hear(0, kDown);
  Actions again;
  pool.pool.repeat(again);
  EXPECT_EQ(again, (Actions{PlaceServer{0, {}}, PlaceServer{1, {true, 2}}, PlaceSorryServer{}}));
}

TEST(ServerPool, WithOmegaTheEndIsNotified) {
  PoolRules rules = rulesOf({1, 1});
  rules.omega = true;
  rules.servers[1].inhibitOnFailure = true;
  Pool pool(rules);
  pool.begin();
  pool.hear(1, kDown);
  Actions end;
  pool.pool.end(end);
  EXPECT_THAT(only<NotifyServer>(end), ElementsAre(NotifyServer{0, false}));
  EXPECT_THAT(only<NotifyQuorum>(end), ElementsAre(NotifyQuorum{false}));
  EXPECT_THAT(lines(end),
              ElementsAre("Shutting down service [10.0.0.2]:tcp:80 from VS [10.0.0.1]:tcp:80",
                          "Shutting down (inhibited) service [10.0.0.3]:tcp:80 from VS "
                          "[10.0.0.1]:tcp:80"));
}

TEST(ServerPool, WithoutOmegaTheEndIsSilent) {
  Pool pool(rulesOf({1}));
  pool.begin();
  Actions end;
  pool.pool.end(end);
  EXPECT_THAT(only<NotifyServer>(end), IsEmpty());
  EXPECT_THAT(only<NotifyQuorum>(end), IsEmpty());
}

TEST(ServerPool, AfterACrashNothingIsToldTwice) {
  const PoolRules rules = withSorryServer(rulesOf({1, 1}));
  Pool before(rules);
  before.begin();
  before.hear(0, kDown);

  ServerPool after(rules);
  after.assume(0, 0, kDown);
  Actions out;
  after.resume(before.pool.standing(), out);
  EXPECT_EQ(out, (Actions{PlaceServer{0, {}}, PlaceServer{1, {true, 1}}, PlaceSorryServer{}}));
}

TEST(ServerPool, WhatAReloadChangesIsTold) {
  Pool before(rulesOf({1, 1}));
  before.begin();
  PoolRules rules = rulesOf({1, 1});
  rules.quorum = 3;
  ServerPool after(rules);
  after.assume(1, 0, kDown);
  Actions out;
  after.resume(before.pool.standing(), out);
  EXPECT_THAT(only<NotifyServer>(out), ElementsAre(NotifyServer{1, false}));
  EXPECT_THAT(only<NotifyQuorum>(out), ElementsAre(NotifyQuorum{false}));
}

// The rules once more, each time from the beginning.
struct Reference {
  PoolRules rules;
  std::vector<std::vector<CheckerStanding>> checkers;
  bool hasQuorum = false;

  [[nodiscard]] bool isAlive(std::size_t server) const {
    return std::ranges::all_of(checkers[server], &CheckerStanding::isUp);
  }
  [[nodiscard]] std::int64_t weight(std::size_t server) const {
    std::int64_t sum = rules.servers[server].weight;
    for (const CheckerStanding& checker : checkers[server]) {
      sum += checker.weightChange;
    }
    return std::clamp<std::int64_t>(sum, 0, 65535);
  }
  void judge() {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < checkers.size(); ++i) {
      sum += isAlive(i) ? weight(i) : 0;
    }
    const std::int64_t change = hasQuorum ? -std::int64_t{rules.hysteresis} : rules.hysteresis;
    hasQuorum = sum > 0 && sum >= rules.quorum + change;
  }
  [[nodiscard]] Placement placement(std::size_t server) const {
    if (isAlive(server) && (hasQuorum || rules.sorryServer.empty())) {
      return {true, static_cast<std::uint16_t>(weight(server))};
    }
    return {rules.servers[server].inhibitOnFailure, 0};
  }
};

std::uint32_t below(std::mt19937& random, std::uint32_t limit) {
  return static_cast<std::uint32_t>(random() % limit);
}

PoolRules randomRules(std::mt19937& random) {
  PoolRules rules = rulesOf(std::vector<std::uint32_t>(1 + random() % 5));
  for (PooledServer& server : rules.servers) {
    server.weight = below(random, 4);
    server.inhibitOnFailure = random() % 3 == 0;
    server.checkers = random() % 3;
  }
  rules.quorum = below(random, 6);
  rules.hysteresis = below(random, 3);
  rules.sorryInhibit = random() % 2 == 0;
  return random() % 2 == 0 ? withSorryServer(rules) : rules;
}

CheckerStanding randomStanding(std::mt19937& random) {
  return {.isUp = random() % 2 == 0, .weightChange = static_cast<std::int64_t>(random() % 7) - 3};
}

TEST(ServerPool, AgreesWithANaiveReference) {
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    const PoolRules rules = randomRules(random);
    Pool pool(rules);
    Reference reference{.rules = rules, .checkers = {}};
    for (std::size_t i = 0; i < rules.servers.size(); ++i) {
      reference.checkers.emplace_back(rules.servers[i].checkers, kUp);
    }
    pool.begin();
    reference.judge();
    for (int step = 0; step < 100; ++step) {
      const std::size_t server = random() % rules.servers.size();
      if (rules.servers[server].checkers == 0) {
        continue;
      }
      const std::size_t checker = random() % rules.servers[server].checkers;
      const CheckerStanding standing = randomStanding(random);
      reference.checkers[server][checker] = standing;
      reference.judge();
      const bool hadQuorum = pool.pool.hasQuorum();
      pool.hear(server, standing, checker);
      ASSERT_EQ(pool.pool.hasQuorum(), reference.hasQuorum) << "round " << round << " " << step;
      ASSERT_EQ(only<NotifyQuorum>(pool.asked).size(), hadQuorum != reference.hasQuorum ? 1U : 0U);
      for (std::size_t i = 0; i < rules.servers.size(); ++i) {
        ASSERT_EQ(pool.table[i], reference.placement(i)) << "round " << round << " " << step;
      }
      const bool isSorry = !reference.hasQuorum && !rules.sorryServer.empty();
      ASSERT_EQ(pool.sorry.weight, isSorry ? 1 : 0);
    }
  }
}

}  // namespace
}  // namespace holdfast::checkd
