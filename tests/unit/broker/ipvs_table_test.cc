// What the table of IPVS is after whatever checkd, the supervisor, the kernel and others do.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "privd/broker/ipvs/table.h"
#include "tests/unit/broker/fake_ipvs.h"
#include "tests/unit/broker/ipvs_sample.h"

namespace holdfast::privd::ipvs {
namespace {

using std::chrono::seconds;
using Kind = Operation::Kind;

constexpr Generation kFirst{1};
constexpr Generation kSecond{2};

class IpvsTable : public testing::Test {
 protected:
  IpvsTable() { restart(); }

  // A privd that starts again knows nothing.
  void restart() {
    table_.emplace(kernel_, log_, [this](Generation, const ServerId& server, int error) {
      refused_.emplace_back(server, error);
    });
  }
  void start(const Configuration& config, bool isFirst = false) {
    table_->load(kFirst, config);
    ASSERT_TRUE(table_->start(isFirst).ok());
  }
  static Configuration oneServer(unsigned realServers = 2) {
    Configuration config;
    config.virtualServers = {virtualServer({tcp("10.0.0.1", 80)}, realServers)};
    return config;
  }
  void settle() {
    for (int i = 0; i < 1000 && table_->work(now_) <= now_; ++i) {
    }
  }
  void say(std::uint32_t realServer, std::optional<std::uint16_t> weight,
           Generation generation = kFirst) {
    table_->say(generation, {0, realServer, false}, weight);
  }
  FakeIpvs::Entry& web() { return kernel_.content[tcp("10.0.0.1", 80)]; }
  [[nodiscard]] std::size_t count(Kind kind) const {
    return static_cast<std::size_t>(std::ranges::count(kernel_.order, kind, &Operation::kind));
  }

