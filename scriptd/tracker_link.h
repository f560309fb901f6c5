// The channel to vrrpd: notify requests in, the latest result of each script out. vrrpd may be gone
// or slow: a result that cannot be sent waits, and is replaced by a newer one of the same script.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/peer_channel.h"
#include "ipc/schemas/messages.capnp.h"
#include "scriptd/schedule.h"

namespace holdfast::scriptd {

[[nodiscard]] schema::ScriptEvent::Outcome outcomeOf(Outcome outcome);
// All of a run's end but what kind of event it is.
void fill(schema::ScriptEvent::Builder event, Generation generation, std::uint32_t script,
          const RunResult& result);

class TrackerLink {
 public:
  using Notify = std::function<void(const HookCall& call)>;

  // `misbehaved` is called when vrrpd has broken the rules and its channel has been closed.
  TrackerLink(EventLoop& loop, Log& log, Notify notify, std::function<void()> misbehaved);
  // What requests are checked against. Once, before attach().
  void configure(Generation generation, std::size_t scripts, std::size_t hooks);
  // Replaces an earlier channel.
  void attach(UniqueFd channel);
  void detach() { channel_.close(); }

  void report(ScriptId script, const RunResult& result);
  // Reads all that is there by now.
  void drain();

 private:
  [[nodiscard]] bool serve(const Received& received);
  void greet();
  void flush();
  [[nodiscard]] SendOutcome sendResult(std::size_t script);
  [[nodiscard]] SendOutcome sendHelloEnd();

  Log& log_;
  Notify notify_;
  PeerChannel channel_;
  Generation generation_{};
  std::size_t hooks_ = 0;
  std::vector<std::optional<RunResult>> results_;
  std::vector<bool> unsent_;
  bool greeted_ = false;  // vrrpd has asked with hello on this channel
  bool helloEndDue_ = false;
};

}  // namespace holdfast::scriptd
