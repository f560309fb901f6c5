// The broker over real sockets, with a fake kernel behind it: what a peer can do to it by sending,
// by not reading and by going away.
#include "privd/broker/service.h"

#include <capnp/message.h>
#include <dirent.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "broker_harness.h"
#include "fake_edge.h"
#include "ipc/schemas/lvs_config.capnp.h"
#include "ipc/sealed.h"

namespace holdfast::privd {
namespace {

using Kind = schema::BrokerEvent::Kind;
using ControlKind = schema::ControlEvent::Kind;
using ControlVerb = schema::ControlRequest::Verb;

std::size_t openDescriptors() {
  DIR* directory = ::opendir("/proc/self/fd");
  std::size_t count = 0;
  while (::readdir(directory) != nullptr) {
    ++count;
  }
  ::closedir(directory);
  return count;
}

void putAddress(schema::Address::Builder builder, const char* text) {
  const IpAddress address = *IpAddress::parse(text);
  builder.setFamily(address.family == AddressFamily::kIpv4 ? schema::Family::IPV4
                                                           : schema::Family::IPV6);
  builder.setHigh(address.high());
  builder.setLow(address.low());
}

UniqueFd sealedConfig(const char* interface = "e0") {
  SealedBuilder builder("privd");
  auto config = builder.initRoot<schema::BrokerConfig>();
  config.initInterfaces(1).set(0, interface);
  auto instance = config.initInstances(1)[0];
  instance.setName("VI_1");
  instance.setVirtualRouterId(10);
  instance.setHasInterface(true);
  instance.setTtl(255);
  putAddress(instance.initGroup(), "224.0.0.18");
  instance.setAnnounceMasterRepeat(5);
  auto address = instance.initAddresses(1)[0];
  putAddress(address.initAddress(), "10.9.0.101");
  address.setPrefixLength(24);
  return std::move(builder.seal()).value();
}

UniqueFd sealedIpvsConfig(const char* scheduler = "wlc") {
  SealedBuilder builder("ipvs");
  auto config = builder.initRoot<schema::IpvsConfig>();
  auto server = config.initVirtualServers(1)[0];
  server.setName("[10.0.0.1]:tcp:80");
  server.setProtocol(IPPROTO_TCP);
  server.setScheduler(scheduler);
  auto service = server.initServices(1)[0];
  putAddress(service.initFirst(), "10.0.0.1");
  putAddress(service.initLast(), "10.0.0.1");
  service.setPort(80);
  putAddress(server.initDestinations(1)[0].initAddress(), "10.1.0.1");
  return std::move(builder.seal()).value();
}

// A child process's end of a channel to the service.
class Peer {
 public:
  Peer() = default;
  explicit Peer(UniqueFd fd) : channel_(std::move(fd)) {}
  Channel& channel() { return channel_; }

  template <typename T>
  std::optional<typename T::Kind> nextKind(bool* descriptor = nullptr) {
    Received received;
    channel_.receive(received);
    if (received.kind != Received::Kind::kMessage) {
      return std::nullopt;
    }
    if (descriptor != nullptr) {
      *descriptor = received.fd.valid();
    }
    const Decoded<T> decoded(received.segment());
    EXPECT_TRUE(decoded);
    return decoded.root().getKind();
  }
  [[nodiscard]] bool closed() {
    Received received;
    do {
      channel_.receive(received);
    } while (received.kind == Received::Kind::kMessage);
    return received.kind == Received::Kind::kEndOfFile;
  }

 private:
  Channel channel_;
};

class ServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    plugIn(kernel_);
    auto ends = std::move(Channel::createPair().value());
    supervisor_ = Peer(std::move(ends.second));
    service_ =
        std::make_unique<Service>(loop_, log_.log(), kernel_, edge_,
                                  std::move(NetlinkNews::open().value()), std::move(ends.first));
    ASSERT_TRUE(service_->watch());
  }

