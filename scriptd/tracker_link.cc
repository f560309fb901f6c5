#include "scriptd/tracker_link.h"

#include <string>
#include <utility>

namespace holdfast::scriptd {
namespace {

constexpr int kRequestsInATurn = 32;
constexpr int kRequestsAtStop = 4096;

std::optional<HookState> stateOf(schema::VrrpState state) {
  switch (state) {
    case schema::VrrpState::INIT:
      return HookState::kInit;
    case schema::VrrpState::BACKUP:
      return HookState::kBackup;
    case schema::VrrpState::MASTER:
      return HookState::kMaster;
    case schema::VrrpState::FAULT:
      return HookState::kFault;
    case schema::VrrpState::STOP:
      return HookState::kStop;
    case schema::VrrpState::DELETED:
      return HookState::kDeleted;
  }
  return std::nullopt;
}

}  // namespace

schema::ScriptEvent::Outcome outcomeOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kExited:
      return schema::ScriptEvent::Outcome::EXITED;
    case Outcome::kSignalled:
      return schema::ScriptEvent::Outcome::SIGNALLED;
    case Outcome::kTimedOut:
      return schema::ScriptEvent::Outcome::TIMED_OUT;
    case Outcome::kNotStarted:
      return schema::ScriptEvent::Outcome::NOT_STARTED;
  }
  return schema::ScriptEvent::Outcome::NOT_STARTED;
}

void fill(schema::ScriptEvent::Builder event, Generation generation, std::uint32_t script,
          const RunResult& result) {
  event.setOutcome(outcomeOf(result.outcome));
  event.setGeneration(static_cast<std::uint32_t>(generation));
  event.setScript(script);
  event.setStatus(result.status);
  event.setRunMicroseconds(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(result.ran).count()));
}

TrackerLink::TrackerLink(EventLoop& loop, Log& log, Notify notify, std::function<void()> misbehaved)
    : log_(log),
      notify_(std::move(notify)),
      channel_(loop, log, {.peer = "vrrpd", .messagesInATurn = kRequestsInATurn},
               {.message = [this](Received& received) { return serve(received); },
                .gone = [] {},
                .misbehaved = std::move(misbehaved)}) {}

void TrackerLink::configure(Generation generation, std::size_t scripts, std::size_t hooks) {
  generation_ = generation;
  hooks_ = hooks;
  results_.assign(scripts, std::nullopt);
  unsent_.assign(scripts, false);
}

void TrackerLink::attach(UniqueFd channel) {
  greeted_ = false;
  helloEndDue_ = false;
  channel_.attach(std::move(channel));
}

void TrackerLink::drain() {
  channel_.read(kRequestsAtStop);
}

bool TrackerLink::serve(const Received& received) {
  const Decoded<schema::ScriptRequest> decoded(received.segment());
  if (!decoded || received.fd) {
    return false;
  }
  const auto request = decoded.root();
  const bool current = static_cast<Generation>(request.getGeneration()) == generation_;
  switch (request.getVerb()) {
    case schema::ScriptRequest::Verb::HELLO:
      greet();
      return true;
    case schema::ScriptRequest::Verb::NOTIFY: {
      const std::optional<HookState> state = stateOf(request.getState());
      if (!state) {
        return false;
      }
      if (!current) {
        log_.detail("a notification of another configuration is left out");
        return true;
      }
      if (request.getScript() >= hooks_) {
        return false;
      }
      notify_({request.getScript(), *state, request.getPriority(), request.getSequence()});
      return true;
    }
    case schema::ScriptRequest::Verb::CHECK:
    case schema::ScriptRequest::Verb::NOTIFY_SERVER:
      return false;
  }
  return false;
}

void TrackerLink::greet() {
  greeted_ = true;
  helloEndDue_ = true;
  for (std::size_t i = 0; i < results_.size(); ++i) {
    unsent_[i] = results_[i].has_value();
  }
  flush();
}

void TrackerLink::report(ScriptId script, const RunResult& result) {
  results_.at(indexOf(script)) = result;
  unsent_.at(indexOf(script)) = true;
  flush();
}

void TrackerLink::flush() {
  if (!channel_.open() || !greeted_) {
    return;
  }
  SendOutcome outcome = SendOutcome::kSent;
  for (std::size_t i = 0; i < unsent_.size() && outcome == SendOutcome::kSent; ++i) {
    if (unsent_[i]) {
      outcome = sendResult(i);
      unsent_[i] = outcome != SendOutcome::kSent;
    }
  }
  if (outcome == SendOutcome::kSent && helloEndDue_) {
    outcome = sendHelloEnd();
    helloEndDue_ = outcome != SendOutcome::kSent;
  }
  if (outcome == SendOutcome::kFull) {
    channel_.onceWritable([this] { flush(); });
  }
}

SendOutcome TrackerLink::sendResult(std::size_t script) {
  const RunResult& result = *results_[script];
  MessageBuffer<schema::ScriptEvent> message;
  auto event = message.root();
  event.setKind(schema::ScriptEvent::Kind::RESULT);
  fill(event, generation_, static_cast<std::uint32_t>(script), result);
  return channel_.send(message);
}

SendOutcome TrackerLink::sendHelloEnd() {
  MessageBuffer<schema::ScriptEvent> message;
  message.root().setKind(schema::ScriptEvent::Kind::HELLO_END);
  message.root().setGeneration(static_cast<std::uint32_t>(generation_));
  return channel_.send(message);
}

}  // namespace holdfast::scriptd
