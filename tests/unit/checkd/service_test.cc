// A virtual server at work: what it asks for while checks say one thing and another, checkd dies
// and configurations are reloaded.
#include "checkd/service.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <random>
#include <unordered_set>

#include "ipc/notebook.h"
#include "tests/unit/checkd/test_server.h"

namespace holdfast::checkd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// FILE_CHECK: up while there is 0 in the file of that number.
Checker fileCheck(std::uint32_t file, std::int32_t weight = 0) {
  Checker checker;
  checker.check = FileCheck{.file = TrackFileId{file}, .weight = weight};
  return checker;
}

VirtualServer virtualServer(std::vector<RealServer> servers) {
  VirtualServer server;
  server.name = "[10.0.0.1]:tcp:80";
  server.realServers = std::move(servers);
  return server;
}

// Number `n` of the world: its name, its file and its scripts.
RealServer realServer(std::uint32_t n, std::uint32_t weight = 1) {
  RealServer server;
  server.name = "[10.0.0." + std::to_string(n) + "]:tcp:80";
  server.weight = weight;
  server.notifyUp = ScriptReference{IdentityId{1}, 2 * n};
  server.notifyDown = ScriptReference{IdentityId{1}, 2 * n + 1};
  server.checkers.push_back(fileCheck(n));
  return server;
}

// A process in which one virtual server is at work; the kernel's table and the memory outlive it.
class World {
 public:
  World() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds.data()), 0);
    logEnds_ = {UniqueFd(fds[0]), UniqueFd(fds[1])};
  }

  // A new checkd, whose privd takes out what is not named.
  void begin(const VirtualServer& server, bool initialNotifies = false) {
    service_.reset();
    server_ = server;
    memory_ = Memory();
    EXPECT_TRUE(memory_.adopt(notebook_).ok());
    const std::vector<std::string> keys = Service::keysOf(server_);
    memory_.begin(keys);
    std::vector<std::optional<Memory::Entry>> before;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      before.push_back(memory_.before(i));
    }
    table.clear();
    service_ = std::make_unique<Service>(Means{loop_, sockets_, http_, tls_, runs_}, log_, server_,
                                         initialNotifies, before, outlets());
    service_->start(EventLoop::now());
  }
  // What was said goes to the table by the name of the server.
  void privdStartsAgain() {
    table.clear();
    service_->repeat();
  }
  void put(std::uint32_t file, std::int32_t number) {
    service_->setFile(TrackFileId{file}, number);
  }
  void end() { service_->end(); }
  // A reload to these virtual servers is about to end this process.
  void giveWayTo(const std::vector<VirtualServer>& next) {
    std::unordered_set<std::string> keys;
    for (const VirtualServer& server : next) {
      for (const std::string& key : Service::keysOf(server)) {
        keys.insert(key);
      }
    }
    service_->giveWayTo(keys);
  }

  std::vector<std::string> takeSaid() { return std::exchange(said_, {}); }

  std::map<std::string, std::uint16_t> table;

 private:
  Service::Outlets outlets() {
    Service::Outlets to;
    to.place = [this](std::size_t real, const Placement& placement) {
      place(server_.realServers[real].name, placement);
    };
    to.placeSorry = [this](const Placement& placement) { place(*server_.sorryServer, placement); };
    to.run = [this](const ScriptReference& script) {
      said_.push_back("run " + std::to_string(script.notifier));
    };
    to.tell = [this](std::size_t subject, bool isUp) {
      const std::string& name = subject == 0 ? server_.name : server_.realServers[subject - 1].name;
      said_.push_back(name + (isUp ? " UP" : " DOWN"));
    };
    to.note = [this](std::size_t object, const Memory::Entry& entry) {
      memory_.note(object, entry);
    };
    return to;
  }
  void place(const std::string& name, const Placement& placement) {
    if (placement.isIn) {
      table[name] = placement.weight;
    } else {
      table.erase(name);
    }
  }

  EventLoop loop_ = std::move(EventLoop::create()).value();
  std::array<UniqueFd, 2> logEnds_;
  Log log_{logEnds_[0].get()};
  PlainSockets sockets_;
  HttpClient http_;
  TlsContexts tls_;
  ScriptRuns runs_{[](IdentityId, std::uint32_t, std::uint32_t) { return false; }};
  UniqueFd notebook_ = std::move(createCheckdNotebook()).value();
  Memory memory_;
  VirtualServer server_;
  std::unique_ptr<Service> service_;
  std::vector<std::string> said_;
};

