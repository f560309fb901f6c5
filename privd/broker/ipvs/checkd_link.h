// The channel to checkd and the load balancer behind it, in the event loop. Owned by the Service.
#pragma once

#include <functional>
#include <span>

#include "ipc/event_loop.h"
#include "ipc/log.h"
#include "ipc/peer_channel.h"
#include "privd/broker/ipvs/balancer.h"

namespace holdfast::privd::ipvs {

class CheckdLink final : private Balancer::Port {
 public:
  struct Handlers {
    std::function<policy::BrokerState()> state;
    std::function<void()> settle;      // something was asked
    std::function<void()> misbehaved;  // start checkd again
  };
  CheckdLink(EventLoop& loop, Log& log, Edge& edge, Balancer::IsMaster isMaster, Handlers handlers);

  [[nodiscard]] Balancer& balancer() { return balancer_; }
  // Replaces an earlier channel, whose last words are heard out. Nothing is read before start().
  void attach(UniqueFd channel);
  void start();

 private:
  SendOutcome send(const Event& event, int borrowedFd) override;
  [[nodiscard]] bool serve(const Received& received);
  void gone();

  Handlers handlers_;
  Balancer balancer_;
  UniqueFd waiting_;  // to be read from start() on
  PeerChannel channel_;
  Timer flushTimer_;
};

}  // namespace holdfast::privd::ipvs