  Log log_{-1};
  FakeIpvs kernel_;
  std::optional<Table> table_;
  std::vector<std::pair<ServerId, int>> refused_;
  TimePoint now_{seconds(1000)};
};

TEST_F(IpvsTable, HoldsTheServersThatAreInWithTheirWeights) {
  start(oneServer());
  say(0, 3);
  settle();
  EXPECT_EQ(web().options.scheduler, "wlc");
  ASSERT_EQ(web().destinations.size(), 1U);
  EXPECT_EQ(web().destinations[at("10.1.0.1", 80)].weight, 3U);

  say(0, 0);
  say(1, 7);
  settle();
  EXPECT_EQ(web().destinations[at("10.1.0.1", 80)].weight, 0U);
  EXPECT_EQ(web().destinations[at("10.1.0.2", 80)].weight, 7U);

  say(0, std::nullopt);
  settle();
  EXPECT_FALSE(web().destinations.contains(at("10.1.0.1", 80)));
}

TEST_F(IpvsTable, TouchesNothingThatIsRightAlready) {
  web().options.scheduler = "wlc";
  web().destinations[at("10.1.0.1", 80)] = {};
  start(oneServer());
  say(0, 1);
  table_->complete(kFirst);
  settle();
  EXPECT_TRUE(kernel_.order.empty());
}

TEST_F(IpvsTable, RemovesNothingBeforeCheckdHasNamedEverything) {
  web().options.scheduler = "rr";
  web().destinations[at("10.1.0.1", 80)] = {};
  web().destinations[at("10.9.9.9", 80)] = {};
  kernel_.content[tcp("10.7.7.7", 80)] = {};
  start(oneServer());
  settle();
  EXPECT_EQ(web().options.scheduler, "wlc") << "changed in place";
  EXPECT_EQ(web().destinations.size(), 2U);

  table_->complete(kFirst);
  settle();
  EXPECT_FALSE(web().destinations.contains(at("10.1.0.1", 80))) << "ours, and not named";
  EXPECT_TRUE(web().destinations.contains(at("10.9.9.9", 80))) << "somebody else's";
  EXPECT_TRUE(kernel_.content.contains(tcp("10.7.7.7", 80))) << "somebody else's";
}

TEST_F(IpvsTable, FlushesAtTheStartOfTheDaemonOnly) {
  Configuration config = oneServer();
  config.flushAtStart = true;
  kernel_.content[tcp("10.7.7.7", 80)] = {};
  start(config, true);
  settle();
  EXPECT_EQ(kernel_.flushes, 1U);
  EXPECT_EQ(kernel_.content.size(), 1U);

  restart();
  start(config, false);
  settle();
  EXPECT_EQ(kernel_.flushes, 1U);
}

TEST_F(IpvsTable, KeepsWhatWasSaidUntilTheNextCheckdIsThrough) {
  start(oneServer());
  say(0, 1);
  say(1, 1);
  table_->complete(kFirst);
  settle();

  table_->hello(kFirst);
  say(1, 5);
  settle();
  EXPECT_EQ(web().destinations.size(), 2U);
  table_->complete(kFirst);
  settle();
  ASSERT_EQ(web().destinations.size(), 1U);
  EXPECT_EQ(web().destinations[at("10.1.0.2", 80)].weight, 5U);
}

TEST_F(IpvsTable, TheSorryServerComesBeforeTheOthersGo) {
  Configuration config = oneServer(1);
  config.virtualServers[0].sorryServer = destination("10.2.0.1", 80);
  start(config);
  say(0, 1);
  settle();
  kernel_.order.clear();
  say(0, std::nullopt);
  table_->say(kFirst, {0, 0, true}, std::uint16_t{1});
  settle();
  ASSERT_EQ(kernel_.order.size(), 2U);
  EXPECT_EQ(kernel_.order[0].kind, Kind::kAddDestination);
  EXPECT_EQ(kernel_.order[1].kind, Kind::kRemoveDestination);
}

TEST_F(IpvsTable, AReloadChangesInPlaceWhenItsCheckdIsThroughAndRemovesWhenTheOldOneRetires) {
  Configuration old = oneServer();
  old.virtualServers.push_back(virtualServer({tcp("10.0.0.2", 80)}, 1));
  start(old);
  say(0, 1);
  say(1, 1);
  table_->say(kFirst, {1, 0, false}, std::uint16_t{1});
  table_->complete(kFirst);
  settle();
  kernel_.order.clear();

  Configuration next = oneServer(1);
  next.virtualServers[0].options.scheduler = "rr";
  next.virtualServers.push_back(virtualServer({tcp("10.0.0.3", 80)}, 1));
  table_->load(kSecond, next);
  say(0, 9, kSecond);
  settle();
  EXPECT_TRUE(kernel_.order.empty()) << "the old one is still in force";

  table_->complete(kSecond);
  settle();
  EXPECT_EQ(web().options.scheduler, "rr");
  ASSERT_EQ(web().destinations.size(), 1U);
  EXPECT_EQ(web().destinations[at("10.1.0.1", 80)].weight, 9U);
  EXPECT_EQ(kernel_.content[tcp("10.0.0.2", 80)].destinations.size(), 1U);
  EXPECT_TRUE(kernel_.content.contains(tcp("10.0.0.3", 80)));

  table_->retire(kFirst);
  settle();
  EXPECT_FALSE(kernel_.content.contains(tcp("10.0.0.2", 80)));
  EXPECT_EQ(count(Kind::kRemoveService), 1U);
}

TEST_F(IpvsTable, AReloadThatIsRolledBackLeavesTheOldOneAsItWas) {
  start(oneServer());
  say(0, 1);
  say(1, 2);
  table_->complete(kFirst);
  settle();
  const FakeIpvs::Content before = kernel_.content;

  Configuration next = oneServer(1);
  next.virtualServers.push_back(virtualServer({tcp("10.0.0.3", 80)}, 1));
  table_->load(kSecond, next);
  table_->complete(kSecond);
  settle();
  EXPECT_NE(kernel_.content, before);
  table_->retire(kSecond);
  settle();
  EXPECT_EQ(kernel_.content, before);
}

TEST_F(IpvsTable, PutsBackAServiceThatSomebodyElseRemovesButNotAWeightThatSomebodySet) {
  start(oneServer());
  say(0, 1);
  say(1, 2);
  table_->complete(kFirst);
  settle();
  web().destinations[at("10.1.0.1", 80)].weight = 0;
  now_ += seconds(31);
  settle();
  EXPECT_EQ(web().destinations[at("10.1.0.1", 80)].weight, 0U);

  kernel_.content.clear();
  now_ += seconds(31);
  settle();
  EXPECT_EQ(web().destinations.size(), 2U);
  EXPECT_EQ(web().destinations[at("10.1.0.1", 80)].weight, 1U);
}

TEST_F(IpvsTable, GetsOverWhatOthersHaveChangedAtOnce) {
  start(oneServer());
  say(0, 1);
  settle();
  web().destinations.clear();
  web().destinations[at("10.1.0.2", 80)].weight = 50;
  say(0, 4);
  say(1, 5);
  settle();
  EXPECT_EQ(web().destinations[at("10.1.0.1", 80)].weight, 4U);
  EXPECT_EQ(web().destinations[at("10.1.0.2", 80)].weight, 5U);
  EXPECT_TRUE(refused_.empty());
}

TEST_F(IpvsTable, TellsOnceOfWhatIsRefusedAndTriesAgainLaterAndLater) {
  start(oneServer());
  kernel_.refuses = [](const Operation& operation) {
    return operation.destination == at("10.1.0.2", 80);
  };
  say(0, 1);
  say(1, 1);
  settle();
  ASSERT_EQ(refused_.size(), 1U);
  EXPECT_EQ(refused_[0].first, (ServerId{0, 1, false}));
  EXPECT_EQ(refused_[0].second, EPERM);
  EXPECT_EQ(web().destinations.size(), 1U);

  kernel_.order.clear();
  for (int i = 0; i < 600; ++i) {
    now_ += seconds(1);
    settle();
  }
  EXPECT_EQ(refused_.size(), 1U);
  EXPECT_GT(kernel_.order.size(), 5U);
  EXPECT_LT(kernel_.order.size(), 20U);
  kernel_.refuses = nullptr;
  now_ += seconds(61);
  settle();
  EXPECT_EQ(web().destinations.size(), 2U);
}

TEST_F(IpvsTable, AtTheEndOnlyOursGoes) {
  kernel_.content[tcp("10.7.7.7", 80)] = {};
  start(oneServer());
  say(0, 1);
  settle();
  table_->release();
  EXPECT_EQ(kernel_.content.size(), 1U);
  EXPECT_TRUE(kernel_.content.contains(tcp("10.7.7.7", 80)));
}

TEST_F(IpvsTable, FlushAtTheStopTakesEverything) {
  Configuration config = oneServer();
  config.flushAtStop = Flush::kEverything;
  kernel_.content[tcp("10.7.7.7", 80)] = {};
  start(config);
  table_->release();
  EXPECT_TRUE(kernel_.content.empty());
}

TEST_F(IpvsTable, WorksInSlices) {
  Configuration config;
  config.virtualServers = {virtualServer({tcp("10.0.0.1", 80)}, 1)};
  config.virtualServers[0].services[0].count = 2000;
  start(config);
  say(0, 1);
  static_cast<void>(table_->work(now_));
  EXPECT_LT(kernel_.order.size(), 600U);
  EXPECT_EQ(table_->work(now_), now_);
  settle();
  EXPECT_EQ(kernel_.content.size(), 2000U);
  EXPECT_TRUE(kernel_.content.contains(tcp("10.0.7.208", 80)));
}

// The naive reference: of each generation what was said, and what has to be there after all of it.
class Reference {
 public:
  void load(Generation generation, const Configuration& config) {
    told_[generation] = {config, {}, {}};
    if (!inForce_) {
      force(generation);
    }
  }
  void say(Generation generation, const ServerId& server, std::optional<std::uint16_t> weight) {
    told_[generation].said[server] = weight;
    told_[generation].named.insert(server);
  }
  void hello(Generation generation) { told_[generation].named.clear(); }
  void complete(Generation generation) {
    Told& told = told_[generation];
    for (std::uint32_t i = 0; i < told.config.virtualServers.size(); ++i) {
      for (std::uint32_t j = 0; j < told.config.virtualServers[i].destinations.size(); ++j) {
        if (!told.named.contains({i, j, false})) {
          told.said[{i, j, false}] = std::nullopt;
        }
      }
    }
    if (generation > *inForce_) {
      force(generation);
    }
  }
  void retire(Generation generation) {
    told_.erase(generation);
    served_.erase(generation);
    if (inForce_ == generation) {
      force(served_.empty() ? told_.rbegin()->first : *served_.rbegin());
    }
  }
  // Of `before`, what checkd has not spoken of stays.
  [[nodiscard]] FakeIpvs::Content content(const FakeIpvs::Content& before) const {
    FakeIpvs::Content content;
    add(*inForce_, before, content);
    for (auto generation = served_.rbegin(); generation != served_.rend(); ++generation) {
      add(*generation, before, content);
    }
    return content;
  }
  [[nodiscard]] std::size_t loaded() const { return told_.size(); }
  [[nodiscard]] std::vector<Generation> generations() const {
    std::vector<Generation> all;
    for (const auto& [generation, told] : told_) {
      all.push_back(generation);
    }
    return all;
  }

