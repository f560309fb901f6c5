// What checkd can do to the load balancer: requests of any content, a checkd that does not read,
// with reloads, time, a kernel that refuses, and others who change IPVS. Whatever comes, only
// services and destinations of the configuration are touched.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "ipc/kj_edge.h"
#include "ipc/message.h"
#include "privd/broker/ipvs/balancer.h"
#include "tests/unit/broker/fake_edge.h"
#include "tests/unit/broker/ipvs_sample.h"

using namespace holdfast;
using namespace holdfast::privd::ipvs;

namespace {

constexpr std::size_t kMaxWaiting = 64;

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

class World final : private Balancer::Port {
 public:
  World() {
    edge_.before[foreign()].options.scheduler = "sh";
    if (!balancer_.prepare()) {
      std::abort();
    }
    balancer_.load(Generation{1}, configuration());
    if (!balancer_.start(true)) {
      std::abort();
    }
  }

  void step(Input& input) {
    switch (input.byte() % 8) {
      case 0:
        datagram(input.bytes(input.byte()), input.byte() % 16 == 1);
        break;
      case 1:
      case 2:
      case 3:
        request(input);
        break;
      case 4:
        now_ += std::chrono::milliseconds(1) * (1 << (input.byte() % 16));
        break;
      case 5:
        isFull_ = input.byte() % 2 == 1;
        static_cast<void>(balancer_.flush());
        break;
      case 6:
        reload(input);
        break;
      case 7:
        disturb(input);
        break;
    }
    static_cast<void>(balancer_.settle(now_));
    check();
  }
  void end() {
    edge_.kernel->refuses = nullptr;
    balancer_.release();
    if (edge_.kernel->content.size() != 1) {
      std::abort();
    }
  }

 private:
  static ServiceKey foreign() { return tcp("10.200.0.1", 80); }
  static Configuration configuration() {
    Configuration config;
    config.virtualServers = {virtualServer({tcp("10.0.0.1", 80), tcp("10.0.0.9", 80)}, 2),
                             virtualServer({tcp("10.0.0.2", 80)}, 1)};
    config.virtualServers[0].sorryServer = destination("10.2.0.1", 80);
    config.checkSockets = {{.mark = 7}};
    return config;
  }
  SendOutcome send(const Event& event, int borrowedFd) override {
    if (isFull_) {
      return SendOutcome::kFull;
    }
    MessageBuffer<schema::LvsEvent> message;
    event.write(message.root());
    if (borrowedFd >= 0 && event.kind != Event::Kind::SOCKET) {
      std::abort();
    }
    return SendOutcome::kSent;
  }
  void datagram(std::span<const std::uint8_t> bytes, bool descriptor) {
    std::vector<capnp::word> words(bytes.size() / sizeof(capnp::word));
    if (!words.empty()) {
      std::memcpy(words.data(), bytes.data(), words.size() * sizeof(capnp::word));
    }
    if (!balancer_.serve(words, descriptor, policy::BrokerState::kRunning, now_)) {
      balancer_.checkdChanged();
    }
  }
  void request(Input& input) {
    MessageBuffer<schema::LvsRequest> message;
    message.root().setVerb(static_cast<schema::LvsRequest::Verb>(input.byte() % 7));
    message.root().setGeneration(generation_ + input.byte() % 4 / 3);
    message.root().setVirtualServer(input.byte() % 3);
    message.root().setRealServer(input.byte() % 3);
    message.root().setIsIn(input.byte() % 2 == 1);
    message.root().setWeight(input.byte());
    message.root().setSocket(input.byte() % 2);
    const auto bytes = message.bytes();
    datagram({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, false);
  }
  void reload(Input& input) {
    if (input.byte() % 2 == 0 && loaded_ < 3) {
      balancer_.load(Generation{++generation_}, configuration());
      ++loaded_;
    } else if (loaded_ > 1) {
      balancer_.retire(Generation{generation_ - static_cast<std::uint32_t>(--loaded_)});
    }
  }
  void disturb(Input& input) {
    const bool refuses = input.byte() % 2 == 1;
    edge_.kernel->refuses = [refuses](const Operation&) { return refuses; };
    edge_.kernel->isBroken = input.byte() % 4 == 1;
    if (input.byte() % 2 == 1) {
      edge_.kernel->content.erase(tcp("10.0.0.1", 80));
    }
  }
  void check() {
    for (const Operation& operation : edge_.kernel->order) {
      const auto& key = operation.service;
      const bool isOurs =
          key == tcp("10.0.0.1", 80) || key == tcp("10.0.0.9", 80) || key == tcp("10.0.0.2", 80);
      const bool isServer = operation.destination == DestinationKey{} ||
                            operation.destination == at("10.1.0.1", 80) ||
                            operation.destination == at("10.1.0.2", 80) ||
                            operation.destination == at("10.2.0.1", 80);
      if (!isOurs || !isServer) {
        std::abort();
      }
    }
    edge_.kernel->order.clear();
    if (!edge_.kernel->content.contains(foreign()) || balancer_.waiting() > kMaxWaiting) {
      std::abort();
    }
  }

  Log log_{-1};
  FakeEdge edge_;
  Balancer balancer_{edge_, log_, *this, [](Generation, InstanceId) { return false; }};
  bool isFull_ = false;
  TimePoint now_{std::chrono::seconds(1000)};
  std::uint32_t generation_ = 1;
  int loaded_ = 1;
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
