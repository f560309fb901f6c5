// What is done about the requests of vrrpd that name no socket.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "ipc/event_loop.h"
#include "privd/broker/broker.h"

namespace holdfast::privd {
namespace {

// More than any state machine asks for; less than what would be felt on a network.
constexpr unsigned kBurstsInAWindow = 20;
constexpr Duration kBurstWindow = std::chrono::seconds(1);

}  // namespace

void Broker::hello(const Request& request) {
  const TimePoint start = EventLoop::now();
  const Generation generation = request.key.generation;
  const Book& book = *holdings_.find(generation);
  watching_ = generation;
  lacking_.clear();  // all of them are told again
  sources_.clear();
  isWrittenDown_ = false;
  for (std::size_t i = 0; i < book.slots.size(); ++i) {
    Event event;
    event.kind = Event::Kind::INTERFACE;
    event.generation = generation;
    event.interface = static_cast<std::uint32_t>(i);
    event.status = interfaces_.statusOf(book.slots[i]);
    outbox_.post(event);
  }
  const Duration silence = vrrpdLostAt_ ? request.now - *vrrpdLostAt_ : Duration::zero();
  for (std::size_t i = 0; i < book.config.instances.size(); ++i) {
    const InstanceKey key{generation, idAt<InstanceId>(i)};
    if (const std::optional<Note> note = noteFor(key)) {
      notes_[key] = *note;  // the generation that it was noted in can be retired before the next
      Event event = Event::about(Event::Kind::NOTED, key);
      event.state = note->state;
      event.priority = note->priority;
      event.peer = note->replayCounter;
      event.result = static_cast<std::uint32_t>(std::min<std::int64_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(silence).count(), UINT32_MAX));
      outbox_.post(event);
    }
  }
  Event end;
  end.kind = Event::Kind::HELLO_END;
  end.generation = generation;
  outbox_.post(end);
  audit(request, 0, start);
}

// After a reload, what was noted of the same virtual router in the configuration before; the newest
// note where there are two.
std::optional<Note> Broker::noteFor(const InstanceKey& key) const {
  const auto found = std::find_if(notes_.rbegin(), notes_.rend(),
                                  [&](const auto& entry) { return sameRouter(entry.first, key); });
  return found == notes_.rend() ? std::nullopt : std::optional(found->second);
}

bool Broker::isMaster(const InstanceKey& key) const {
  const Book* book = holdings_.find(key.generation);
  if (book == nullptr || indexOf(key.instance) >= book->config.instances.size()) {
    return false;
  }
  const std::optional<Note> note = noteFor(key);
  return note && note->state == schema::VrrpState::MASTER;
}

bool Broker::sameRouter(const InstanceKey& one, const InstanceKey& other) const {
  const Instance& a = instanceOf(one);
  const Instance& b = instanceOf(other);
  const auto slotOf = [this](const InstanceKey& key, const Instance& instance) {
    return instance.interface ? std::optional(
                                    holdings_.find(key.generation)->slotOf(*instance.interface))
                              : std::nullopt;
  };
  return a.virtualRouterId == b.virtualRouterId && a.family == b.family &&
         a.unicast() == b.unicast() && a.name == b.name && slotOf(one, a) == slotOf(other, b);
}

// Who becomes master asks for an announcement next. Who was it before goes on without a word, and
// what is new to it, after a reload, is announced here.
void Broker::take(const Request& request) {
  const TimePoint start = EventLoop::now();
  promoteSecondaries(request.key);
  if (instanceOf(request.key).blocksAddresses && !holdings_.held(request.key)) {
    log_.detail("(" + instanceOf(request.key).name + ") setting firewall drop rule");
  }
  holdings_.hold(request.key);
  updateFirewall();  // before its addresses are there
  Holdings::Taken taken = holdings_.take(request.key);
  if (taken.changed) {
    sayRouting("setting Virtual Routes", "setting Virtual Rules", request.key);
  }
  Event event = Event::about(Event::Kind::TAKEN, request.key);
  event.result = static_cast<std::uint32_t>(taken.error);
  outbox_.post(event);
  const auto note = notes_.find(request.key);
  const bool wasMaster = note != notes_.end() && note->second.state == schema::VrrpState::MASTER;
  if (wasMaster && !taken.added.empty() && mayAnnounce(request.key, request.now)) {
    announcer_.announce(request.key, std::move(taken.added), instanceOf(request.key).masterRepeat,
                        paceOf(request.key));
  }
  audit(request, taken.error, start);
}

