#include "scriptd/checker_link.h"

#include <utility>

#include "scriptd/tracker_link.h"

namespace holdfast::scriptd {
namespace {

constexpr int kRequestsInATurn = 32;
constexpr int kRequestsAtStop = 4096;

}  // namespace

CheckerLink::CheckerLink(EventLoop& loop, Log& log, Handlers handlers)
    : log_(log),
      handlers_(std::move(handlers)),
      channel_(loop, log, {.peer = "checkd", .messagesInATurn = kRequestsInATurn},
               {.message = [this](Received& received) { return serve(received); },
                .gone = [this] { ends_.clear(); },
                .misbehaved = [this] { handlers_.misbehaved(); }}),
      ends_(channel_, [this](const End& end) { return send(end); }) {}

void CheckerLink::configure(Generation generation, std::size_t checks, std::size_t notifiers) {
  generation_ = generation;
  checks_ = checks;
  notifiers_ = notifiers;
}

void CheckerLink::attach(UniqueFd channel) {
  ends_.clear();
  channel_.attach(std::move(channel));
}

void CheckerLink::drain() {
  channel_.read(kRequestsAtStop);
}

bool CheckerLink::serve(const Received& received) {
  const Decoded<schema::ScriptRequest> decoded(received.segment());
  if (!decoded || received.fd) {
    return false;
  }
  const auto request = decoded.root();
  const bool isCheck = request.getVerb() == schema::ScriptRequest::Verb::CHECK;
  if (!isCheck && request.getVerb() != schema::ScriptRequest::Verb::NOTIFY_SERVER) {
    return false;
  }
  if (static_cast<Generation>(request.getGeneration()) != generation_) {
    log_.detail("a request of another configuration is left out");
    return true;
  }
  if (request.getScript() >= (isCheck ? checks_ : notifiers_)) {
    return false;
  }
  if (isCheck) {
    handlers_.check(request.getScript());
  } else {
    handlers_.notify(request.getInstance(), request.getScript());
  }
  return true;
}

void CheckerLink::report(std::uint32_t check, const RunResult& result) {
  if (channel_.open()) {
    ends_.post({check, result});
  }
}

SendOutcome CheckerLink::send(const End& end) {
  MessageBuffer<schema::ScriptEvent> message;
  auto event = message.root();
  event.setKind(schema::ScriptEvent::Kind::CHECKED);
  fill(event, generation_, end.check, end.result);
  return channel_.send(message);
}

}  // namespace holdfast::scriptd
