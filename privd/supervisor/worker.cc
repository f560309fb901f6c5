#include "privd/supervisor/worker.h"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <utility>

#include "ipc/control.h"

namespace holdfast::supervisor {
namespace {

using schema::ControlEvent;
using schema::ControlRequest;

constexpr int kEventsInATurn = 16;

}  // namespace

Worker::Worker(EventLoop& loop, WorkerSpec spec, Callbacks callbacks)
    : loop_(loop),
      spec_(std::move(spec)),
      callbacks_(std::move(callbacks)),
      respawnTimer_(loop, [this](TimePoint, Duration) { callbacks_.respawn(*this); }),
      endTimer_(loop, [this](TimePoint, Duration) { end(endReason_); }) {}

Worker::~Worker() {
  closeControl();
}

Status Worker::launch() {
  respawnTimer_.disarm();
  auto child = spawn(spec_.child);
  if (!child) {
    return child.error();
  }
  child_ = std::move(child).value();
  state_ = State::kStarting;
  loadsAsked_ = 0;
  attached_ = 0;
  channels_.clear();
  services_.clear();
  startAsked_ = false;
  dumpAsked_ = false;
  ended_ = false;
  liveness_ = {};
  delay_.started(EventLoop::now());
  log_ = std::make_unique<LogReader>(
      loop_, std::move(child_.log), spec_.ident, child_.pid, callbacks_.line,
      [this] { end("sent what is not a log line"); }, LogRate());
  if (Status watched = log_->watch(); !watched) {
    return watched;
  }
  return loop_.addReader(child_.control.fd(), Turn::kRest, [this] { readEvents(); });
}

void Worker::load(Generation generation, int borrowedConfig, bool isStart) {
  ++loadsAsked_;
  request(ControlRequest::Verb::LOAD, ControlRequest::Peer::NONE, isStart ? 1 : 0, generation,
          borrowedConfig);
}

void Worker::sitePolicy(int borrowedText) {
  request(ControlRequest::Verb::SITE_POLICY, ControlRequest::Peer::NONE, 0, Generation{},
          borrowedText);
}

void Worker::loadIpvs(Generation generation, int borrowedConfig) {
  request(ControlRequest::Verb::LOAD_IPVS, ControlRequest::Peer::NONE, 0, generation,
          borrowedConfig);
}

void Worker::attach(WorkerId peer, Generation number, int borrowedChannel) {
  ++attached_;
  channels_[peer] = number;
  request(ControlRequest::Verb::ATTACH, peer.peer, peer.identity, number, borrowedChannel);
}

bool Worker::hasChannel(WorkerId peer, Generation number) const {
  const auto found = channels_.find(peer);
  return found != channels_.end() && found->second == number;
}

void Worker::notebook(int borrowedMemory, Duration silence) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(silence).count();
  request(ControlRequest::Verb::NOTEBOOK, ControlRequest::Peer::NONE,
          static_cast<std::uint32_t>(std::min<std::int64_t>(milliseconds, UINT32_MAX)),
          Generation{}, borrowedMemory);
}

void Worker::fifo(ControlRequest::Fifo fifo, bool reloaded, int borrowedEnd) {
  request(ControlRequest::Verb::FIFO, ControlRequest::Peer::NONE,
          static_cast<std::uint32_t>(fifo) + (reloaded ? kReloadedFifo : 0), Generation{},
          borrowedEnd);
}

void Worker::runService(std::uint32_t service) {
  if (services_.insert(service).second) {
    request(ControlRequest::Verb::RUN_SERVICE, ControlRequest::Peer::NONE, service, Generation{},
            -1);
  }
}

void Worker::start() {
  startAsked_ = true;
  request(ControlRequest::Verb::START, ControlRequest::Peer::NONE, 0, Generation{}, -1);
}

void Worker::stop() {
  state_ = State::kStopping;
  request(ControlRequest::Verb::STOP, ControlRequest::Peer::NONE, 0, Generation{}, -1);
}

