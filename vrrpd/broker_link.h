// The channel to privd. What is asked for is never waited for: answers are events.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "ipc/channel.h"
#include "ipc/event_loop.h"
#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/schemas/messages.capnp.h"
#include "vrrpd/action.h"

namespace holdfast::vrrpd {

[[nodiscard]] schema::VrrpState schemaState(State state);
[[nodiscard]] State stateOf(schema::VrrpState state);

// Owned by the Daemon. A request that finds privd gone, or its socket full, is not kept: once the
// way is free again `resync` is called, and says how everything is to be. Requests must not skip a
// lost one, since privd refuses to announce what was not taken.
class BrokerLink {
 public:
  struct Handlers {
    std::function<void(schema::BrokerEvent::Reader event, UniqueFd fd)> event;
    std::function<void()> resync;
    std::function<void()> misbehaved;  // privd broke the rules; its channel has been closed
  };

  BrokerLink(EventLoop& loop, Log& log, Handlers handlers);
  ~BrokerLink() { detach(); }
  BrokerLink(const BrokerLink&) = delete;
  BrokerLink& operator=(const BrokerLink&) = delete;

  void setGeneration(Generation generation) { generation_ = generation; }
  // Replaces an earlier channel.
  void attach(UniqueFd channel);
  [[nodiscard]] bool isAttached() const { return channel_.open(); }

  void hello();
  void take(InstanceId instance);
  void yield(InstanceId instance);
  void announce(InstanceId instance, AnnounceReason reason);
  void noteState(InstanceId instance, State state, std::uint8_t priority);
  void openReceiveSocket(InstanceId instance);
  void openSendSocket(InstanceId instance, std::uint16_t peer);

 private:
  using Verb = schema::BrokerRequest::Verb;
  using Request = MessageBuffer<schema::BrokerRequest>;

  void detach();
  void readEvents();
  [[nodiscard]] bool serve(Received& received);
  void refuse(const char* why);
  void request(Verb verb, InstanceId instance);
  void send(Request& request, Verb verb, InstanceId instance);

  EventLoop& loop_;
  Log& log_;
  Handlers handlers_;
  Channel channel_;
  Generation generation_{};
  bool isBlocked_ = false;  // a request was lost: nothing is sent before resync
};

}  // namespace holdfast::vrrpd
