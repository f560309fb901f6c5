#include "privd/supervisor/supervisor.h"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "ipc/notebook.h"
#include "privd/supervisor/version.h"

namespace holdfast::supervisor {
namespace {

using schema::ControlEvent;
using Peer = schema::ControlRequest::Peer;

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

std::optional<std::string_view> scriptdWord(const Plan& plan) {
  if (plan.scriptNoNewPrivileges) {
    return policy::kNoNewPrivilegesWord;
  }
  if (plan.scriptSetuidPrograms) {
    return policy::kSetuidProgramsWord;
  }
  return std::nullopt;
}

WorkerSpec scriptdSpec(const Plan& plan, std::size_t identity) {
  const IdentityPlan& user = plan.identities[identity];
  return {Peer::SCRIPTD, static_cast<std::uint32_t>(identity), "script (" + user.userName + ")",
          "Keepalived_script",
          childSpec(policy::Role::kScriptd, user.uid, user.gid, scriptdWord(plan))};
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
      scriptCheck_(parts_.loop, [this](std::string_view line) { parts_.log.own(kWarning, line); }),
      startLimit_(parts_.loop, [this](TimePoint, Duration) { startTookTooLong(); }),
      pulse_(parts_.loop, [this](TimePoint, Duration lateness) { pulse(lateness); }),
      stopLimit_(parts_.loop, [this](TimePoint, Duration) { forceStop(); }) {
  createPrivd();
  createVrrpd();
  createScriptds();
}

Supervisor::~Supervisor() = default;

void Supervisor::createPrivd() {
  const WorkerUsers& users = parts_.users;
  privd_ = createWorker({Peer::PRIVD, 0, "privd", "Keepalived_privd",
                         childSpec(policy::Role::kPrivd, users.privdUid, users.privdGid)});
}

void Supervisor::createVrrpd() {
  const WorkerUsers& users = parts_.users;
  vrrpd_ = createWorker({Peer::VRRPD, 0, "VRRP", "Keepalived_vrrp",
                         childSpec(policy::Role::kVrrpd, users.vrrpdUid, users.vrrpdGid)});
}

void Supervisor::createScriptds() {
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
            if (launch(worker)) {
              join(worker);
              worker.start();
            }
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
  armPulse();
  scriptCheck_.start(running_.plan, parts_.line.configFile);
  if (!running_.plan.startVrrp) {
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
  for (Worker* worker : workers()) {
    if (!worker->running() && launch(*worker)) {
      started.push_back(worker);
    }
  }
  join(*vrrpd_);
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
  if (&worker == vrrpd_.get()) {
    if (Status written = parts_.vrrpPidFile.write(worker.pid()); !written) {
      parts_.log.own(kWarning, written.error().message);
    }
  }
  if (&worker == privd_.get()) {
    handNotebook();
  }
  worker.load(running_.generation, configOf(worker));
  // What it still holds for the old configuration goes over to the new one, or back.
  if (previous_ && !rolledBack_ && &worker == privd_.get()) {
    worker.load(previous_->generation, previous_->sealed.privd.get());
  }
  return true;
}

// Without it a crash of privd and vrrpd together is a restart, which is no reason not to start.
void Supervisor::handNotebook() {
  if (!notebook_) {
    auto made = createNotebook();
    if (!made) {
      parts_.log.own(kWarning, made.error().message);
      return;
    }
    notebook_ = std::move(made).value();
  }
  privd_->notebook(notebook_.get(), EventLoop::now() - privdDiedAt_);
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
  if (&worker != vrrpd_.get()) {
    joinToVrrpd(worker);
    return;
  }
  for (Worker* other : workers()) {
    if (other != &worker) {
      joinToVrrpd(*other);
    }
  }
}

void Supervisor::joinToVrrpd(Worker& other) {
  Worker& vrrpd = *vrrpd_;
  if (!other.running() || !vrrpd.running()) {
    return;
  }
  auto ends = Channel::createPair();
  if (!ends) {
    // Started again, it is joined again.
    vrrpd.end("cannot be joined with " + other.spec().name + " (" + ends.error().message + ")");
    return;
  }
  const auto number = static_cast<Generation>(++channelsMade_);
  other.attach(vrrpd.spec().peer, vrrpd.spec().identity, number, ends->first.get());
  vrrpd.attach(other.spec().peer, other.spec().identity, number, ends->second.get());
}

void Supervisor::serve(Worker& worker, ControlEvent::Reader event) {
  if (!worker.owes(event.getKind())) {
    worker.end("sent an event out of turn");
    return;
  }
  switch (event.getKind()) {
    case ControlEvent::Kind::LOADED:
      loaded(worker, event);
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
}

// Who talks with the accuser, or nobody.
Worker* Supervisor::accusedBy(const Worker& accuser, ControlEvent::Reader event) const {
  const Peer by = accuser.spec().peer;
  if (event.getObject() > static_cast<std::uint32_t>(Peer::SCRIPTD)) {
    return nullptr;
  }
  switch (static_cast<Peer>(event.getObject())) {
    case Peer::PRIVD:
      return by == Peer::VRRPD ? privd_.get() : nullptr;
    case Peer::VRRPD:
      return by != Peer::VRRPD ? vrrpd_.get() : nullptr;
    case Peer::SCRIPTD:
      return by == Peer::VRRPD && event.getResult() < scriptds_.size()
                 ? scriptds_[event.getResult()].get()
                 : nullptr;
    case Peer::NONE:
      break;
  }
  return nullptr;
}

// One that was on its way while the channel was replaced is about a process that has gone: whoever
// came after it, or after the accuser, has no part in it.
bool Supervisor::isAboutPresentChannel(ControlEvent::Reader event, const Worker& accuser,
                                       const Worker& accused) const {
  const Worker& other = &accused == vrrpd_.get() ? accuser : accused;
  return other.lastChannel() == static_cast<Generation>(event.getGeneration());
}

// It is one's word against the other's: privd's counts most, a scriptd's least. So nobody who was
// taken over can have another one ended that is trusted more than it is. Both get a new channel.
void Supervisor::accuse(Worker& accuser, ControlEvent::Reader event) {
  Worker* const accused = accusedBy(accuser, event);
  if (accused == nullptr) {
    accuser.end("accuses somebody whom it does not talk with");
    return;
  }
  if (!isAboutPresentChannel(event, accuser, *accused)) {
    return;
  }
  const std::string deed = " broke the rules of the channel to ";
  if (accused->spec().peer > accuser.spec().peer) {
    accused->end(deed.substr(1) + accuser.spec().name);
  } else {
    accuser.end("says that " + accused->spec().name + deed + "it");
  }
}

void Supervisor::becameReady(Worker& worker) {
  if (worker.state() != Worker::State::kStarting) {
    return;
  }
  worker.setReady();
  if (phase_ == Phase::kStarting && everybodyIsReady()) {
    phase_ = Phase::kRunning;
    startLimit_.disarm();
    parts_.log.own(kInfo, "Startup complete");
    parts_.manager.ready("running");
  }
  if (phase_ == Phase::kRunning) {
    finishReload();
  }
}

void Supervisor::loaded(Worker& worker, ControlEvent::Reader event) {
  if (event.getResult() != 0) {
    parts_.log.own(kError, worker.spec().name + " refused the configuration at object " +
                               std::to_string(event.getObject()) + ": " +
                               ::strerror(static_cast<int>(event.getResult())));
  }
  if (reloadConcerns(worker, event)) {
    continueReload(event.getResult() == 0);
  } else if (event.getResult() != 0 && phase_ == Phase::kStarting) {
    giveUp(kExitConfig);
  } else if (event.getResult() != 0) {
    worker.end("refused what it had accepted before");
  }
}

void Supervisor::reaped(pid_t pid, int waitStatus) {
  if (compiler_ && compiler_->pid() == pid) {
    // What it reports can start the next one.
    const std::unique_ptr<Compiler> finished = std::move(compiler_);
    finished->ended(waitStatus);
    return;
  }
  Worker* worker = workerWith(pid);
  if (worker == nullptr) {
    return;
  }
  const bool neverReady = worker->state() == Worker::State::kStarting;
  worker->reaped();
  const bool left =
      std::erase_if(leaving_, [worker](const auto& each) { return each.get() == worker; }) != 0;
  if (phase_ == Phase::kStopping) {
    continueStop();
    return;
  }
  if (left) {
    return;
  }
  if (next_ && worker == privd_.get()) {
    next_.reset();
    endReload("privd ended before it had loaded the new configuration");
  }
  // A worker that gives up by itself before it could work would do so again. One that was killed
  // may fare better.
  if (phase_ == Phase::kStarting && neverReady && WIFEXITED(waitStatus)) {
    parts_.log.own(kError, worker->spec().name + " exited with permanent error (" +
                               howItEnded(waitStatus) + "). Terminating");
    giveUp(kExitFailure);
    return;
  }
  if (neverReady && previous_ && !rolledBack_) {
    parts_.log.own(kError, worker->spec().name + " ended with " + howItEnded(waitStatus) +
                               " before it could work: going back");
    rollBack();
    return;
  }
  died(*worker, pid, waitStatus);
}

void Supervisor::died(Worker& worker, pid_t pid, int waitStatus) {
  if (&worker == privd_.get()) {
    privdDiedAt_ = EventLoop::now();
  }
  const std::string what =
      worker.spec().name + " child process(" + std::to_string(pid) + ") died: ";
  parts_.log.own(kAlert, what + (parts_.line.respawn ? "Respawning" : "Exiting"));
  parts_.log.own(kWarning, "pid " + std::to_string(pid) + " ended with " + howItEnded(waitStatus));
  if (!parts_.line.respawn) {
    giveUp(kExitFailure);
    return;
  }
  const Duration delay = worker.respawnLater();
  if (delay > Duration::zero()) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(delay);
    parts_.log.own(kInfo, "Restart of " + worker.spec().name + " process delayed " +
                              std::to_string(seconds.count()) + " seconds to limit respawn rate");
  }
}

Worker* Supervisor::workerWith(pid_t pid) const {
  std::vector<Worker*> all = workers();
  for (const auto& worker : leaving_) {
    all.push_back(worker.get());
  }
  const auto found = std::find_if(all.begin(), all.end(), [pid](const Worker* worker) {
    return worker->running() && worker->pid() == pid;
  });
  return found == all.end() ? nullptr : *found;
}

}  // namespace holdfast::supervisor
