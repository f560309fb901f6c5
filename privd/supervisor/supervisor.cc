#include "privd/supervisor/supervisor.h"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "privd/supervisor/version.h"

namespace holdfast::supervisor {
namespace {

using schema::ControlEvent;
using Peer = schema::ControlRequest::Peer;

constexpr int kAlert = 1;
constexpr int kError = 3;
constexpr int kWarning = 4;
constexpr int kInfo = 6;

// The worker reads the same words as it starts: what it is allowed to begin with is exactly what it
// is going to ask for.
ChildSpec childSpec(policy::Role role, uid_t uid, gid_t gid,
                    std::optional<std::string_view> word = std::nullopt) {
  const std::string name(policy::executableOf(role));
  ChildSpec spec{
      std::string(kLibexecDir) + "/" + name, {name, std::to_string(uid), std::to_string(gid)}, {}};
  if (word) {
    spec.arguments.emplace_back(*word);
  }
  std::vector<char*> arguments;
  for (std::string& argument : spec.arguments) {
    arguments.push_back(argument.data());
  }
  if (auto request = policy::workerRequest(role, arguments)) {
    spec.sandbox = std::move(request).value();
  }
  return spec;
}

WorkerSpec scriptdSpec(const Plan& plan, std::size_t identity) {
  const IdentityPlan& user = plan.identities[identity];
  return {Peer::SCRIPTD, static_cast<std::uint32_t>(identity), "script (" + user.userName + ")",
          "Keepalived_script",
          childSpec(policy::Role::kScriptd, user.uid, user.gid,
                    plan.scriptNoNewPrivileges ? policy::kNoNewPrivilegesWord
                                               : policy::kSetuidProgramsWord)};
}

std::string howItEnded(int waitStatus) {
  if (WIFSIGNALED(waitStatus)) {
    return "signal " + std::to_string(WTERMSIG(waitStatus)) + " (" +
           ::strsignal(WTERMSIG(waitStatus)) + ")";
  }
  return "status " + std::to_string(WEXITSTATUS(waitStatus));
}

}  // namespace

Supervisor::Supervisor(Parts parts, Plan plan, Compilation compilation)
    : parts_(std::move(parts)),
      running_{std::move(plan), std::move(compilation)},
      stopLimit_(parts_.loop, [this](TimePoint, Duration) { forceStop(); }) {
  createWorkers();
}

Supervisor::~Supervisor() = default;

void Supervisor::createWorkers() {
  const WorkerUsers& users = parts_.users;
  privd_ = createWorker({Peer::PRIVD, 0, "privd", "Keepalived_privd",
                         childSpec(policy::Role::kPrivd, users.privdUid, users.privdGid)});
  vrrpd_ = createWorker({Peer::VRRPD, 0, "VRRP", "Keepalived_vrrp",
                         childSpec(policy::Role::kVrrpd, users.vrrpdUid, users.vrrpdGid)});
  for (std::size_t i = 0; i < running_.plan.identities.size(); ++i) {
    scriptds_.push_back(createWorker(scriptdSpec(running_.plan, i)));
  }
}

std::unique_ptr<Worker> Supervisor::createWorker(WorkerSpec spec) {
  return std::make_unique<Worker>(
      parts_.loop, std::move(spec),
      Worker::Callbacks{
          [this](const LogRecord& record) { parts_.log.write(record); },
          [this](Worker& worker, ControlEvent::Reader event) { serve(worker, event); },
          [this](Worker& worker) {
            launch(worker);
            join(worker);
            worker.start();
          }});
}

std::vector<Worker*> Supervisor::workers() const {
  std::vector<Worker*> all{privd_.get()};
  for (const auto& scriptd : scriptds_) {
    all.push_back(scriptd.get());
  }
  all.push_back(vrrpd_.get());
  return all;
}

void Supervisor::start() {
  if (!running_.plan.startVrrp) {
    parts_.log.own(kWarning, "Warning - keepalived has no configuration to run");
    phase_ = Phase::kRunning;
    parts_.manager.ready("no configuration to run");
    return;
  }
  // Everything goes out at once: requests wait in the sockets, in their order.
  for (Worker* worker : workers()) {
    launch(*worker);
  }
  joinPair(*privd_, *vrrpd_);
  for (const auto& scriptd : scriptds_) {
    joinPair(*scriptd, *vrrpd_);
  }
  for (Worker* worker : workers()) {
    worker->start();
  }
}

void Supervisor::launch(Worker& worker) {
  if (Status launched = worker.launch(); !launched) {
    parts_.log.own(kError, launched.error().message);
    giveUp(kExitFailure);
    return;
  }
  parts_.log.own(kInfo, "Starting " + worker.spec().name +
                            " child process, pid=" + std::to_string(worker.pid()));
  if (&worker == vrrpd_.get()) {
    if (Status written = parts_.vrrpPidFile.write(worker.pid()); !written) {
      parts_.log.own(kWarning, written.error().message);
    }
  }
  worker.load(running_.generation, configOf(worker));
}

int Supervisor::configOf(const Worker& worker) const {
  switch (worker.spec().peer) {
    case Peer::PRIVD:
      return running_.sealed.privd.get();
    case Peer::VRRPD:
      return running_.sealed.vrrpd.get();
    case Peer::SCRIPTD:
      return running_.sealed.scriptds[worker.spec().identity].get();
    case Peer::NONE:
      break;
  }
  return -1;
}

// A worker that was started again gets new channels, and so do those that it talks to.
void Supervisor::join(Worker& worker) {
  if (&worker == vrrpd_.get()) {
    for (Worker* other : workers()) {
      if (other != &worker) {
        joinPair(*other, worker);
      }
    }
  } else {
    joinPair(worker, *vrrpd_);
  }
}

void Supervisor::joinPair(Worker& left, Worker& right) {
  if (!left.running() || !right.running()) {
    return;
  }
  auto ends = Channel::createPair();
  if (!ends) {
    parts_.log.own(kError, ends.error().message);
    return;
  }
  left.attach(right.spec().peer, right.spec().identity, ends->first.get());
  right.attach(left.spec().peer, left.spec().identity, ends->second.get());
}

void Supervisor::serve(Worker& worker, ControlEvent::Reader event) {
  switch (event.getKind()) {
    case ControlEvent::Kind::LOADED:
      if (event.getResult() != 0) {
        refused(worker, event);
      }
      return;
    case ControlEvent::Kind::READY:
      becameReady(worker);
      return;
    case ControlEvent::Kind::MISBEHAVED:
      accuse(worker, event);
      return;
    case ControlEvent::Kind::STOPPED:
    case ControlEvent::Kind::ALIVE:
      return;
  }
  worker.kill(SIGKILL);  // not a kind that we know
}

// Only the broker's word counts, and only about vrrpd: nobody else can have another one ended.
void Supervisor::accuse(Worker& accuser, ControlEvent::Reader event) {
  if (&accuser != privd_.get() || event.getObject() != static_cast<std::uint32_t>(Peer::VRRPD)) {
    accuser.kill(SIGKILL);
    return;
  }
  parts_.log.own(kError, "VRRP broke the rules of its channel to privd: ending it");
  vrrpd_->kill(SIGKILL);
}

void Supervisor::becameReady(Worker& worker) {
  if (worker.state() != Worker::State::kStarting) {
    return;
  }
  worker.setReady();
  const std::vector<Worker*> all = workers();
  if (phase_ == Phase::kStarting && std::all_of(all.begin(), all.end(), [](const Worker* each) {
        return each->state() == Worker::State::kReady;
      })) {
    phase_ = Phase::kRunning;
    parts_.log.own(kInfo, "Startup complete");
    parts_.manager.ready("running");
  }
}

void Supervisor::refused(const Worker& worker, ControlEvent::Reader event) {
  parts_.log.own(kError, worker.spec().name + " refused the configuration at object " +
                             std::to_string(event.getObject()) + ": " +
                             ::strerror(static_cast<int>(event.getResult())));
  giveUp(kExitConfig);
}

void Supervisor::reaped(pid_t pid, int waitStatus) {
  Worker* worker = workerWith(pid);
  if (worker == nullptr) {
    return;
  }
  const bool neverReady = worker->state() == Worker::State::kStarting;
  worker->reaped();
  if (phase_ == Phase::kStopping) {
    continueStop();
    return;
  }
  if (phase_ == Phase::kStarting && neverReady) {
    parts_.log.own(kError, worker->spec().name + " exited with permanent error (" +
                               howItEnded(waitStatus) + "). Terminating");
    giveUp(kExitFailure);
    return;
  }
  died(*worker, waitStatus);
}

void Supervisor::died(Worker& worker, int waitStatus) {
  const std::string what =
      worker.spec().name + " child process died with " + howItEnded(waitStatus);
  if (!parts_.line.respawn) {
    parts_.log.own(kAlert, what + ": Exiting");
    giveUp(kExitFailure);
    return;
  }
  parts_.log.own(kAlert, what + ": Respawning");
  const Duration delay = worker.respawnLater();
  if (delay > Duration::zero()) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(delay);
    parts_.log.own(kInfo, "Restart of " + worker.spec().name + " process delayed " +
                              std::to_string(seconds.count()) + " seconds to limit respawn rate");
  }
}

