// holdfast-privd as the supervisor starts it: the real program, in its sandbox, on a real kernel.
#include <capnp/message.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "ipc/channel.h"
#include "ipc/descriptors.h"
#include "ipc/event_loop.h"
#include "ipc/ip_address.h"
#include "ipc/message.h"
#include "ipc/schemas/config.capnp.h"
#include "ipc/schemas/messages.capnp.h"
#include "ipc/sealed.h"
#include "network_lab.h"

namespace holdfast::privd {
namespace {

using Kind = schema::BrokerEvent::Kind;
using ControlKind = schema::ControlEvent::Kind;
using ControlVerb = schema::ControlRequest::Verb;
using Verb = schema::BrokerRequest::Verb;

constexpr const char* kUser = "65534";

void putAddress(schema::Address::Builder builder, const char* text) {
  const IpAddress address = *IpAddress::parse(text);
  builder.setFamily(address.family == AddressFamily::kIpv4 ? schema::Family::IPV4
                                                           : schema::Family::IPV6);
  builder.setHigh(address.high());
  builder.setLow(address.low());
}

UniqueFd sealedConfig() {
  SealedBuilder builder("privd");
  auto config = builder.initRoot<schema::BrokerConfig>();
  config.initInterfaces(1).set(0, "e0");
  auto instance = config.initInstances(1)[0];
  instance.setName("VI_1");
  instance.setVirtualRouterId(10);
  instance.setHasInterface(true);
  instance.setTtl(255);
  putAddress(instance.initGroup(), "224.0.0.18");
  instance.setAnnounceMasterRepeat(5);
  instance.setPromoteSecondaries(true);
  auto addresses = instance.initAddresses(2);
  putAddress(addresses[0].initAddress(), "10.9.0.101");
  addresses[0].setPrefixLength(24);
  putAddress(addresses[1].initAddress(), "fd00::101");
  addresses[1].setPrefixLength(64);
  addresses[1].setFlags(2);
  return std::move(builder.seal()).value();
}

struct BrokerNews {
  Kind kind;
  std::uint32_t result;
  std::uint8_t flags;
  std::uint8_t priority;
  UniqueFd fd;
};

// The program, and the supervisor's ends of its descriptors.
class Privd {
 public:
  Privd() {
    auto control = std::move(Channel::createPair().value());
    auto log = std::move(Channel::createPair().value());
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(control.first.get(), 103);
      ::dup2(log.first.get(), 104);
      ::dup2(103, kControlFd);
      ::dup2(104, kLogFd);
      ::execl(HOLDFAST_PRIVD, "holdfast-privd", kUser, kUser, nullptr);
      ::_exit(127);
    }
    control_ = Channel(std::move(control.second));
    log_ = Channel(std::move(log.second));
  }
  ~Privd() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      wait();
    }
  }
  Privd(const Privd&) = delete;
  Privd& operator=(const Privd&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }
  void closeControl() { control_.close(); }

  void ask(ControlVerb verb, int fd = -1, std::uint32_t generation = 1) {
    MessageBuffer<schema::ControlRequest> message;
    message.root().setVerb(verb);
    message.root().setGeneration(generation);
    message.root().setPeer(schema::ControlRequest::Peer::VRRPD);
    EXPECT_EQ(fd < 0 ? control_.send(message) : control_.send(message, fd), SendOutcome::kSent)
        << logText();
  }
  void expect(ControlKind kind) {
    Received received;
    waitFor(control_, received);
    const Decoded<schema::ControlEvent> decoded(received.segment());
    ASSERT_TRUE(decoded) << logText();
    EXPECT_EQ(decoded.root().getKind(), kind) << logText();
    EXPECT_EQ(decoded.root().getResult(), 0U) << logText();
  }
  Channel attach() {
    auto ends = std::move(Channel::createPair().value());
    ask(ControlVerb::ATTACH, ends.first.get());
    return Channel(std::move(ends.second));
  }
  std::string logText() {
    std::string lines;
    Received received;
    for (log_.receive(received); received.kind == Received::Kind::kMessage;
         log_.receive(received)) {
      const kj::ArrayPtr<const capnp::word> segment(received.segment().data(), received.words);
      capnp::SegmentArrayMessageReader message(kj::arrayPtr(&segment, 1));
      lines += message.getRoot<schema::LogLine>().getText().cStr();
      lines += "\n";
    }
    return lines;
  }
  std::string statusOf(const char* key) const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.rfind(std::string(key) + ":", 0) == 0) {
        return line.substr(line.find('\t') + 1);
      }
    }
    return "";
  }

  static void waitFor(Channel& channel, Received& received) {
    pollfd poll{channel.fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&poll, 1, 20000), 1);
    channel.receive(received);
  }

 private:
  pid_t pid_ = -1;
  Channel control_;
  Channel log_;
};

