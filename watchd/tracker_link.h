// The channel to vrrpd or checkd: what is known of each file and process, and what changes. Who
// tracks may be gone or slow: what cannot be said waits, and is replaced by what is newer of the
// same object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/peer_channel.h"
#include "ipc/schemas/messages.capnp.h"

namespace holdfast::watchd {

// Owned by the Daemon.
class TrackerLink {
 public:
  // `peer` is its name in the log. `misbehaved` is called when it has broken the rules and its
  // channel has been closed.
  TrackerLink(EventLoop& loop, Log& log, const char* peer, std::function<void()> misbehaved);

  // Once, before attach().
  void configure(Generation generation, std::size_t files, std::size_t processes);
  // Replaces an earlier channel.
  void attach(UniqueFd channel);

  void tellFile(std::size_t file, std::int32_t number);
  void tellProcesses(std::size_t monitor, std::uint32_t count, bool byFork);

 private:
  struct News {
    schema::WatchEvent::Kind kind = schema::WatchEvent::Kind::FILE;
    std::uint32_t object = 0;
    std::optional<std::int32_t> number;  // known since the first time that it was told
    bool byFork = false;
    bool isUnsaid = false;
  };

  [[nodiscard]] bool serve(const Received& received);
  void tell(News& news, std::int32_t number, bool byFork);
  void flush();
  [[nodiscard]] SendOutcome send(const News& news);

  PeerChannel channel_;
  Generation generation_{};
  std::size_t files_ = 0;
  std::vector<News> news_;  // of the files, then of the processes, then the end of hello's answer
  bool isGreeted_ = false;  // the peer has asked with hello on this channel
};

}  // namespace holdfast::watchd