const std::string kVirtual = "[10.0.0.1]:tcp:80";
const std::string kTwo = "[10.0.0.2]:tcp:80";
const std::string kThree = "[10.0.0.3]:tcp:80";

using Table = std::map<std::string, std::uint16_t>;

TEST(Service, RunsTheScriptThenTellsTheFifo) {
  World world;
  world.begin(virtualServer({realServer(2), realServer(3)}));
  EXPECT_THAT(world.takeSaid(), ElementsAre(kVirtual + " UP"));
  world.put(2, 1);
  EXPECT_EQ(world.table, (Table{{kThree, 1}}));
  EXPECT_THAT(world.takeSaid(), ElementsAre("run 5", kTwo + " DOWN"));
  world.put(2, 0);
  EXPECT_THAT(world.takeSaid(), ElementsAre("run 4", kTwo + " UP"));
}

TEST(Service, AFileWithAWeightChangesThatOfItsServer) {
  RealServer server = realServer(2, 10);
  server.checkers = {fileCheck(2, -2)};
  World world;
  world.begin(virtualServer({server}));
  world.put(2, 3);
  EXPECT_EQ(world.table, (Table{{kTwo, 4}}));
  world.put(2, 100);
  EXPECT_EQ(world.table, (Table{{kTwo, 0}}));
}

TEST(Service, AfterACrashNothingIsSaidAgainAndTheTableIsTheSame) {
  World world;
  const VirtualServer server = virtualServer({realServer(2), realServer(3)});
  world.begin(server);
  world.put(3, 1);
  static_cast<void>(world.takeSaid());
  for (int crash = 0; crash < 3; ++crash) {
    world.begin(server);
    EXPECT_EQ(world.table, (Table{{kTwo, 1}}));
    EXPECT_THAT(world.takeSaid(), IsEmpty());
  }
}

TEST(Service, AServerThatIsDownIsNotUpBecauseItHasOtherCheckers) {
  World world;
  world.begin(virtualServer({realServer(2), realServer(3)}));
  world.put(2, 1);
  RealServer changed = realServer(2);
  Checker tcp;
  tcp.check = TcpCheck{};
  tcp.delayLoop = std::chrono::hours(1);
  tcp.warmup = std::chrono::hours(1);
  changed.checkers = {tcp};
  world.begin(virtualServer({changed, realServer(3)}));
  EXPECT_EQ(world.table, (Table{{kThree, 1}}));
}

TEST(Service, WithoutQuorumTheSorryServerIsInWhileAllElseIsOut) {
  VirtualServer server = virtualServer({realServer(2), realServer(3)});
  server.quorum = 2;
  server.sorryServer = "sorry";
  World world;
  world.begin(server);
  world.put(2, 1);
  EXPECT_EQ(world.table, (Table{{"sorry", 1}}));
  world.begin(server);
  EXPECT_EQ(world.table, (Table{{"sorry", 1}})) << "after a crash";
  world.put(2, 0);
  EXPECT_EQ(world.table, (Table{{kTwo, 1}, {kThree, 1}}));
}

TEST(Service, WithOmegaTheEndIsToldOnce) {
  VirtualServer server = virtualServer({realServer(2)});
  server.omega = true;
  World world;
  world.begin(server);
  static_cast<void>(world.takeSaid());
  world.end();
  EXPECT_THAT(world.takeSaid(), ElementsAre("run 5", kTwo + " DOWN", kVirtual + " DOWN"));
  world.put(2, 1);
  EXPECT_THAT(world.takeSaid(), IsEmpty());
}

TEST(Service, WhatAReloadRemovesIsDown) {
  World world;
  world.begin(virtualServer({realServer(2), realServer(3), realServer(4)}));
  world.put(4, 1);
  static_cast<void>(world.takeSaid());
  world.giveWayTo({virtualServer({realServer(2)})});
  EXPECT_THAT(world.takeSaid(), ElementsAre("run 7", kThree + " DOWN"))
      << "2 stays, and that 4 is down is known";
  EXPECT_EQ(world.table, (Table{{kTwo, 1}, {kThree, 1}})) << "the next process sees to it";
  world.put(2, 1);
  EXPECT_THAT(world.takeSaid(), IsEmpty()) << "it has taken its leave";
}

TEST(Service, AVirtualServerThatAReloadRemovesIsDownWithItsServers) {
  World world;
  world.begin(virtualServer({realServer(2)}));
  static_cast<void>(world.takeSaid());
  world.giveWayTo({});
  EXPECT_THAT(world.takeSaid(), ElementsAre("run 5", kTwo + " DOWN", kVirtual + " DOWN"));
}

