// Leaving in order, and making sure of it.
#include <csignal>
#include <vector>

#include "privd/supervisor/supervisor.h"

namespace holdfast::supervisor {

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
  startLimit_.disarm();
  for (Worker* worker : workers()) {
    worker->cancelRespawn();
  }
  for (const auto& worker : leaving_) {
    worker->kill(SIGKILL);
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
  if (leaving_.empty()) {
    finish();
  }
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
