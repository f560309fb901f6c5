// The process without its sandbox: the supervisor, privd, a scriptd and watchd are played by the
// test.
#include "checkd/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ipc/channel.h"
#include "ipc/sealed.h"

namespace holdfast::checkd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ControlVerb = schema::ControlRequest::Verb;
using Peer = schema::ControlRequest::Peer;

constexpr std::uint32_t kGeneration = 7;
constexpr std::uint32_t kIdentity = 2;

// Real server `i` follows file `i`, and has notifier `i` for when it goes down.
UniqueFd seal(std::uint32_t realServers) {
  SealedBuilder message("checkd");
  auto server = message.initRoot<schema::CheckerConfig>().initVirtualServers(1)[0];
  server.setName("[10.0.0.1]:tcp:80");
  auto servers = server.initRealServers(realServers);
  for (std::uint32_t i = 0; i < realServers; ++i) {
    servers[i].setName("[10.0.0." + std::to_string(i + 2) + "]:tcp:80");
    servers[i].setWeight(i + 1);
    servers[i].setHasNotifyDown(true);
    servers[i].initNotifyDown().setIdentity(kIdentity);
    servers[i].getNotifyDown().setNotifier(i);
    auto checker = servers[i].initCheckers(1)[0];
    checker.setKind(schema::Checker::Kind::FILE);
    checker.initFile().setFile(i);
  }
  return std::move(message.seal()).value();
}

class CheckdTest : public testing::Test {
 protected:
  CheckdTest() {
    auto control = std::move(Channel::createPair()).value();
    auto log = std::move(Channel::createPair()).value();
    supervisor_ = Channel(std::move(control.first));
    logEnds_ = {std::move(log.first), std::move(log.second)};
    log_.emplace(logEnds_.second.get());
    daemon_.emplace(loop_, *log_, std::move(control.second));
    EXPECT_TRUE(daemon_->watch());
  }

  // as the supervisor
  void control(ControlVerb verb, int fd = -1, Peer peer = Peer::NONE, std::uint32_t argument = 0,
               std::uint32_t generation = kGeneration) {
    MessageBuffer<schema::ControlRequest> message;
    message.root().setVerb(verb);
    message.root().setPeer(peer);
    message.root().setGeneration(generation);
    message.root().setArgument(argument);
    EXPECT_EQ(fd < 0 ? supervisor_.send(message) : supervisor_.send(message, fd),
              SendOutcome::kSent);
    turn();
  }
  void load(std::uint32_t realServers, std::uint32_t generation = kGeneration) {
    const UniqueFd sealed = seal(realServers);
    control(ControlVerb::LOAD, sealed.get(), Peer::NONE, 0, generation);
  }
  Channel attach(Peer peer, std::uint32_t argument = 0) {
    auto pair = std::move(Channel::createPair()).value();
    control(ControlVerb::ATTACH, pair.second.get(), peer, argument);
    return Channel(std::move(pair.first));
  }
  void bringUp() {
    load(2);
    privd_ = attach(Peer::PRIVD);
    scriptd_ = attach(Peer::SCRIPTD, kIdentity);
    watchd_ = attach(Peer::WATCHD);
    control(ControlVerb::START);
    EXPECT_THAT(events(), ElementsAre("loaded 0", "ready 0"));
    EXPECT_THAT(asked(), ElementsAre("hello", "0 in 1", "1 in 2", "complete"));
  }
  std::vector<std::string> events() {
    return drain<schema::ControlEvent>(supervisor_, [](auto event) {
      static const char* const kNames[] = {"loaded", "ready", "stopped", "alive", "misbehaved"};
      return kNames[static_cast<int>(event.getKind())] + std::string(" ") +
             std::to_string(event.getResult());
    });
  }

  // as the others
  std::vector<std::string> asked() {
    return drain<schema::LvsRequest>(privd_, [](auto request) {
      EXPECT_EQ(request.getGeneration(), kGeneration);
      static const char* const kVerbs[] = {"hello", "", "sorry", "complete", "socket", "read"};
      return request.getVerb() == schema::LvsRequest::Verb::SET_DESTINATION
                 ? std::to_string(request.getRealServer()) +
                       (request.getIsIn() ? " in " + std::to_string(request.getWeight()) : " out")
                 : std::string(kVerbs[static_cast<int>(request.getVerb())]);
    });
  }
  std::vector<std::uint32_t> notified() {
    std::vector<std::uint32_t> scripts;
    drain<schema::ScriptRequest>(scriptd_, [&](auto request) {
      EXPECT_EQ(request.getVerb(), schema::ScriptRequest::Verb::NOTIFY_SERVER);
      scripts.push_back(request.getScript());
      return std::string();
    });
    return scripts;
  }
  void tellFile(std::uint32_t file, std::int32_t number, std::uint32_t generation = kGeneration) {
    MessageBuffer<schema::WatchEvent> event;
    event.root().setKind(schema::WatchEvent::Kind::FILE);
    event.root().setGeneration(generation);
    event.root().setObject(file);
    event.root().setNumber(number);
    EXPECT_EQ(watchd_.send(event), SendOutcome::kSent);
    turn();
  }