// What every server was last seen to be, and the configuration: from these alone follows what must
// be in the table.
struct Truth {
  VirtualServer server;
  std::vector<std::uint32_t> numbers;   // of the real servers, in their order
  std::map<std::uint32_t, bool> alive;  // by number; of those that are configured
  bool hasQuorum = false;

  void judge() {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      sum += alive.at(numbers[i]) ? server.realServers[i].weight : 0;
    }
    const std::int64_t change = hasQuorum ? -std::int64_t{server.hysteresis} : server.hysteresis;
    hasQuorum = sum > 0 && static_cast<std::int64_t>(sum) >= server.quorum + change;
  }
  void put(std::uint32_t file, bool isUp) {
    if (const auto found = alive.find(file); found != alive.end()) {
      found->second = isUp;
      judge();
    }
  }
  [[nodiscard]] Table table() const {
    Table table;
    const bool isSorry = !hasQuorum && server.sorryServer;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const RealServer& real = server.realServers[i];
      if (alive.at(numbers[i]) && !isSorry) {
        table[real.name] = static_cast<std::uint16_t>(real.weight);
      } else if (real.inhibitOnFailure) {
        table[real.name] = 0;
      }
    }
    if (isSorry) {
      table[*server.sorryServer] = 1;
    } else if (server.sorryServer && server.sorryInhibit) {
      table[*server.sorryServer] = 0;
    }
    return table;
  }
};

class ServiceModel : public testing::TestWithParam<unsigned> {
 protected:
  std::mt19937 random_{GetParam()};
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

  // Some of six servers, in some order; one that was there before is as it was, a new one is up.
  void configure(Truth& truth) {
    std::vector<std::uint32_t> numbers{2, 3, 4, 5, 6, 7};
    std::ranges::shuffle(numbers, random_);
    numbers.resize(below(7));
    truth.numbers = numbers;
    truth.server = virtualServer({});
    std::map<std::uint32_t, bool> alive;
    for (const std::uint32_t n : numbers) {
      const auto known = truth.alive.find(n);
      alive[n] = known == truth.alive.end() || known->second;
      truth.server.realServers.push_back(realServer(n, 1 + below(3)));
      truth.server.realServers.back().inhibitOnFailure = below(4) == 0;
    }
    truth.alive = alive;
    truth.server.quorum = below(5);
    truth.server.hysteresis = below(2);
    truth.server.sorryInhibit = below(2) == 0;
    if (below(2) == 0) {
      truth.server.sorryServer = "sorry";
    }
    truth.judge();
  }

  // Nobody is told the same twice.
  void expectNews(const std::vector<std::string>& said) {
    for (const std::string& line : said) {
      if (line.starts_with("[")) {
        const std::size_t end = line.rfind(' ');
        const bool isUp = line.substr(end) == " UP";
        const auto [last, isFirst] = told_.try_emplace(line.substr(0, end), !isUp);
        EXPECT_TRUE(isFirst || last->second != isUp) << line;
        last->second = isUp;
      }
    }
  }
  void forgetRemoved(const VirtualServer& now) {
    std::erase_if(told_, [&](const auto& one) {
      return one.first != now.name && std::ranges::find(now.realServers, one.first,
                                                        &RealServer::name) == now.realServers.end();
    });
  }

 private:
  std::map<std::string, bool> told_;
};

TEST_P(ServiceModel, TheTableFollowsFromWhatChecksSaidWhateverDiesOrIsReloaded) {
  World world;
  Truth truth;
  configure(truth);
  world.begin(truth.server);
  expectNews(world.takeSaid());
  for (int step = 0; step < 400; ++step) {
    const std::uint32_t what = below(20);
    if (what == 0) {
      configure(truth);
      forgetRemoved(truth.server);
      world.begin(truth.server);
    } else if (what == 1) {
      world.begin(truth.server);
      EXPECT_THAT(world.takeSaid(), IsEmpty()) << "a crash is no news";
    } else if (what == 2) {
      world.privdStartsAgain();
    } else {
      const std::uint32_t file = 2 + below(6);
      const bool isUp = below(2) == 0;
      truth.put(file, isUp);
      world.put(file, isUp ? 0 : 1);
    }
    ASSERT_EQ(world.table, truth.table()) << "step " << step << ", event " << what;
    expectNews(world.takeSaid());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ServiceModel, testing::Range(1U, 21U));

}  // namespace
}  // namespace holdfast::checkd
