// Is everybody alive: asked of each worker at an interval, and told to the service manager.
#include <algorithm>

#include "privd/supervisor/supervisor.h"

namespace holdfast::supervisor {
namespace {

constexpr auto kPatienceSeconds =
    std::chrono::duration_cast<std::chrono::seconds>(Liveness::kPatience).count();

// Twice in the time that the service manager allows.
Duration intervalFor(const ServiceManager& manager) {
  return manager.watchdog() > Duration::zero()
             ? std::min<Duration>(Liveness::kInterval, manager.watchdog() / 2)
             : Liveness::kInterval;
}

}  // namespace

void Supervisor::armPulse() {
  pulse_.arm(EventLoop::now() + intervalFor(parts_.manager));
}

// A worker that leaves has a limit of its own, and one that waits to be started again is known not
// to answer.
void Supervisor::pulse(Duration lateness) {
  armPulse();
  bool everybodyAnswers = true;
  for (const auto& worker : crew_.all()) {
    if (!worker->running() || worker->state() == Worker::State::kStopping) {
      continue;
    }
    switch (worker->checkLiveness(intervalFor(parts_.manager), lateness)) {
      case Liveness::Verdict::kAnswers:
        break;
      case Liveness::Verdict::kSilent:
        everybodyAnswers = false;
        break;
      case Liveness::Verdict::kHangs:
        everybodyAnswers = false;
        worker->end("has not answered for " + std::to_string(kPatienceSeconds) + " seconds",
                    parts_.line.respawn ? "replacing it" : "ending it");
        break;
    }
  }
  if (everybodyAnswers) {
    parts_.manager.alive();
  }
}

}  // namespace holdfast::supervisor
