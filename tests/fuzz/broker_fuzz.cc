// The broker's decode and dispatch, with everything that can happen around it: requests of any
// content, news of any content, a vrrpd that does not read, time, reloads, a kernel that refuses.
// Whatever comes, only addresses of the configuration are touched, and only for them are frames
// sent.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ipc/kj_edge.h"
#include "privd/broker/broker.h"
#include "tests/unit/broker/fake_kernel.h"

using namespace holdfast;
using namespace holdfast::privd;

namespace {

constexpr std::size_t kMaxWaiting = 4096;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) {
      return 0;
    }
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  std::span<const std::uint8_t> bytes(std::size_t count) {
    const auto taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  std::span<const std::uint8_t> rest_;
};

class Port final : public Broker::Port {
 public:
  SendOutcome send(const Event& event, int borrowedFd) override {
    if (full) {
      return SendOutcome::kFull;
    }
    MessageBuffer<schema::BrokerEvent> message;
    event.write(message.root());
    if (borrowedFd >= 0 && event.kind != Event::Kind::SOCKET) {
      std::abort();
    }
    return SendOutcome::kSent;
  }
  bool full = false;
};

// With routes and rules, virtual and static.
Configuration configuration() {
  Configuration config = twoInstances();
  config.instances[0].routes = {virtualRoute("10.1.0.0", 16, "10.9.0.9"),
                                virtualRoute("10.2.0.0", 16, "10.9.0.9")};
  config.instances[0].routes[1].tracked = false;
  config.instances[1].routes = {virtualRoute("10.1.0.0", 16, "10.9.0.9")};
  config.instances[1].rules = {virtualRule("10.1.0.0", 16, 100, 500)};
  config.staticRoutes = {virtualRoute("10.3.0.0", 16, "10.9.0.8", 1)};
  config.staticRoutes[0].trackGroup = TrackGroupId{0};
  config.staticRules = {virtualRule("10.3.0.0", 16, 101, 600)};
  return config;
}

const std::set<std::string> kRouting = {
    "route 10.1.0.0/16 via 10.9.0.9 dev e0", "route 10.2.0.0/16 via 10.9.0.9 dev e0",
    "route 10.3.0.0/16 via 10.9.0.8 dev e1", "rule from 10.1.0.0/16 lookup 100 preference 500",
    "rule from 10.3.0.0/16 lookup 101 preference 600"};

bool configured(const IpAddress& address) {
  for (const Instance& instance : configuration().instances) {
    for (const VirtualAddress& candidate : instance.addresses) {
      if (candidate.address == address) {
        return true;
      }
    }
  }
  return false;
}

class World {
 public:
  World() {
    plugIn(kernel_);
    if (broker_.load(Generation{1}, configuration()) != 0) {
      std::abort();
    }
    broker_.start(now_);
  }

  void step(Input& input) {
    switch (input.byte() % 13) {
      case 0:
        datagram(input.bytes(input.byte()), input.byte() % 16 == 1);
        break;
      case 1:
      case 2:
      case 3:
        request(input);
        break;
      case 4:
        news(input.bytes(input.byte()));
        break;
      case 5:
        deletion(input);
        break;
      case 6:
        link(input);
        break;
      case 7:
        now_ += std::chrono::milliseconds(1) * (1 << (input.byte() % 12));
        break;
      case 8:
        port_.full = input.byte() % 2 == 1;
        static_cast<void>(broker_.flush());
        break;
      case 9:
        reload(input);
        break;
      case 10:
        kernel_.addError = input.byte() % 4 == 1 ? EPERM : 0;
        kernel_.snapshotError = input.byte() % 4 == 1 ? EAGAIN : 0;
        kernel_.openError = input.byte() % 4 == 1 ? EMFILE : 0;
        break;
      case 11:
        broker_.overrun();
        break;
      case 12:
        routing(input);
        break;
    }
    static_cast<void>(broker_.settle(now_));
    check();
  }

  void end() {
    broker_.beginLeaving();
    broker_.releaseEverything();
    check();
  }