Worker* Supervisor::workerWith(pid_t pid) const {
  for (Worker* worker : workers()) {
    if (worker->running() && worker->pid() == pid) {
      return worker;
    }
  }
  return nullptr;
}

void Supervisor::giveUp(int exitCode) {
  if (exitCode_ == kExitOk) {
    exitCode_ = exitCode;
  }
  stop();
}

void Supervisor::stop() {
  if (phase_ == Phase::kStopping) {
    return;
  }
  phase_ = Phase::kStopping;
  parts_.log.own(kInfo, "Stopping");
  parts_.manager.stopping();
  for (Worker* worker : workers()) {
    worker->cancelRespawn();
  }
  stopLimit_.arm(EventLoop::now() + running_.plan.childWait);
  continueStop();
}

// vrrpd first: it sends priority 0, has the addresses removed, and hands its last notifications to
// the scriptds. They are next. privd is last, and removes whatever is still held.
void Supervisor::continueStop() {
  std::vector<std::vector<Worker*>> order{{vrrpd_.get()}, {}, {privd_.get()}};
  for (const auto& scriptd : scriptds_) {
    order[1].push_back(scriptd.get());
  }
  for (const std::vector<Worker*>& together : order) {
    bool anyRunning = false;
    for (Worker* worker : together) {
      if (worker->running() && worker->state() != Worker::State::kStopping) {
        worker->stop();
      }
      anyRunning |= worker->running();
    }
    if (anyRunning) {
      return;
    }
  }
  finish();
}

void Supervisor::forceStop() {
  for (Worker* worker : workers()) {
    if (worker->state() == Worker::State::kStopping) {
      parts_.log.own(kError, worker->spec().name + " process failed to die - forcing termination");
      worker->kill(SIGKILL);
    }
  }
  stopLimit_.arm(EventLoop::now() + running_.plan.childWait);
}

void Supervisor::finish() {
  stopLimit_.disarm();
  parts_.loop.stop();
}

}  // namespace holdfast::supervisor
