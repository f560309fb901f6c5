#include "vrrpd/broker_link.h"

#include <utility>

namespace holdfast::vrrpd {
namespace {

constexpr int kEventsInATurn = 64;

schema::BrokerRequest::Announcement announcementOf(AnnounceReason reason) {
  switch (reason) {
    case AnnounceReason::kBecameMaster:
      return schema::BrokerRequest::Announcement::BECAME_MASTER;
    case AnnounceReason::kLowerPriority:
      return schema::BrokerRequest::Announcement::LOWER_PRIORITY;
    case AnnounceReason::kRefresh:
      return schema::BrokerRequest::Announcement::REFRESH;
  }
  return schema::BrokerRequest::Announcement::BECAME_MASTER;
}

}  // namespace

schema::VrrpState schemaState(State state) {
  switch (state) {
    case State::kInitialize:
      return schema::VrrpState::INIT;
    case State::kBackup:
      return schema::VrrpState::BACKUP;
    case State::kMaster:
      return schema::VrrpState::MASTER;
    case State::kFault:
      return schema::VrrpState::FAULT;
  }
  return schema::VrrpState::INIT;
}

State stateOf(schema::VrrpState state) {
  switch (state) {
    case schema::VrrpState::BACKUP:
      return State::kBackup;
    case schema::VrrpState::MASTER:
      return State::kMaster;
    case schema::VrrpState::FAULT:
      return State::kFault;
    case schema::VrrpState::INIT:
    case schema::VrrpState::STOP:
    case schema::VrrpState::DELETED:
      return State::kInitialize;
  }
  return State::kInitialize;
}

BrokerLink::BrokerLink(EventLoop& loop, Log& log, Handlers handlers)
    : loop_(loop), log_(log), handlers_(std::move(handlers)) {}

void BrokerLink::attach(UniqueFd channel) {
  detach();
  channel_ = Channel(std::move(channel));
  isBlocked_ = false;
  if (Status status = loop_.addReader(channel_.fd(), Turn::kBroker, [this] { readEvents(); });
      !status) {
    log_.error("privd: " + status.error().message);
    channel_.close();
  }
}

void BrokerLink::detach() {
  if (channel_.open()) {
    loop_.removeReader(channel_.fd());
    channel_.close();
  }
}

void BrokerLink::readEvents() {
  Received received;
  for (int i = 0; i < kEventsInATurn && channel_.open(); ++i) {
    channel_.receive(received);
    switch (received.kind) {
      case Received::Kind::kMessage:
        if (!serve(received)) {
          refuse("an event that is not one");
        }
        break;
      case Received::Kind::kWouldBlock:
        return;
      case Received::Kind::kEndOfFile:
        log_.warning("privd is gone: going on without it until it is back");
        detach();
        return;
      case Received::Kind::kMalformed:
        refuse("a malformed message");
        return;
    }
  }
}

bool BrokerLink::serve(Received& received) {
  const Decoded<schema::BrokerEvent> decoded(received.segment());
  if (!decoded) {
    return false;
  }
  const auto event = decoded.root();
  const bool mayHaveFd = event.getKind() == schema::BrokerEvent::Kind::SOCKET;
  if (event.getKind() > schema::BrokerEvent::Kind::LOST || (received.fd && !mayHaveFd)) {
    return false;
  }
  if (static_cast<Generation>(event.getGeneration()) == generation_) {
    handlers_.event(event, std::move(received.fd));
  }
  return true;
}

void BrokerLink::refuse(const char* why) {
  log_.error(std::string("privd sent ") + why + ": closing the channel to it");
  detach();
  handlers_.misbehaved();
}

void BrokerLink::hello() {
  request(Verb::HELLO, InstanceId{});
}

void BrokerLink::take(InstanceId instance) {
  request(Verb::TAKE, instance);
}

void BrokerLink::yield(InstanceId instance) {
  request(Verb::YIELD, instance);
}

void BrokerLink::announce(InstanceId instance, AnnounceReason reason) {
  Request message;
  message.root().setAnnouncement(static_cast<std::uint8_t>(announcementOf(reason)));
  send(message, Verb::ANNOUNCE, instance);
}

void BrokerLink::noteState(InstanceId instance, State state, std::uint8_t priority) {
  Request message;
  message.root().setState(schemaState(state));
  message.root().setPriority(priority);
  send(message, Verb::NOTE_STATE, instance);
}

void BrokerLink::openReceiveSocket(InstanceId instance) {
  request(Verb::OPEN_RECEIVE_SOCKET, instance);
}

void BrokerLink::openSendSocket(InstanceId instance, std::uint16_t peer) {
  Request message;
  message.root().setPeer(peer);
  send(message, Verb::OPEN_SEND_SOCKET, instance);
}

void BrokerLink::request(Verb verb, InstanceId instance) {
  Request message;
  send(message, verb, instance);
}

void BrokerLink::send(Request& request, Verb verb, InstanceId instance) {
  if (!channel_.open() || isBlocked_) {
    return;
  }
  request.root().setVerb(verb);
  request.root().setGeneration(static_cast<std::uint32_t>(generation_));
  request.root().setInstance(static_cast<std::uint32_t>(indexOf(instance)));
  switch (channel_.send(request)) {
    case SendOutcome::kSent:
      return;
    case SendOutcome::kFull:
      isBlocked_ = true;
      loop_.onceWritable(channel_.fd(), [this] {
        isBlocked_ = false;
        handlers_.resync();
      });
      return;
    case SendOutcome::kClosed:
      detach();
      return;
  }
}

}  // namespace holdfast::vrrpd
