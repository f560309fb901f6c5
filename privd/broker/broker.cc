#include "privd/broker/broker.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ipc/event_loop.h"
#include "ipc/message.h"
#include "privd/broker/frames.h"

namespace holdfast::privd {
namespace {

// The one in force and the one that a reload brings; a few more for reloads that overlap.
constexpr std::size_t kMaxGenerations = 4;
constexpr Duration kDumpPatience = std::chrono::seconds(1);

}  // namespace

Broker::Broker(Kernel& kernel, Log& log, Port& port)
    : kernel_(kernel),
      log_(log),
      port_(port),
      interfaces_(
          [this](Slot slot, const InterfaceStatus& status) { interfaceChanged(slot, status); }),
      holdings_(kernel, interfaces_, log,
                [this](const InstanceKey& key, int error) { reconciled(key, error); }),
      firewall_(kernel, log),
      settings_(kernel, [this] { writeNotes(); }),
      links_(kernel, interfaces_, settings_, log),
      announcer_([this](const InstanceKey& key, const Announcer::Target& target, bool first) {
        sendAnnouncement(key, target, first);
      }),
      outbox_([this](const Event& event) { return transmit(event); }) {}

const Instance& Broker::instanceOf(const InstanceKey& key) const {
  return holdings_.find(key.generation)->config.instances[indexOf(key.instance)];
}

bool Broker::permits(schema::ControlRequest::Verb verb, bool descriptor) const {
  const auto judgement = policy::judge(
      policy::Sender::kSupervisor, static_cast<std::uint16_t>(verb), state_,
      MessageBuffer<schema::ControlRequest>::kWords * sizeof(capnp::word), descriptor);
  return judgement.verdict == policy::RequestVerdict::kServe;
}

int Broker::load(Generation generation, Configuration config) {
  if (holdings_.find(generation) != nullptr) {
    return EEXIST;
  }
  if (holdings_.books() >= kMaxGenerations) {
    return EBUSY;
  }
  const bool isFirst = state_ == policy::BrokerState::kIdle;
  if (isFirst && !goesOn_) {
    removeMarked();
  }
  holdings_.addBook(generation, std::move(config));
  wantLinks();
  isFirewallSuspect_ = true;
  dumpAndCompare();
  if (dumpFailed_) {
    holdings_.retire(generation);
    wantLinks();
    return EIO;
  }
  if (isFirst) {
    isWrittenDown_ = false;  // the next privd finds that there was one
    state_ = policy::BrokerState::kLoaded;
  }
  recall(generation);
  if (state_ == policy::BrokerState::kRunning) {
    placeStatic(generation);
  }
  return 0;
}

// What a crash of all that there was left behind: nobody remembers it, but it has our mark.
void Broker::removeMarked() {
  const Result<std::size_t> removed = kernel_.removeMarked();
  if (!removed) {
    log_.error("cannot remove what an earlier crash may have left: " + removed.error().message);
  } else if (*removed != 0) {
    log_.info("removed " + std::to_string(*removed) +
              " addresses, routes and rules that an earlier crash had left");
  }
}

void Broker::placeStatic(Generation generation) {
  const Book& book = *holdings_.find(generation);
  if (book.itemsOf(kStatic).empty()) {
    return;
  }
  const TimePoint start = EventLoop::now();
  const Holdings::Taken taken = holdings_.take({generation, kStatic});
  auditStatic("set", generation, taken.error, start);
}

void Broker::start(TimePoint now) {
  state_ = policy::BrokerState::kRunning;
  absentSince_ = now;
  holdings_.eachBook([this](Generation generation) { placeStatic(generation); });
}

// A vrrpd that was told that it is master takes its addresses once it has its sockets, which can be
// after the generation before is retired. Until it takes or yields them they are held for it.
void Broker::handDown(Generation from) {
  const Book* book = holdings_.find(from);
  for (std::size_t i = 0; book != nullptr && i < book->config.instances.size(); ++i) {
    const InstanceKey predecessor{from, idAt<InstanceId>(i)};
    if (!holdings_.held(predecessor)) {
      continue;
    }
    for (const auto& [key, note] : notes_) {
      if (key.generation != from && note.state == schema::VrrpState::MASTER &&
          sameRouter(key, predecessor)) {
        holdings_.hold(key);
      }
    }
  }
}

void Broker::retire(Generation generation) {
  handDown(generation);
  const auto ofGeneration = [&](const auto& entry) { return entry.first.generation == generation; };
  for (const auto& [key, count] : bursts_) {
    if (key.generation == generation) {
      announcer_.cancel(key);
    }
  }
  std::erase_if(notes_, ofGeneration);
  isWrittenDown_ = false;
  std::erase_if(bursts_, ofGeneration);
  if (watching_ == generation) {
    watching_.reset();
  }
  holdings_.retire(generation);
  wantLinks();
  isFirewallSuspect_ = true;
  lastRetired_ = generation;
}

void Broker::releaseEverything() {
  holdings_.releaseAll();
  links_.removeAll();
  firewall_.remove();
  settings_.restoreAll();
  isWrittenDown_ = false;
}

void Broker::vrrpdChanged() {
  outbox_.clear();
  watching_.reset();
  isWrittenDown_ = false;
}

void Broker::vrrpdLost(TimePoint now) {
  vrrpdLostAt_ = now;
  absentSince_ = now;
  vrrpdChanged();
}

void Broker::news(const NetlinkMessage& message) {
  switch (message.kind) {
    case NetlinkMessage::Kind::kLink:
      interfaces_.linkChanged(message.link);
      break;
    case NetlinkMessage::Kind::kLinkGone:
      interfaces_.linkRemoved(message.link.index);
      break;
    case NetlinkMessage::Kind::kAddress:
      interfaces_.addressAdded(message.address);
      holdings_.addressCame();
      break;
    case NetlinkMessage::Kind::kAddressGone:
      holdings_.addressGone(message.address);
      break;
    case NetlinkMessage::Kind::kRouteGone:
      holdings_.routeGone(message.route);
      break;
    case NetlinkMessage::Kind::kRuleGone:
      holdings_.ruleGone(message.rule);
      break;
    case NetlinkMessage::Kind::kRoute:
    case NetlinkMessage::Kind::kRule:
    case NetlinkMessage::Kind::kAnswer:
    case NetlinkMessage::Kind::kDone:
    case NetlinkMessage::Kind::kOther:
      break;
  }
}

void Broker::overrun() {
  log_.warning("netlink reports were lost: comparing with the kernel");
  holdings_.doubtAll();
  dumpAndCompare();
}

void Broker::dumpAndCompare() {
  const Result<LinkSnapshot> snapshot = kernel_.snapshot();
  dumpFailed_ = !snapshot;
  if (!snapshot) {
    log_.error("cannot read the interfaces: " + snapshot.error().message);
    return;
  }
  interfaces_.replaceAll(*snapshot);
  holdings_.suspectAll();
}

// Without a vrrpd nobody advertises, and once a peer may have become master the address would be in
// two places. A vrrpd that comes back later is told how long it was gone, and begins as a backup.
TimePoint Broker::endAbsence(TimePoint now) {
  TimePoint wake = kNever;
  // Before start() a vrrpd that lives cannot have been heard.
  if (watching_ || !vrrpdLostAt_ || state_ != policy::BrokerState::kRunning) {
    return wake;
  }
  for (const InstanceKey& key : holdings_.allHeld()) {
    if (key.instance == kStatic || instanceOf(key).absenceLimit == Duration::zero()) {
      continue;
    }
    const Instance& instance = instanceOf(key);
    const TimePoint end = absentSince_ + instance.absenceLimit;
    if (end > now) {
      wake = std::min(wake, end);
      continue;
    }
    announcer_.cancel(key);
    const int error = holdings_.yield(key);
    isFirewallSuspect_ = true;
    log_.warning("(" + instance.name + ") nobody has advertised for as long as peers wait: " +
                 (error == 0 ? "its addresses are removed" : std::strerror(error)));
  }
  return wake;
}

// Where two configurations differ, the newer one is right: a name stands for one interface, and the
// kernel lets only one with a MAC address be up on a parent.
void Broker::wantLinks() {
  Links::AllWanted wanted;
  std::map<std::pair<Slot, MacAddress>, Slot> named;
  holdings_.eachBook([&](Generation generation) {
    const Book& book = *holdings_.find(generation);
    for (const VirtualLink& link : book.config.links) {
      const Slot own = book.slotOf(link.interface);
      const Slot parent = book.slotOf(link.parent);
      if (link.nature.mac) {
        const auto [place, isNew] = named.try_emplace({parent, *link.nature.mac}, own);
        if (!isNew && place->second != own) {
          wanted.erase(std::exchange(place->second, own));
        }
      }
      wanted.insert_or_assign(own, Links::Wanted{parent, link.nature, link.group});
    }
  });
  links_.want(std::move(wanted));
}

TimePoint Broker::settle(TimePoint now) {
  TimePoint wake = state_ == policy::BrokerState::kRunning ? links_.settle(now) : kNever;
  if (interfaces_.takeSnapshotWanted() || (dumpFailed_ && nextDump_ <= now)) {
    dumpAndCompare();
    nextDump_ = now + kDumpPatience;
  }
  wake = std::min({wake, endAbsence(now), dumpFailed_ ? nextDump_ : kNever});
  if (isFirewallSuspect_) {
    updateFirewall();
  }
  wake = std::min(wake, links_.setUp(now));
  wake = std::min(wake, holdings_.reconcile(now));
  tellTrackGroups();
  tellSources();
  wake = std::min(wake, firewall_.check(now));
  wake = std::min(wake, announcer_.work(now));
  return std::min(wake, writeDown(now));
}

void Broker::interfaceChanged(Slot slot, const InterfaceStatus& status) {
  holdings_.interfaceChanged(slot);
  isFirewallSuspect_ = true;
  const Book* book = watching_ ? holdings_.find(*watching_) : nullptr;
  if (book == nullptr) {
    return;
  }
  const auto found = std::find(book->slots.begin(), book->slots.end(), slot);
  if (found == book->slots.end()) {
    return;
  }
  Event event;
  event.kind = Event::Kind::INTERFACE;
  event.generation = *watching_;
  event.interface = static_cast<std::uint32_t>(found - book->slots.begin());
  event.status = status;
  outbox_.post(event);
}

// vrrpd is told of the track groups that lack something, and again when that changes.
void Broker::tellTrackGroups() {
  if (!watching_) {
    return;
  }
  std::map<TrackGroupId, int> lacking = holdings_.lacking(*watching_);
  const auto tell = [this](TrackGroupId group, int error) {
    Event event;
    event.kind = Event::Kind::TRACK_GROUP;
    event.generation = *watching_;
    event.instance = static_cast<std::uint32_t>(group);
    event.result = static_cast<std::uint32_t>(error);
    outbox_.post(event);
  };
  for (const auto& [group, error] : lacking_) {
    if (!lacking.contains(group)) {
      tell(group, 0);
    }
  }
  for (const auto& [group, error] : lacking) {
    if (!lacking_.contains(group)) {
      tell(group, error);
    }
  }
  lacking_ = std::move(lacking);
}

// The same of the source addresses that are tracked.
void Broker::tellSources() {
  if (!watching_) {
    return;
  }
  const Book& book = *holdings_.find(*watching_);
  for (std::size_t i = 0; i < book.config.instances.size(); ++i) {
    const Instance& instance = book.config.instances[i];
    if (!instance.tracksSource) {
      continue;
    }
    const auto isOn = [&](Slot slot) { return interfaces_.canUse(slot, *instance.source); };
    const bool isThere = instance.interface ? isOn(book.slotOf(*instance.interface))
                                            : std::ranges::any_of(book.slots, isOn);
    const auto [told, isNew] = sources_.try_emplace(idAt<InstanceId>(i), isThere);
    if (isNew || std::exchange(told->second, isThere) != isThere) {
      Event event = Event::about(Event::Kind::SOURCE, {*watching_, idAt<InstanceId>(i)});
      event.result = isThere ? 0 : EADDRNOTAVAIL;
      outbox_.post(event);
    }
  }
}

void Broker::reconciled(const InstanceKey& key, int error) {
  if (key.instance == kStatic) {
    return;  // tellTrackGroups() says for whom it matters
  }
  Event event = Event::about(error == 0 ? Event::Kind::RESTORED : Event::Kind::LOST, key);
  event.result = static_cast<std::uint32_t>(error);
  outbox_.post(event);
}

void Broker::sendAnnouncement(const InstanceKey& key, const Announcer::Target& target, bool first) {
  const int index = interfaces_.indexOf(target.slot);
  const std::optional<MacAddress>& mac = interfaces_.macOf(target.slot);
  if (index == 0 || !mac) {
    return;
  }
  const bool arp = target.address.family == AddressFamily::kIpv4;
  if (!arp && (first || !routers_.contains(target.slot))) {
    routers_[target.slot] = kernel_.forwardsIpv6(index);
  }
  const int error = arp ? kernel_.sendFrame(index, buildGratuitousArp(*mac, target.address))
                        : kernel_.sendFrame(index, buildNeighbourAdvert(*mac, target.address,
                                                                        routers_.at(target.slot)));
  const std::string place =
      " on " + interfaces_.nameOf(target.slot) + " for " + target.address.toString();
  if (error != 0) {
    log_.detail("Error " + std::to_string(error) + " (" + std::strerror(error) + ") sending " +
                (arp ? "gratuitous ARP" : "unsolicited Neighbour Advert") + place);
    return;
  }
  if (first) {
    log_.detail("(" + instanceOf(key).name + ") Sending/queueing " +
                (arp ? "gratuitous ARPs" : "Unsolicited Neighbour Adverts") + place);
  }
  log_.detail((arp ? "Sending gratuitous ARP" : "Sending unsolicited Neighbour Advert") + place);
}

// A link-local address is kept away from the device that it is on now.
void Broker::updateFirewall() {
  isFirewallSuspect_ = false;
  Barrier barrier;
  for (const InstanceKey& key : holdings_.allHeld()) {
    if (key.instance == kStatic) {
      continue;
    }
    const Instance& instance = instanceOf(key);
    const Book& book = *holdings_.find(key.generation);
    for (const VirtualAddress& address : instance.addresses) {
      if (instance.blocksAddresses) {
        barrier.add(address.address, book.indexOf(address.interface));
      }
    }
  }
  for (const auto& [slot, link] : links_.all()) {
    const int index = interfaces_.indexOf(slot);
    if (link.nature.kind == LinkKind::kVmac && index != 0) {
      barrier.links.emplace(index, interfaces_.parentOf(slot));
    }
  }
  if (const Book* newest = holdings_.newest()) {
    firewall_.want(newest->config.firewall, barrier);
  }
}

void Broker::promoteSecondaries(const InstanceKey& key) {
  const Book& book = *holdings_.find(key.generation);
  const Instance& instance = instanceOf(key);
  for (const VirtualAddress& address : instance.addresses) {
    const int index = interfaces_.indexOf(book.slotOf(address.interface));
    if (instance.promoteSecondaries && address.address.family == AddressFamily::kIpv4 &&
        index != 0) {
      settings_.raise(index, Setting::kPromoteSecondaries, 1);
    }
  }
}

}  // namespace holdfast::privd
