#include "scriptd/checker_link.h"

#include <algorithm>
#include <utility>

#include "scriptd/tracker_link.h"

namespace holdfast::scriptd {
namespace {

constexpr int kRequestsInATurn = 32;
constexpr int kRequestsAtStop = 4096;
constexpr std::size_t kAnswersOfACheck = 16;

}  // namespace

CheckerLink::CheckerLink(EventLoop& loop, Log& log, Handlers handlers)
    : log_(log),
      handlers_(std::move(handlers)),
      channel_(loop, log, {.peer = "checkd", .messagesInATurn = kRequestsInATurn},
               {.message = [this](Received& received) { return serve(received); },
                .gone = [this] { forgetAll(); },
                .misbehaved = [this] { handlers_.misbehaved(); }}),
      ends_(channel_, [this](const End& end) { return send(end); }) {}

void CheckerLink::configure(Generation generation, std::size_t checks, std::size_t notifiers) {
  generation_ = generation;
  asked_.assign(checks, std::nullopt);
  notifiers_ = notifiers;
}

void CheckerLink::attach(UniqueFd channel) {
  forgetAll();
  channel_.attach(std::move(channel));
}

void CheckerLink::forgetAll() {
  ends_.clear();
  std::ranges::fill(asked_, std::nullopt);
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
  if (request.getScript() >= (isCheck ? asked_.size() : notifiers_)) {
    return false;
  }
  if (isCheck) {
    return run(request.getScript(), request.getSequence());
  }
  handlers_.notify(request.getInstance(), request.getScript());
  return true;
}

// A checkd that asks without end and does not read is told so no more than is useful.
bool CheckerLink::run(std::uint32_t check, std::uint32_t sequence) {
  if (ends_.size() > kAnswersOfACheck * asked_.size()) {
    return false;
  }
  const auto before = std::exchange(asked_[check], sequence);
  if (const auto refused = handlers_.check(check)) {
    asked_[check] = before;
    ends_.post({check, sequence, *refused});
  }
  return true;
}

void CheckerLink::report(std::uint32_t check, const RunResult& result) {
  if (const auto sequence = std::exchange(asked_[check], std::nullopt)) {
    ends_.post({check, *sequence, result});
  }
}

SendOutcome CheckerLink::send(const End& end) {
  MessageBuffer<schema::ScriptEvent> message;
  auto event = message.root();
  event.setKind(schema::ScriptEvent::Kind::CHECKED);
  fill(event, generation_, end.check, end.result);
  event.setSequence(end.sequence);
  return channel_.send(message);
}

}  // namespace holdfast::scriptd
