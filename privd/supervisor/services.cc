// Scripts that the supervisor has run: at the start, at the end, and as readers of notify FIFOs.
#include <algorithm>
#include <utility>

#include "privd/supervisor/supervisor.h"

namespace holdfast::supervisor {
namespace {

using Peer = schema::ControlRequest::Peer;

}  // namespace

void Supervisor::runErrand(const char* name, const std::optional<ServicePlan>& service,
                           Errand::Done then) {
  const WorkerId id{Peer::SCRIPTD, service ? service->identity : 0};
  std::vector<WorkerSpec> specs =
      workersFor(running_.plan, parts_.users, parts_.line.detail);
  const auto spec =
      std::ranges::find_if(specs, [id](const WorkerSpec& one) { return one.id == id; });
  if (!service || spec == specs.end()) {
    then();
    return;
  }
  errand_ = std::make_unique<Errand>(parts_.loop, parts_.log, name, std::move(*spec), *service);
  if (Status started = errand_->start(running_.generation, running_.sealed.configOf(id), then);
      !started) {
    parts_.log.own(kError, started.error().message);
    errand_.reset();
    then();
  }
}

bool Supervisor::errandEnded(pid_t pid) {
  if (!errand_) {
    return false;
  }
  // What follows may be another errand.
  std::unique_ptr<Errand> ended = std::move(errand_);
  if (ended->reaped(pid)) {
    return true;
  }
  errand_ = std::move(ended);
  return false;
}

// Not while a reader of the configuration before this one may be in the middle of a line.
void Supervisor::startFifoReaders() {
  const bool isReading = std::ranges::any_of(
      leaving_, [](const auto& worker) { return worker->spec().id.peer == Peer::SCRIPTD; });
  if (isReading) {
    return;
  }
  for (const auto& [fifo, reader] : running_.plan.fifoReaders) {
    Worker* const scriptd = crew_.find({Peer::SCRIPTD, reader.identity});
    if (scriptd != nullptr && scriptd->state() == Worker::State::kReady &&
        parts_.fifos.writer(running_.plan, fifo) >= 0) {
      scriptd->runService(reader.service);
    }
  }
}

void Supervisor::handFifos(Worker& worker) {
  const WorkerId id = worker.spec().id;
  if (id != kVrrpd && id != kCheckd) {
    return;
  }
  const FifoSet::Kind own = id == kVrrpd ? FifoSet::Kind::VRRP : FifoSet::Kind::LVS;
  for (const FifoSet::Kind kind : {FifoSet::Kind::ALL, own}) {
    if (const int end = parts_.fifos.writer(running_.plan, kind); end >= 0) {
      worker.fifo(kind, previous_.has_value(), end);
    }
  }
}

}  // namespace holdfast::supervisor
