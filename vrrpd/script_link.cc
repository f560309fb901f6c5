#include "vrrpd/script_link.h"

#include <optional>
#include <string>
#include <utility>

namespace holdfast::vrrpd {
namespace {

constexpr std::size_t kMaxWaiting = 256;

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
                .misbehaved = [this] { handlers_.misbehaved(); }}),
      waiting_(channel_, [this](const Notification& one) { return send(one); }) {}

void ScriptLink::attach(UniqueFd channel) {
  channel_.attach(std::move(channel));
  if (listens_) {
    hello();
  }
  waiting_.flush();
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
  switch (event.getKind()) {
    case schema::ScriptEvent::Kind::RESULT: {
      const auto outcome = kindOf(event.getOutcome());
      if (outcome && static_cast<Generation>(event.getGeneration()) == generation_) {
        handlers_.ended(idAt<ScriptId>(event.getScript()), {*outcome, event.getStatus()});
      }
      return outcome.has_value();
    }
    case schema::ScriptEvent::Kind::HELLO_END:
      return true;
    case schema::ScriptEvent::Kind::CHECKED:
      return false;
  }
  return false;
}

void ScriptLink::notify(const Notification& notification) {
  if (waiting_.size() == kMaxWaiting) {
    waiting_.dropOldest();
    log_.warning("too many notifications wait for a scriptd: the oldest is dropped");
  }
  waiting_.post(notification);
}

SendOutcome ScriptLink::send(const Notification& notification) {
  MessageBuffer<schema::ScriptRequest> message;
  auto request = message.root();
  request.setVerb(schema::ScriptRequest::Verb::NOTIFY);
  request.setState(notification.state);
  request.setGeneration(static_cast<std::uint32_t>(generation_));
  request.setScript(notification.hook);
  request.setInstance(notification.subject);
  request.setPriority(notification.priority);
  request.setSequence(notification.sequence);
  return channel_.send(message);
}

}  // namespace holdfast::vrrpd
