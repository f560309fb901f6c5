#include "vrrpd/broker_link.h"

#include <utility>

namespace holdfast::vrrpd {
namespace {

schema::BrokerRequest::Announcement announcementOf(AnnounceReason reason) {
  switch (reason) {
    case AnnounceReason::kBecameMaster:
      return schema::BrokerRequest::Announcement::BECAME_MASTER;
    case AnnounceReason::kLowerPriority:
      return schema::BrokerRequest::Announcement::LOWER_PRIORITY;
    case AnnounceReason::kRefresh:
      return schema::BrokerRequest::Announcement::REFRESH;
    case AnnounceReason::kExtra:
      return schema::BrokerRequest::Announcement::EXTRA;
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
    : log_(log),
      handlers_(std::move(handlers)),
      channel_(loop, log, {.peer = "privd", .turn = Turn::kBroker},
               {.message = [this](Received& received) { return serve(received); },
                .gone = [this] { lose(); },
                .misbehaved =
                    [this] {
                      lose();
                      handlers_.misbehaved();
                    }}) {}

void BrokerLink::attach(UniqueFd channel) {
  if (channel_.open()) {
    channel_.close();
    lose();
  }
  channel_.attach(std::move(channel));
}

void BrokerLink::lose() {
  log_.warning(
      "privd is gone: until it is back, a MASTER goes on and keeps its addresses, and nobody "
      "becomes MASTER");
  waiting_.clear();
  handlers_.gone();
}

bool BrokerLink::serve(Received& received) {
  const Decoded<schema::BrokerEvent> decoded(received.segment());
  if (!decoded) {
    return false;
  }
  const auto event = decoded.root();
  const bool mayHaveFd = event.getKind() == schema::BrokerEvent::Kind::SOCKET;
  if (event.getKind() > schema::BrokerEvent::Kind::SOURCE || (received.fd && !mayHaveFd)) {
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

void BrokerLink::take(InstanceId instance) {
  post({.verb = Verb::TAKE, .instance = instance});
}

void BrokerLink::yield(InstanceId instance) {
  post({.verb = Verb::YIELD, .instance = instance});
}

void BrokerLink::announce(InstanceId instance, AnnounceReason reason) {
  post({.verb = Verb::ANNOUNCE,
        .instance = instance,
        .announcement = static_cast<std::uint8_t>(announcementOf(reason))});
}

void BrokerLink::noteState(InstanceId instance, State state, std::uint8_t priority,
                           std::uint16_t replayCounter) {
  post({.verb = Verb::NOTE_STATE,
        .instance = instance,
        .state = schemaState(state),
        .priority = priority,
        .peer = replayCounter});
}

void BrokerLink::openReceiveSocket(InstanceId instance) {
  post({.verb = Verb::OPEN_RECEIVE_SOCKET, .instance = instance});
}

void BrokerLink::openSendSocket(InstanceId instance, std::uint16_t peer) {
  post({.verb = Verb::OPEN_SEND_SOCKET, .instance = instance, .peer = peer});
}

// Whether `old`, which waits, need not be said any more once `fresh` waits behind it. privd closes
// the channel of who announces what it has not taken, so an announcement goes with its take.
bool BrokerLink::replaces(const Request& fresh, const Request& old) {
  if (fresh.instance != old.instance) {
    return false;
  }
  switch (fresh.verb) {
    case Verb::HELLO:
    case Verb::NOTE_STATE:
    case Verb::OPEN_RECEIVE_SOCKET:
      return old.verb == fresh.verb;
    case Verb::TAKE:
      return old.verb == Verb::YIELD;
    case Verb::YIELD:
      return old.verb == Verb::TAKE || old.verb == Verb::YIELD || old.verb == Verb::ANNOUNCE;
    case Verb::ANNOUNCE:
      return old.verb == fresh.verb && old.announcement == fresh.announcement;
    case Verb::OPEN_SEND_SOCKET:
      return old.verb == fresh.verb && old.peer == fresh.peer;
  }
  return false;
}

void BrokerLink::post(const Request& request) {
  if (!channel_.open()) {
    return;
  }
  const bool wasIdle = waiting_.empty();
  bool waitsAlready = false;
  waiting_.remove_if([&](const Request& old) {
    waitsAlready = waitsAlready || (request.verb == Verb::TAKE && old.verb == Verb::TAKE &&
                                    request.instance == old.instance);
    return replaces(request, old);
  });
  if (!waitsAlready) {
    waiting_.push_back(request);
  }
  if (wasIdle) {
    flush();
  }
}

void BrokerLink::flush() {
  while (!waiting_.empty()) {
    switch (send(waiting_.front())) {
      case SendOutcome::kSent:
        waiting_.pop_front();
        break;
      case SendOutcome::kFull:
        channel_.onceWritable([this] { flush(); });
        return;
      case SendOutcome::kClosed:
        // Its last words may be there to be read; then comes the end of file.
        waiting_.clear();
        return;
    }
  }
}

SendOutcome BrokerLink::send(const Request& request) {
  MessageBuffer<schema::BrokerRequest> message;
  auto root = message.root();
  root.setVerb(request.verb);
  root.setGeneration(static_cast<std::uint32_t>(generation_));
  root.setInstance(static_cast<std::uint32_t>(indexOf(request.instance)));
  root.setState(request.state);
  root.setPriority(request.priority);
  root.setAnnouncement(request.announcement);
  root.setPeer(request.peer);
  return channel_.send(message);
}

}  // namespace holdfast::vrrpd
