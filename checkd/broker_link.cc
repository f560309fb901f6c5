#include "checkd/broker_link.h"

#include <utility>

namespace holdfast::checkd {

using Verb = schema::LvsRequest::Verb;

BrokerLink::BrokerLink(EventLoop& loop, Log& log, Handlers handlers)
    : handlers_(std::move(handlers)),
      channel_(loop, log, {.peer = "privd", .turn = Turn::kBroker},
               {.message = [this](Received& received) { return serve(received); },
                .gone =
                    [this, &log] {
                      log.warning("privd is gone: until it is back, IPVS stays as it is");
                      lose();
                    },
                .misbehaved =
                    [this] {
                      lose();
                      handlers_.misbehaved();
                    }}),
      waiting_(channel_, [this](const Request& request) { return send(request); }) {}

void BrokerLink::attach(UniqueFd channel) {
  channel_.close();
  lose();
  channel_.attach(std::move(channel));
}

void BrokerLink::lose() {
  waiting_.clear();
  handlers_.gone();
}

bool BrokerLink::serve(Received& received) {
  const Decoded<schema::LvsEvent> decoded(received.segment());
  if (!decoded) {
    return false;
  }
  const auto event = decoded.root();
  const bool isSocket = event.getKind() == schema::LvsEvent::Kind::SOCKET;
  if (event.getKind() > schema::LvsEvent::Kind::STATISTICS || (received.fd && !isSocket)) {
    return false;
  }
  if (static_cast<Generation>(event.getGeneration()) == generation_) {
    handlers_.event(event, std::move(received.fd));
  }
  return true;
}

void BrokerLink::hello() {
  post({.verb = Verb::HELLO});
}

void BrokerLink::place(std::size_t virtualServer, std::size_t realServer,
                       const Placement& placement) {
  post({.verb = Verb::SET_DESTINATION,
        .virtualServer = virtualServer,
        .realServer = realServer,
        .placement = placement});
}

void BrokerLink::placeSorry(std::size_t virtualServer, const Placement& placement) {
  post({.verb = Verb::SET_SORRY, .virtualServer = virtualServer, .placement = placement});
}

void BrokerLink::complete() {
  post({.verb = Verb::COMPLETE});
}

void BrokerLink::readStatistics(std::size_t virtualServer) {
  post({.verb = Verb::READ_STATISTICS, .virtualServer = virtualServer});
}

void BrokerLink::openCheckSocket(std::uint32_t socket) {
  post({.verb = Verb::OPEN_CHECK_SOCKET, .socket = socket});
}

void BrokerLink::post(const Request& request) {
  if (channel_.open()) {
    waiting_.post(request);
  }
}

SendOutcome BrokerLink::send(const Request& request) {
  MessageBuffer<schema::LvsRequest> message;
  auto root = message.root();
  root.setVerb(request.verb);
  root.setGeneration(static_cast<std::uint32_t>(generation_));
  root.setVirtualServer(static_cast<std::uint32_t>(request.virtualServer));
  root.setRealServer(static_cast<std::uint32_t>(request.realServer));
  root.setIsIn(request.placement.isIn);
  root.setWeight(request.placement.weight);
  root.setSocket(request.socket);
  return channel_.send(message);
}

}  // namespace holdfast::checkd
