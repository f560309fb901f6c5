// What vrrpd may ask: the part of Broker that reads its messages.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "ipc/event_loop.h"
#include "ipc/message.h"
#include "privd/broker/broker.h"

namespace holdfast::privd {
namespace {

using Verb = schema::BrokerRequest::Verb;

// The table of policy/ knows numbers only.
static_assert(static_cast<int>(Verb::HELLO) == 0 && static_cast<int>(Verb::TAKE) == 1 &&
              static_cast<int>(Verb::YIELD) == 2 && static_cast<int>(Verb::ANNOUNCE) == 3 &&
              static_cast<int>(Verb::OPEN_RECEIVE_SOCKET) == 4 &&
              static_cast<int>(Verb::OPEN_SEND_SOCKET) == 5 &&
              static_cast<int>(Verb::NOTE_STATE) == 6);
static_assert(MessageBuffer<schema::BrokerRequest>::kWords ==
              MessageBuffer<schema::ControlRequest>::kWords);

}  // namespace

bool Broker::serveVrrpd(std::span<const capnp::word> segment, bool descriptor, TimePoint now) {
  const Decoded<schema::BrokerRequest> decoded(segment);
  if (!decoded) {
    log_.warning("audit: vrrpd refused: not a request");
    return false;
  }
  Request request;
  request.message = decoded.root();
  request.now = now;
  request.key = {static_cast<Generation>(request.message.getGeneration()),
                 static_cast<InstanceId>(request.message.getInstance())};
  const auto judgement =
      policy::judge(policy::Sender::kVrrpd, static_cast<std::uint16_t>(request.message.getVerb()),
                    state_, segment.size_bytes(), descriptor);
  request.row = judgement.row;
  if (judgement.verdict != policy::RequestVerdict::kServe) {
    return refuse(request, policy::describe(judgement.verdict));
  }
  switch (namesSomething(request)) {
    case Named::kFound:
      return dispatch(request);
    case Named::kRetired:
      log_.extraDetail("audit: vrrpd " + std::string(request.row->name) +
                       " of a generation that is retired: not done");
      return true;
    case Named::kNot:
      break;
  }
  return refuse(request, "no such object");
}

Broker::Named Broker::namesSomething(const Request& request) const {
  const Book* book = holdings_.find(request.key.generation);
  if (book == nullptr) {
    return request.key.generation == lastRetired_ ? Named::kRetired : Named::kNot;
  }
  if (request.row->names == policy::Names::kNothing) {
    return Named::kFound;
  }
  const std::vector<Instance>& instances = book->config.instances;
  if (indexOf(request.key.instance) >= instances.size()) {
    return Named::kNot;
  }
  if (request.row->names == policy::Names::kInstance) {
    return Named::kFound;
  }
  // Without unicast peers there is one destination, number 0: the group.
  const std::size_t destinations =
      std::max<std::size_t>(instances[indexOf(request.key.instance)].peers.size(), 1);
  return request.message.getPeer() < destinations ? Named::kFound : Named::kNot;
}

bool Broker::dispatch(const Request& request) {
  switch (request.row->handler) {
    case policy::Handler::kHello:
      hello(request);
      return true;
    case policy::Handler::kTake:
      take(request);
      return true;
    case policy::Handler::kYield:
      yield(request);
      return true;
    case policy::Handler::kAnnounce:
      return announce(request);
    case policy::Handler::kOpenReceiveSocket:
      openSocket(request, schema::BrokerEvent::SocketKind::RECEIVE);
      return true;
    case policy::Handler::kOpenSendSocket:
      openSocket(request, schema::BrokerEvent::SocketKind::SEND);
      return true;
    case policy::Handler::kNoteState:
      return noteState(request);
    case policy::Handler::kLoad:
    case policy::Handler::kAttach:
    case policy::Handler::kStart:
    case policy::Handler::kStop:
    case policy::Handler::kRetire:
    case policy::Handler::kNotebook:
    case policy::Handler::kLoadIpvs:
    case policy::Handler::kSitePolicy:
    case policy::Handler::kHelloOfCheckd:
    case policy::Handler::kSetDestination:
    case policy::Handler::kSetSorry:
    case policy::Handler::kComplete:
    case policy::Handler::kOpenCheckSocket:
    case policy::Handler::kReadStatistics:
      break;
  }
  return refuse(request, "not for vrrpd");
}

std::string Broker::subjectOf(const Request& request) const {
  if (request.row != nullptr && request.row->names == policy::Names::kNothing) {
    return "of generation " + std::to_string(static_cast<std::uint32_t>(request.key.generation));
  }
  return subjectOf(request.key);
}

std::string Broker::subjectOf(const InstanceKey& key) const {
  const Book* book = holdings_.find(key.generation);
  std::string subject = "instance " + std::to_string(indexOf(key.instance));
  if (book != nullptr && indexOf(key.instance) < book->config.instances.size()) {
    subject += " (" + instanceOf(key).name + ")";
  }
  return subject + " of generation " + std::to_string(static_cast<std::uint32_t>(key.generation));
}

bool Broker::refuse(const Request& request, std::string_view why) {
  log_.warning("audit: vrrpd " + std::string(request.row != nullptr ? request.row->name : "?") +
               " " + subjectOf(request) + ": refused: " + std::string(why));
  return false;
}

void Broker::audit(const Request& request, int error, TimePoint start) {
  audit("vrrpd " + std::string(request.row->name) + " " + subjectOf(request), error, start);
}

void Broker::auditStatic(std::string_view what, Generation generation, int error, TimePoint start) {
  audit("supervisor " + std::string(what) + " what is static of generation " +
            std::to_string(static_cast<std::uint32_t>(generation)),
        error, start);
}

void Broker::audit(const std::string& what, int error, TimePoint start) {
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(EventLoop::now() - start).count();
  const std::string record = "audit: " + what + ": " +
                             (error == 0 ? "done" : std::strerror(error)) + ", " +
                             std::to_string(took) + " us";
  if (error == 0) {
    log_.extraDetail(record);
  } else {
    log_.warning(record);
  }
}

}  // namespace holdfast::privd
