#include "vrrpd/station.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ipc/concat.h"
#include "ipc/log_text.h"

namespace holdfast::vrrpd {
namespace {

constexpr Duration kSocketRetry = std::chrono::seconds(1);
constexpr std::size_t kUsualActions = 32;

const char* errorText(std::uint32_t error) {
  return std::strerror(static_cast<int>(error));
}

}  // namespace

Station::Station(EventLoop& loop, Log& log, BrokerLink& broker, Receiver& receiver,
                 LastWords& lastWords, Notifier::Outlets notify, InstanceId id,
                 const ConfiguredInstance& configured)
    : log_(log),
      broker_(broker),
      lastWords_(lastWords),
      id_(id),
      notifier_(std::move(notify), static_cast<std::uint32_t>(indexOf(id)), configured.hooks),
      instance_(configured.config),
      receiver_(receiver),
      senders_(instance_.destinationCount()),
      lastSendError_(instance_.destinationCount(), 0),
      timer_(loop, [this](TimePoint now, Duration) { timerExpired(now); }),
      retry_(loop, [this](TimePoint, Duration) { openSockets(); }) {
  out_.reserve(kUsualActions);
  receiver_.join(
      id_, configured.config.rules.virtualRouterId,
      {.datagram = [this](const Envelope& envelope) { received(envelope); },
       .unopened =
           [this](std::size_t bytes) {
             instance_.receiveUnopened(EventLoop::now(), bytes, out_);
             perform();
           },
       .answered = [this](std::uint32_t error,
                          std::string_view refusal) { socketsAnswered(error, refusal); }});
  instance_.socketsMissing(EventLoop::now(), out_);
}

void Station::followGroup(State group) {
  if (group == State::kMaster) {
    hearFirst();
  }
  instance_.followGroup(group, EventLoop::now(), out_);
  perform();
}

void Station::begin(const std::optional<Noted>& noted) {
  hasBegun_ = true;
  const InstanceCounters counters = lastWords_.counters(id_);
  instance_.setCounters(counters.router, counters.received);
  hasAddresses_ = noted && noted->state == State::kMaster;
  instance_.start(EventLoop::now(), noted, out_);
  perform();
  openSockets();
}

void Station::stop() {
  retry_.disarm();
  instance_.stop(out_);
  perform();
}

void Station::resync() {
  if (!hasBegun_) {
    return;
  }
  const State state = instance_.router().state();
  if (state == State::kMaster) {
    noteState(state, instance_.router().priority());
    broker_.take(id_);
  } else if (state != State::kInitialize) {
    noteState(state, instance_.router().priority());
    broker_.yield(id_);
  }
  if (!hasSockets()) {
    openSockets();
  }
}

// A master goes on with the addresses that it has. It may also never have had them.
void Station::brokerGone() {
  const TimePoint now = EventLoop::now();
  instance_.setAbleToTake(false, now, out_);
  if (instance_.router().state() == State::kMaster && !hasAddresses_) {
    logWarning(out_, concat("(", instance_.name(),
                            ") privd is gone before it has set the addresses - giving up MASTER "
                            "STATE"));
    instance_.loseAddress(now, out_);
  }
  perform();
}

void Station::brokerBack() {
  hearFirst();
  instance_.setAbleToTake(true, EventLoop::now(), out_);
  perform();
}

bool Station::canOpenSockets() const {
  return hasBegun_ && instance_.source() && (!instance_.config().speaksOn() || interfaceExists_);
}

void Station::openSockets(bool isAnotherDevice) {
  if (!canOpenSockets()) {
    return;
  }
  retry_.disarm();
  senders_.expectAll();
  if (isAnotherDevice) {
    receiver_.reopen(id_);
  } else {
    receiver_.open(id_);
  }
  for (std::size_t i = 0; i < instance_.destinationCount(); ++i) {
    broker_.openSendSocket(id_, static_cast<std::uint16_t>(i));
  }
}

bool Station::hasSockets() const {
  return receiver_.isOpen(id_) && senders_.areComplete();
}

void Station::sendSocketAnswered(std::size_t peer, std::uint32_t result, UniqueFd fd,
                                 std::uint16_t identification) {
  if (peer >= instance_.destinationCount()) {
    return;
  }
  if (result != 0) {
    socketsAnswered(result, errorText(result));
  } else if (!fd) {
    socketsAnswered(EBADF, "none came");
  } else {
    senders_.adopt(peer, std::move(fd), identification);
    socketsAnswered(0, {});
  }
}

void Station::socketsAnswered(std::uint32_t error, std::string_view refusal) {
  if (error != 0) {
    if (error == EADDRNOTAVAIL && instance_.config().source) {
      instance_.sourceMissing(EventLoop::now(), out_);
    } else {
      instance_.socketRefused(EventLoop::now(), refusal, out_);
    }
    retry_.arm(EventLoop::now() + kSocketRetry);
  } else if (hasSockets()) {
    instance_.socketsReady(EventLoop::now(), out_);
  }
  perform();
}

void Station::interfaceChanged(InterfaceId id, const KnownInterface& known, bool reappeared) {
  const bool hasNewSource = instance_.interfaceChanged(EventLoop::now(), id, known.status, out_);
  const bool speaksThere = instance_.config().speaksOn() == id;
  if (speaksThere) {
    interfaceExists_ = known.exists;
  }
  if (hasNewSource || (speaksThere && reappeared)) {
    openSockets(speaksThere && reappeared);
  }
  perform();
}

void Station::scriptChanged(TrackScriptId id, Condition condition) {
  instance_.scriptChanged(EventLoop::now(), id, condition, out_);
  perform();
}

void Station::fileChanged(TrackFileId id, FileNumber number) {
  instance_.fileChanged(EventLoop::now(), id, number, out_);
  perform();
}

void Station::processChanged(TrackProcessId id, Condition condition) {
  instance_.processChanged(EventLoop::now(), id, condition, out_);
  perform();
}

void Station::taken(std::uint32_t result) {
  hasAddresses_ = true;
  if (result != 0) {
    log_.error(
        concat("(", instance_.name(), ") not everything of it can be set: ", errorText(result)));
  }
}

// When it is back the sockets are opened anew, and the fault ends when they are there.
void Station::sourceTold(std::uint32_t error) {
  if (error != 0) {
    instance_.sourceMissing(EventLoop::now(), out_);
    perform();
  } else if (instance_.lacksSource()) {
    openSockets();
  }
}

void Station::trackGroupLacks(TrackGroupId group, std::string_view what) {
  instance_.trackGroupLacks(EventLoop::now(), group, what, out_);
  perform();
}

void Station::addressRestored() {
  log_.info(concat("(", instance_.name(), ") what somebody else removed is back"));
}

void Station::addressLost(std::uint32_t result) {
  log_.error(concat("(", instance_.name(),
                    ") what somebody else removed cannot be put back: ", errorText(result)));
  instance_.loseAddress(EventLoop::now(), out_);
  perform();
}

// An advertisement that has arrived counts, however late this process comes to read it: it is read
// before a Backup becomes Master.
void Station::hearFirst() {
  if (instance_.router().state() == State::kBackup) {
    receiver_.readAll();
  }
}

void Station::timerExpired(TimePoint now) {
  hearFirst();
  if (instance_.nextDeadline() <= now) {
    instance_.expire(now, out_);
  }
  perform();
}

void Station::received(const Envelope& envelope) {
  instance_.receive(EventLoop::now(), envelope, out_);
  perform();
}

void Station::clearCounters() {
  instance_.setCounters({}, {});
  noteCounters();
}

void Station::noteCounters() {
  if (hasBegun_) {
    lastWords_.count(id_, {instance_.router().counters(), instance_.receiveCounters()});
  }
}

void Station::perform() {
  for (const Action& action : out_) {
    std::visit([this](const auto& one) { carryOut(one); }, action);
  }
  out_.clear();
  noteCounters();
  timer_.arm(instance_.nextDeadline());
  const State state = instance_.router().state();
  if (std::exchange(lastState_, state) != state) {
    lastTransition_ = std::chrono::system_clock::now();
  }
  const Standing standing = instance_.router().standing();
  if (std::exchange(standing_, standing) != standing && stands_) {
    stands_(standing);
  }
}

void Station::carryOut(const SendAdvertisement& action) {
  std::array<std::uint8_t, kMaxPayloadBytes> buffer;
  const std::uint32_t sequence = instance_.nextSequence();
  if (instance_.config().rules.authentication.hasHeader() &&
      instance_.replayCounter() != notedReplayCounter_) {
    noteState(instance_.router().state(), instance_.router().priority());
  }
  bool isOut = false;
  for (std::size_t i = 0; i < instance_.destinationCount(); ++i) {
    const AuthStamp stamp{senders_.nextIdentification(i), sequence};
    const auto payload = instance_.encode(action.priority, i, buffer, stamp);
    if (!payload.empty()) {
      const int error = senders_.send(i, payload);
      isOut = isOut || error == 0;
      sent(i, error);
    }
  }
  if (isOut && action.priority != kPriorityStop) {
    lastWords_.advertised(id_, EventLoop::now());
  }
}

// Said once for each kind of failure in a row of one destination.
void Station::sent(std::size_t destination, int error) {
  if (error != 0 && error != lastSendError_[destination]) {
    log_.info(concat("(", instance_.name(), ") cannot send to ", instance_.destination(destination),
                     ": ", errorText(static_cast<std::uint32_t>(error))));
  }
  lastSendError_[destination] = error;
  if (error != 0 && instance_.config().rules.authentication.hasHeader()) {
    // What the next packet's identification is only a new socket's maker knows.
    broker_.openSendSocket(id_, static_cast<std::uint16_t>(destination));
  }
}

void Station::carryOut(const TakeAddresses&) {
  broker_.take(id_);
}

void Station::carryOut(const YieldAddresses&) {
  if (hasAddresses_ && !broker_.isAttached()) {
    log_.warning(concat("(", instance_.name(),
                        ") cannot give its addresses up without privd: they stay on this host "
                        "until it is back"));
  }
  broker_.yield(id_);
}

void Station::carryOut(const Announce& action) {
  broker_.announce(id_, action.reason);
}

void Station::carryOut(const NoteState& action) {
  noteState(action.state, action.priority);
}

void Station::noteState(State state, std::uint8_t priority) {
  notedReplayCounter_ = instance_.replayCounter();
  broker_.noteState(id_, state, priority, notedReplayCounter_);
}

void Station::carryOut(const Notify& action) {
  notifier_.notify(action);
}

void Station::carryOut(const LogText& action) {
  write(log_, action);
}

}  // namespace holdfast::vrrpd