class ProcessKernelTest : public LabTest {
 protected:
  void SetUp() override {
    LabTest::SetUp();
    if (!IsSkipped()) {
      NetworkLab::run("sysctl -qw net.ipv4.conf.e0.promote_secondaries=0");
    }
  }
  void begin() {
    privd_ = std::make_unique<Privd>();
    privd_->ask(ControlVerb::LOAD, sealedConfig().get());
    privd_->expect(ControlKind::LOADED);
    vrrpd_ = privd_->attach();
    privd_->ask(ControlVerb::START);
    privd_->expect(ControlKind::READY);
  }
  static void send(Channel& channel, Verb verb) {
    MessageBuffer<schema::BrokerRequest> message;
    message.root().setVerb(verb);
    message.root().setGeneration(1);
    message.root().setState(schema::VrrpState::MASTER);
    message.root().setPriority(200);
    static_cast<void>(channel.send(message));
  }
  void ask(Verb verb) { send(vrrpd_, verb); }
  BrokerNews expect(Kind kind) {
    for (;;) {
      Received received;
      Privd::waitFor(vrrpd_, received);
      const Decoded<schema::BrokerEvent> decoded(received.segment());
      if (!decoded) {
        ADD_FAILURE() << "no event: " << privd_->logText();
        return {};
      }
      const auto event = decoded.root();
      if (event.getKind() == kind) {
        return {kind, event.getResult(), event.getFlags(), event.getPriority(),
                std::move(received.fd)};
      }
    }
  }
  // Within a time that only a failure reaches.
  static bool eventually(const std::function<bool()>& holds) {
    const TimePoint deadline = EventLoop::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (EventLoop::now() > deadline) {
        return false;
      }
    }
    return true;
  }
  static bool has(const char* address) {
    return NetworkLab::output("ip -o addr show dev e0").find(address) != std::string::npos;
  }

  std::unique_ptr<Privd> privd_;
  Channel vrrpd_;
};

TEST_F(ProcessKernelTest, HoldsTwoCapabilitiesAndNoMore) {
  begin();
  EXPECT_EQ(privd_->statusOf("CapEff"), "0000000000003000") << "NET_ADMIN, NET_RAW";
  EXPECT_EQ(privd_->statusOf("CapPrm"), "0000000000003000");
  EXPECT_EQ(privd_->statusOf("CapInh"), "0000000000000000");
  EXPECT_EQ(privd_->statusOf("CapAmb"), "0000000000000000");
  EXPECT_EQ(privd_->statusOf("Uid"), "65534\t65534\t65534\t65534");
  EXPECT_EQ(privd_->statusOf("NoNewPrivs"), "1");
  EXPECT_EQ(privd_->statusOf("Threads"), "1");
}

TEST_F(ProcessKernelTest, TakesAnnouncesHandsOutSocketsAndLeavesCleanly) {
  begin();
  ask(Verb::HELLO);
  EXPECT_EQ(expect(Kind::INTERFACE).flags & 0x0f, 0x0f) << "exists, up, running, has IPv4";
  expect(Kind::HELLO_END);
  ask(Verb::TAKE);
  EXPECT_EQ(expect(Kind::TAKEN).result, 0U);
  EXPECT_TRUE(has("10.9.0.101/24") && has("fd00::101/64"));
  EXPECT_EQ(NetworkLab::output("sysctl -n net.ipv4.conf.e0.promote_secondaries"), "1\n");
  ask(Verb::ANNOUNCE);
  ask(Verb::OPEN_RECEIVE_SOCKET);
  EXPECT_TRUE(expect(Kind::SOCKET).fd);
  ask(Verb::OPEN_SEND_SOCKET);
  const BrokerNews socket = expect(Kind::SOCKET);
  ASSERT_TRUE(socket.fd) << socket.result << privd_->logText();
  EXPECT_EQ(::send(socket.fd.get(), "\x21\x0a\x64\0\0\x01\0\0", 8, 0), 8);
  const std::string log = privd_->logText();
  EXPECT_NE(log.find("Sending gratuitous ARP on e0 for 10.9.0.101"), std::string::npos) << log;
  EXPECT_NE(log.find("Sending unsolicited Neighbour Advert on e0 for fd00::101"), std::string::npos)
      << log;

  privd_->ask(ControlVerb::STOP);
  vrrpd_.close();
  privd_->expect(ControlKind::STOPPED);
  EXPECT_EQ(privd_->wait(), 0);
  EXPECT_FALSE(has("10.9.0.101") || has("fd00::101"));
  EXPECT_EQ(NetworkLab::output("sysctl -n net.ipv4.conf.e0.promote_secondaries"), "0\n");
}

