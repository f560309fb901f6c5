// A Broker with a fake kernel, a vrrpd that is a list, and a log that can be read.
#pragma once

#include <capnp/message.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fake_kernel.h"
#include "ipc/channel.h"
#include "ipc/log.h"
#include "ipc/message.h"
#include "privd/broker/broker.h"

namespace holdfast::privd {

using Verb = schema::BrokerRequest::Verb;

class LogReader {
 public:
  LogReader() : LogReader(std::move(Channel::createPair().value())) {}
  [[nodiscard]] Log& log() { return log_; }
  // The lines so far, each with a newline.
  std::string take() {
    std::string lines;
    Received received;
    for (reader_.receive(received); received.kind == Received::Kind::kMessage;
         reader_.receive(received)) {
      const kj::ArrayPtr<const capnp::word> segment(received.segment().data(), received.words);
      capnp::SegmentArrayMessageReader message(kj::arrayPtr(&segment, 1));
      lines += message.getRoot<schema::LogLine>().getText().cStr();
      lines += "\n";
    }
    return lines;
  }

 private:
  explicit LogReader(std::pair<UniqueFd, UniqueFd> ends)
      : writer_(std::move(ends.first)), reader_(std::move(ends.second)), log_(writer_.get()) {}
  UniqueFd writer_;
  Channel reader_;
  Log log_;
};

class BrokerHarness : public Broker::Port {
 public:
  struct Sent {
    Event event;
    bool descriptor = false;
  };

  BrokerHarness() { plugIn(kernel); }

  void begin(Configuration config = twoInstances(), std::uint32_t generation = 1) {
    loadError = broker.load(Generation{generation}, std::move(config));
    if (broker.state() == policy::BrokerState::kLoaded) {
      broker.start(now);
    }
    settle();
  }
  SendOutcome send(const Event& event, int borrowedFd) override {
    if (full) {
      return SendOutcome::kFull;
    }
    sent.push_back({event, borrowedFd >= 0});
    return SendOutcome::kSent;
  }
  // One request, and what follows from it in the same turn.
  bool ask(Verb verb, std::uint32_t instance, std::uint32_t generation = 1,
           std::uint16_t peer = 0) {
    MessageBuffer<schema::BrokerRequest> message;
    message.root().setVerb(verb);
    message.root().setInstance(instance);
    message.root().setGeneration(generation);
    message.root().setPeer(peer);
    message.root().setState(state);
    message.root().setPriority(priority);
    message.root().setAnnouncement(announcement);
    return askRaw(message.bytes());
  }
  bool askRaw(std::span<const std::byte> bytes, bool descriptor = false) {
    std::vector<capnp::word> words(bytes.size() / sizeof(capnp::word));
    std::memcpy(words.data(), bytes.data(), words.size() * sizeof(capnp::word));
    const bool kept = broker.serveVrrpd(words, descriptor, now);
    settle();
    return kept;
  }
  void tell(const NetlinkMessage& message) {
    broker.news(message);
    settle();
  }
  void settle() {
    // Rounds of a burst that fills a turn are sent in the next.
    do {
      wake = broker.settle(now);
    } while (wake <= now);
  }
  std::vector<Sent> takeSent() { return std::exchange(sent, {}); }

  TimePoint now{std::chrono::seconds(1000)};
  TimePoint wake = kNever;
  FakeKernel kernel;
  LogReader log;
  std::vector<Sent> sent;
  bool full = false;
  int loadError = 0;
  schema::VrrpState state = schema::VrrpState::MASTER;
  std::uint8_t priority = 100;
  std::uint8_t announcement = 0;
  Broker broker{kernel, log.log(), *this};
};

}  // namespace holdfast::privd
