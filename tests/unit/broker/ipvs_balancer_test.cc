// What checkd may ask, and what it is told.
#include <gtest/gtest.h>

#include <algorithm>

#include "ipc/message.h"
#include "privd/broker/ipvs/balancer.h"
#include "tests/unit/broker/fake_edge.h"
#include "tests/unit/broker/ipvs_sample.h"

namespace holdfast::privd::ipvs {
namespace {

using std::chrono::seconds;
using Kind = Event::Kind;
using Verb = schema::LvsRequest::Verb;
using policy::BrokerState;

constexpr Generation kFirst{1};
constexpr Generation kSecond{2};

class IpvsBalancer : public testing::Test, private Balancer::Port {
 protected:
  IpvsBalancer()
      : balancer_(edge_, log_, *this,
                  [this](Generation, InstanceId instance) { return masters_.contains(instance); }) {
  }

  static Configuration sample() {
    Configuration config;
    config.virtualServers = {virtualServer({tcp("10.0.0.1", 80)}, 2),
                             virtualServer({tcp("10.0.0.2", 80)}, 1)};
    config.virtualServers[0].sorryServer = destination("10.2.0.1", 80);
    config.checkSockets = {{.mark = 7}};
    return config;
  }
  void start(Configuration config = sample()) {
    ASSERT_TRUE(balancer_.prepare().ok());
    balancer_.load(kFirst, std::move(config));
    ASSERT_TRUE(balancer_.start(true).ok());
    settle();
  }
  void settle() {
    for (int i = 0; i < 100 && balancer_.settle(now_) <= now_; ++i) {
    }
  }
  struct Asked {
    Generation generation = kFirst;
    std::uint32_t virtualServer = 0;
    std::uint32_t realServer = 0;
    std::uint32_t socket = 0;
    bool isIn = true;
    std::uint16_t weight = 1;
    BrokerState state = BrokerState::kRunning;
    bool descriptor = false;
  };
  bool ask(Verb verb, const Asked& asked) {
    MessageBuffer<schema::LvsRequest> message;
    message.root().setVerb(verb);
    message.root().setGeneration(static_cast<std::uint32_t>(asked.generation));
    message.root().setVirtualServer(asked.virtualServer);
    message.root().setRealServer(asked.realServer);
    message.root().setSocket(asked.socket);
    message.root().setIsIn(asked.isIn);
    message.root().setWeight(asked.weight);
    std::vector<capnp::word> words(message.bytes().size() / sizeof(capnp::word));
    std::memcpy(words.data(), message.bytes().data(), message.bytes().size());
    const bool good = balancer_.serve(words, asked.descriptor, asked.state, now_);
    settle();
    return good;
  }
  FakeIpvs::Entry& web() { return edge_.kernel->content[tcp("10.0.0.1", 80)]; }
  [[nodiscard]] std::vector<Event> told(Kind kind) const {
    std::vector<Event> found;
    std::ranges::copy_if(events_, std::back_inserter(found),
                         [&](const Event& event) { return event.kind == kind; });
    return found;
  }

  Log log_{-1};
  FakeEdge edge_;
  std::set<InstanceId> masters_;
  Balancer balancer_;
  std::vector<Event> events_;
  std::size_t descriptors_ = 0;
  bool isFull_ = false;
  TimePoint now_{seconds(1000)};

