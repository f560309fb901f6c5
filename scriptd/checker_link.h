// The channel to checkd: checks and notifications are asked for, the ends of checks are told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/peer_channel.h"
#include "ipc/request_line.h"
#include "ipc/schemas/messages.capnp.h"
#include "scriptd/schedule.h"

namespace holdfast::scriptd {

// Owned by the Daemon. What cannot be told since checkd is gone is not kept: the next one asks.
class CheckerLink {
 public:
  struct Handlers {
    // Nothing: report() follows. Else it does not run now.
    std::function<std::optional<RunResult>(std::uint32_t check)> check;
    std::function<void(std::uint32_t virtualServer, std::uint32_t notifier)> notify;
    std::function<void()> misbehaved;  // checkd broke the rules; its channel has been closed
  };

  CheckerLink(EventLoop& loop, Log& log, Handlers handlers);
  // What requests are checked against. Once, before attach().
  void configure(Generation generation, std::size_t checks, std::size_t notifiers);
  // Replaces an earlier channel.
  void attach(UniqueFd channel);

  // Only if this checkd has asked for the run.
  void report(std::uint32_t check, const RunResult& result);
  // Reads all that is there by now.
  void drain();

 private:
  struct End {
    std::uint32_t check = 0;
    std::uint32_t sequence = 0;
    RunResult result;
  };

  [[nodiscard]] bool serve(const Received& received);
  [[nodiscard]] bool run(std::uint32_t check, std::uint32_t sequence);
  void forgetAll();
  [[nodiscard]] SendOutcome send(const End& end);

  Log& log_;
  Handlers handlers_;
  PeerChannel channel_;
  RequestLine<End> ends_;
  Generation generation_{};
  std::vector<std::optional<std::uint32_t>> asked_;  // by check: the number of its run
  std::size_t notifiers_ = 0;
};

}  // namespace holdfast::scriptd
