// A process has ended: whose it was, and what follows.
#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "privd/supervisor/supervisor.h"

namespace holdfast::supervisor {
namespace {

std::string howItEnded(int waitStatus) {
  if (WIFSIGNALED(waitStatus)) {
    return "signal " + std::to_string(WTERMSIG(waitStatus)) + " (" +
           ::strsignal(WTERMSIG(waitStatus)) + ")";
  }
  return "status " + std::to_string(WEXITSTATUS(waitStatus));
}

}  // namespace

void Supervisor::reaped(pid_t pid, int waitStatus) {
  if (compiler_ && compiler_->pid() == pid) {
    // What it reports can start the next one.
    const std::unique_ptr<Compiler> finished = std::move(compiler_);
    finished->ended(waitStatus);
    return;
  }
  if (errandEnded(pid)) {
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
    startFifoReaders();
    return;
  }
  if (next_ && worker->spec().id == kPrivd) {
    next_.reset();
    if (farewell_.armed()) {
      farewell_.disarm();
      crew_.find(kCheckd)->end("has taken leave of a configuration that stays");
    }
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
  if (worker.spec().id == kPrivd) {
    privdDiedAt_ = EventLoop::now();
  } else if (worker.spec().id == kVrrpd) {
    stateDump_.abandon();
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
  if (Worker* const worker = crew_.withPid(pid)) {
    return worker;
  }
  const auto found = std::ranges::find_if(
      leaving_, [pid](const auto& worker) { return worker->running() && worker->pid() == pid; });
  return found == leaving_.end() ? nullptr : found->get();
}

}  // namespace holdfast::supervisor
