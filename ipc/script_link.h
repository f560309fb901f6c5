// The channel to one scriptd: notifications and requests for checks go out, the ends of runs come
// in.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <set>

#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/peer_channel.h"
#include "ipc/schemas/messages.capnp.h"
#include "ipc/script_outcome.h"

namespace holdfast {

struct Notification {
  std::uint32_t hook = 0;     // index in ScriptConfig.hooks; of servers in ScriptConfig.notifiers
  std::uint32_t subject = 0;  // index of the instance or the sync group; of the virtual server
  schema::VrrpState state = schema::VrrpState::INIT;
  std::uint8_t priority = 0;
  std::uint32_t sequence = 0;
  bool ofServers = false;  // nothing but `hook` and `subject` counts
};

// Owned by its process, one for each script identity. While its scriptd is gone or does not read,
// notifications wait here, the oldest being dropped when there are too many, and so do requests for
// checks; results stay what they were.
class ScriptLink {
 public:
  // One that is not set makes its event a breach of the rules.
  struct Handlers {
    std::function<void(ScriptId script, const ScriptOutcome& outcome)> ended;
    std::function<void(std::uint32_t check, const ScriptOutcome& outcome)> checked;
    std::function<void()> misbehaved;  // the scriptd broke the rules; its channel has been closed
  };

  ScriptLink(EventLoop& loop, Log& log, Handlers handlers);
  void setGeneration(Generation generation) { generation_ = generation; }
  // Replaces an earlier channel.
  void attach(UniqueFd channel);
  // Asks for the last results, and for every one from now on; again with each attach.
  void listen();
  void notify(const Notification& notification);
  // Has ScriptConfig.checks[`check`] run once; a scriptd that is lost meanwhile is asked again.
  // `checked` then follows, unless it is taken back.
  void check(std::uint32_t check);
  void takeBack(std::uint32_t check) { asked_.erase(check); }
  // No notification waits for a scriptd that is there.
  [[nodiscard]] bool isIdle() const { return waiting_.empty() || !channel_.open(); }

 private:
  [[nodiscard]] bool serve(const Received& received);
  [[nodiscard]] bool tell(schema::ScriptEvent::Reader event, const ScriptOutcome& outcome);
  void hello();
  void flush();
  [[nodiscard]] SendOutcome sendNext();
  [[nodiscard]] SendOutcome send(const Notification& notification);
  [[nodiscard]] SendOutcome sendCheck(std::uint32_t check);

  Log& log_;
  Handlers handlers_;
  PeerChannel channel_;
  Generation generation_{};
  std::deque<Notification> waiting_;
  std::deque<std::uint32_t> unsaid_;  // checks that are to be asked for
  std::set<std::uint32_t> asked_;     // checks that have not been answered
  bool listens_ = false;
};

}  // namespace holdfast
