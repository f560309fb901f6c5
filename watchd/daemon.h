// watchd: reads tracked files and counts tracked processes, and tells vrrpd. Owned by main().
//
// It takes one configuration in its life, and is confined by it: see policy::confineToReading.
#pragma once

#include <memory>
#include <optional>

#include "ipc/control.h"
#include "ipc/event_loop.h"
#include "ipc/log.h"
#include "ipc/peer_channel.h"
#include "watchd/file_watcher.h"
#include "watchd/process_watcher.h"
#include "watchd/tracker_link.h"
#include "watchd/watch_table.h"

namespace holdfast::watchd {

class Daemon {
 public:
  // `control` is owned.
  Daemon(EventLoop& loop, Log& log, UniqueFd control);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Until it is told to stop, or a peer breaks the rules of its channel, which is an Error: then it
  // is to be started again.
  [[nodiscard]] Status run();

 private:
  void load(Generation generation, const UniqueFd& sealed);
  [[nodiscard]] Status adopt(Generation generation, const WatchTable& table);
  [[nodiscard]] Status confine(const WatchTable& table);
  void attach(schema::ControlRequest::Peer peer, UniqueFd channel);
  void start();
  void stop();
  void giveUp();
  [[nodiscard]] bool takeGrant(Received& received);

  EventLoop& loop_;
  Log& log_;
  Control control_;
  TrackerLink vrrpd_;
  TrackerLink checkd_;
  PeerChannel privd_;
  std::unique_ptr<FileWatcher> files_;
  std::unique_ptr<ProcessWatcher> processes_;
  bool isLoaded_ = false;
  bool isStarted_ = false;
  bool failed_ = false;
};

}  // namespace holdfast::watchd
