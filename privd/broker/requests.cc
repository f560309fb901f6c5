// What vrrpd may ask: the part of Broker that reads its messages.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

#include "ipc/event_loop.h"
#include "ipc/message.h"
#include "privd/broker/broker.h"

namespace holdfast::privd {
namespace {

using Verb = schema::BrokerRequest::Verb;
using SocketKind = schema::BrokerEvent::SocketKind;

// The table of policy/ knows numbers only.
static_assert(static_cast<int>(Verb::HELLO) == 0 && static_cast<int>(Verb::TAKE) == 1 &&
              static_cast<int>(Verb::YIELD) == 2 && static_cast<int>(Verb::ANNOUNCE) == 3 &&
              static_cast<int>(Verb::OPEN_RECEIVE_SOCKET) == 4 &&
              static_cast<int>(Verb::OPEN_SEND_SOCKET) == 5 &&
              static_cast<int>(Verb::NOTE_STATE) == 6);
static_assert(MessageBuffer<schema::BrokerRequest>::kWords ==
              MessageBuffer<schema::ControlRequest>::kWords);

// More than any state machine asks for; less than what would be felt on a network.
constexpr unsigned kBurstsInAWindow = 20;
constexpr Duration kBurstWindow = std::chrono::seconds(1);

Event eventFor(Event::Kind kind, const InstanceKey& key) {
  Event event;
  event.kind = kind;
  event.generation = key.generation;
  event.instance = static_cast<std::uint32_t>(key.instance);
  return event;
}

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
      openSocket(request, SocketKind::RECEIVE);
      return true;
    case policy::Handler::kOpenSendSocket:
      openSocket(request, SocketKind::SEND);
      return true;
    case policy::Handler::kNoteState:
      return noteState(request);
    case policy::Handler::kLoad:
    case policy::Handler::kAttach:
    case policy::Handler::kStart:
    case policy::Handler::kStop:
    case policy::Handler::kRetire:
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
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(EventLoop::now() - start).count();
  const std::string record =
      "audit: vrrpd " + std::string(request.row->name) + " " + subjectOf(request) + ": " +
      (error == 0 ? "done" : std::strerror(error)) + ", " + std::to_string(took) + " us";
  if (error == 0) {
    log_.extraDetail(record);
  } else {
    log_.warning(record);
  }
}

void Broker::hello(const Request& request) {
  const TimePoint start = EventLoop::now();
  const Generation generation = request.key.generation;
  const Book& book = *holdings_.find(generation);
  watching_ = generation;
  for (std::size_t i = 0; i < book.slots.size(); ++i) {
    Event event;
    event.kind = Event::Kind::INTERFACE;
    event.generation = generation;
    event.interface = static_cast<std::uint32_t>(i);
    event.status = interfaces_.statusOf(book.slots[i]);
    outbox_.post(event);
  }
  const Duration silence = vrrpdLostAt_ ? request.now - *vrrpdLostAt_ : Duration::zero();
  for (std::size_t i = 0; i < book.config.instances.size(); ++i) {
    const InstanceKey key{generation, idAt<InstanceId>(i)};
    if (const std::optional<Note> note = noteFor(key)) {
      Event event = eventFor(Event::Kind::NOTED, key);
      event.state = note->state;
      event.priority = note->priority;
      event.result = static_cast<std::uint32_t>(std::min<std::int64_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(silence).count(), UINT32_MAX));
      outbox_.post(event);
    }
  }
  Event end;
  end.kind = Event::Kind::HELLO_END;
  end.generation = generation;
  outbox_.post(end);
  audit(request, 0, start);
}

// After a reload, what was noted of the same virtual router in the configuration before.
std::optional<Broker::Note> Broker::noteFor(const InstanceKey& key) const {
  const auto& books = holdings_.books();
  const Book& book = books.at(key.generation);
  const Instance& instance = instanceOf(key);
  const auto sameRouter = [&](const Book& other, const Instance& candidate) {
    return candidate.name == instance.name && candidate.family == instance.family &&
           candidate.virtualRouterId == instance.virtualRouterId &&
           candidate.unicast() == instance.unicast() &&
           candidate.interface.has_value() == instance.interface.has_value() &&
           (!instance.interface ||
            other.slotOf(*candidate.interface) == book.slotOf(*instance.interface));
  };
  for (auto it = books.rbegin(); it != books.rend(); ++it) {
    const auto& [generation, other] = *it;
    const auto& instances = other.config.instances;
    for (std::size_t i = 0; i < instances.size(); ++i) {
      const auto found = notes_.find({generation, idAt<InstanceId>(i)});
      if (found != notes_.end() && sameRouter(other, instances[i])) {
        return found->second;
      }
    }
  }
  return std::nullopt;
}

void Broker::take(const Request& request) {
  const TimePoint start = EventLoop::now();
  promoteSecondaries(request.key);
  const int error = holdings_.take(request.key);
  Event event = eventFor(Event::Kind::TAKEN, request.key);
  event.result = static_cast<std::uint32_t>(error);
  outbox_.post(event);
  audit(request, error, start);
}

void Broker::yield(const Request& request) {
  const TimePoint start = EventLoop::now();
  announcer_.cancel(request.key);
  const int error = holdings_.yield(request.key);
  Event event = eventFor(Event::Kind::YIELDED, request.key);
  event.result = static_cast<std::uint32_t>(error);
  outbox_.post(event);
  audit(request, error, start);
}