TEST_F(ProcessKernelTest, PutsBackWhatSomeoneElseDeletes) {
  begin();
  ask(Verb::TAKE);
  expect(Kind::TAKEN);
  ASSERT_TRUE(NetworkLab::run("ip addr del 10.9.0.101/24 dev e0"));
  expect(Kind::RESTORED);
  EXPECT_TRUE(has("10.9.0.101/24"));
  ASSERT_TRUE(NetworkLab::run("ip addr del fd00::101/64 dev e0"));
  expect(Kind::RESTORED);
  EXPECT_TRUE(has("fd00::101/64"));
}

// `ip addr flush` deletes until nothing is left: the two fight, and privd does not give up.
TEST_F(ProcessKernelTest, OutlastsAFlush) {
  begin();
  ask(Verb::TAKE);
  expect(Kind::TAKEN);
  NetworkLab::run("ip addr flush dev e0 to fd00::/16 2>/dev/null");
  EXPECT_TRUE(eventually([] { return has("fd00::101/64"); }));
}

TEST_F(ProcessKernelTest, TellsOfTheDeviceThatComesBack) {
  begin();
  ask(Verb::HELLO);
  expect(Kind::HELLO_END);
  ask(Verb::TAKE);
  expect(Kind::TAKEN);
  NetworkLab::run("ip link set e0 down");
  EXPECT_EQ(expect(Kind::INTERFACE).flags & 0x3, 0x1) << "there, and down";
  NetworkLab::run("ip link del e0");
  EXPECT_EQ(expect(Kind::LOST).result, static_cast<unsigned>(ENODEV));
  NetworkLab::run(
      "ip link add e0 type veth peer name e9 && ip link set e9 up && ip link set e0 up");
  expect(Kind::RESTORED);
  EXPECT_TRUE(has("10.9.0.101/24"));
}

TEST_F(ProcessKernelTest, ItsOwnDeathChangesNothing) {
  begin();
  ask(Verb::TAKE);
  expect(Kind::TAKEN);
  const std::string before = NetworkLab::output("ip -o addr show dev e0");
  ::kill(privd_->pid(), SIGKILL);
  privd_->wait();
  begin();
  ask(Verb::HELLO);
  expect(Kind::HELLO_END);
  ask(Verb::TAKE);
  EXPECT_EQ(expect(Kind::TAKEN).result, 0U);
  EXPECT_EQ(NetworkLab::output("ip -o addr show dev e0"), before);
  ask(Verb::YIELD);
  EXPECT_EQ(expect(Kind::YIELDED).result, 0U);
  EXPECT_FALSE(has("10.9.0.101"));
}

TEST_F(ProcessKernelTest, TheSupervisorsDeathTakesTheAddressesAway) {
  begin();
  ask(Verb::TAKE);
  expect(Kind::TAKEN);
  vrrpd_.close();
  privd_->closeControl();
  EXPECT_EQ(privd_->wait(), 0);
  EXPECT_FALSE(has("10.9.0.101"));
}

// A vrrpd that asks, never reads, and is stopped with its socket full: privd serves everybody else
// as before.
TEST_F(ProcessKernelTest, IsNotHeldUpByAStoppedVrrpd) {
  begin();
  ask(Verb::TAKE);
  expect(Kind::TAKEN);
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) {
      send(vrrpd_, Verb::HELLO);
      send(vrrpd_, Verb::OPEN_RECEIVE_SOCKET);
    }
  }
  // Both directions have been full when nothing can be sent and much is waiting to be read.
  pollfd writable{vrrpd_.fd(), POLLOUT, 0};
  pollfd readable{vrrpd_.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&readable, 1, 20000), 1);
  EXPECT_TRUE(eventually([&] { return ::poll(&writable, 1, 0) == 0; }));
  ::kill(child, SIGSTOP);
  int status = 0;
  ::waitpid(child, &status, WUNTRACED);

  Duration slowest{};
  for (std::uint32_t generation = 2; generation <= 4; ++generation) {
    const TimePoint start = EventLoop::now();
    privd_->ask(ControlVerb::LOAD, sealedConfig().get(), generation);
    privd_->expect(ControlKind::LOADED);
    slowest = std::max(slowest, EventLoop::now() - start);
  }
  EXPECT_LT(slowest, std::chrono::seconds(1));
  ASSERT_TRUE(NetworkLab::run("ip addr del 10.9.0.101/24 dev e0"));
  EXPECT_TRUE(eventually([] { return has("10.9.0.101/24"); }));

  vrrpd_ = privd_->attach();
  ask(Verb::YIELD);
  EXPECT_EQ(expect(Kind::YIELDED).result, 0U);
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
}

}  // namespace
}  // namespace holdfast::privd