 private:
  void datagram(std::span<const std::uint8_t> bytes, bool descriptor) {
    std::vector<capnp::word> words(bytes.size() / sizeof(capnp::word));
    if (!words.empty()) {
      std::memcpy(words.data(), bytes.data(), words.size() * sizeof(capnp::word));
    }
    if (!broker_.serveVrrpd(words, descriptor, now_)) {
      broker_.vrrpdChanged();
    }
  }
  void request(Input& input) {
    MessageBuffer<schema::BrokerRequest> message;
    message.root().setVerb(static_cast<schema::BrokerRequest::Verb>(input.byte() % 8));
    message.root().setInstance(input.byte() % 3);
    message.root().setGeneration(generation_ + input.byte() % 4 / 3);
    message.root().setPeer(input.byte() % 3);
    message.root().setState(static_cast<schema::VrrpState>(input.byte() % 5));
    message.root().setPriority(input.byte());
    message.root().setAnnouncement(input.byte() % 5);
    const auto bytes = message.bytes();
    datagram({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, false);
  }
  void news(std::span<const std::uint8_t> bytes) {
    std::vector<std::max_align_t> aligned(bytes.size() / sizeof(std::max_align_t) + 1);
    if (!bytes.empty()) {
      std::memcpy(aligned.data(), bytes.data(), bytes.size());
    }
    readNetlink(std::as_writable_bytes(std::span(aligned)).first(bytes.size()),
                [this](const NetlinkMessage& message) { broker_.news(message); });
  }
  void deletion(Input& input) {
    const char* addresses[] = {"10.9.0.101", "10.9.0.102", "10.8.0.1", "10.9.0.1"};
    const std::uint8_t lengths[] = {24, 32};
    broker_.news(kernel_.deleteBehindItsBack(2 + input.byte() % 2, addresses[input.byte() % 4],
                                             lengths[input.byte() % 2]));
  }
  // A route or a rule goes, or something like one of ours does.
  void routing(Input& input) {
    NetlinkMessage message;
    if (input.byte() % 2 == 0) {
      const char* destinations[] = {"10.1.0.0", "10.2.0.0", "10.3.0.0", "10.4.0.0"};
      message.kind = NetlinkMessage::Kind::kRouteGone;
      message.route = {AddressFamily::kIpv4, *IpAddress::parse(destinations[input.byte() % 4]), 16};
    } else {
      message.kind = NetlinkMessage::Kind::kRuleGone;
      message.rule = {AddressFamily::kIpv4, 500U + input.byte() % 2 * 100U};
    }
    if (input.byte() % 2 == 0 && !kernel_.routing.empty()) {
      kernel_.routing.erase(kernel_.routing.begin());
    }
    broker_.news(message);
  }
  void link(Input& input) {
    const char* names[] = {"e0", "e1", "x"};
    NetlinkMessage message;
    message.kind =
        input.byte() % 4 == 0 ? NetlinkMessage::Kind::kLinkGone : NetlinkMessage::Kind::kLink;
    message.link = {2 + input.byte() % 3, names[input.byte() % 3], input.byte(), 1500,
                    MacAddress{}};
    broker_.news(message);
  }
  void reload(Input& input) {
    if (input.byte() % 2 == 0) {
      if (broker_.load(Generation{generation_ + 1}, configuration()) == 0) {
        ++generation_;
      }
    } else {
      broker_.retire(Generation{generation_ - input.byte() % 3});
    }
  }
  void check() {
    for (const auto& [index, address, prefixLength] : kernel_.present) {
      if (!configured(address)) {
        std::abort();
      }
    }
    kernel_.order.clear();
    if (!std::includes(kRouting.begin(), kRouting.end(), kernel_.routing.begin(),
                       kernel_.routing.end())) {
      std::abort();
    }
    for (const auto& [index, frame] : kernel_.frames) {
      IpAddress sender;
      std::copy_n(frame.begin() + 28, 4, sender.bytes.begin());
      if (!configured(sender)) {
        std::abort();
      }
    }
    kernel_.frames.clear();
    if (broker_.waiting() > kMaxWaiting) {
      std::abort();
    }
  }

  Log log_{-1};
  FakeKernel kernel_;
  Port port_;
  Broker broker_{kernel_, log_, port_};
  TimePoint now_{std::chrono::seconds(1000)};
  std::uint32_t generation_ = 1;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const QuietKjExceptions quiet;
  Input input(data, size);
  World world;
  while (!input.empty()) {
    world.step(input);
  }
  world.end();
  return 0;
}
