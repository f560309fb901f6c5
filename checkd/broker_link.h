// The channel to privd: where each server is to be. What is asked for is never waited for: answers
// are events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "checkd/action.h"
#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/peer_channel.h"
#include "ipc/request_line.h"
#include "ipc/schemas/messages.capnp.h"

namespace holdfast::checkd {

// Owned by the Daemon. A request that finds privd gone is not kept: the next one is told how
// everything is to be.
class BrokerLink {
 public:
  struct Handlers {
    std::function<void(schema::LvsEvent::Reader event, UniqueFd fd)> event;
    std::function<void()> misbehaved;  // privd broke the rules; its channel has been closed
    std::function<void()> gone;        // the answers to what was asked will not come
  };

  BrokerLink(EventLoop& loop, Log& log, Handlers handlers);
  void setGeneration(Generation generation) { generation_ = generation; }
  // Replaces an earlier channel.
  void attach(UniqueFd channel);
  [[nodiscard]] bool isAttached() const { return channel_.open(); }

  void hello();
  void place(std::size_t virtualServer, std::size_t realServer, const Placement& placement);
  void placeSorry(std::size_t virtualServer, const Placement& placement);
  // Every server has been named since hello().
  void complete();
  // Answered by an event for the virtual server, and one for each of its real servers.
  void readStatistics(std::size_t virtualServer);
  void openCheckSocket(std::uint32_t socket);

 private:
  struct Request {
    schema::LvsRequest::Verb verb = schema::LvsRequest::Verb::HELLO;
    std::size_t virtualServer = 0;
    std::size_t realServer = 0;
    Placement placement;
    std::uint32_t socket = 0;
  };

  void lose();
  [[nodiscard]] bool serve(Received& received);
  void post(const Request& request);
  [[nodiscard]] SendOutcome send(const Request& request);

  Handlers handlers_;
  PeerChannel channel_;
  RequestLine<Request> waiting_;
  Generation generation_{};
};

}  // namespace holdfast::checkd
