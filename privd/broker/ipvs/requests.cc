// What checkd may ask: the part of Balancer that reads its messages.
#include <algorithm>
#include <cerrno>
#include <chrono>

#include "ipc/event_loop.h"
#include "ipc/message.h"
#include "privd/broker/ipvs/balancer.h"

namespace holdfast::privd::ipvs {
namespace {

using Verb = schema::LvsRequest::Verb;

// The table of policy/ knows numbers only.
static_assert(static_cast<int>(Verb::HELLO) == 0 && static_cast<int>(Verb::SET_DESTINATION) == 1 &&
              static_cast<int>(Verb::SET_SORRY) == 2 && static_cast<int>(Verb::COMPLETE) == 3 &&
              static_cast<int>(Verb::OPEN_CHECK_SOCKET) == 4 &&
              static_cast<int>(Verb::READ_STATISTICS) == 5);

// A checkd that asks for more has gone mad.
constexpr double kMostSockets = 4096;
constexpr double kSocketsInASecond = 4096;

}  // namespace

bool Balancer::serve(std::span<const capnp::word> segment, bool descriptor,
                     policy::BrokerState state, TimePoint now) {
  const Decoded<schema::LvsRequest> decoded(segment);
  if (!decoded) {
    log_.warning("audit: checkd refused: not a request");
    return false;
  }
  Request request;
  request.message = decoded.root();
  request.now = now;
  request.generation = static_cast<Generation>(request.message.getGeneration());
  const auto judgement =
      policy::judge(policy::Sender::kCheckd, static_cast<std::uint16_t>(request.message.getVerb()),
                    state, segment.size_bytes(), descriptor);
  request.row = judgement.row;
  if (judgement.verdict != policy::RequestVerdict::kServe) {
    return refuse(request, policy::describe(judgement.verdict));
  }
  if (find(request.generation) == nullptr && request.generation == lastRetired_) {
    log_.extraDetail("audit: checkd " + std::string(request.row->name) +
                     " of a generation that is retired: not done");
    return true;
  }
  return namesSomething(request) ? dispatch(request) : refuse(request, "no such object");
}

bool Balancer::namesSomething(const Request& request) const {
  const Wishes* wishes = find(request.generation);
  if (wishes == nullptr) {
    return false;
  }
  const std::uint32_t virtualServer = request.message.getVirtualServer();
  switch (request.row->names) {
    case policy::Names::kNothing:
      return true;
    case policy::Names::kVirtualServer:
      return virtualServer < wishes->config().virtualServers.size();
    case policy::Names::kRealServer:
      return wishes->has({virtualServer, request.message.getRealServer(), false});
    case policy::Names::kSorryServer:
      return wishes->has({virtualServer, 0, true});
    case policy::Names::kCheckSocket:
      return request.message.getSocket() < wishes->config().checkSockets.size();
    case policy::Names::kInstance:
    case policy::Names::kInstanceAndPeer:
      break;
  }
  return false;
}

bool Balancer::dispatch(const Request& request) {
  const std::uint32_t virtualServer = request.message.getVirtualServer();
  switch (request.row->handler) {
    case policy::Handler::kHelloOfCheckd:
      hello(request);
      return true;
    case policy::Handler::kSetDestination:
      say(request, {virtualServer, request.message.getRealServer(), false});
      return true;
    case policy::Handler::kSetSorry:
      say(request, {virtualServer, 0, true});
      return true;
    case policy::Handler::kComplete:
      complete(request);
      return true;
    case policy::Handler::kOpenCheckSocket:
      openCheckSocket(request);
      return true;
    case policy::Handler::kReadStatistics:
      parts_->statistics.ask(request.generation, virtualServer);
      return true;
    case policy::Handler::kLoad:
    case policy::Handler::kAttach:
    case policy::Handler::kStart:
    case policy::Handler::kStop:
    case policy::Handler::kRetire:
    case policy::Handler::kNotebook:
    case policy::Handler::kHello:
    case policy::Handler::kTake:
    case policy::Handler::kYield:
    case policy::Handler::kAnnounce:
    case policy::Handler::kOpenReceiveSocket:
    case policy::Handler::kOpenSendSocket:
    case policy::Handler::kNoteState:
    case policy::Handler::kLoadIpvs:
    case policy::Handler::kSitePolicy:
      break;
  }
  return refuse(request, "not for checkd");
}

std::string Balancer::subjectOf(const Request& request) const {
  const std::string generation =
      " of generation " + std::to_string(static_cast<std::uint32_t>(request.generation));
  if (request.row == nullptr || request.row->names == policy::Names::kNothing) {
    return generation;
  }
  if (request.row->names == policy::Names::kCheckSocket) {
    return " " + std::to_string(request.message.getSocket()) + generation;
  }
  const std::uint32_t index = request.message.getVirtualServer();
  const Wishes* wishes = find(request.generation);
  const bool isThere = wishes != nullptr && index < wishes->config().virtualServers.size();
  return " virtual server " + std::to_string(index) +
         (isThere ? " (" + wishes->config().virtualServers[index].name + ")" : std::string()) +
         (request.row->names == policy::Names::kRealServer
              ? " real server " + std::to_string(request.message.getRealServer())
              : std::string()) +
         generation;
}

bool Balancer::refuse(const Request& request, std::string_view why) {
  log_.warning("audit: checkd " + std::string(request.row != nullptr ? request.row->name : "?") +
               subjectOf(request) + ": refused: " + std::string(why));
  return false;
}

void Balancer::hello(const Request& request) {
  watching_ = request.generation;
  told_.clear();  // all of them are told again
  parts_->table.hello(request.generation);
  areAddressesSuspect_ = true;
  tellAddresses();
  Event end;
  end.generation = request.generation;
  post(end);
  log_.extraDetail("audit: checkd hello" + subjectOf(request) + ": done");
}

// The kernel follows when the turn ends, and that is a record of its own.
void Balancer::say(const Request& request, const ServerId& server) {
  const bool isIn = request.message.getIsIn();
  const std::uint16_t weight = request.message.getWeight();
  parts_->table.say(request.generation, server, isIn ? std::optional(weight) : std::nullopt);
  if (!log_.wantsExtraDetail()) {
    return;
  }
  log_.extraDetail("audit: checkd " + std::string(request.row->name) + subjectOf(request) + ": " +
                   (isIn ? "in with weight " + std::to_string(weight) : std::string("out")));
}

void Balancer::complete(const Request& request) {
  parts_->table.complete(request.generation);
  log_.extraDetail("audit: checkd complete" + subjectOf(request) + ": done");
}

void Balancer::openCheckSocket(const Request& request) {
  const std::chrono::duration<double> since = request.now - socketsSince_;
  sockets_ = std::min(sockets_ + since.count() * kSocketsInASecond, kMostSockets);
  socketsSince_ = request.now;
  Event event;
  event.kind = Event::Kind::SOCKET;
  event.generation = request.generation;
  event.socket = request.message.getSocket();
  if (sockets_ < 1) {
    event.result = EAGAIN;
  } else {
    sockets_ -= 1;
  }
  post(event);
}

SendOutcome Balancer::transmit(const Event& event) {
  return event.kind == Event::Kind::SOCKET && event.result == 0 ? transmitSocket(event)
                                                                : port_.send(event, -1);
}

SendOutcome Balancer::transmitSocket(const Event& event) {
  const TimePoint start = EventLoop::now();
  Event answer = event;
  const Result<UniqueFd> made = makeSocket(event);
  answer.result = made ? 0 : static_cast<std::uint32_t>(made.error().code);
  const SendOutcome outcome = port_.send(answer, made ? made->get() : -1);
  if (outcome == SendOutcome::kFull) {
    return outcome;
  }
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(EventLoop::now() - start).count();
  const std::string record =
      "audit: checkd openCheckSocket " + std::to_string(event.socket) + " of generation " +
      std::to_string(static_cast<std::uint32_t>(event.generation)) + ": " +
      (made ? "done" : made.error().message) + ", " + std::to_string(took) + " us";
  if (made) {
    log_.extraDetail(record);
  } else {
    log_.warning(record);
  }
  return outcome;
}

Result<UniqueFd> Balancer::makeSocket(const Event& event) {
  const Wishes* wishes = find(event.generation);
  return wishes == nullptr ? Result<UniqueFd>(Error{"its generation is retired", ESTALE})
                           : edge_.openCheckSocket(wishes->config().checkSockets[event.socket]);
}

}  // namespace holdfast::privd::ipvs
