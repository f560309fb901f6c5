// The channel to one scriptd: the ends of tracked scripts' runs come in, notifications go out.
#pragma once

#include <cstdint>
#include <functional>

#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/peer_channel.h"
#include "ipc/request_line.h"
#include "ipc/schemas/messages.capnp.h"
#include "vrrpd/track_script.h"

namespace holdfast::vrrpd {

struct Notification {
  std::uint32_t hook = 0;
  std::uint32_t subject = 0;  // index of the instance or the sync group
  schema::VrrpState state = schema::VrrpState::INIT;
  std::uint8_t priority = 0;
  std::uint32_t sequence = 0;
};

// Owned by the Daemon, one for each script identity. While its scriptd is gone or does not read,
// notifications wait here, the oldest being dropped when there are too many; results stay what they
// were.
class ScriptLink {
 public:
  struct Handlers {
    std::function<void(ScriptId script, const ScriptOutcome& outcome)> ended;
    std::function<void()> misbehaved;  // the scriptd broke the rules; its channel has been closed
  };

  ScriptLink(EventLoop& loop, Log& log, Handlers handlers);
  void setGeneration(Generation generation) { generation_ = generation; }
  // Replaces an earlier channel.
  void attach(UniqueFd channel);
  // Asks for the last results, and for every one from now on; again with each attach.
  void listen();
  void notify(const Notification& notification);
  // Nothing waits for a scriptd that is there.
  [[nodiscard]] bool isIdle() const { return waiting_.isIdle(); }

 private:
  [[nodiscard]] bool serve(const Received& received);
  void hello();
  [[nodiscard]] SendOutcome send(const Notification& notification);

  Log& log_;
  Handlers handlers_;
  PeerChannel channel_;
  Generation generation_{};
  RequestLine<Notification> waiting_;
  bool listens_ = false;
};

}  // namespace holdfast::vrrpd