  void control(ControlVerb verb, int fd = -1, std::uint32_t generation = 1,
               schema::ControlRequest::Peer peer = schema::ControlRequest::Peer::VRRPD) {
    MessageBuffer<schema::ControlRequest> message;
    message.root().setVerb(verb);
    message.root().setGeneration(generation);
    message.root().setPeer(peer);
    const SendOutcome outcome =
        fd < 0 ? supervisor_.channel().send(message) : supervisor_.channel().send(message, fd);
    EXPECT_EQ(outcome, SendOutcome::kSent);
    turns();
  }
  void attach() {
    auto ends = std::move(Channel::createPair().value());
    vrrpd_ = Peer(std::move(ends.second));
    control(ControlVerb::ATTACH, ends.first.get());
  }
  void begin() {
    control(ControlVerb::LOAD, sealedConfig().get());
    EXPECT_EQ(supervisor_.nextKind<schema::ControlEvent>(), ControlKind::LOADED);
    attach();
    control(ControlVerb::START);
    EXPECT_EQ(supervisor_.nextKind<schema::ControlEvent>(), ControlKind::READY);
  }
  void ask(Verb verb) {
    MessageBuffer<schema::BrokerRequest> message;
    message.root().setVerb(verb);
    message.root().setGeneration(1);
    message.root().setState(schema::VrrpState::MASTER);
    message.root().setPriority(100);
    static_cast<void>(vrrpd_.channel().send(message));
  }
  // Serves what there is to serve.
  void turns(TimePoint until = EventLoop::now()) {
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(loop_.turnOnce(until));
    }
  }
  // Serves until `done`, which has to come within a time that only a failure reaches.
  void turnsUntil(const std::function<bool()>& done) {
    const TimePoint deadline = EventLoop::now() + std::chrono::seconds(20);
    while (!done() && EventLoop::now() < deadline) {
      ASSERT_TRUE(loop_.turnOnce(EventLoop::now() + std::chrono::milliseconds(5)));
    }
    EXPECT_TRUE(done());
  }
  [[nodiscard]] bool held() const { return kernel_.has(2, "10.9.0.101", 24); }

  EventLoop loop_ = std::move(EventLoop::create().value());
  FakeKernel kernel_;
  ipvs::FakeEdge edge_;
  LogReader log_;
  Peer supervisor_;
  Peer vrrpd_;
  std::unique_ptr<Service> service_;
};

TEST_F(ServiceTest, ServesFromLoadToStop) {
  begin();
  ask(Verb::HELLO);
  ask(Verb::TAKE);
  ask(Verb::OPEN_RECEIVE_SOCKET);
  turns();
  EXPECT_TRUE(held());
  bool descriptor = false;
  EXPECT_EQ(vrrpd_.nextKind<schema::BrokerEvent>(), Kind::INTERFACE);
  EXPECT_EQ(vrrpd_.nextKind<schema::BrokerEvent>(), Kind::HELLO_END);
  EXPECT_EQ(vrrpd_.nextKind<schema::BrokerEvent>(&descriptor), Kind::TAKEN);
  EXPECT_FALSE(descriptor);
  EXPECT_EQ(vrrpd_.nextKind<schema::BrokerEvent>(&descriptor), Kind::SOCKET);
  EXPECT_TRUE(descriptor);

  control(ControlVerb::STOP);
  EXPECT_TRUE(held()) << "vrrpd is still there";
  vrrpd_.channel().close();
  turns();
  EXPECT_FALSE(held());
  EXPECT_EQ(supervisor_.nextKind<schema::ControlEvent>(), ControlKind::STOPPED);
}

class BalancedServiceTest : public ServiceTest {
 protected:
  void attachCheckd() {
    auto ends = std::move(Channel::createPair().value());
    checkd_ = Peer(std::move(ends.second));
    control(ControlVerb::ATTACH, ends.first.get(), 1, schema::ControlRequest::Peer::CHECKD);
  }
  void beginBalancing() {
    control(ControlVerb::LOAD_IPVS, sealedIpvsConfig().get());
    control(ControlVerb::LOAD, sealedConfig().get());
    EXPECT_EQ(supervisor_.nextKind<schema::ControlEvent>(), ControlKind::LOADED);
    attach();
    attachCheckd();
    tell(schema::LvsRequest::Verb::SET_DESTINATION);
    EXPECT_EQ(edge_.kernel->content.size(), 0U) << "before the start";
    control(ControlVerb::START);
    EXPECT_EQ(supervisor_.nextKind<schema::ControlEvent>(), ControlKind::READY);
  }
  void tell(schema::LvsRequest::Verb verb, std::uint32_t realServer = 0) {
    MessageBuffer<schema::LvsRequest> message;
    message.root().setVerb(verb);
    message.root().setGeneration(1);
    message.root().setRealServer(realServer);
    message.root().setIsIn(true);
    message.root().setWeight(5);
    static_cast<void>(checkd_.channel().send(message));
    turns();
  }
  [[nodiscard]] std::size_t destinations() const {
    return edge_.kernel->content.begin()->second.destinations.size();
  }
  // LOADED with its result.
  std::uint32_t loaded() {
    Received received;
    supervisor_.channel().receive(received);
    const Decoded<schema::ControlEvent> decoded(received.segment());
    EXPECT_TRUE(decoded && decoded.root().getKind() == ControlKind::LOADED);
    return decoded.root().getResult();
  }

