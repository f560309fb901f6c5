// Leaving in order, and making sure of it.
#include <csignal>
#include <utility>
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
  if (errand_) {
    errand_->cancel();
  }
  stopLimit_.arm(EventLoop::now() + running_.plan.childWait);
  continueStop();
}

void Supervisor::continueStop() {
  if (errand_) {
    return;
  }
  const std::vector<Worker*> next = crew_.nextToLeave();
  const auto isGone = [this](WorkerId id) {
    const Worker* const worker = crew_.find(id);
    return worker == nullptr || !worker->running();
  };
  if (isGone(kVrrpd) && isGone(kCheckd)) {
    parts_.fifos.close();  // what they wrote last is read, and the readers come to their end
  }
  for (Worker* worker : next) {
    if (worker->state() != Worker::State::kStopping) {
      worker->stop();
    }
  }
  if (next.empty() && leaving_.empty()) {
    stopLimit_.disarm();
    runShutdownScript();
  }
}

void Supervisor::runShutdownScript() {
  if (std::exchange(hasRunShutdownScript_, true)) {
    finish();
    return;
  }
  runErrand("shutdown script", running_.plan.shutdownScript, [this] { finish(); });
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
  parts_.loop.stop();
}

}  // namespace holdfast::supervisor
