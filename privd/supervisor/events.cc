// What the workers say, and what they are asked to say.
#include <sys/stat.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include "privd/supervisor/pid_paths.h"
#include "privd/supervisor/supervisor.h"

namespace holdfast::supervisor {
namespace {

using schema::ControlEvent;
using Peer = schema::ControlRequest::Peer;

constexpr std::size_t kLeastRoom = std::size_t{1} << 16;
constexpr std::size_t kWordiness = 4;
constexpr mode_t kDumpMode = 0666;  // before the umask of the configuration

}  // namespace

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
    case ControlEvent::Kind::DUMPED:
      dumped(worker, event);
      return;
    case ControlEvent::Kind::STOPPED:
    case ControlEvent::Kind::ALIVE:
    case ControlEvent::Kind::SERVICE_ENDED:  // readers of FIFOs are kept running
      return;
  }
}

// It is one's word against the other's: privd's counts most, a scriptd's least. So nobody who was
// taken over can have another one ended that is trusted more than it is. Both get a new channel.
void Supervisor::accuse(Worker& accuser, ControlEvent::Reader event) {
  const bool isPeer = event.getObject() <= std::numeric_limits<std::uint16_t>::max();
  const WorkerId id{isPeer ? static_cast<Peer>(event.getObject()) : Peer::NONE, event.getResult()};
  Worker* const accused = crew_.partner(accuser, id);
  if (accused == nullptr) {
    accuser.end("accuses somebody whom it does not talk with");
    return;
  }
  // One that was on its way while the channel was replaced is about a process that has gone.
  // Whoever came after it has no part in it.
  if (!accuser.hasChannel(id, static_cast<Generation>(event.getGeneration()))) {
    return;
  }
  const std::string deed = " broke the rules of the channel to ";
  if (id.peer > accuser.spec().id.peer) {
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
  startFifoReaders();
  if (phase_ == Phase::kStarting && everybodyIsReady()) {
    phase_ = Phase::kRunning;
    startLimit_.disarm();
    parts_.log.own(kInfo, "Startup complete");
    parts_.manager.ready("running");
    if (reloadAgain_) {
      reload();
    }
  } else if (phase_ == Phase::kRunning) {
    finishReload();
  }
}

void Supervisor::dump(int signal) {
  const auto what = StateDump::askedBy(signal);
  if (!what) {
    return;
  }
  Worker* const vrrpd = crew_.find(kVrrpd);
  if (vrrpd == nullptr || vrrpd->state() != Worker::State::kReady) {
    parts_.log.own(kWarning, "state asked for by a signal: there is no VRRP process at work");
    return;
  }
  // Each instance takes more room in the configuration than its state does in words.
  struct stat sealed {};
  ::fstat(running_.sealed.configOf(kVrrpd), &sealed);
  stateDump_.ask(*what, *vrrpd, kLeastRoom + kWordiness * static_cast<std::size_t>(sealed.st_size));
}

void Supervisor::dumped(Worker& worker, ControlEvent::Reader event) {
  const auto placeOf = [this](StateDump::What what) {
    const Plan& plan = running_.plan;
    return StateDump::Place{dumpPath(what, parts_.line, plan, parts_.environment),
                            kDumpMode & ~plan.umask};
  };
  if (&worker == crew_.find(kVrrpd) &&
      !stateDump_.answered(worker, event.getResult(), event.getObject(), placeOf)) {
    worker.end("has written more than there is room for");
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

}  // namespace holdfast::supervisor