  Peer checkd_;
};

TEST_F(BalancedServiceTest, DoesWhatCheckdSaysAndLeavesNothingBehind) {
  beginBalancing();
  ASSERT_EQ(edge_.kernel->content.size(), 1U);
  EXPECT_EQ(destinations(), 1U);
  control(ControlVerb::STOP);
  EXPECT_TRUE(edge_.kernel->content.empty());
}

TEST_F(BalancedServiceTest, ACheckdThatBreaksTheRulesIsReplacedAndNothingElseChanges) {
  beginBalancing();
  tell(schema::LvsRequest::Verb::SET_DESTINATION, 7);
  EXPECT_TRUE(checkd_.closed());
  EXPECT_EQ(supervisor_.nextKind<schema::ControlEvent>(), ControlKind::MISBEHAVED);
  EXPECT_EQ(destinations(), 1U);

  attachCheckd();
  tell(schema::LvsRequest::Verb::HELLO);
  EXPECT_EQ(checkd_.nextKind<schema::LvsEvent>(), schema::LvsEvent::Kind::HELLO_END);
  tell(schema::LvsRequest::Verb::COMPLETE);
  EXPECT_EQ(destinations(), 0U) << "the next one has not named it";
  ask(Verb::TAKE);
  turns();
  EXPECT_TRUE(held());
}

TEST_F(BalancedServiceTest, ACheckdThatEndsLeavesItsServersAsTheyAre) {
  beginBalancing();
  checkd_.channel().close();
  turns();
  EXPECT_EQ(destinations(), 1U);
}

TEST_F(BalancedServiceTest, ALoadIsRefusedForItsLoadBalancer) {
  edge_.hasIpvs = false;
  control(ControlVerb::LOAD_IPVS, sealedIpvsConfig().get());
  control(ControlVerb::LOAD, sealedConfig().get());
  EXPECT_EQ(loaded(), static_cast<std::uint32_t>(ENOENT));

  edge_.hasIpvs = true;
  control(ControlVerb::LOAD_IPVS, sealedIpvsConfig("no/module").get());
  control(ControlVerb::LOAD, sealedConfig().get());
  EXPECT_EQ(loaded(), static_cast<std::uint32_t>(EINVAL));

  control(ControlVerb::LOAD_IPVS, sealedIpvsConfig().get());
  control(ControlVerb::LOAD, sealedConfig().get());
  EXPECT_EQ(loaded(), 0U);
}

TEST_F(BalancedServiceTest, ALoadIsRefusedByTheSitesPolicy) {
  control(ControlVerb::SITE_POLICY, sealText("policy", "addresses 10.9.0.0/24\n").value().get());
  control(ControlVerb::LOAD_IPVS, sealedIpvsConfig().get());
  control(ControlVerb::LOAD, sealedConfig().get());
  EXPECT_EQ(loaded(), static_cast<std::uint32_t>(EPERM)) << "10.0.0.1 is elsewhere";

  control(ControlVerb::LOAD, sealedConfig().get());
  EXPECT_EQ(loaded(), 0U);
}

TEST_F(BalancedServiceTest, TheSitesPolicyIsThereBeforeAnythingElse) {
  control(ControlVerb::SITE_POLICY, sealText("policy", "virtual_routers 11").value().get());
  control(ControlVerb::LOAD, sealedConfig().get());
  EXPECT_EQ(loaded(), static_cast<std::uint32_t>(EPERM));
  control(ControlVerb::SITE_POLICY, sealText("policy", "virtual_routers 10").value().get());
  control(ControlVerb::LOAD, sealedConfig().get());
  EXPECT_EQ(loaded(), 0U);
  control(ControlVerb::SITE_POLICY, sealText("policy", "virtual_routers 12").value().get());
  EXPECT_EQ(supervisor_.nextKind<schema::ControlEvent>(), ControlKind::STOPPED) << "too late";
}

