#include "privd/supervisor/worker.h"

#include <csignal>
#include <utility>

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
      respawnTimer_(loop, [this](TimePoint, Duration) { callbacks_.respawn(*this); }) {}

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
  delay_.started(EventLoop::now());
  log_ = std::make_unique<LogReader>(loop_, std::move(child_.log), spec_.ident, child_.pid,
                                     callbacks_.line);
  if (Status watched = log_->watch(); !watched) {
    return watched;
  }
  return loop_.addReader(child_.control.fd(), Turn::kRest, [this] { readEvents(); });
}

void Worker::load(Generation generation, int borrowedConfig) {
  request(ControlRequest::Verb::LOAD, ControlRequest::Peer::NONE, 0, generation, borrowedConfig);
}

void Worker::attach(ControlRequest::Peer peer, std::uint32_t argument, int borrowedChannel) {
  request(ControlRequest::Verb::ATTACH, peer, argument, Generation{}, borrowedChannel);
}

void Worker::start() {
  request(ControlRequest::Verb::START, ControlRequest::Peer::NONE, 0, Generation{}, -1);
}

void Worker::stop() {
  state_ = State::kStopping;
  request(ControlRequest::Verb::STOP, ControlRequest::Peer::NONE, 0, Generation{}, -1);
}

void Worker::retire(Generation generation) {
  request(ControlRequest::Verb::RETIRE, ControlRequest::Peer::NONE, 0, generation, -1);
}

void Worker::kill(int signal) const {
  if (running()) {
    ::kill(child_.pid, signal);
  }
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
    kill(SIGKILL);
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
      callbacks_.event(*this, decoded.root());
      continue;
    }
    if (received.kind != Received::Kind::kEndOfFile) {
      kill(SIGKILL);
    }
    closeControl();  // at the end of file its death is about to be reaped
  }
}

void Worker::closeControl() {
  if (child_.control.open()) {
    loop_.removeReader(child_.control.fd());
    child_.control.close();
  }
}

void Worker::reaped() {
  log_->drain();
  log_.reset();
  closeControl();
  child_.pid = -1;
  state_ = State::kDown;
}

Duration Worker::respawnLater() {
  const TimePoint now = EventLoop::now();
  const Duration delay = delay_.died(now);
  respawnTimer_.arm(now + delay);
  return delay;
}

}  // namespace holdfast::supervisor