 private:
  SendOutcome send(const Event& event, int borrowedFd) override {
    if (isFull_) {
      return SendOutcome::kFull;
    }
    events_.push_back(event);
    descriptors_ += borrowedFd >= 0 ? 1 : 0;
    return SendOutcome::kSent;
  }
};

TEST_F(IpvsBalancer, DoesWhatIsAskedOfServersOfTheConfiguration) {
  start();
  EXPECT_TRUE(ask(Verb::HELLO, {}));
  EXPECT_EQ(told(Kind::HELLO_END).size(), 1U);
  EXPECT_TRUE(ask(Verb::SET_DESTINATION, {.realServer = 1, .weight = 9}));
  EXPECT_TRUE(ask(Verb::SET_SORRY, {.weight = 2}));
  EXPECT_TRUE(ask(Verb::COMPLETE, {}));
  ASSERT_EQ(web().destinations.size(), 2U);
  EXPECT_EQ(web().destinations[at("10.1.0.2", 80)].weight, 9U);
  EXPECT_EQ(web().destinations[at("10.2.0.1", 80)].weight, 2U);
  EXPECT_TRUE(ask(Verb::SET_SORRY, {.isIn = false}));
  EXPECT_EQ(web().destinations.size(), 1U);
}

TEST_F(IpvsBalancer, RefusesEverythingElse) {
  start();
  const FakeIpvs::Content before = edge_.kernel->content;
  EXPECT_FALSE(ask(Verb::SET_DESTINATION, {.virtualServer = 2}));
  EXPECT_FALSE(ask(Verb::SET_DESTINATION, {.realServer = 2}));
  EXPECT_FALSE(ask(Verb::SET_DESTINATION, {.virtualServer = 0xffffffff, .realServer = 0xffffffff}));
  EXPECT_FALSE(ask(Verb::SET_SORRY, {.virtualServer = 1})) << "it has none";
  EXPECT_FALSE(ask(Verb::SET_DESTINATION, {.generation = kSecond}));
  EXPECT_FALSE(ask(Verb::OPEN_CHECK_SOCKET, {.socket = 1}));
  EXPECT_FALSE(ask(Verb::READ_STATISTICS, {.virtualServer = 2}));
  EXPECT_FALSE(ask(static_cast<Verb>(6), {}));
  EXPECT_FALSE(ask(static_cast<Verb>(0xffff), {}));
  EXPECT_FALSE(ask(Verb::HELLO, {.descriptor = true}));
  EXPECT_FALSE(ask(Verb::HELLO, {.state = BrokerState::kLoaded}));
  const std::vector<capnp::word> shorter(3);
  EXPECT_FALSE(balancer_.serve(shorter, false, BrokerState::kRunning, now_));
  EXPECT_EQ(edge_.kernel->content, before);
  EXPECT_TRUE(events_.empty());
}

TEST_F(IpvsBalancer, BearsWithARequestThatCrossedWithItsRetirement) {
  start();
  balancer_.load(kSecond, sample());
  EXPECT_TRUE(ask(Verb::COMPLETE, {.generation = kSecond}));
  balancer_.retire(kFirst);
  EXPECT_TRUE(ask(Verb::SET_DESTINATION, {.generation = kFirst, .realServer = 99}));
  EXPECT_FALSE(ask(Verb::SET_DESTINATION, {.generation = Generation{7}}));
}

TEST_F(IpvsBalancer, IsTheEndWhereTheKernelHasNoIpvs) {
  edge_.hasIpvs = false;
  const Status prepared = balancer_.prepare();
  ASSERT_FALSE(prepared.ok());
  EXPECT_EQ(prepared.error().code, ENOENT);
  EXPECT_NE(prepared.error().message.find("Can't initialize ipvs"), std::string::npos);
}

TEST_F(IpvsBalancer, ComesToLifeWithAReloadToo) {
  ASSERT_TRUE(balancer_.start(true).ok());
  EXPECT_FALSE(ask(Verb::HELLO, {}));
  ASSERT_TRUE(balancer_.prepare().ok());
  balancer_.load(kSecond, sample());
  settle();
  EXPECT_EQ(edge_.kernel->content.size(), 2U);
  EXPECT_TRUE(ask(Verb::HELLO, {.generation = kSecond}));
}

TEST_F(IpvsBalancer, HandsOutSocketsForChecksAtABoundedPace) {
  start();
  EXPECT_TRUE(ask(Verb::OPEN_CHECK_SOCKET, {}));
  ASSERT_EQ(edge_.sockets.size(), 1U);
  EXPECT_EQ(edge_.sockets[0].mark, 7U);
  EXPECT_EQ(descriptors_, 1U);

  edge_.socketError = EMFILE;
  EXPECT_TRUE(ask(Verb::OPEN_CHECK_SOCKET, {}));
  EXPECT_EQ(told(Kind::SOCKET).back().result, static_cast<std::uint32_t>(EMFILE));
  edge_.socketError = 0;

  for (int i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(ask(Verb::OPEN_CHECK_SOCKET, {}));
  }
  EXPECT_LT(edge_.sockets.size(), 5000U);
  EXPECT_EQ(told(Kind::SOCKET).back().result, static_cast<std::uint32_t>(EAGAIN));
  now_ += seconds(1);
  EXPECT_TRUE(ask(Verb::OPEN_CHECK_SOCKET, {}));
  EXPECT_EQ(told(Kind::SOCKET).back().result, 0U);
}

TEST_F(IpvsBalancer, WaitsForNobodyAndKeepsOneEventForEachThing) {
  start();
  isFull_ = true;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(ask(Verb::OPEN_CHECK_SOCKET, {}));
    EXPECT_TRUE(ask(Verb::HELLO, {}));
    EXPECT_TRUE(ask(Verb::READ_STATISTICS, {}));
  }
  EXPECT_EQ(balancer_.waiting(), 1U + 1U + 3U);
  EXPECT_TRUE(edge_.sockets.size() <= 2) << "none is held for a checkd that does not read";
  isFull_ = false;
  EXPECT_TRUE(balancer_.flush());
  EXPECT_EQ(events_.size(), 5U);
}

TEST_F(IpvsBalancer, AddsUpTheStatisticsOfAllServices) {
  Configuration config = sample();
  config.virtualServers[0].services[0].count = 40;
  start(config);
  EXPECT_TRUE(ask(Verb::SET_DESTINATION, {.realServer = 1}));
  edge_.kernel->statistics = {.connections = 5, .inBytes = 7};
  EXPECT_TRUE(ask(Verb::READ_STATISTICS, {}));
  const std::vector<Event> events = told(Kind::STATISTICS);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].realServer, 0U);
  EXPECT_EQ(events[0].statistics.connections, 0U);
  EXPECT_EQ(events[1].activeConnections, 40U);
  EXPECT_EQ(events[1].statistics.connections, 200U);
  EXPECT_EQ(events[2].realServer, Event::kWhole);
  EXPECT_EQ(events[2].statistics.inBytes, 280U);
}