TEST_F(BalancedServiceTest, APolicyThatCannotBeReadEndsIt) {
  control(ControlVerb::SITE_POLICY, sealText("policy", "interfaces").value().get());
  EXPECT_EQ(supervisor_.nextKind<schema::ControlEvent>(), ControlKind::STOPPED);
}

TEST_F(ServiceTest, RequestsThatCameBeforeStartWait) {
  control(ControlVerb::LOAD, sealedConfig().get());
  attach();
  ask(Verb::TAKE);
  turns();
  EXPECT_FALSE(held());
  control(ControlVerb::START);
  EXPECT_TRUE(held());
}

TEST_F(ServiceTest, RefusesABadConfigurationAndStaysAsItIs) {
  control(ControlVerb::LOAD, sealedConfig("not/a/name").get());
  Received received;
  supervisor_.channel().receive(received);
  const Decoded<schema::ControlEvent> decoded(received.segment());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded.root().getKind(), ControlKind::LOADED);
  EXPECT_EQ(decoded.root().getResult(), static_cast<unsigned>(EINVAL));
  const UniqueFd unsealed(::memfd_create("x", MFD_CLOEXEC));
  control(ControlVerb::LOAD, unsealed.get(), 2);
  EXPECT_EQ(supervisor_.nextKind<schema::ControlEvent>(), ControlKind::LOADED);
  EXPECT_EQ(service_->broker().state(), policy::BrokerState::kIdle);
  begin();
}

TEST_F(ServiceTest, ADeadVrrpdLosesNothing) {
  begin();
  ask(Verb::TAKE);
  ask(Verb::NOTE_STATE);
  turns();
  vrrpd_.channel().close();
  turns();
  EXPECT_TRUE(held());
  attach();
  ask(Verb::HELLO);
  turns();
  EXPECT_EQ(vrrpd_.nextKind<schema::BrokerEvent>(), Kind::INTERFACE);
  EXPECT_EQ(vrrpd_.nextKind<schema::BrokerEvent>(), Kind::NOTED);
  EXPECT_EQ(supervisor_.nextKind<schema::ControlEvent>(), std::nullopt) << "dying is no offence";
}

TEST_F(ServiceTest, TheLastWordsOfAVrrpdThatIsReplacedAreHeard) {
  begin();
  // More than is served in a turn.
  for (int i = 0; i < 100; ++i) {
    ask(Verb::NOTE_STATE);
  }
  ask(Verb::TAKE);
  attach();
  EXPECT_TRUE(held());
  ask(Verb::HELLO);
  turns();
  EXPECT_EQ(vrrpd_.nextKind<schema::BrokerEvent>(), Kind::INTERFACE);
  EXPECT_EQ(vrrpd_.nextKind<schema::BrokerEvent>(), Kind::NOTED) << "and not what it was answered";
}

TEST_F(ServiceTest, TheSupervisorsDeathEndsItAndAVrrpdThatStaysIsNotWaitedForForEver) {
  begin();
  ask(Verb::TAKE);
  turns();
  const TimePoint start = EventLoop::now();
  supervisor_.channel().close();
  turnsUntil([this] { return !held(); });
  EXPECT_GE(EventLoop::now() - start, kLeaveTimeout);
}

TEST_F(ServiceTest, StopWithoutVrrpdIsImmediate) {
  begin();
  ask(Verb::TAKE);
  turns();
  vrrpd_.channel().close();
  turns();
  control(ControlVerb::STOP);
  EXPECT_FALSE(held());
}

TEST_F(ServiceTest, ASupervisorOutOfTurnEndsIt) {
  control(ControlVerb::START);
  EXPECT_EQ(supervisor_.nextKind<schema::ControlEvent>(), ControlKind::STOPPED);
}

