// The process without its sandbox: the supervisor, privd and a scriptd are played by the test, and
// advertisements go over local datagram sockets.
#include "vrrpd/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "ipc/channel.h"
#include "ipc/event_loop.h"
#include "ipc/sealed.h"
#include "ipc/shared_memory.h"
#include "tests/unit/vrrpd/datagram.h"

namespace holdfast::vrrpd {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using BrokerEvent = MessageBuffer<schema::BrokerEvent>;
using EventKind = schema::BrokerEvent::Kind;

constexpr std::uint32_t kGeneration = 7;
constexpr Duration kInterval = 20ms;
constexpr std::uint8_t kInterfaceUp = 0x0f;  // exists, up, running, has IPv4

std::pair<UniqueFd, UniqueFd> datagramPair() {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

void setAddress(schema::Address::Builder to, const IpAddress& address) {
  to.setHigh(address.high());
  to.setLow(address.low());
}

// One version 3 unicast instance with one peer, a script of weight 100 and two hooks.
void fillConfiguration(capnp::MessageBuilder& message) {
  auto config = message.initRoot<schema::VrrpConfig>();
  config.initInterfaces(1).set(0, "e0");
  auto script = config.initTrackScripts(1)[0];
  script.setName("ck");
  script.setIdentity(2);
  script.setScript(0);
  auto trackGroup = config.initTrackGroups(1)[0];
  trackGroup.setName("tg");
  trackGroup.initMembers(1).set(0, 0);
  auto instance = config.initInstances(1)[0];
  instance.setName("V1");
  instance.setVersion(3);
  instance.setVirtualRouterId(10);
  instance.setBasePriority(100);
  instance.setAdvertIntervalNs(static_cast<std::uint64_t>(kInterval.count()));
  instance.setHasInterface(true);
  setAddress(instance.initGroup(), ip("224.0.0.18"));
  setAddress(instance.initPeers(1)[0].initAddress(), ip("10.9.0.9"));
  setAddress(instance.initAdvertisedAddresses(1)[0], ip("10.9.0.100"));
  auto tracked = instance.initTrackedScripts(1)[0];
  tracked.setWeight(100);
  auto hooks = instance.initNotifyHooks(2);
  hooks[0].setEvent(schema::NotifyHook::Event::ANY);
  hooks[0].setIdentity(2);
  hooks[0].setHook(5);
  hooks[1].setEvent(schema::NotifyHook::Event::MASTER);
  hooks[1].setIdentity(2);
  hooks[1].setHook(6);
}

class DaemonTest : public testing::Test {
 protected:
  DaemonTest() : loop_(std::move(EventLoop::create()).value()) {
    auto control = std::move(Channel::createPair()).value();
    auto log = std::move(Channel::createPair()).value();
    supervisor_ = Channel(std::move(control.first));
    logEnd_ = Channel(std::move(log.first));
    logFd_ = std::move(log.second);
    log_.emplace(logFd_.get());
    daemon_.emplace(loop_, *log_, std::move(control.second));
    EXPECT_TRUE(daemon_->watch());
  }

  // as the supervisor
  void control(schema::ControlRequest::Verb verb, int fd = -1,
               schema::ControlRequest::Peer peer = schema::ControlRequest::Peer::NONE,
               std::uint32_t argument = 0) {
    MessageBuffer<schema::ControlRequest> message;
    message.root().setVerb(verb);
    message.root().setPeer(peer);
    message.root().setGeneration(kGeneration);
    message.root().setArgument(argument);
    EXPECT_EQ(fd < 0 ? supervisor_.send(message) : supervisor_.send(message, fd),
              SendOutcome::kSent);
    turn();
  }
  void load() {
    SealedBuilder message("vrrpd");
    fillConfiguration(message);
    auto sealed = message.seal();
    ASSERT_TRUE(sealed);
    control(schema::ControlRequest::Verb::LOAD, sealed->get());
  }
  void attachPrivd() {
    auto pair = std::move(Channel::createPair()).value();
    privd_ = Channel(std::move(pair.first));
    control(schema::ControlRequest::Verb::ATTACH, pair.second.get(),
            schema::ControlRequest::Peer::PRIVD);
  }
  void attachScriptd() {
    auto pair = std::move(Channel::createPair()).value();
    scriptd_ = Channel(std::move(pair.first));
    control(schema::ControlRequest::Verb::ATTACH, pair.second.get(),
            schema::ControlRequest::Peer::SCRIPTD, 2);
  }
  std::vector<std::string> controlEvents() {
    return drain<schema::ControlEvent>(supervisor_, [](auto event) {
      static const char* const kNames[] = {"loaded",     "ready",        "stopped", "alive",
                                           "misbehaved", "serviceEnded", "dumped"};
      return kNames[static_cast<int>(event.getKind())] + std::string(" ") +
             std::to_string(event.getResult());
    });
  }

  // as privd
  void tell(BrokerEvent& event, EventKind kind, int fd = -1) {
    event.root().setKind(kind);
    event.root().setGeneration(kGeneration);
    EXPECT_EQ(fd < 0 ? privd_.send(event) : privd_.send(event, fd), SendOutcome::kSent);
    turn();
  }
  void tellInterface(std::uint8_t flags, const char* source = "10.9.0.1") {
    BrokerEvent event;
    event.root().setFlags(flags);
    event.root().setSourceIpv4(static_cast<std::uint32_t>(ip(source).low()));
    tell(event, EventKind::INTERFACE);
  }
  void tellNoted(schema::VrrpState state, std::uint8_t priority) {
    BrokerEvent event;
    event.root().setState(state);
    event.root().setPriority(priority);
    event.root().setResult(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(silence_).count()));
    tell(event, EventKind::NOTED);
  }
  void tellTrackGroup(std::uint32_t result) {
    BrokerEvent event;
    event.root().setResult(result);
    tell(event, EventKind::TRACK_GROUP);
  }
  void tellTaken() {
    BrokerEvent event;
    tell(event, EventKind::TAKEN);
  }
  void tellHelloEnd() {
    BrokerEvent event;
    tell(event, EventKind::HELLO_END);
  }
  void tellSockets() {
    auto receive = datagramPair();
    auto send = datagramPair();
    toDaemon_ = std::move(receive.first);
    fromDaemon_ = std::move(send.first);
    BrokerEvent receiveEvent;
    tell(receiveEvent, EventKind::SOCKET, receive.second.get());
    BrokerEvent sendEvent;
    sendEvent.root().setFlags(static_cast<std::uint8_t>(schema::BrokerEvent::SocketKind::SEND));
    tell(sendEvent, EventKind::SOCKET, send.second.get());
  }
  std::vector<std::string> asked() {
    return drain<schema::BrokerRequest>(privd_, [](auto request) {
      EXPECT_EQ(request.getGeneration(), kGeneration);
      static const char* const kVerbs[] = {"hello",   "take", "yield", "announce",
                                           "receive", "send", "note"};
      std::string text = kVerbs[static_cast<int>(request.getVerb())];
      if (request.getVerb() == schema::BrokerRequest::Verb::NOTE_STATE) {
        text += " " + std::to_string(static_cast<int>(request.getState())) + " " +
                std::to_string(request.getPriority());
      }
      return text;
    });
  }

  // as scriptd
  void tellResult(std::uint32_t status) {
    MessageBuffer<schema::ScriptEvent> message;
    message.root().setKind(schema::ScriptEvent::Kind::RESULT);
    message.root().setGeneration(kGeneration);
    message.root().setStatus(status);
    EXPECT_EQ(scriptd_.send(message), SendOutcome::kSent);
    turn();
  }
  std::vector<std::string> notified() {
    return drain<schema::ScriptRequest>(scriptd_, [](auto request) {
      if (request.getVerb() == schema::ScriptRequest::Verb::HELLO) {
        return std::string("hello");
      }
      return "hook " + std::to_string(request.getScript()) + " state " +
             std::to_string(static_cast<int>(request.getState())) + " priority " +
             std::to_string(request.getPriority()) + " #" + std::to_string(request.getSequence());
    });
  }

  // as the network
  // The priorities that were advertised.
  std::vector<int> advertised() {
    std::vector<int> priorities;
    std::array<std::uint8_t, kMaxPduBytes> buffer{};
    ssize_t size = 0;
    while (fromDaemon_ && (size = ::recv(fromDaemon_.get(), buffer.data(), buffer.size(), 0)) > 0) {
      const auto pdu = PduView::parse(std::span(buffer).first(static_cast<std::size_t>(size)));
      EXPECT_TRUE(pdu && pdu->checksumIsValid(ip("10.9.0.1"), ip("10.9.0.9"),
                                              ChecksumStyle::kPseudoHeader));
      priorities.push_back(pdu ? pdu->priority() : -1);
    }
    return priorities;
  }
  void advertise(std::uint8_t priority, bool runTurn = true) {
    const auto bytes = Datagram{.destination = ip("10.9.0.1"),
                                .version = Version::kV3,
                                .priority = priority,
                                .interval = kInterval}
                           .bytes();
    EXPECT_EQ(::send(toDaemon_.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    if (runTurn) {
      turn();
    }
  }

  // running
  void turn() {
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(loop_.turnOnce(EventLoop::now()));
    }
  }
  template <typename Condition>
  bool runUntil(Condition condition) {
    const TimePoint end = EventLoop::now() + 10s;
    while (!condition()) {
      if (EventLoop::now() > end) {
        return false;
      }
      EXPECT_TRUE(loop_.turnOnce(EventLoop::now() + 5ms));
    }
    return true;
  }
  // Loaded, attached and started, with the interface up and the sockets there.
  void bringUp(std::optional<std::pair<schema::VrrpState, std::uint8_t>> noted = {}) {
    load();
    attachPrivd();
    attachScriptd();
    control(schema::ControlRequest::Verb::START);
    EXPECT_THAT(asked(), ElementsAre("hello"));
    tellInterface(kInterfaceUp);
    if (noted) {
      tellNoted(noted->first, noted->second);
    }
    tellHelloEnd();
    EXPECT_THAT(controlEvents(), ElementsAre("loaded 0", "ready 0"));
  }
  void becomeMaster() {
    bringUp();
    tellSockets();
    EXPECT_TRUE(runUntil([this] {
      seen_ = asked();
      return !seen_.empty() && seen_.back() == "note 2 100";
    }));
  }
  // Until the channel to privd, which does not read, is full.
  void fillChannelToPrivd() {
    for (std::uint32_t i = 0; i < 1000; ++i) {
      tellResult(i % 2);
    }
  }
  // What privd was asked for, once it reads again, up to and with `last`.
  std::vector<std::string> askedUntil(const std::vector<std::string>& last) {
    std::vector<std::string> all;
    EXPECT_TRUE(runUntil([&] {
      const std::vector<std::string> more = asked();
      all.insert(all.end(), more.begin(), more.end());
      return all.size() >= last.size() && std::equal(last.rbegin(), last.rend(), all.rbegin());
    }));
    return all;
  }
  std::vector<std::string> logged() {
    std::vector<std::string> lines;
    Received received;
    for (logEnd_.receive(received); received.kind == Received::Kind::kMessage;
         logEnd_.receive(received)) {
      const auto segment = received.segment();
      const kj::ArrayPtr<const capnp::word> words(segment.data(), segment.size());
      capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&words, 1));
      lines.emplace_back(reader.getRoot<schema::LogLine>().getText().cStr());
    }
    return lines;
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

  EventLoop loop_;
  UniqueFd logFd_;
  std::optional<Log> log_;
  Channel supervisor_;
  Channel logEnd_;
  Channel privd_;
  Channel scriptd_;
  UniqueFd toDaemon_;
  UniqueFd fromDaemon_;
  std::optional<Daemon> daemon_;
  std::vector<std::string> seen_;
  Duration silence_{};
};

TEST_F(DaemonTest, FromStartToMaster) {
  bringUp();
  EXPECT_THAT(asked(), ElementsAre("yield", "receive", "send"));
  EXPECT_THAT(notified(), ElementsAre("hello"));
  tellSockets();
  EXPECT_THAT(asked(), ElementsAre("note 1 100"));
  EXPECT_THAT(notified(), ElementsAre("hook 5 state 1 priority 100 #1"));
  EXPECT_TRUE(runUntil([this] {
    seen_ = asked();
    return !seen_.empty();
  }));
  EXPECT_THAT(seen_, ElementsAre("take", "announce", "note 2 100"));
  EXPECT_THAT(notified(),
              ElementsAre("hook 6 state 2 priority 100 #2", "hook 5 state 2 priority 100 #2"));
  EXPECT_THAT(advertised(), Contains(100));
  EXPECT_THAT(logged(), Contains("(V1) Entering MASTER STATE"));
}

TEST_F(DaemonTest, AnAdvertisementKeepsItBackup) {
  bringUp();
  tellSockets();
  const TimePoint end = EventLoop::now() + 10 * kInterval;
  while (EventLoop::now() < end) {
    advertise(200);
    EXPECT_TRUE(loop_.turnOnce(EventLoop::now() + kInterval));
  }
  EXPECT_THAT(asked(), Not(Contains("take")));
}

// The process was held up past its Master_Down_Timer while the master went on.
TEST_F(DaemonTest, ReadsWhatHasArrivedBeforeItBelievesTheTimer) {
  bringUp();
  tellSockets();
  advertise(200);
  asked();
  const TimePoint late = EventLoop::now() + 4 * kInterval;
  while (EventLoop::now() < late) {
  }
  advertise(200, false);
  EXPECT_TRUE(loop_.turnOnce(EventLoop::now()));
  EXPECT_THAT(asked(), IsEmpty());
  EXPECT_THAT(logged(), Not(Contains(HasSubstr("Held up")))) << "it had been heard";
}

TEST_F(DaemonTest, AScriptChangesThePriority) {
  becomeMaster();
  tellResult(0);
  EXPECT_THAT(asked(), ElementsAre("note 2 200"));
  EXPECT_THAT(logged(), AllOf(Contains("VRRP_Script(ck) succeeded"),
                              Contains("(V1) Changing effective priority from 100 to 200")));
  advertised();
  std::vector<int> next;
  EXPECT_TRUE(runUntil([&] {
    next = advertised();
    return !next.empty();
  }));
  EXPECT_THAT(next, Contains(200));
}

TEST_F(DaemonTest, StopsWithPriorityZero) {
  becomeMaster();
  advertised();
  notified();
  control(schema::ControlRequest::Verb::STOP);
  EXPECT_THAT(advertised(), Contains(0));
  EXPECT_THAT(asked(), ElementsAre("yield", "note 0 100"));
  EXPECT_THAT(notified(), ElementsAre("hook 5 state 4 priority 100 #3"));
  EXPECT_THAT(controlEvents(), ElementsAre("stopped 0"));
}

TEST_F(DaemonTest, TheSupervisorsEndIsAStop) {
  becomeMaster();
  supervisor_.close();
  turn();
  EXPECT_THAT(asked(), ElementsAre("yield", "note 0 100"));
}

TEST_F(DaemonTest, GoesOnAsTheMasterThatItWas) {
  bringUp({{schema::VrrpState::MASTER, 200}});
  EXPECT_THAT(asked(), ElementsAre("receive", "send"));
  tellSockets();
  EXPECT_THAT(asked(), ElementsAre("take"));
  EXPECT_THAT(advertised(), Contains(200));
  EXPECT_THAT(notified(), ElementsAre("hello")) << "nothing has changed for the scripts";
  tellResult(0);
  EXPECT_THAT(asked(), IsEmpty()) << "the script says what the noted priority said";
}

TEST_F(DaemonTest, ListensFirstAfterTooLongASilence) {
  silence_ = 3 * kInterval;
  bringUp({{schema::VrrpState::MASTER, 200}});
  asked();
  tellSockets();
  EXPECT_THAT(asked(), ElementsAre("yield", "note 1 200"));
}

TEST_F(DaemonTest, ANewPrivdIsToldHowThingsAre) {
  becomeMaster();
  tellTaken();
  privd_.close();
  turn();
  advertised();
  EXPECT_TRUE(runUntil([this] { return !advertised().empty(); })) << "advertising without privd";
  attachPrivd();
  EXPECT_THAT(asked(), ElementsAre("hello", "note 2 100", "take"));
  tellInterface(kInterfaceUp);
  tellHelloEnd();
  EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(DaemonTest, ABackupDoesNotBecomeMasterBeforePrivdIsBackAndAnswers) {
  bringUp();
  tellSockets();
  privd_.close();
  turn();
  const auto holdsStill = [this](Duration time) {
    const TimePoint end = EventLoop::now() + time;
    while (EventLoop::now() < end) {
      EXPECT_TRUE(loop_.turnOnce(end));
    }
    EXPECT_THAT(advertised(), IsEmpty());
  };
  holdsStill(8 * kInterval);
  EXPECT_THAT(logged(), Contains(HasSubstr("(V1) cannot become MASTER while privd")));
  attachPrivd();
  EXPECT_THAT(asked(), ElementsAre("hello", "note 1 100", "yield"));
  holdsStill(8 * kInterval);
  tellHelloEnd();
  EXPECT_THAT(asked(), ElementsAre("take", "announce", "note 2 100"));
  EXPECT_THAT(advertised(), Contains(100));
}

TEST_F(DaemonTest, AMasterWhoseAddressesNobodySetGivesUp) {
  becomeMaster();
  advertised();
  privd_.close();
  turn();
  EXPECT_THAT(advertised(), ElementsAre(0));
  EXPECT_THAT(logged(), Contains(HasSubstr("(V1) privd is gone before it has set the addresses")));
}

TEST_F(DaemonTest, SaysWhichAddressesStayForWantOfPrivd) {
  becomeMaster();
  tellTaken();
  privd_.close();
  turn();
  advertise(200);
  EXPECT_THAT(logged(), Contains(HasSubstr("(V1) cannot give its addresses up without privd")));
  attachPrivd();
  EXPECT_THAT(asked(), ElementsAre("hello", "note 1 100", "yield"));
}

TEST_F(DaemonTest, NothingIsLostOnAPrivdThatIsSlow) {
  becomeMaster();
  fillChannelToPrivd();
  tellInterface(0);
  advertised();
  tellInterface(kInterfaceUp);
  EXPECT_TRUE(runUntil([this] {
    const auto priorities = advertised();
    return !priorities.empty() && priorities.back() != 0;
  })) << "master again";
  EXPECT_THAT(askedUntil({"take", "announce", "note 2 100"}), Not(Contains("yield")));
}

TEST_F(DaemonTest, LeavesOnlyWhenASlowPrivdHasBeenTold) {
  becomeMaster();
  fillChannelToPrivd();
  control(schema::ControlRequest::Verb::STOP);
  EXPECT_THAT(controlEvents(), IsEmpty());
  askedUntil({"yield", "note 0 100"});
  EXPECT_TRUE(runUntil([this] { return !controlEvents().empty(); }));
}

TEST_F(DaemonTest, DoesNotWaitForeverForPrivd) {
  becomeMaster();
  fillChannelToPrivd();
  control(schema::ControlRequest::Verb::STOP);
  EXPECT_TRUE(runUntil([this] { return !controlEvents().empty(); }));
}

TEST_F(DaemonTest, AScriptdThatIsGoneChangesNothingAndIsToldLater) {
  bringUp();
  tellSockets();
  tellResult(0);
  scriptd_.close();
  turn();
  EXPECT_TRUE(runUntil([this] {
    seen_ = asked();
    return !seen_.empty() && seen_.back() == "note 2 200";
  }));
  attachScriptd();
  EXPECT_THAT(notified(), ElementsAre("hello", "hook 6 state 2 priority 200 #2",
                                      "hook 5 state 2 priority 200 #2"));
}

TEST_F(DaemonTest, TheInterfaceGoesDownAndComesBackAsAnother) {
  becomeMaster();
  logged();
  tellInterface(0);
  EXPECT_THAT(asked(), ElementsAre("yield", "note 3 100"));
  EXPECT_THAT(logged(), AllOf(Contains("Netlink reports e0 down"),
                              Contains("(V1): entering FAULT state (interface e0 down)")));
  tellInterface(kInterfaceUp);
  EXPECT_THAT(asked(), ElementsAre("receive", "send", "note 1 100"));
}

TEST_F(DaemonTest, AnotherSourceAddressNeedsOtherSockets) {
  becomeMaster();
  tellInterface(kInterfaceUp, "10.9.0.2");
  EXPECT_THAT(asked(), ElementsAre("send"));
}

TEST_F(DaemonTest, ARefusedSocketIsAskedForAgain) {
  bringUp();
  asked();
  BrokerEvent refused;
  refused.root().setResult(EPERM);
  tell(refused, EventKind::SOCKET);
  EXPECT_THAT(logged(), Contains("(V1) entering FAULT state (no socket: Operation not permitted)"));
  EXPECT_THAT(asked(), ElementsAre("note 3 100"));
  EXPECT_TRUE(runUntil([this] {
    seen_ = asked();
    return !seen_.empty();
  }));
  EXPECT_THAT(seen_, ElementsAre("receive", "send"));
  tellSockets();
  EXPECT_THAT(asked(), ElementsAre("note 1 100"));
}

TEST_F(DaemonTest, ALostAddressIsLeftToOthers) {
  becomeMaster();
  BrokerEvent lost;
  lost.root().setResult(EACCES);
  tell(lost, EventKind::LOST);
  EXPECT_THAT(asked(), ElementsAre("yield", "note 1 100"));
}

TEST_F(DaemonTest, MembersOfATrackGroupAreInFaultWhileItLacksSomething) {
  becomeMaster();
  tellTrackGroup(ENODEV);
  EXPECT_THAT(asked(), ElementsAre("yield", "note 3 100"));
  EXPECT_THAT(logged(), Contains("(V1) entering FAULT state (track group tg: No such device)"));
  tellTrackGroup(0);
  EXPECT_THAT(asked(), ElementsAre("note 1 100"));
}

TEST_F(DaemonTest, WhatAnEarlierPrivdLackedAndTheNextOneDoesNotIsThere) {
  bringUp();
  tellTrackGroup(ENODEV);
  privd_.close();
  turn();
  attachPrivd();
  static_cast<void>(asked());
  tellTrackGroup(ENODEV);
  tellHelloEnd();
  EXPECT_THAT(asked(), Not(Contains("note 1 100"))) << "it is told again";
  privd_.close();
  turn();
  attachPrivd();
  tellHelloEnd();
  tellSockets();
  EXPECT_THAT(asked(), Contains("note 1 100"));
}

TEST_F(DaemonTest, AMessageThatIsNoEventClosesItsChannelOnly) {
  becomeMaster();
  tellTaken();
  MessageBuffer<schema::BrokerRequest> wrong;
  EXPECT_EQ(privd_.send(wrong), SendOutcome::kSent);
  turn();
  EXPECT_THAT(controlEvents(), ElementsAre("misbehaved 0"));
  MessageBuffer<schema::BrokerRequest> wrongToo;
  EXPECT_EQ(scriptd_.send(wrongToo), SendOutcome::kSent);
  turn();
  EXPECT_THAT(controlEvents(), ElementsAre("misbehaved 2"));
  advertised();
  EXPECT_TRUE(runUntil([this] { return !advertised().empty(); }));
}

TEST_F(DaemonTest, ATrackedSourceAddressThatGoesIsAFault) {
  becomeMaster();
  const auto tellSource = [this](std::uint32_t result) {
    BrokerEvent event;
    event.root().setResult(result);
    tell(event, EventKind::SOURCE);
  };
  tellSource(0);
  asked();
  tellSource(EADDRNOTAVAIL);
  EXPECT_THAT(logged(), Contains(HasSubstr("src address not configured")));
  tellSource(0);
  tellSockets();
  EXPECT_TRUE(runUntil([this] { return !advertised().empty(); }));
}

TEST_F(DaemonTest, EventsOfNoSuchObjectOrAnotherGenerationDoNothing) {
  becomeMaster();
  for (const auto kind :
       {EventKind::INTERFACE, EventKind::NOTED, EventKind::SOCKET, EventKind::TAKEN,
        EventKind::RESTORED, EventKind::LOST, EventKind::TRACK_GROUP, EventKind::SOURCE}) {
    BrokerEvent event;
    event.root().setInstance(1);
    event.root().setInterface(1);
    tell(event, kind);
    BrokerEvent old;
    old.root().setKind(kind);
    old.root().setGeneration(kGeneration - 1);
    EXPECT_EQ(privd_.send(old), SendOutcome::kSent);
    turn();
  }
  BrokerEvent socket;
  socket.root().setFlags(static_cast<std::uint8_t>(schema::BrokerEvent::SocketKind::SEND));
  socket.root().setPeer(1);
  tell(socket, EventKind::SOCKET);
  EXPECT_THAT(asked(), IsEmpty());
  EXPECT_THAT(controlEvents(), IsEmpty());
}

// What may be read of a message is bounded by its size.
TEST_F(DaemonTest, ReadsAsManyGroupsAsThereAre) {
  constexpr std::uint32_t kGroups = 300;
  SealedBuilder message("vrrpd");
  auto config = message.initRoot<schema::VrrpConfig>();
  config.initInterfaces(1).set(0, "e0");
  auto instances = config.initInstances(kGroups);
  auto groups = config.initSyncGroups(kGroups);
  for (std::uint32_t i = 0; i < kGroups; ++i) {
    instances[i].setName("V" + std::to_string(i));
    instances[i].setVersion(3);
    instances[i].setVirtualRouterId(static_cast<std::uint8_t>(1 + i % 255));
    instances[i].setBasePriority(100);
    instances[i].setAdvertIntervalNs(1'000'000'000);
    instances[i].setHasInterface(true);
    setAddress(instances[i].initGroup(), ip("224.0.0.18"));
    instances[i].setHasSyncGroup(true);
    instances[i].setSyncGroup(i);
    groups[i].initMembers(1).set(0, i);
  }
  auto sealed = message.seal();
  ASSERT_TRUE(sealed);
  control(schema::ControlRequest::Verb::LOAD, sealed->get());
  EXPECT_EQ(controlEvents(), std::vector<std::string>{"loaded 0"});
}

TEST_F(DaemonTest, AConfigurationOutOfBoundsIsRefused) {
  using Change = void (*)(schema::VrrpInstance::Builder);
  const std::vector<Change> changes = {
      [](schema::VrrpInstance::Builder i) { i.setVersion(4); },
      [](schema::VrrpInstance::Builder i) { i.setBasePriority(0); },
      [](schema::VrrpInstance::Builder i) { i.setVirtualRouterId(0); },
      [](schema::VrrpInstance::Builder i) { i.setAdvertIntervalNs(0); },
      [](schema::VrrpInstance::Builder i) { i.setPreemptDelayNs(~std::uint64_t{0}); },
      [](schema::VrrpInstance::Builder i) { i.setDownTimerAdverts(0); },
      [](schema::VrrpInstance::Builder i) { i.setInterface(1); },
      [](schema::VrrpInstance::Builder i) { i.getTrackedScripts()[0].setScript(1); },
      [](schema::VrrpInstance::Builder i) { i.initTrackedInterfaces(1)[0].setInterface(1); },
      [](schema::VrrpInstance::Builder i) { i.initAdvertisedAddresses(256); },
      [](schema::VrrpInstance::Builder i) {
        i.getPeers()[0].getAddress().setFamily(schema::Family::IPV6);
      },
      [](schema::VrrpInstance::Builder i) {
        i.setHasSource(true);
        i.initSource().setFamily(schema::Family::IPV6);
      },
  };
  for (const Change change : changes) {
    SealedBuilder message("vrrpd");
    fillConfiguration(message);
    change(message.getRoot<schema::VrrpConfig>().getInstances()[0]);
    auto sealed = message.seal();
    ASSERT_TRUE(sealed);
    control(schema::ControlRequest::Verb::LOAD, sealed->get());
    EXPECT_THAT(controlEvents(), ElementsAre("loaded " + std::to_string(EINVAL)));
    EXPECT_THAT(logged(), ElementsAre(HasSubstr("configuration refused: instance V1: ")));
  }
  load();
  EXPECT_THAT(controlEvents(), ElementsAre("loaded 0")) << "a good one is still taken";
  load();
  EXPECT_THAT(controlEvents(), ElementsAre("loaded " + std::to_string(EBUSY)));
}

TEST_F(DaemonTest, WritesItsCountersIntoTheMemoryOfARequest) {
  using Verb = schema::ControlRequest::Verb;
  constexpr auto kNobody = schema::ControlRequest::Peer::NONE;
  constexpr std::uint32_t kStatistics = 1;
  constexpr std::uint32_t kAndClear = 2;
  becomeMaster();
  ASSERT_TRUE(runUntil([this] { return !advertised().empty(); }));
  const auto statistics = [this](std::uint32_t what) {
    auto memory = createSharedMemory("state", 4096);
    auto mapped = SharedMapping::map(memory->get());
    control(Verb::DUMP, memory->get(), kNobody, what);
    EXPECT_THAT(controlEvents(), Contains("dumped 0"));
    return std::string(mapped->bytes().data());
  };
  EXPECT_THAT(statistics(kAndClear),
              AllOf(testing::StartsWith("VRRP Instance: V1\n"), HasSubstr("Became master: 1\n"),
                    Not(HasSubstr("    Sent: 0\n  Became"))));
  EXPECT_THAT(statistics(kStatistics), HasSubstr("Became master: 0\n"));
}

TEST_F(DaemonTest, SaysWhyItCannotDump) {
  using Verb = schema::ControlRequest::Verb;
  constexpr auto kNobody = schema::ControlRequest::Peer::NONE;
  bringUp();
  const auto small = createSharedMemory("state", 100);
  control(Verb::DUMP, small->get(), kNobody, 1);
  EXPECT_THAT(controlEvents(), ElementsAre("dumped " + std::to_string(EFBIG)));
  control(Verb::DUMP, small->get(), kNobody, 77);
  EXPECT_THAT(controlEvents(), ElementsAre("dumped " + std::to_string(ENOSYS)));
  const auto pair = datagramPair();
  control(Verb::DUMP, pair.first.get(), kNobody, 1);
  EXPECT_THAT(controlEvents(), ElementsAre("dumped " + std::to_string(EINVAL)));
}

}  // namespace
}  // namespace holdfast::vrrpd