TEST_F(IpvsBalancer, TellsWhetherAWatchedAddressIsHere) {
  Configuration config = sample();
  config.virtualServers[1].watched = {
      {*IpAddress::parse("10.0.0.2"), *IpAddress::parse("10.0.0.4")}};
  edge_.addresses = {{1, *IpAddress::parse("10.0.0.1"), 32, 0, 0}};
  start(config);
  EXPECT_TRUE(ask(Verb::HELLO, {}));
  ASSERT_EQ(told(Kind::ADDRESS).size(), 1U);
  EXPECT_EQ(told(Kind::ADDRESS)[0].virtualServer, 1U);
  EXPECT_EQ(told(Kind::ADDRESS)[0].result, static_cast<std::uint32_t>(EADDRNOTAVAIL));

  NetlinkMessage news;
  news.kind = NetlinkMessage::Kind::kAddress;
  news.address = {2, *IpAddress::parse("10.0.0.3"), 24, 0, 0};
  balancer_.news(news);
  settle();
  ASSERT_EQ(told(Kind::ADDRESS).size(), 2U);
  EXPECT_EQ(told(Kind::ADDRESS)[1].result, 0U);
  balancer_.news(news);
  settle();
  EXPECT_EQ(told(Kind::ADDRESS).size(), 2U) << "only changes are told";

  news.kind = NetlinkMessage::Kind::kAddressGone;
  balancer_.news(news);
  settle();
  EXPECT_EQ(told(Kind::ADDRESS).back().result, static_cast<std::uint32_t>(EADDRNOTAVAIL));
}

