// Instances that share a receive socket: privd is played by the test, and datagrams come over a
// local socket.
#include "vrrpd/receivers.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "ipc/channel.h"
#include "tests/unit/vrrpd/datagram.h"

namespace holdfast::vrrpd {
namespace {

InstanceConfig listening(std::uint8_t virtualRouterId, std::uint32_t interface = 0) {
  InstanceConfig config;
  config.rules.virtualRouterId = virtualRouterId;
  config.interface = idAt<InterfaceId>(interface);
  config.group = ip("224.0.0.18");
  return config;
}

class ReceiversTest : public testing::Test {
 protected:
  ReceiversTest() : loop_(std::move(EventLoop::create()).value()) {
    auto log = std::move(Channel::createPair()).value();
    logEnd_ = std::move(log.first);
    logFd_ = std::move(log.second);
    log_.emplace(logFd_.get());
    broker_.emplace(loop_, *log_, BrokerLink::Handlers{[](auto, auto) {}, [] {}, [] {}});
    receivers_.emplace(loop_, *broker_);
    attachPrivd();
  }

  void attachPrivd() {
    auto pair = std::move(Channel::createPair()).value();
    privd_ = Channel(std::move(pair.first));
    broker_->attach(std::move(pair.second));
  }
  Receiver& join(std::uint32_t instance, const InstanceConfig& config) {
    Receiver& receiver = receivers_->of(config);
    const std::string name = std::to_string(config.rules.virtualRouterId);
    receiver.join(
        idAt<InstanceId>(instance), config.rules.virtualRouterId,
        {.datagram = [this, name](const Envelope&) { said_.push_back(name + " hears"); },
         .unopened = [this, name](std::size_t) { said_.push_back(name + " cannot open"); },
         .answered =
             [this, name](std::uint32_t error, std::string_view) {
               said_.push_back(name + (error == 0 ? " listens" : " is refused"));
             }});
    return receiver;
  }
  int requests() {
    int count = 0;
    Received received;
    for (privd_.receive(received); received.kind == Received::Kind::kMessage;
         privd_.receive(received)) {
      ++count;
    }
    return count;
  }
  // Opens `receiver` for instance 0; returns the other end of its socket.
  UniqueFd opened(Receiver& receiver) {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
    receiver.open(InstanceId{});
    receiver.answer(0, UniqueFd(fds[0]));
    said_.clear();
    return UniqueFd(fds[1]);
  }
  std::vector<std::string> said() { return std::exchange(said_, {}); }