void Broker::sayRouting(const char* routes, const char* rules, const InstanceKey& key) {
  const Instance& instance = instanceOf(key);
  if (!instance.routes.empty()) {
    log_.detail("(" + instance.name + ") " + routes);
  }
  if (!instance.rules.empty()) {
    log_.detail("(" + instance.name + ") " + rules);
  }
}

void Broker::yield(const Request& request) {
  const TimePoint start = EventLoop::now();
  announcer_.cancel(request.key);
  sayRouting("removing Virtual Routes", "removing Virtual Rules", request.key);
  if (instanceOf(request.key).blocksAddresses && holdings_.held(request.key)) {
    log_.detail("(" + instanceOf(request.key).name + ") removing firewall drop rule");
  }
  const int error = holdings_.yield(request.key);
  updateFirewall();
  Event event = Event::about(Event::Kind::YIELDED, request.key);
  event.result = static_cast<std::uint32_t>(error);
  outbox_.post(event);
  audit(request, error, start);
}

bool Broker::announce(const Request& request) {
  if (!holdings_.held(request.key)) {
    return refuse(request, "it has not taken its addresses");
  }
  const Instance& instance = instanceOf(request.key);
  std::vector<Announcer::Target> targets = holdings_.placed(request.key);
  std::uint32_t repeat = 0;
  switch (request.message.getAnnouncement()) {
    case static_cast<int>(schema::BrokerRequest::Announcement::BECAME_MASTER):
      repeat = instance.masterRepeat;
      break;
    case static_cast<int>(schema::BrokerRequest::Announcement::LOWER_PRIORITY):
      repeat = instance.lowerPriorityRepeat;
      break;
    case static_cast<int>(schema::BrokerRequest::Announcement::REFRESH):
      repeat = instance.refreshRepeat;
      break;
    case static_cast<int>(schema::BrokerRequest::Announcement::EXTRA):
      if (announcer_.isAnnouncing(request.key)) {
        return true;  // all of them
      }
      targets = elsewhere(request.key, std::move(targets));
      repeat = 1;
      break;
    default:
      return refuse(request, "no such announcement");
  }
  if (!mayAnnounce(request.key, request.now)) {
    return true;
  }
  const TimePoint start = EventLoop::now();
  announcer_.announce(request.key, std::move(targets), repeat, paceOf(request.key));
  // The first frames at once: settle() comes after all the requests of this turn.
  static_cast<void>(announcer_.work(request.now));
  audit(request, 0, start);
  return true;
}

Announcer::Pace Broker::paceOf(const InstanceKey& key) const {
  const Instance& instance = instanceOf(key);
  Announcer::Pace pace{instance.arpInterval, instance.naInterval, {}};
  const Book& book = *holdings_.find(key.generation);
  for (const AnnounceGroup& group : book.config.announceGroups) {
    for (const InterfaceId interface : group.interfaces) {
      pace.groups.try_emplace(book.slotOf(interface),
                              Announcer::Group{book.slotOf(group.interfaces.front()),
                                               group.arpInterval, group.naInterval});
    }
  }
  return pace;
}

// garp_extra_if: switches forget an address on whose interface nothing is ever sent.
std::vector<Announcer::Target> Broker::elsewhere(const InstanceKey& key,
                                                 std::vector<Announcer::Target> targets) const {
  const Instance& instance = instanceOf(key);
  const Book& book = *holdings_.find(key.generation);
  std::erase_if(targets, [&](const Announcer::Target& target) {
    return (instance.interface && book.slotOf(*instance.interface) == target.slot) ||
           !(instance.announcesExtraAll || target.onLink);
  });
  return targets;
}

bool Broker::mayAnnounce(const InstanceKey& key, TimePoint now) {
  BurstCount& count = bursts_[key];
  if (now - count.windowStart >= kBurstWindow) {
    count = {now, 0};
  }
  if (++count.bursts <= kBurstsInAWindow) {
    return true;
  }
  log_.warning("audit: vrrpd announce " + subjectOf(key) + ": too often, not done");
  return false;
}

bool Broker::noteState(const Request& request) {
  const Note note{request.message.getState(), request.message.getPriority(),
                  request.message.getPeer()};
  if (!validNote(note)) {
    return refuse(request, "not a state to be noted");
  }
  notes_[request.key] = note;
  isWrittenDown_ = false;
  audit(request, 0, EventLoop::now());
  return true;
}

}  // namespace holdfast::privd
