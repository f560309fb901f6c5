#include "tests/sim/node.h"

#include <array>
#include <chrono>
#include <utility>

#include "ipc/concat.h"

namespace holdfast::sim {
namespace {

using namespace std::chrono_literals;
using vrrpd::State;

constexpr InterfaceId kLink{0};
constexpr TrackScriptId kScript{0};
constexpr Duration kTolerance = 20ms;  // of a scheduler and a rounded clock

}  // namespace

Node::Node(std::size_t index, vrrpd::InstanceConfig config, IpAddress address, double clockRate,
           World& world)
    : index_(index),
      config_(std::move(config)),
      address_(address),
      clockRate_(clockRate),
      world_(world) {}

TimePoint Node::localTime(TimePoint now) const {
  const auto local = static_cast<double>(now.time_since_epoch().count()) * clockRate_;
  return TimePoint(Duration(static_cast<Duration::rep>(local)));
}

TimePoint Node::nextDeadline() const {
  const TimePoint local = isAlive() ? instance_->nextDeadline() : kNever;
  if (local == kNever) {
    return kNever;
  }
  const auto world = static_cast<double>(local.time_since_epoch().count()) / clockRate_;
  return TimePoint(Duration(static_cast<Duration::rep>(world) + 2));
}

vrrpd::InterfaceStatus Node::linkStatus() const {
  return {.isUp = isLinkUp_, .sourceIpv4 = address_};
}

void Node::make(TimePoint now, bool isCarriedOn) {
  world_.trace(index_, isCarriedOn ? "revive" : "start");
  carriedOn_ = isCarriedOn ? noted_ : std::nullopt;
  if (carriedOn_) {
    carriedOn_->silence = now - diedAt_;
  }
  instance_ = std::make_unique<vrrpd::Instance>(config_);
  standing_ = vrrpd::Standing::kWaiting;
  hasScriptAnswered_ = false;
  lastState_ = carriedOn_ ? carriedOn_->state : State::kInitialize;
  if (!carriedOn_) {
    lastAdvertisement_ = TimePoint::min();
  }
  lastFollowed_ = localTime(now);
  heardPriorityZero_ = false;
  wasHeldUp_ = carriedOn_.has_value();
}

void Node::reconfigure(std::uint8_t priority, Duration preemptDelay) {
  world_.trace(index_, concat("reload with priority ", static_cast<int>(priority)));
  config_.router.priority = priority;
  config_.router.preemptDelay = preemptDelay;
}

void Node::begin(TimePoint now) {
  const TimePoint local = localTime(now);
  instance_->interfaceChanged(local, kLink, linkStatus(), out_);
  instance_->start(local, carriedOn_, out_);
  perform(local);
}

void Node::followGroup(State group, TimePoint local) {
  instance_->followGroup(group, local, out_);
  perform(local);
}

void Node::stop(TimePoint now) {
  world_.trace(index_, "stop");
  instance_->stop(out_);
  perform(localTime(now));
  if (holdsAddress_) {
    world_.violation(index_, "holds its address after a stop");
  }
  instance_.reset();
  noted_.reset();
  inbox_.clear();
  isPaused_ = false;
  world_.stateChanged(index_);
}

void Node::crash(TimePoint now) {
  world_.trace(index_, "crash");
  instance_.reset();
  inbox_.clear();
  isPaused_ = false;
  diedAt_ = now;
}

void Node::resume(bool keepsInbox) {
  world_.trace(index_, keepsInbox ? "resume" : "resume, having missed everything");
  isPaused_ = false;
  wasHeldUp_ = true;
  if (!keepsInbox) {
    inbox_.clear();
  }
}

void Node::catchUp(TimePoint now) {
  wake(now);
  tellLink(now);
  if (hasScriptAnswered_) {
    answerScript(now);
  }
}

// As the Station in vrrpd: timers before datagrams, but a Backup reads what has arrived before it
// believes its timer.
void Node::wake(TimePoint now) {
  if (!isRunning()) {
    return;
  }
  const TimePoint local = localTime(now);
  if (instance_->nextDeadline() <= local && instance_->router().state() == State::kBackup) {
    drainInbox(local);
  }
  if (instance_->nextDeadline() <= local) {
    instance_->expire(local, out_);
    perform(local);
  }
  drainInbox(local);
}

void Node::deliver(TimePoint now, Packet packet) {
  if (!isAlive() || !isLinkUp_) {
    return;
  }
  inbox_.push_back(std::move(packet));
  if (!isPaused_) {
    drainInbox(localTime(now));
  }
}

void Node::drainInbox(TimePoint local) {
  for (const Packet& packet : std::exchange(inbox_, {})) {
    receive(local, packet);
  }
}

void Node::receive(TimePoint local, const Packet& packet) {
  const vrrpd::Envelope envelope{.source = packet.source,
                                 .destination = packet.destination,
                                 .ttl = 255,
                                 .statedBytes = packet.pdu.size(),
                                 .pdu = packet.pdu};
  const std::uint8_t priority = vrrpd::PduView::parse(packet.pdu)->priority();
  const TimePoint before = instance_->nextDeadline();
  instance_->receive(local, envelope, out_);
  if (state() == State::kBackup && lastState_ == State::kBackup) {
    const bool hasFallen = config_.router.fastHandover &&
                           priority < instance_->router().priority() &&
                           packet.source == instance_->router().master();
    if (priority == vrrpd::kPriorityStop || hasFallen) {
      heardPriorityZero_ = true;
    } else if (instance_->nextDeadline() != before || priority >= instance_->router().priority()) {
      lastFollowed_ = local;
      heardPriorityZero_ = false;
    }
  }
  perform(local);
}

void Node::setLink(TimePoint now, bool isUp) {
  world_.trace(index_, isUp ? "link up" : "link down");
  isLinkUp_ = isUp;
  if (isRunning()) {
    tellLink(now);
  }
}

void Node::tellLink(TimePoint now) {
  instance_->interfaceChanged(localTime(now), kLink, linkStatus(), out_);
  perform(localTime(now));
}

void Node::setScript(TimePoint now, bool isGood) {
  world_.trace(index_, isGood ? "script good" : "script bad");
  isScriptGood_ = isGood;
  if (isRunning()) {
    answerScript(now);
  }
}

void Node::answerScript(TimePoint now) {
  if (isAlive()) {
    hasScriptAnswered_ = true;
    instance_->scriptChanged(localTime(now), kScript,
                             isScriptGood_ ? vrrpd::Condition::kGood : vrrpd::Condition::kBad,
                             out_);
    perform(localTime(now));
  }
}

void Node::setBroker(TimePoint now, bool isThere) {
  world_.trace(index_, isThere ? "privd is back" : "privd is gone");
  isBrokerThere_ = isThere;
  if (!isAlive()) {
    return;
  }
  if (isThere) {
    // As Station::resync.
    holdsAddress_ = state() == State::kMaster;
    noted_ = vrrpd::Noted{state(), instance_->router().priority()};
  }
  instance_->setAbleToTake(isThere, localTime(now), out_);
  perform(localTime(now));
}

void Node::perform(TimePoint local) {
  for (const vrrpd::Action& action : std::exchange(out_, {})) {
    carryOut(local, action);
  }
  // What is carried on counts as what it was until it has begun.
  const State now = state() == State::kInitialize && carriedOn_ ? lastState_ : state();
  if (now != lastState_) {
    world_.trace(index_, concat(nameOf(lastState_), " -> ", nameOf(now), " with priority ",
                                instance_->router().priority()));
    if (now == State::kMaster && lastState_ == State::kBackup) {
      checkTakeover(local);
    }
    if (now == State::kBackup) {
      lastFollowed_ = local;
      heardPriorityZero_ = false;
    }
    lastState_ = now;
    world_.stateChanged(index_);
  }
  // Without privd nobody can give an address up.
  const bool mayStay = !isBrokerThere_ && now != State::kMaster;
  if (state() != State::kInitialize && !mayStay && holdsAddress_ != (now == State::kMaster)) {
    world_.violation(index_, concat("is ", nameOf(now), " and holds ",
                                    holdsAddress_ ? "its address" : "no address"));
  }
  if (const vrrpd::Standing standing = instance_->router().standing();
      std::exchange(standing_, standing) != standing && stands_) {
    stands_(standing, local);
  }
}

void Node::carryOut(TimePoint local, const vrrpd::Action& action) {
  if (const auto* send = std::get_if<vrrpd::SendAdvertisement>(&action)) {
    checkAdvertisement(local, send->priority);
    this->send(local, send->priority);
  } else if (std::holds_alternative<vrrpd::TakeAddresses>(action)) {
    holdsAddress_ = holdsAddress_ || isBrokerThere_;
  } else if (std::holds_alternative<vrrpd::YieldAddresses>(action)) {
    holdsAddress_ = holdsAddress_ && !isBrokerThere_;
  } else if (const auto* note = std::get_if<vrrpd::NoteState>(&action)) {
    if (isBrokerThere_) {
      noted_ = vrrpd::Noted{note->state, note->priority};
    }
  } else if (std::holds_alternative<vrrpd::Announce>(action) && !holdsAddress_) {
    world_.violation(index_, "announces an address that it does not hold");
  } else if (const auto* text = std::get_if<LogText>(&action)) {
    world_.trace(index_, text->text);
  }
}

void Node::send(TimePoint local, std::uint8_t priority) {
  lastAdvertisement_ = local;
  wasHeldUp_ = false;
  if (!isLinkUp_) {
    return;
  }
  std::array<std::uint8_t, vrrpd::kMaxPduBytes> buffer{};
  for (std::size_t i = 0; i < instance_->destinationCount(); ++i) {
    const auto pdu = instance_->encode(priority, i, buffer);
    world_.send(index_, {address_, instance_->destination(i), {pdu.begin(), pdu.end()}});
  }
}

// A master that was not held up advertises at least once in each interval, and one that was silent
// for as long as its peers wait does not speak as master again without having listened.
void Node::checkAdvertisement(TimePoint local, std::uint8_t priority) {
  if (priority == vrrpd::kPriorityStop || lastState_ != State::kMaster ||
      state() != State::kMaster || lastAdvertisement_ == TimePoint::min()) {
    return;
  }
  const Duration silence = local - lastAdvertisement_;
  if (!wasHeldUp_ && silence > config_.router.advertisementInterval + kTolerance) {
    world_.violation(index_, "advertises too late");
  }
  if (silence >= config_.router.advertisementInterval * config_.router.downTimerAdverts) {
    world_.violation(index_, "goes on as master after its peers may have taken over");
  }
}

// Nobody takes over before three intervals without the master, unless it said goodbye.
void Node::checkTakeover(TimePoint local) {
  const Duration silence = local - lastFollowed_;
  const Duration least = config_.router.advertisementInterval * config_.router.downTimerAdverts;
  if (!heardPriorityZero_ && config_.router.version == vrrpd::Version::kV2 &&
      silence + kTolerance < least) {
    world_.violation(
        index_,
        concat("takes over after ",
               std::chrono::duration_cast<std::chrono::milliseconds>(silence).count(), " ms"));
  }
}

}  // namespace holdfast::sim