  void turn() {
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(loop_.turnOnce(EventLoop::now()));
    }
  }
  template <typename T, typename Describe>
  std::vector<std::string> drain(Channel& channel, Describe describe) {
    std::vector<std::string> all;
    Received received;
    for (channel.receive(received); received.kind == Received::Kind::kMessage;
         channel.receive(received)) {
      const Decoded<T> decoded(received.segment());
      EXPECT_TRUE(decoded);
      all.push_back(describe(decoded.root()));
    }
    return all;
  }

  EventLoop loop_ = std::move(EventLoop::create()).value();
  std::pair<UniqueFd, UniqueFd> logEnds_;
  std::optional<Log> log_;
  Channel supervisor_;
  Channel privd_;
  Channel scriptd_;
  Channel watchd_;
  std::optional<Daemon> daemon_;
};

TEST_F(CheckdTest, SaysWhatFollowsFromWhatItHears) {
  bringUp();
  tellFile(1, 5);
  EXPECT_THAT(asked(), ElementsAre("1 out"));
  EXPECT_THAT(notified(), ElementsAre(1));
  tellFile(1, 0);
  EXPECT_THAT(asked(), ElementsAre("1 in 2"));
}

TEST_F(CheckdTest, ANewPrivdIsToldEverythingWithoutANotification) {
  bringUp();
  tellFile(0, 1);
  static_cast<void>(notified());
  privd_ = attach(Peer::PRIVD);
  EXPECT_THAT(asked(), ElementsAre("hello", "0 out", "1 in 2", "complete"));
  EXPECT_THAT(notified(), IsEmpty());
}

TEST_F(CheckdTest, WhatIsOfAnotherConfigurationOrOfNothingIsLeftOut) {
  bringUp();
  tellFile(1, 5, kGeneration + 1);
  tellFile(77, 5);
  EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(CheckdTest, NonsenseOfAPeerIsReportedOnce) {
  bringUp();
  MessageBuffer<schema::ScriptEvent> event;
  event.root().setKind(schema::ScriptEvent::Kind::RESULT);
  EXPECT_EQ(scriptd_.send(event), SendOutcome::kSent);
  turn();
  EXPECT_THAT(events(), ElementsAre("misbehaved " + std::to_string(kIdentity)));
}

TEST_F(CheckdTest, NotificationsWaitForAScriptd) {
  bringUp();
  scriptd_ = Channel();
  turn();
  tellFile(1, 5);
  scriptd_ = attach(Peer::SCRIPTD, kIdentity);
  EXPECT_THAT(notified(), ElementsAre(1));
}

TEST_F(CheckdTest, GivesWayToAConfigurationWithFewerServers) {
  bringUp();
  load(1, kGeneration + 1);
  EXPECT_THAT(notified(), ElementsAre(1));
  EXPECT_THAT(events(), ElementsAre("loaded 0"));
  tellFile(0, 1);
  EXPECT_THAT(asked(), IsEmpty()) << "the table is the next one's business";
  EXPECT_THAT(notified(), IsEmpty());
}

TEST_F(CheckdTest, StaysWhereTheNextConfigurationCannotBeRead) {
  bringUp();
  const UniqueFd garbage = std::move(createSharedMemory("garbage", 4096)).value();
  control(ControlVerb::LOAD, garbage.get(), Peer::NONE, 0, kGeneration + 1);
  EXPECT_THAT(events(), ElementsAre("loaded " + std::to_string(EINVAL)));
  tellFile(0, 1);
  EXPECT_THAT(asked(), ElementsAre("0 out"));
}

TEST_F(CheckdTest, LeavesTheTableAsItIs) {
  bringUp();
  control(ControlVerb::STOP);
  EXPECT_THAT(events(), ElementsAre("stopped 0"));
  EXPECT_THAT(asked(), IsEmpty());
}

}  // namespace
}  // namespace holdfast::checkd
