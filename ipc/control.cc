#include "ipc/control.h"

#include <utility>

namespace holdfast {
namespace {

constexpr int kRequestsInATurn = 16;

}  // namespace

Control::Control(EventLoop& loop, UniqueFd fd, ControlHandlers handlers)
    : loop_(loop), channel_(std::move(fd)), handlers_(std::move(handlers)) {}

Control::~Control() {
  if (channel_.open()) {
    loop_.removeReader(channel_.fd());
  }
}

Status Control::watch() {
  return loop_.addReader(channel_.fd(), Turn::kRest, [this] { readRequests(); });
}

void Control::readRequests() {
  Received received;
  for (int i = 0; i < kRequestsInATurn && channel_.open(); ++i) {
    channel_.receive(received);
    switch (received.kind) {
      case Received::Kind::kMessage:
        serve(received);
        break;
      case Received::Kind::kWouldBlock:
        return;
      case Received::Kind::kEndOfFile:
      case Received::Kind::kMalformed:
        // Not read any more: the end of a stream stays readable.
        loop_.removeReader(channel_.fd());
        leave();
        return;
    }
  }
}

void Control::serve(Received& received) {
  using Verb = schema::ControlRequest::Verb;
  const Decoded<schema::ControlRequest> decoded(received.segment());
  if (!decoded) {
    leave();
    return;
  }
  const auto request = decoded.root();
  const auto generation = static_cast<Generation>(request.getGeneration());
  switch (request.getVerb()) {
    case Verb::LOAD:
      if (handlers_.load && received.fd) {
        isStart_ = request.getArgument() == 1;
        handlers_.load(generation, std::move(received.fd));
        return;
      }
      break;
    case Verb::LOAD_IPVS:
      if (handlers_.loadIpvs && received.fd) {
        handlers_.loadIpvs(generation, std::move(received.fd));
        return;
      }
      break;
    case Verb::SITE_POLICY:
      if (handlers_.sitePolicy && received.fd) {
        handlers_.sitePolicy(received.fd);
        return;
      }
      break;
    case Verb::ATTACH:
      if (handlers_.attach && received.fd) {
        attached_[{request.getPeer(), request.getArgument()}] = generation;
        handlers_.attach(request.getPeer(), request.getArgument(), std::move(received.fd));
        return;
      }
      break;
    case Verb::START:
      if (handlers_.start) {
        handlers_.start();
        return;
      }
      break;
    case Verb::STOP:
      break;
    case Verb::RETIRE:
      if (handlers_.retire) {
        handlers_.retire(generation);
        return;
      }
      break;
    case Verb::DUMP:
      if (handlers_.dump && received.fd) {
        handlers_.dump(request.getArgument(), received.fd);
        return;
      }
      break;
    case Verb::NOTEBOOK:
      if (handlers_.notebook && received.fd) {
        handlers_.notebook(request.getArgument(), std::move(received.fd));
        return;
      }
      break;
    case Verb::FIFO:
      if (handlers_.fifo && received.fd) {
        const std::uint32_t argument = request.getArgument();
        handlers_.fifo(static_cast<schema::ControlRequest::Fifo>(argument % kReloadedFifo),
                       argument >= kReloadedFifo, std::move(received.fd));
        return;
      }
      break;
    case Verb::RUN_SERVICE:
      if (handlers_.runService) {
        handlers_.runService(request.getArgument());
        return;
      }
      break;
    case Verb::PING:
      send(schema::ControlEvent::Kind::ALIVE, Generation{}, 0, 0);
      return;
  }
  leave();
}

void Control::leave() {
  if (std::exchange(leaving_, true)) {
    return;
  }
  if (handlers_.stop) {
    handlers_.stop();
  }
}

void Control::loaded(Generation generation, std::uint32_t result, std::uint32_t object) {
  send(schema::ControlEvent::Kind::LOADED, generation, result, object);
}

void Control::ready() {
  send(schema::ControlEvent::Kind::READY, Generation{}, 0, 0);
}

void Control::stopped() {
  send(schema::ControlEvent::Kind::STOPPED, Generation{}, 0, 0);
}

void Control::dumped(int error, std::uint32_t bytes) {
  send(schema::ControlEvent::Kind::DUMPED, Generation{}, static_cast<std::uint32_t>(error), bytes);
}

void Control::misbehaved(schema::ControlRequest::Peer peer, std::uint32_t identity) {
  send(schema::ControlEvent::Kind::MISBEHAVED, attached_[{peer, identity}], identity,
       static_cast<std::uint32_t>(peer));
}

void Control::serviceEnded(std::uint32_t service, schema::ScriptEvent::Outcome outcome,
                           std::uint32_t status) {
  send(schema::ControlEvent::Kind::SERVICE_ENDED, Generation{},
       static_cast<std::uint32_t>(outcome) * kServiceOutcome + status % kServiceOutcome, service);
}

void Control::send(schema::ControlEvent::Kind kind, Generation generation, std::uint32_t result,
                   std::uint32_t object) {
  MessageBuffer<schema::ControlEvent> message;
  message.root().setKind(kind);
  message.root().setGeneration(static_cast<std::uint32_t>(generation));
  message.root().setResult(result);
  message.root().setObject(object);
  // A supervisor that does not read its events is stopping or dead: end of file follows.
  static_cast<void>(channel_.send(message));
}

}  // namespace holdfast
