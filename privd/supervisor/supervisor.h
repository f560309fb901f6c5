// The parent of all: starts the workers of one sealed configuration, joins them, starts again what
// dies, and stops them in order. Lives in the process that the user started. It never reads a
// packet, never opens a network socket, and never waits for a worker.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ipc/event_loop.h"
#include "privd/supervisor/command_line.h"
#include "privd/supervisor/compiler.h"
#include "privd/supervisor/config_copies.h"
#include "privd/supervisor/crew.h"
#include "privd/supervisor/environment.h"
#include "privd/supervisor/errand.h"
#include "privd/supervisor/fifo_set.h"
#include "privd/supervisor/log_sink.h"
#include "privd/supervisor/pid_file.h"
#include "privd/supervisor/plan.h"
#include "privd/supervisor/reload_files.h"
#include "privd/supervisor/reload_schedule.h"
#include "privd/supervisor/script_check_child.h"
#include "privd/supervisor/service_manager.h"
#include "privd/supervisor/site_rules.h"
#include "privd/supervisor/state_dump.h"
#include "privd/supervisor/worker.h"
#include "privd/supervisor/worker_specs.h"

namespace holdfast::supervisor {

class Supervisor {
 public:
  struct Parts {
    EventLoop& loop;
    LogSink& log;
    const ServiceManager& manager;
    PidFile& vrrpPidFile;
    PidFile& checkerPidFile;
    FifoSet& fifos;
    const CommandLine& line;
    const Site& site;
    const Environment& environment;
    WorkerUsers users;
  };

  Supervisor(Parts parts, Plan plan, Compilation compilation);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  void start();
  // SIGTERM and SIGINT. The loop ends when everybody has left.
  void stop();
  // SIGHUP: compiles the file again and, when it is good, replaces vrrpd and the scriptds, which go
  // on where the old ones were. Anything that is wrong with the new file leaves all as it is. A
  // second request during a reload is served after it.
  void reload();
  // SIGUSR1, SIGUSR2 and their like: writes what they ask for into a file.
  void dump(int signal);
  // SIGCHLD: whoever it was.
  void reaped(pid_t pid, int waitStatus);

  [[nodiscard]] int exitCode() const { return exitCode_; }

 private:
  enum class Phase { kStarting, kRunning, kStopping };

  // The configuration that the workers run.
  struct Running {
    Plan plan;
    Compilation sealed;
    Generation generation = Generation{1};
  };

  // Makes the workers that the running configuration needs and that are not there.
  void engage();
  std::unique_ptr<Worker> createWorker(WorkerSpec spec);
  void beginWork();
  void startWorkers();
  [[nodiscard]] bool launch(Worker& worker);
  void launchFailed(Worker& worker, const Error& error);
  void handNotebook(Worker& worker);
  void writePid(const Worker& worker);
  void handConfig(Worker& worker, const Running& of, bool isStart);
  [[nodiscard]] Worker& privd() const { return *crew_.find(kPrivd); }

  // services.cc
  void runErrand(const char* name, const std::optional<ServicePlan>& service, Errand::Done then);
  [[nodiscard]] bool errandEnded(pid_t pid);
  void startFifoReaders();
  void handFifos(Worker& worker);

  // events.cc
  void serve(Worker& worker, schema::ControlEvent::Reader event);
  void accuse(Worker& accuser, schema::ControlEvent::Reader event);
  void becameReady(Worker& worker);
  void dumped(Worker& worker, schema::ControlEvent::Reader event);
  void loaded(Worker& worker, schema::ControlEvent::Reader event);

  // deaths.cc
  void died(Worker& worker, pid_t pid, int waitStatus);
  [[nodiscard]] Worker* workerWith(pid_t pid) const;

  // pulse.cc
  void armPulse();
  void pulse(Duration lateness);

  // reload.cc
  void markReading();
  [[nodiscard]] std::string refusal(const Compilation& compilation) const;
  void compilerFailed(const std::string& why);
  void compiled(Compilation compilation);
  [[nodiscard]] Status fits(const Plan& plan) const;
  [[nodiscard]] bool reloadConcerns(const Worker& worker, schema::ControlEvent::Reader event) const;
  void continueReload(bool loaded);
  void sayFarewell();
  void takeNext();
  void rollBack();
  void replaceWorkers(Running by);
  void finishReload();
  void endReload(const std::string& how);

  // start_limit.cc
  void limitStart();
  [[nodiscard]] bool everybodyIsReady() const;
  void startTookTooLong();

  // shutdown.cc
  void giveUp(int exitCode);
  void continueStop();
  void forceStop();
  void runShutdownScript();
  void finish();

  Parts parts_;
  Running running_;
  Crew crew_;

  std::unique_ptr<Errand> errand_;
  bool hasRunShutdownScript_ = false;

  // Outlives privd, which writes into it.
  std::map<WorkerId, UniqueFd> notebooks_;
  TimePoint privdDiedAt_ = EventLoop::now();

  // A reload that is under way, in the order of its steps.
  std::unique_ptr<Compiler> compiler_;
  std::optional<ReadingMark> readingMark_;
  std::string report_;               // what confd has said, where a file is to have it
  std::optional<Running> next_;      // privd has been told to load it
  std::optional<Running> previous_;  // replaced; privd keeps it until the new workers are ready
  std::vector<std::unique_ptr<Worker>> leaving_;  // workers of an old configuration
  Generation newest_{1};
  bool rolledBack_ = false;
  bool reloadAgain_ = false;

  StateDump stateDump_;
  ScriptCheckChild scriptCheck_;
  ConfigCopies configCopies_;
  ReloadSchedule schedule_;
  Timer farewell_;    // until checkd has said what the next configuration lacks
  Timer startLimit_;  // of the first start, and of each step of a reload
  Timer pulse_;
  Timer stopLimit_;
  Phase phase_ = Phase::kStarting;
  int exitCode_ = kExitOk;
};

}  // namespace holdfast::supervisor