bool Broker::announce(const Request& request) {
  if (!holdings_.held(request.key)) {
    return refuse(request, "it has not taken its addresses");
  }
  const Instance& instance = instanceOf(request.key);
  std::uint32_t repeat = 0;
  switch (request.message.getAnnouncement()) {
    case static_cast<int>(schema::BrokerRequest::Announcement::BECAME_MASTER):
      repeat = instance.masterRepeat;
      break;
    case static_cast<int>(schema::BrokerRequest::Announcement::LOWER_PRIORITY):
      repeat = instance.lowerPriorityRepeat;
      break;
    case static_cast<int>(schema::BrokerRequest::Announcement::REFRESH):
      repeat = instance.refreshRepeat;
      break;
    default:
      return refuse(request, "no such announcement");
  }
  BurstCount& count = bursts_[request.key];
  if (request.now - count.windowStart >= kBurstWindow) {
    count = {request.now, 0};
  }
  if (++count.bursts > kBurstsInAWindow) {
    log_.warning("audit: vrrpd announce " + subjectOf(request.key) + ": too often, not done");
    return true;
  }
  const TimePoint start = EventLoop::now();
  announcer_.announce(request.key, holdings_.placed(request.key), repeat, instance.arpInterval,
                      instance.naInterval);
  // The first frames at once: settle() comes after all the requests of this turn.
  static_cast<void>(announcer_.work(request.now));
  audit(request, 0, start);
  return true;
}

bool Broker::noteState(const Request& request) {
  const schema::VrrpState state = request.message.getState();
  const bool known = state == schema::VrrpState::INIT || state == schema::VrrpState::BACKUP ||
                     state == schema::VrrpState::MASTER || state == schema::VrrpState::FAULT;
  if (!known || request.message.getPriority() == 0) {
    return refuse(request, "not a state to be noted");
  }
  notes_[request.key] = {state, request.message.getPriority()};
  audit(request, 0, EventLoop::now());
  return true;
}

void Broker::openSocket(const Request& request, SocketKind kind) {
  Event event = eventFor(Event::Kind::SOCKET, request.key);
  event.socketKind = kind;
  event.peer = kind == SocketKind::SEND ? request.message.getPeer() : std::uint16_t{0};
  outbox_.post(event);
}

SendOutcome Broker::transmit(const Event& event) {
  return event.kind == Event::Kind::SOCKET ? transmitSocket(event) : port_.send(event, -1);
}

SendOutcome Broker::transmitSocket(const Event& event) {
  const TimePoint start = EventLoop::now();
  const Result<UniqueFd> fd = makeSocket(event);
  Event answer = event;
  answer.result = static_cast<std::uint32_t>(fd ? 0 : fd.error().code);
  const SendOutcome outcome = port_.send(answer, fd ? fd->get() : -1);
  if (outcome == SendOutcome::kFull) {
    return outcome;
  }
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(EventLoop::now() - start).count();
  const std::string record =
      std::string("audit: vrrpd ") +
      (event.socketKind == SocketKind::SEND ? "openSendSocket " : "openReceiveSocket ") +
      subjectOf({event.generation, static_cast<InstanceId>(event.instance)}) + " peer " +
      std::to_string(event.peer) + ": " + (fd ? "done" : fd.error().message) + ", " +
      std::to_string(took) + " us";
  if (fd) {
    log_.extraDetail(record);
  } else {
    log_.warning(record);
  }
  return outcome;
}

Result<UniqueFd> Broker::makeSocket(const Event& event) {
  const Book* book = holdings_.find(event.generation);
  if (book == nullptr) {
    return Error{"its generation is retired", ESTALE};
  }
  const Instance& instance = book->config.instances[event.instance];
  if (instance.interface && interfaces_.indexOf(book->slotOf(*instance.interface)) == 0) {
    return Error{"its interface is not there", ENODEV};
  }
  if (event.socketKind == SocketKind::SEND) {
    return makeSendSocket(event, *book, instance);
  }
  ReceiveSocketPlan plan;
  plan.family = instance.family;
  plan.virtualRouterId = instance.virtualRouterId;
  plan.bufferBytes = instance.receiveBufferBytes;
  if (instance.interface) {
    plan.index = interfaces_.indexOf(book->slotOf(*instance.interface));
  }
  if (!instance.unicast()) {
    plan.group = instance.group;
  }
  return kernel_.openReceiveSocket(plan);
}

Result<UniqueFd> Broker::makeSendSocket(const Event& event, const Book& book,
                                        const Instance& instance) {
  SendSocketPlan plan;
  plan.family = instance.family;
  plan.ttl = instance.ttl;
  plan.destination = instance.unicast() ? instance.peers[event.peer] : instance.group;
  std::optional<IpAddress> source = instance.source;
  if (instance.interface) {
    const Slot slot = book.slotOf(*instance.interface);
    plan.index = interfaces_.indexOf(slot);
    if (!source) {
      source = interfaces_.sourceOf(slot, instance.family);
    }
  }
  if (!source) {
    return Error{"its interface has no address to send from", EADDRNOTAVAIL};
  }
  plan.source = *source;
  return kernel_.openSendSocket(plan);
}

}  // namespace holdfast::privd
