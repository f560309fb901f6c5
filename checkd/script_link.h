// The channel to one scriptd: checks and notifications go out, the ends of checks come in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/peer_channel.h"
#include "ipc/request_line.h"
#include "ipc/schemas/messages.capnp.h"

namespace holdfast::checkd {

// How a run of a MISC_CHECK ended: ScriptEvent.
struct ScriptEnd {
  schema::ScriptEvent::Outcome outcome = schema::ScriptEvent::Outcome::NOT_STARTED;
  std::uint32_t status = 0;
  std::uint32_t sequence = 0;  // which run
};

// Owned by the Daemon, one for each script identity. While its scriptd is gone, notifications wait
// here, the oldest being dropped when there are too many; a check cannot be asked for.
class ScriptLink {
 public:
  struct Handlers {
    std::function<void(std::uint32_t script, const ScriptEnd& end)> checked;
    std::function<void()> gone;        // the ends of checks that were asked for will not come
    std::function<void()> misbehaved;  // the scriptd broke the rules; its channel has been closed
  };

  ScriptLink(EventLoop& loop, Log& log, Generation generation, Handlers handlers);
  // Replaces an earlier channel.
  void attach(UniqueFd channel);

  // False: there is no scriptd.
  [[nodiscard]] bool check(std::uint32_t script, std::uint32_t sequence);
  void notify(std::size_t virtualServer, std::uint32_t notifier);
  [[nodiscard]] bool isIdle() const { return waiting_.isIdle(); }

 private:
  struct Request {
    schema::ScriptRequest::Verb verb = schema::ScriptRequest::Verb::CHECK;
    std::uint32_t script = 0;
    std::uint32_t virtualServer = 0;
    std::uint32_t sequence = 0;
  };

  [[nodiscard]] bool serve(const Received& received);
  [[nodiscard]] SendOutcome send(const Request& request);

  Log& log_;
  Handlers handlers_;
  PeerChannel channel_;
  RequestLine<Request> waiting_;
  Generation generation_;
};

}  // namespace holdfast::checkd
