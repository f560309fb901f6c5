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
  for (const auto& worker : crew_.all()) {
    worker->cancelRespawn();
  }
  for (const auto& worker : leaving_) {
    worker->kill(SIGKILL);
  }
  stopLimit_.arm(EventLoop::now() + running_.plan.childWait);
  continueStop();
}

void Supervisor::continueStop() {
  const std::vector<Worker*> next = crew_.nextToLeave();
  for (Worker* worker : next) {
    if (worker->state() != Worker::State::kStopping) {
      worker->stop();
    }
  }
  if (next.empty() && leaving_.empty()) {
    finish();
  }
}

void Supervisor::forceStop() {
  for (const auto& worker : crew_.all()) {
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
