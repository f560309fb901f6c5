// One long-lived process that the supervisor keeps running: its channels, its state, and how long
// to wait before it is started again. What it is told, and when, is the Supervisor's business.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "ipc/event_loop.h"
#include "ipc/ids.h"
#include "ipc/schemas/messages.capnp.h"
#include "privd/supervisor/child.h"
#include "privd/supervisor/liveness.h"
#include "privd/supervisor/log_reader.h"
#include "privd/supervisor/respawn.h"
#include "privd/supervisor/worker_id.h"

namespace holdfast::supervisor {

struct WorkerSpec {
  WorkerId id;
  std::string name;   // "VRRP", "privd", "script (postfix)": in messages
  std::string ident;  // "Keepalived_vrrp": in the log
  ChildSpec child;
};

class Worker {
 public:
  enum class State {
    kDown,
    kStarting,  // spawned, has not said that it is ready
    kReady,
    kStopping,  // was told to stop
  };
  struct Callbacks {
    LogReader::Consumer line;
    std::function<void(Worker&, schema::ControlEvent::Reader)> event;
    std::function<void(Worker&)> respawn;  // the delay is over
  };
  // How long a worker may live on after it closed its end of the control channel.
  static constexpr Duration kTimeToEnd = std::chrono::seconds(1);

  Worker(EventLoop& loop, WorkerSpec spec, Callbacks callbacks);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  [[nodiscard]] const WorkerSpec& spec() const { return spec_; }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] pid_t pid() const { return child_.pid; }
  // Whether that is the channel to `peer` which it was given last.
  [[nodiscard]] bool hasChannel(WorkerId peer, Generation number) const;
  [[nodiscard]] bool running() const { return state_ != State::kDown; }

  [[nodiscard]] Status launch();
  // Each request is a few bytes to a socket that nothing else fills: one that does not get through
  // means that the worker does not read, and ends it.
  // `isStart`: the daemon starts.
  void load(Generation generation, int borrowedConfig, bool isStart);
  // Of privd, before load() of the same generation.
  void loadIpvs(Generation generation, int borrowedConfig);
  void attach(WorkerId peer, Generation number, int borrowedChannel);
  // Of privd, before load(): where it keeps its notes, and how long ago the one before it died.
  void notebook(int borrowedMemory, Duration silence);
  // Of privd, before load().
  void sitePolicy(int borrowedText);
  // Of vrrpd and checkd, before start(): the end to write to of a notify FIFO.
  void fifo(schema::ControlRequest::Fifo fifo, bool reloaded, int borrowedEnd);
  // Of a scriptd, once in its life for each service.
  void runService(std::uint32_t service);
  void start();
  void stop();
  void retire(Generation generation);
  // Of vrrpd: `what` is a StateDump::What.
  void dump(std::uint32_t what, int borrowedMemory);
  void kill(int signal) const;
  // Asks it whether its loop turns, where that is due.
  Liveness::Verdict checkLiveness(Duration interval, Duration lateness);
  // Kills it, and says why in the log: "VRRP <why>: <next>". What it says after that is not heard.
  void end(const std::string& why, const char* next = "ending it");
  [[nodiscard]] bool ended() const { return ended_; }
  // The same, when it still runs after `patience`.
  void endAfter(Duration patience, std::string why);

  // Whether the worker was asked for such an event and has not sent it before.
  [[nodiscard]] bool owes(schema::ControlEvent::Kind kind);
  void setReady() { state_ = State::kReady; }
  // To be called when pid() was reaped.
  void reaped();
  // Arms the respawn timer; how long it will be.
  Duration respawnLater();
  void cancelRespawn() { respawnTimer_.disarm(); }

 private:
  void request(schema::ControlRequest::Verb verb, schema::ControlRequest::Peer peer,
               std::uint32_t argument, Generation generation, int borrowedFd);
  void readEvents();
  void closeControl();

  EventLoop& loop_;
  WorkerSpec spec_;
  Callbacks callbacks_;
  Child child_;
  std::unique_ptr<LogReader> log_;
  RespawnDelay delay_;
  Liveness liveness_;
  Timer respawnTimer_;
  Timer endTimer_;
  std::string endReason_;
  State state_ = State::kDown;
  unsigned loadsAsked_ = 0;
  unsigned attached_ = 0;  // channels that it has not complained about
  std::map<WorkerId, Generation> channels_;
  std::set<std::uint32_t> services_;  // that it was asked to run
  bool startAsked_ = false;
  bool dumpAsked_ = false;
  bool ended_ = false;
};

}  // namespace holdfast::supervisor
