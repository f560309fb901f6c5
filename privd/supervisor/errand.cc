#include "privd/supervisor/errand.h"

#include <csignal>
#include <utility>

#include "ipc/control.h"

namespace holdfast::supervisor {
namespace {

using schema::ControlEvent;
using Outcome = schema::ScriptEvent::Outcome;

// Beyond its limit: a script that ignores TERM has two seconds until it is killed.
constexpr Duration kTimeToBeEnded = std::chrono::seconds(3);

}  // namespace

Errand::Errand(EventLoop& loop, LogSink& log, std::string name, WorkerSpec scriptd,
               ServicePlan service)
    : log_(log),
      name_(std::move(name)),
      service_(service),
      scriptd_(loop, std::move(scriptd),
               {.line = [this](const LogRecord& record) { log_.write(record); },
                .event = [this](Worker&, ControlEvent::Reader event) { serve(event); },
                .respawn = nullptr}),
      limit_(loop, [this](TimePoint, Duration) { scriptd_.end("did not end the " + name_); }) {}

Status Errand::start(Generation generation, int borrowedConfig, Done done) {
  log_.own(kInfo, "Running " + name_);
  if (Status launched = scriptd_.launch(); !launched) {
    return launched;
  }
  done_ = std::move(done);
  scriptd_.load(generation, borrowedConfig, false);
  scriptd_.runService(service_.service);
  limit_.arm(EventLoop::now() + service_.timeout + kTimeToBeEnded);
  return success();
}

void Errand::cancel() {
  if (scriptd_.running() && scriptd_.state() != Worker::State::kStopping) {
    scriptd_.stop();
    limit_.arm(EventLoop::now() + kTimeToBeEnded);
  }
}

void Errand::serve(ControlEvent::Reader event) {
  if (!scriptd_.owes(event.getKind())) {
    scriptd_.end("sent an event out of turn");
    return;
  }
  const bool isRefusal = event.getKind() == ControlEvent::Kind::LOADED && event.getResult() != 0;
  if (event.getKind() == ControlEvent::Kind::SERVICE_ENDED) {
    report(event.getResult());
  }
  if (isRefusal || event.getKind() == ControlEvent::Kind::SERVICE_ENDED) {
    cancel();
  }
}

void Errand::report(std::uint32_t result) {
  const std::string status = std::to_string(result % kServiceOutcome);
  switch (static_cast<Outcome>(result / kServiceOutcome)) {
    case Outcome::EXITED:
      if (result == 0) {
        log_.own(kInfo, name_ + " script succeeded");
      } else {
        log_.own(kWarning, name_ + " script failed, status " + status);
      }
      return;
    case Outcome::SIGNALLED:
      log_.own(kWarning, name_ + " script failed, killed by signal " + status);
      return;
    case Outcome::TIMED_OUT:
      log_.own(kWarning, name_ + " timed out");
      return;
    case Outcome::NOT_STARTED:
      log_.own(kWarning, name_ + " could not be run");
      return;
  }
}

bool Errand::reaped(pid_t pid) {
  if (!scriptd_.running() || scriptd_.pid() != pid) {
    return false;
  }
  limit_.disarm();
  scriptd_.reaped();
  done_();
  return true;
}

}  // namespace holdfast::supervisor
