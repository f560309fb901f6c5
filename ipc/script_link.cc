#include "ipc/script_link.h"

#include <optional>
#include <string>
#include <utility>

namespace holdfast {
namespace {

constexpr std::size_t kMaxWaiting = 4096;

std::optional<ScriptOutcome::Kind> kindOf(schema::ScriptEvent::Outcome outcome) {
  switch (outcome) {
    case schema::ScriptEvent::Outcome::EXITED:
      return ScriptOutcome::Kind::kExited;
    case schema::ScriptEvent::Outcome::SIGNALLED:
      return ScriptOutcome::Kind::kSignalled;
    case schema::ScriptEvent::Outcome::TIMED_OUT:
      return ScriptOutcome::Kind::kTimedOut;
    case schema::ScriptEvent::Outcome::NOT_STARTED:
      return ScriptOutcome::Kind::kNotStarted;
  }
  return std::nullopt;
}

}  // namespace

ScriptLink::ScriptLink(EventLoop& loop, Log& log, Handlers handlers)
    : log_(log),
      handlers_(std::move(handlers)),
      channel_(loop, log, {.peer = "a scriptd"},
               {.message = [this](Received& received) { return serve(received); },
                .gone =
                    [this] {
                      log_.warning("a scriptd is gone: its scripts' results stay until it is back");
                    },
                .misbehaved = [this] { handlers_.misbehaved(); }}) {}

void ScriptLink::attach(UniqueFd channel) {
  channel_.attach(std::move(channel));
  unsaid_.assign(asked_.begin(), asked_.end());
  if (listens_) {
    hello();
  }
  flush();
}

void ScriptLink::listen() {
  listens_ = true;
  hello();
}

void ScriptLink::hello() {
  MessageBuffer<schema::ScriptRequest> message;
  message.root().setVerb(schema::ScriptRequest::Verb::HELLO);
  message.root().setGeneration(static_cast<std::uint32_t>(generation_));
  // The first message of a channel always fits.
  if (channel_.open() && channel_.send(message) == SendOutcome::kClosed) {
    channel_.close();
  }
}

bool ScriptLink::serve(const Received& received) {
  const Decoded<schema::ScriptEvent> decoded(received.segment());
  if (!decoded || received.fd) {
    return false;
  }
  const auto event = decoded.root();
  if (event.getKind() == schema::ScriptEvent::Kind::HELLO_END) {
    return true;
  }
  const auto kind = kindOf(event.getOutcome());
  if (!kind) {
    return false;
  }
  return static_cast<Generation>(event.getGeneration()) != generation_ ||
         tell(event, {*kind, event.getStatus()});
}

bool ScriptLink::tell(schema::ScriptEvent::Reader event, const ScriptOutcome& outcome) {
  switch (event.getKind()) {
    case schema::ScriptEvent::Kind::RESULT:
      if (handlers_.ended) {
        handlers_.ended(idAt<ScriptId>(event.getScript()), outcome);
        return true;
      }
      return false;
    case schema::ScriptEvent::Kind::CHECKED:
      if (!handlers_.checked) {
        return false;
      }
      if (asked_.erase(event.getScript()) != 0) {
        handlers_.checked(event.getScript(), outcome);
      }
      return true;
    case schema::ScriptEvent::Kind::HELLO_END:
      return true;
  }
  return false;
}

void ScriptLink::notify(const Notification& notification) {
  if (waiting_.size() == kMaxWaiting) {
    waiting_.pop_front();
    log_.warning("too many notifications wait for a scriptd: the oldest is dropped");
  }
  waiting_.push_back(notification);
  flush();
}

void ScriptLink::check(std::uint32_t check) {
  asked_.insert(check);
  unsaid_.push_back(check);
  flush();
}

void ScriptLink::flush() {
  while (channel_.open() && !(waiting_.empty() && unsaid_.empty())) {
    switch (sendNext()) {
      case SendOutcome::kSent:
        break;
      case SendOutcome::kFull:
        channel_.onceWritable([this] { flush(); });
        return;
      case SendOutcome::kClosed:
        channel_.close();
        return;
    }
  }
}

SendOutcome ScriptLink::sendNext() {
  if (!waiting_.empty()) {
    const SendOutcome outcome = send(waiting_.front());
    if (outcome == SendOutcome::kSent) {
      waiting_.pop_front();
    }
    return outcome;
  }
  const bool isWanted = asked_.contains(unsaid_.front());
  const SendOutcome outcome = isWanted ? sendCheck(unsaid_.front()) : SendOutcome::kSent;
  if (outcome == SendOutcome::kSent) {
    unsaid_.pop_front();
  }
  return outcome;
}

SendOutcome ScriptLink::sendCheck(std::uint32_t check) {
  MessageBuffer<schema::ScriptRequest> message;
  auto request = message.root();
  request.setVerb(schema::ScriptRequest::Verb::CHECK);
  request.setGeneration(static_cast<std::uint32_t>(generation_));
  request.setScript(check);
  return channel_.send(message);
}

SendOutcome ScriptLink::send(const Notification& notification) {
  MessageBuffer<schema::ScriptRequest> message;
  auto request = message.root();
  request.setVerb(notification.ofServers ? schema::ScriptRequest::Verb::NOTIFY_SERVER
                                         : schema::ScriptRequest::Verb::NOTIFY);
  request.setState(notification.state);
  request.setGeneration(static_cast<std::uint32_t>(generation_));
  request.setScript(notification.hook);
  request.setInstance(notification.subject);
  request.setPriority(notification.priority);
  request.setSequence(notification.sequence);
  return channel_.send(message);
}

}  // namespace holdfast