TEST_F(IpvsBalancer, TheSyncDaemonFollowsItsInstance) {
  Configuration config = sample();
  config.syncDaemon = SyncDaemon{.interface = "e0", .instance = InstanceId{3}, .syncId = 51};
  start(config);
  auto& running = edge_.kernel->running;
  EXPECT_TRUE(running.size() == 1 && running.contains(Role::kBackup));
  masters_.insert(InstanceId{3});
  settle();
  EXPECT_TRUE(running.size() == 1 && running.contains(Role::kMaster));
  masters_.clear();
  settle();
  EXPECT_TRUE(running.size() == 1 && running.contains(Role::kBackup));
  EXPECT_EQ(edge_.kernel->daemonsStarted, 3U);
  balancer_.release();
  EXPECT_TRUE(running.empty());
}

TEST_F(IpvsBalancer, WithoutAnInstanceBothSyncDaemonsRunOnceTheirDeviceIsThere) {
  Configuration config = sample();
  config.syncDaemon = SyncDaemon{.interface = "e0"};
  ASSERT_TRUE(balancer_.prepare().ok());
  edge_.kernel->daemonError = ENODEV;
  balancer_.load(kFirst, config);
  ASSERT_TRUE(balancer_.start(true).ok());
  settle();
  EXPECT_TRUE(edge_.kernel->running.empty());
  edge_.kernel->daemonError = 0;
  now_ += seconds(1);
  settle();
  EXPECT_EQ(edge_.kernel->running.size(), 2U);
}

TEST_F(IpvsBalancer, ASyncDaemonOfThePrivdBeforeGoesOn) {
  ASSERT_TRUE(balancer_.prepare().ok());
  const SyncDaemon daemon{.interface = "e0", .syncId = 9};
  edge_.kernel->running = {{Role::kMaster, daemon}, {Role::kBackup, daemon}};
  Configuration config = sample();
  config.syncDaemon = daemon;
  balancer_.load(kFirst, config);
  ASSERT_TRUE(balancer_.start(false).ok());
  settle();
  EXPECT_EQ(edge_.kernel->daemonsStarted, 0U);
  EXPECT_EQ(edge_.kernel->running.size(), 2U);
}

TEST_F(IpvsBalancer, SetsTimeoutsOncePerConfiguration) {
  Configuration config = sample();
  config.timeouts = Timeouts{.tcpSeconds = 900};
  start(config);
  EXPECT_EQ(edge_.kernel->timeouts->tcpSeconds, 900U);
  edge_.kernel->timeouts.reset();
  settle();
  EXPECT_FALSE(edge_.kernel->timeouts);
}

TEST_F(IpvsBalancer, MarksFollowTheConfigurationInForce) {
  Configuration config = sample();
  const IpAddress address = *IpAddress::parse("10.5.0.1");
  config.marks = {{1000, IPPROTO_TCP, address, address, 80}};
  start(config);
  EXPECT_EQ(edge_.marks, config.marks);
  EXPECT_EQ(edge_.marksSet, 1U);
  edge_.areMarksThere = false;
  now_ += seconds(1);
  settle();
  EXPECT_EQ(edge_.marksSet, 2U) << "somebody else removed them";

  config.marks[0].port = 443;
  balancer_.load(kSecond, config);
  EXPECT_EQ(edge_.marks[0].port, 80U);
  EXPECT_TRUE(ask(Verb::COMPLETE, {.generation = kSecond}));
  EXPECT_EQ(edge_.marks[0].port, 443U);
  balancer_.release();
  EXPECT_TRUE(edge_.marks.empty());
}

TEST_F(IpvsBalancer, TellsCheckdWhatTheKernelDoesNotTake) {
  start();
  EXPECT_TRUE(ask(Verb::HELLO, {}));
  edge_.kernel->refuses = [](const Operation& operation) {
    return operation.kind == Operation::Kind::kAddDestination;
  };
  EXPECT_TRUE(ask(Verb::SET_DESTINATION, {.realServer = 1}));
  ASSERT_EQ(told(Kind::REFUSED).size(), 1U);
  EXPECT_EQ(told(Kind::REFUSED)[0].realServer, 1U);
  EXPECT_EQ(told(Kind::REFUSED)[0].result, static_cast<std::uint32_t>(EPERM));
}

}  // namespace
}  // namespace holdfast::privd::ipvs
