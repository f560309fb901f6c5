#include "checkd/script_link.h"

#include <utility>

namespace holdfast::checkd {
namespace {

using Verb = schema::ScriptRequest::Verb;

constexpr std::size_t kMaxWaiting = 4096;

}  // namespace

ScriptLink::ScriptLink(EventLoop& loop, Log& log, Generation generation, Handlers handlers)
    : log_(log),
      handlers_(std::move(handlers)),
      channel_(loop, log, {.peer = "a scriptd"},
               {.message = [this](Received& received) { return serve(received); },
                .gone = [this] { handlers_.gone(); },
                .misbehaved =
                    [this] {
                      handlers_.gone();
                      handlers_.misbehaved();
                    }}),
      waiting_(channel_, [this](const Request& request) { return send(request); }),
      generation_(generation) {}

void ScriptLink::attach(UniqueFd channel) {
  handlers_.gone();
  channel_.attach(std::move(channel));
  waiting_.flush();
}

bool ScriptLink::check(std::uint32_t script, std::uint32_t sequence) {
  if (!channel_.open()) {
    return false;
  }
  waiting_.post({.verb = Verb::CHECK, .script = script, .sequence = sequence});
  return true;
}

void ScriptLink::notify(std::size_t virtualServer, std::uint32_t notifier) {
  if (waiting_.size() >= kMaxWaiting) {
    waiting_.dropOldest([](const Request& one) { return one.verb == Verb::NOTIFY_SERVER; });
    log_.warning("too many notifications wait for a scriptd: the oldest is dropped");
  }
  waiting_.post({.verb = Verb::NOTIFY_SERVER,
                 .script = notifier,
                 .virtualServer = static_cast<std::uint32_t>(virtualServer)});
}

bool ScriptLink::serve(const Received& received) {
  const Decoded<schema::ScriptEvent> decoded(received.segment());
  if (!decoded || received.fd) {
    return false;
  }
  const auto event = decoded.root();
  if (event.getKind() != schema::ScriptEvent::Kind::CHECKED ||
      event.getOutcome() > schema::ScriptEvent::Outcome::NOT_STARTED) {
    return false;
  }
  if (static_cast<Generation>(event.getGeneration()) == generation_) {
    handlers_.checked(event.getScript(),
                      {event.getOutcome(), event.getStatus(), event.getSequence()});
  }
  return true;
}

SendOutcome ScriptLink::send(const Request& request) {
  MessageBuffer<schema::ScriptRequest> message;
  auto root = message.root();
  root.setVerb(request.verb);
  root.setGeneration(static_cast<std::uint32_t>(generation_));
  root.setScript(request.script);
  root.setInstance(request.virtualServer);
  root.setSequence(request.sequence);
  return channel_.send(message);
}

}  // namespace holdfast::checkd
