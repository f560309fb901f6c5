#include "privd/supervisor/supervisor.h"

#include <csignal>
#include <utility>

#include "ipc/notebook.h"
#include "privd/supervisor/process_start.h"

namespace holdfast::supervisor {

Supervisor::Supervisor(Parts parts, Plan plan, Compilation compilation)
    : parts_(std::move(parts)),
      running_{std::move(plan), std::move(compilation)},
      stateDump_(parts_.log),
      scriptCheck_(parts_.loop, [this](std::string_view line) { parts_.log.own(kWarning, line); }),
      configCopies_(parts_.log),
      schedule_(
          parts_.loop, [this](const std::string& line) { parts_.log.own(kInfo, line); },
          [this] { reload(); }),
      farewell_(parts_.loop, [this](TimePoint, Duration) { takeNext(); }),
      startLimit_(parts_.loop, [this](TimePoint, Duration) { startTookTooLong(); }),
      pulse_(parts_.loop, [this](TimePoint, Duration lateness) { pulse(lateness); }),
      stopLimit_(parts_.loop, [this](TimePoint, Duration) { forceStop(); }) {
  engage();
}

Supervisor::~Supervisor() = default;

void Supervisor::engage() {
  for (WorkerSpec& spec : workersFor(running_.plan, parts_.users, parts_.line.detail)) {
    if (crew_.find(spec.id) == nullptr) {
      crew_.add(createWorker(std::move(spec)));
    }
  }
}

std::unique_ptr<Worker> Supervisor::createWorker(WorkerSpec spec) {
  return std::make_unique<Worker>(
      parts_.loop, std::move(spec),
      Worker::Callbacks{
          [this](const LogRecord& record) { parts_.log.write(record); },
          [this](Worker& worker, schema::ControlEvent::Reader event) { serve(worker, event); },
          [this](Worker& worker) {
            if (launch(worker)) {
              crew_.join(worker);
              worker.start();
            }
          }});
}

void Supervisor::start() {
  armPulse();
  scriptCheck_.start(running_.plan);
  configCopies_.save(running_.plan);
  setProcessName(running_.plan.processName);
  ReadingMark::remove(running_.plan.reloadFile);
  runErrand("startup script", running_.plan.startupScript, [this] { beginWork(); });
}

void Supervisor::beginWork() {
  if (phase_ == Phase::kStopping) {
    continueStop();
    return;
  }
  schedule_.watch(running_.plan.reloadTimeFile, running_.plan.reloadRepeat);
  if (!running_.plan.hasWork()) {
    parts_.log.own(kWarning, "Warning - keepalived has no configuration to run");
    phase_ = Phase::kRunning;
    parts_.manager.ready("no configuration to run");
    return;
  }
  limitStart();
  startWorkers();
}

// Everything goes out at once: requests wait in the sockets, in their order.
void Supervisor::startWorkers() {
  std::vector<Worker*> started;
  for (const auto& worker : crew_.all()) {
    if (!worker->running() && launch(*worker)) {
      crew_.join(*worker);
      started.push_back(worker.get());
    }
  }
  for (Worker* worker : started) {
    worker->start();
  }
}

// What is missing at the start ends it. Later it is waited for: the others go on without it.
void Supervisor::launchFailed(Worker& worker, const Error& error) {
  parts_.log.own(kError, error.message);
  if (phase_ == Phase::kStarting) {
    giveUp(kExitFailure);
  } else if (worker.running()) {
    worker.kill(SIGKILL);
  } else {
    worker.respawnLater();
  }
}

bool Supervisor::launch(Worker& worker) {
  if (Status launched = worker.launch(); !launched) {
    launchFailed(worker, launched.error());
    return false;
  }
  parts_.log.own(kInfo, "Starting " + worker.spec().name +
                            " child process, pid=" + std::to_string(worker.pid()));
  writePid(worker);
  handNotebook(worker);
  if (worker.spec().id == kPrivd && parts_.site.text() >= 0) {
    worker.sitePolicy(parts_.site.text());
  }
  handConfig(worker, running_, phase_ == Phase::kStarting);
  handFifos(worker);
  // What it still holds for the old configuration goes over to the new one, or back.
  if (previous_ && !rolledBack_ && worker.spec().id == kPrivd) {
    handConfig(worker, *previous_, false);
  }
  return true;
}

void Supervisor::writePid(const Worker& worker) {
  const WorkerId id = worker.spec().id;
  if (id != kVrrpd && id != kCheckd) {
    return;
  }
  PidFile& file = id == kVrrpd ? parts_.vrrpPidFile : parts_.checkerPidFile;
  if (Status written = file.write(worker.pid()); !written) {
    parts_.log.own(kWarning, written.error().message);
  }
}

void Supervisor::handConfig(Worker& worker, const Running& of, bool isStart) {
  if (worker.spec().id == kPrivd && of.plan.startChecker) {
    worker.loadIpvs(of.generation, of.sealed.ipvs.get());
  }
  worker.load(of.generation, of.sealed.configOf(worker.spec().id), isStart);
}

// Without it a crash of privd and vrrpd together is a restart, which is no reason not to start.
void Supervisor::handNotebook(Worker& worker) {
  const WorkerId id = worker.spec().id;
  if (id != kPrivd && id != kVrrpd && id != kCheckd) {
    return;
  }
  UniqueFd& notebook = notebooks_[id];
  if (!notebook) {
    auto made = id == kPrivd   ? createNotebook()
                : id == kVrrpd ? createVrrpdNotebook()
                               : createCheckdNotebook();
    if (!made) {
      parts_.log.own(kWarning, made.error().message);
      return;
    }
    notebook = std::move(made).value();
  }
  worker.notebook(notebook.get(),
                  id == kPrivd ? EventLoop::now() - privdDiedAt_ : Duration::zero());
}

}  // namespace holdfast::supervisor
