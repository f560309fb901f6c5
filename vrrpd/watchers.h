// What watchd says, on its way to the instances.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "ipc/event_loop.h"
#include "ipc/ids.h"
#include "ipc/log.h"
#include "ipc/watch_link.h"
#include "vrrpd/configuration.h"
#include "vrrpd/track_process.h"

namespace holdfast::vrrpd {

// Owned by the Daemon: the tracked files and processes of a configuration, with the delays that
// they have.
class Watchers {
 public:
  struct Handlers {
    std::function<void(TrackFileId file, FileNumber number)> file;
    std::function<void(TrackProcessId process, Condition condition)> process;
    std::function<void()> misbehaved;
    std::function<void(const Actions& lines)> write;
  };

  Watchers(EventLoop& loop, Log& log, Generation generation, const Configuration& configuration,
           Handlers handlers);

  void attach(UniqueFd channel) { link_.attach(std::move(channel)); }
  void listen() { link_.listen(); }

 private:
  void counted(TrackProcessId id, std::uint32_t running, bool byFork);
  void expire(TimePoint now);
  void armTimer();

  Handlers handlers_;
  std::size_t files_;
  std::vector<TrackProcess> processes_;
  WatchLink link_;
  Timer timer_;
};

}  // namespace holdfast::vrrpd