 private:
  struct Told {
    Configuration config;
    std::map<ServerId, std::optional<std::uint16_t>> said;
    std::set<ServerId> named;
  };
  void force(Generation generation) {
    inForce_ = generation;
    served_.insert(generation);
  }
  void add(Generation generation, const FakeIpvs::Content& before,
           FakeIpvs::Content& content) const {
    const Told& told = told_.at(generation);
    for (std::uint32_t i = 0; i < told.config.virtualServers.size(); ++i) {
      const VirtualServer& server = told.config.virtualServers[i];
      const ServiceKey key = server.services[0].first;
      if (!content.try_emplace(key, FakeIpvs::Entry{server.options, {}}).second) {
        continue;
      }
      for (std::uint32_t j = 0; j < server.destinations.size(); ++j) {
        const auto said = told.said.find({i, j, false});
        DestinationOptions options = server.destinations[j].options;
        if (said != told.said.end() && said->second) {
          options.weight = *said->second;
          content[key].destinations[server.destinations[j].key] = options;
        }
        const auto there = before.find(key);
        if (said == told.said.end() && there != before.end() &&
            there->second.destinations.contains(server.destinations[j].key)) {
          content[key].destinations[server.destinations[j].key] =
              there->second.destinations.at(server.destinations[j].key);
        }
      }
    }
  }