TEST_F(ServiceTest, OnlyVrrpdCanBeAttached) {
  control(ControlVerb::LOAD, sealedConfig().get());
  auto ends = std::move(Channel::createPair().value());
  MessageBuffer<schema::ControlRequest> message;
  message.root().setVerb(ControlVerb::ATTACH);
  message.root().setPeer(schema::ControlRequest::Peer::SCRIPTD);
  EXPECT_EQ(supervisor_.channel().send(message, ends.first.get()), SendOutcome::kSent);
  ends.first.reset();
  turns();
  EXPECT_TRUE(Peer(std::move(ends.second)).closed());
}

// ---------------------------------------------------------------------- a vrrpd that is taken over

class HostileVrrpd : public ServiceTest {
 protected:
  // Sends what is no request, from a fresh channel, and expects that it is closed, that the
  // supervisor is asked for a new vrrpd, and that nothing else changed.
  void offend(const char* what, const std::function<void(int fd)>& send) {
    attach();
    ask(Verb::HELLO);
    turns();
    const std::size_t before = openDescriptors();
    send(vrrpd_.channel().fd());
    turns();
    EXPECT_TRUE(vrrpd_.closed()) << what;
    EXPECT_EQ(supervisor_.nextKind<schema::ControlEvent>(), ControlKind::MISBEHAVED) << what;
    EXPECT_EQ(openDescriptors(), before - 1) << what << ": only its channel is closed";
    EXPECT_TRUE(held()) << what;
  }
  static void sendBytes(int fd, const std::vector<char>& bytes) {
    EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  static void sendDescriptors(int fd, std::size_t count, std::vector<char> bytes) {
    std::vector<int> descriptors(count, STDIN_FILENO);
    std::vector<char> control(CMSG_SPACE(count * sizeof(int)));
    iovec part{bytes.data(), bytes.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(rights), descriptors.data(), count * sizeof(int));
    EXPECT_GE(::sendmsg(fd, &header, MSG_NOSIGNAL), 0);
  }
  static std::vector<char> helloBytes() {
    MessageBuffer<schema::BrokerRequest> message;
    message.root().setGeneration(1);
    const auto bytes = message.bytes();
    std::vector<char> copy(bytes.size());
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    return copy;
  }
};

TEST_F(HostileVrrpd, IsClosedAndNothingElseChanges) {
  begin();
  ask(Verb::TAKE);
  turns();
  ASSERT_TRUE(held());
  for (const std::size_t size : {1U, 7U, 8U, 16U, 23U, 25U, 32U, 4096U, 4097U, 65536U}) {
    offend("size", [&](int fd) { sendBytes(fd, std::vector<char>(size)); });
  }
  for (const std::size_t count : {1U, 2U, 253U}) {
    offend("descriptors beside a request",
           [&](int fd) { sendDescriptors(fd, count, helloBytes()); });
    offend("descriptors beside garbage",
           [&](int fd) { sendDescriptors(fd, count, std::vector<char>(3)); });
  }
  offend("root pointer", [&](int fd) {
    std::vector<char> bytes = helloBytes();
    bytes[0] = 1;
    sendBytes(fd, bytes);
  });
  offend("generation", [&](int fd) {
    std::vector<char> bytes = helloBytes();
    bytes[12] = 9;
    sendBytes(fd, bytes);
  });
  // And the next one is served as if nothing had been.
  attach();
  ask(Verb::YIELD);
  turns();
  EXPECT_FALSE(held());
}

TEST_F(HostileVrrpd, DoesNotReadAndHoldsNothingUp) {
  begin();
  const std::size_t before = openDescriptors();
  for (int i = 0; i < 2000; ++i) {
    ask(i % 2 == 0 ? Verb::HELLO : Verb::OPEN_RECEIVE_SOCKET);
    if (i % 20 == 0) {
      turns();
    }
  }
  ask(Verb::TAKE);
  turnsUntil([this] { return held(); });
  // Whatever is in flight is bounded by the socket's buffer, and none is kept in waiting.
  const std::size_t inFlight = openDescriptors();
  EXPECT_EQ(inFlight, before);
  // Once it reads again it gets the latest of everything.
  bool taken = false;
  turnsUntil([&] {
    while (const auto kind = vrrpd_.nextKind<schema::BrokerEvent>()) {
      taken = taken || kind == Kind::TAKEN;
    }
    return taken;
  });
}

}  // namespace
}  // namespace holdfast::privd