  EventLoop loop_;
  UniqueFd logEnd_;
  UniqueFd logFd_;
  std::optional<Log> log_;
  std::optional<BrokerLink> broker_;
  Channel privd_;
  std::optional<Receivers> receivers_;
  std::vector<std::string> said_;
};

using Said = std::vector<std::string>;

TEST_F(ReceiversTest, SharesOnePlace) {
  Receiver& first = join(0, listening(10));
  EXPECT_EQ(&join(1, listening(20)), &first);
  EXPECT_NE(&join(2, listening(10)), &first) << "the same virtual router with other peers";
  EXPECT_NE(&join(3, listening(30, 1)), &first) << "another interface";
  InstanceConfig unicast = listening(31);
  unicast.isUnicast = true;
  EXPECT_NE(&join(4, unicast), &first);
  InstanceConfig otherGroup = listening(32);
  otherGroup.group = ip("224.0.0.19");
  EXPECT_NE(&join(5, otherGroup), &first);
  InstanceConfig ipv6 = listening(33);
  ipv6.rules.family = AddressFamily::kIpv6;
  EXPECT_NE(&join(6, ipv6), &first);
  InstanceConfig authenticated = listening(34);
  authenticated.rules.authentication.type = AuthType::kAuthHeader;
  EXPECT_NE(&join(7, authenticated), &first);
}

TEST_F(ReceiversTest, AsksOnceForAllAndTellsThoseWhoAsked) {
  Receiver& receiver = join(0, listening(10));
  join(1, listening(20));
  receiver.open(idAt<InstanceId>(0));
  receiver.open(idAt<InstanceId>(1));
  EXPECT_EQ(requests(), 1);
  receiver.answer(ENODEV, UniqueFd());
  EXPECT_EQ(said(), (Said{"10 is refused", "20 is refused"}));
  EXPECT_FALSE(receiver.isOpen(idAt<InstanceId>(0)));

  receiver.open(idAt<InstanceId>(1));
  EXPECT_EQ(requests(), 1);
  opened(receiver);
  EXPECT_TRUE(receiver.isOpen(idAt<InstanceId>(0)));
  EXPECT_TRUE(receiver.isOpen(idAt<InstanceId>(1)));
  receiver.reopen(idAt<InstanceId>(1));
  EXPECT_TRUE(receiver.isOpen(idAt<InstanceId>(0))) << "what it has serves it until then";
}

TEST_F(ReceiversTest, AnAnswerWithoutASocketIsARefusal) {
  Receiver& receiver = join(0, listening(10));
  receiver.open(InstanceId{});
  receiver.answer(0, UniqueFd());
  EXPECT_EQ(said(), (Said{"10 is refused"}));
}

TEST_F(ReceiversTest, AsksANewPrivdAgain) {
  Receiver& receiver = join(0, listening(10));
  receiver.open(InstanceId{});
  receivers_->forget();
  attachPrivd();
  receiver.open(InstanceId{});
  EXPECT_EQ(requests(), 1);
}

TEST_F(ReceiversTest, HandsEachDatagramToItsVirtualRouter) {
  Receiver& receiver = join(0, listening(10));
  join(1, listening(20));
  const UniqueFd wire = opened(receiver);
  const auto arrives = [&](Datagram datagram) {
    const std::vector<std::uint8_t> bytes = datagram.bytes();
    EXPECT_EQ(::send(wire.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  };
  arrives({.virtualRouterId = 20});
  arrives({.virtualRouterId = 10});
  arrives({.virtualRouterId = 30});
  arrives({.totalLengthError = -30, .virtualRouterId = 20});
  EXPECT_EQ(::send(wire.get(), "x", 1, 0), 1);
  receiver.readAll();
  EXPECT_EQ(said(), (Said{"20 hears", "10 hears", "20 cannot open"}));
}

// What another virtual router has sent must not hide that a master lives.
TEST_F(ReceiversTest, HearsWhatIsBehindTheDatagramsOfOthers) {
  constexpr int kOfAnother = 100;
  Receiver& receiver = join(0, listening(10));
  join(1, listening(20));
  const UniqueFd wire = opened(receiver);
  const int room = 1 << 20;
  EXPECT_EQ(::setsockopt(wire.get(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)), 0);
  const std::vector<std::uint8_t> another = Datagram{.virtualRouterId = 20}.bytes();
  for (int i = 0; i < kOfAnother; ++i) {
    while (::send(wire.get(), another.data(), another.size(), 0) < 0) {
      receiver.readAll();
    }
  }
  const std::vector<std::uint8_t> own = Datagram{.virtualRouterId = 10}.bytes();
  while (::send(wire.get(), own.data(), own.size(), 0) < 0) {
    receiver.readAll();
  }
  receiver.readAll();
  const Said all = said();
  EXPECT_EQ(all.size(), kOfAnother + 1U);
  EXPECT_EQ(all.back(), "10 hears");
}

TEST_F(ReceiversTest, KeepsTheSocketThatItHas) {
  Receiver& receiver = join(0, listening(10));
  const UniqueFd wire = opened(receiver);
  static_cast<void>(requests());
  receiver.open(InstanceId{});
  EXPECT_EQ(requests(), 0) << "it is there";
  receiver.reopen(InstanceId{});
  EXPECT_EQ(requests(), 1) << "it is on another device";
  const std::vector<std::uint8_t> bytes = Datagram{.virtualRouterId = 10}.bytes();
  EXPECT_EQ(::send(wire.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
  const UniqueFd other(fds[1]);
  receiver.answer(0, UniqueFd(fds[0]));
  EXPECT_EQ(said(), (Said{"10 hears", "10 listens"})) << "what the old one had is not lost";
}

TEST_F(ReceiversTest, FindsTheVirtualRouterBehindAnAuthenticationHeader) {
  InstanceConfig config = listening(20);
  config.rules.authentication.type = AuthType::kAuthHeader;
  config.rules.authentication.key = password("secret");
  Receiver& receiver = join(0, config);
  const UniqueFd wire = opened(receiver);
  const std::vector<std::uint8_t> bytes =
      Datagram{.virtualRouterId = 20, .authentication = config.rules.authentication}.bytes();
  EXPECT_EQ(::send(wire.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  receiver.readAll();
  EXPECT_EQ(said(), (Said{"20 hears"}));
}

}  // namespace
}  // namespace holdfast::vrrpd
