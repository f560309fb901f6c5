// The channel to privd. What is asked for is never waited for: answers are events.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>

#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/peer_channel.h"
#include "ipc/schemas/messages.capnp.h"
#include "vrrpd/action.h"

namespace holdfast::vrrpd {

[[nodiscard]] schema::VrrpState schemaState(State state);
[[nodiscard]] State stateOf(schema::VrrpState state);

// Owned by the Daemon. A request that finds privd gone is not kept: the next one is told how
// everything is to be. What finds the socket full waits in its order, a later request replacing
// what it makes out of date: so the requests that wait are bounded by the configuration.
class BrokerLink {
 public:
  struct Handlers {
    std::function<void(schema::BrokerEvent::Reader event, UniqueFd fd)> event;
    std::function<void()> misbehaved;  // privd broke the rules; its channel has been closed
    std::function<void()> gone;        // before anything of a new channel is told
  };

  BrokerLink(EventLoop& loop, Log& log, Handlers handlers);
  void setGeneration(Generation generation) { generation_ = generation; }
  // Replaces an earlier channel.
  void attach(UniqueFd channel);
  // False from the moment that privd's end is noticed.
  [[nodiscard]] bool isAttached() const { return channel_.open(); }
  // Nothing waits to be said.
  [[nodiscard]] bool isIdle() const { return waiting_.empty(); }

  void hello();
  void take(InstanceId instance);
  void yield(InstanceId instance);
  void announce(InstanceId instance, AnnounceReason reason);
  // `replayCounter`: AuthSequence::block().
  void noteState(InstanceId instance, State state, std::uint8_t priority,
                 std::uint16_t replayCounter);
  void openReceiveSocket(InstanceId instance);
  void openSendSocket(InstanceId instance, std::uint16_t peer);

 private:
  using Verb = schema::BrokerRequest::Verb;
  struct Request {
    Verb verb = Verb::HELLO;
    InstanceId instance{};
    schema::VrrpState state = schema::VrrpState::INIT;
    std::uint8_t priority = 0;
    std::uint8_t announcement = 0;
    std::uint16_t peer = 0;
  };

  void lose();
  [[nodiscard]] bool serve(Received& received);
  [[nodiscard]] static bool replaces(const Request& fresh, const Request& old);
  void post(const Request& request);
  void flush();
  [[nodiscard]] SendOutcome send(const Request& request);

  Log& log_;
  Handlers handlers_;
  PeerChannel channel_;
  Generation generation_{};
  std::list<Request> waiting_;
};

}  // namespace holdfast::vrrpd