  std::map<Generation, Told> told_;
  std::set<Generation> served_;
  std::optional<Generation> inForce_;
};

class IpvsModel : public testing::TestWithParam<unsigned> {};

TEST_P(IpvsModel, AgreesWithTheReferenceWhateverHappens) {
  std::mt19937 random(GetParam());
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  const auto someConfiguration = [&] {
    Configuration config;
    for (unsigned i = 0; i < 3; ++i) {
      if (i == 0 || below(3) != 0) {
        config.virtualServers.push_back(
            virtualServer({tcp(("10.0.0." + std::to_string(1 + i)).c_str(), 80)}, 1 + below(4)));
        config.virtualServers.back().options.scheduler = below(2) == 0 ? "wlc" : "rr";
      }
    }
    return config;
  };

  Log log{-1};
  FakeIpvs kernel;
  const FakeIpvs::Entry foreign{{.scheduler = "sh"}, {{at("10.5.5.5", 1), {}}}};
  const ServiceKey foreignKey = tcp("10.200.0.1", 443);
  kernel.content[foreignKey] = foreign;
  Reference reference;
  Table table(kernel, log, [](Generation, const ServerId&, int) {});
  std::uint32_t newest = 1;
  TimePoint now{seconds(1000)};
  const Configuration first = someConfiguration();
  table.load(Generation{newest}, first);
  reference.load(Generation{newest}, first);
  ASSERT_TRUE(table.start(true).ok());

  for (int step = 0; step < 300; ++step) {
    const auto loaded = reference.generations();
    const Generation some = loaded[below(static_cast<unsigned>(loaded.size()))];
    switch (below(8)) {
      case 0:
        if (reference.loaded() < 3) {
          const Configuration config = someConfiguration();
          table.load(Generation{++newest}, config);
          reference.load(Generation{newest}, config);
        }
        break;
      case 1:
        if (reference.loaded() > 1) {
          table.retire(some);
          reference.retire(some);
        }
        break;
      case 2:
        table.hello(some);
        reference.hello(some);
        break;
      case 3:
        table.complete(some);
        reference.complete(some);
        break;
      case 4:
        // Somebody else removes a service of ours, or a destination.
        if (auto victim = kernel.content.begin(); victim->first != foreignKey && below(4) == 0) {
          kernel.content.erase(victim);
        }
        break;
      default: {
        const auto& servers = table.find(some)->config().virtualServers;
        const std::uint32_t server = below(static_cast<unsigned>(servers.size()));
        const ServerId id{server, below(static_cast<unsigned>(servers[server].destinations.size())),
                          false};
        const std::optional<std::uint16_t> weight =
            below(3) == 0 ? std::nullopt : std::optional(static_cast<std::uint16_t>(below(9)));
        table.say(some, id, weight);
        reference.say(some, id, weight);
      }
    }
    // Some of the time the kernel refuses whatever it is asked.
    const bool refuses = below(4) == 0;
    kernel.refuses = [&](const Operation&) { return refuses && below(2) == 0; };
    static_cast<void>(table.work(now));
    now += seconds(below(3));
    if (below(3) != 0) {
      continue;
    }
    kernel.refuses = nullptr;
    now += seconds(100);
    for (int i = 0; i < 20; ++i) {
      static_cast<void>(table.work(now));
    }
    FakeIpvs::Content expected = reference.content(kernel.content);
    expected[foreignKey] = foreign;
    ASSERT_EQ(kernel.content, expected) << "seed " << GetParam() << ", step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, IpvsModel, testing::Range(1U, 60U));

}  // namespace
}  // namespace holdfast::privd::ipvs
