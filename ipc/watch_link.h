// The channel to watchd: numbers of files and counts of processes in.
#pragma once

#include <cstdint>
#include <functional>

#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/peer_channel.h"
#include "ipc/schemas/messages.capnp.h"

namespace holdfast {

// Owned by the Daemon. While watchd is gone, what it said last stands.
class WatchLink {
 public:
  struct Handlers {
    std::function<void(TrackFileId file, std::int32_t number)> file;
    std::function<void(TrackProcessId process, std::uint32_t running, bool byFork)> processes;
    std::function<void()> misbehaved;  // watchd broke the rules; its channel has been closed
  };

  WatchLink(EventLoop& loop, Log& log, Handlers handlers);
  void setGeneration(Generation generation) { generation_ = generation; }
  // Replaces an earlier channel.
  void attach(UniqueFd channel);
  // Asks for all that it knows, and for every change from now on; again with each attach.
  void listen();

 private:
  [[nodiscard]] bool serve(const Received& received);
  void hello();

  Handlers handlers_;
  PeerChannel channel_;
  Generation generation_{};
  bool listens_ = false;
};

}  // namespace holdfast