void Worker::retire(Generation generation) {
  request(ControlRequest::Verb::RETIRE, ControlRequest::Peer::NONE, 0, generation, -1);
}

void Worker::dump(std::uint32_t what, int borrowedMemory) {
  dumpAsked_ = true;
  request(ControlRequest::Verb::DUMP, ControlRequest::Peer::NONE, what, Generation{},
          borrowedMemory);
}

bool Worker::owes(ControlEvent::Kind kind) {
  switch (kind) {
    case ControlEvent::Kind::LOADED:
      return loadsAsked_ != 0 && loadsAsked_-- != 0;
    case ControlEvent::Kind::READY:
      return std::exchange(startAsked_, false);
    case ControlEvent::Kind::STOPPED:
      return state_ == State::kStopping;
    case ControlEvent::Kind::ALIVE:
      return liveness_.answered();
    case ControlEvent::Kind::DUMPED:
      return std::exchange(dumpAsked_, false);
    case ControlEvent::Kind::MISBEHAVED:
      return attached_ != 0 && attached_-- != 0;
    case ControlEvent::Kind::SERVICE_ENDED:
      return !services_.empty();
  }
  return false;
}

void Worker::kill(int signal) const {
  if (running()) {
    ::kill(child_.pid, signal);
  }
}

Liveness::Verdict Worker::checkLiveness(Duration interval, Duration lateness) {
  const Liveness::Verdict verdict = liveness_.check(interval, lateness);
  if (verdict == Liveness::Verdict::kAnswers) {
    request(ControlRequest::Verb::PING, ControlRequest::Peer::NONE, 0, Generation{}, -1);
  }
  return verdict;
}

void Worker::end(const std::string& why, const char* next) {
  if (running() && !std::exchange(ended_, true)) {
    callbacks_.line({spec_.ident, child_.pid, kError, 0, spec_.name + " " + why + ": " + next});
    kill(SIGKILL);
  }
}

void Worker::endAfter(Duration patience, std::string why) {
  endReason_ = std::move(why);
  endTimer_.arm(EventLoop::now() + patience);
}

void Worker::request(ControlRequest::Verb verb, ControlRequest::Peer peer, std::uint32_t argument,
                     Generation generation, int borrowedFd) {
  MessageBuffer<ControlRequest> message;
  message.root().setVerb(verb);
  message.root().setPeer(peer);
  message.root().setArgument(argument);
  message.root().setGeneration(static_cast<std::uint32_t>(generation));
  const SendOutcome outcome =
      borrowedFd < 0 ? child_.control.send(message) : child_.control.send(message, borrowedFd);
  if (outcome == SendOutcome::kFull) {
    end("does not read what it is asked");
  }
}

void Worker::readEvents() {
  Received received;
  for (int i = 0; i < kEventsInATurn && child_.control.open(); ++i) {
    child_.control.receive(received);
    if (received.kind == Received::Kind::kWouldBlock) {
      return;
    }
    const Decoded<ControlEvent> decoded(received.segment());
    if (received.kind == Received::Kind::kMessage && decoded && !received.fd) {
      if (!ended_) {
        callbacks_.event(*this, decoded.root());
      }
      continue;
    }
    if (received.kind == Received::Kind::kEndOfFile) {
      endAfter(kTimeToEnd, "closed its control channel");  // its death is about to be reaped
    } else {
      end("sent what is not an event");
    }
    closeControl();
  }
}

void Worker::closeControl() {
  if (child_.control.open()) {
    loop_.removeReader(child_.control.fd());
    child_.control.close();
  }
}

void Worker::reaped() {
  state_ = State::kDown;  // before the last lines are read: its pid can be another process's by now
  endTimer_.disarm();
  log_->drain();
  log_.reset();
  closeControl();
  child_.pid = -1;
}

Duration Worker::respawnLater() {
  const TimePoint now = EventLoop::now();
  const Duration delay = delay_.died(now);
  respawnTimer_.arm(now + delay);
  return delay;
}

}  // namespace holdfast::supervisor
