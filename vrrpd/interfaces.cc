#include "vrrpd/interfaces.h"

#include <utility>

#include "ipc/concat.h"

namespace holdfast::vrrpd {
namespace {

// BrokerEvent.flags of an interface.
constexpr std::uint8_t kExists = 1 << 0;
constexpr std::uint8_t kIffUp = 1 << 1;
constexpr std::uint8_t kIffRunning = 1 << 2;
constexpr std::uint8_t kHasIpv4 = 1 << 3;
constexpr std::uint8_t kHasIpv6 = 1 << 4;
constexpr std::uint8_t kIsUp = kExists | kIffUp | kIffRunning;

KnownInterface interfaceOf(schema::BrokerEvent::Reader event) {
  const std::uint8_t flags = event.getFlags();
  KnownInterface known;
  known.exists = (flags & kExists) != 0;
  known.status.isUp = (flags & kIsUp) == kIsUp;
  if ((flags & kHasIpv4) != 0) {
    known.status.sourceIpv4 = IpAddress::fromHalves(AddressFamily::kIpv4, 0, event.getSourceIpv4());
  }
  if ((flags & kHasIpv6) != 0) {
    known.status.sourceIpv6 = IpAddress::fromHalves(AddressFamily::kIpv6, event.getSourceIpv6High(),
                                                    event.getSourceIpv6Low());
  }
  return known;
}

}  // namespace

Interfaces::Interfaces(EventLoop& loop, Log& log, const Configuration& configuration,
                       Changed changed)
    : log_(log),
      names_(configuration.interfaces),
      changed_(std::move(changed)),
      known_(configuration.interfaces.size()),
      delays_(configuration.linkDelays),
      timer_(loop, [this](TimePoint now, Duration) { expire(now); }) {}

void Interfaces::told(schema::BrokerEvent::Reader event) {
  if (event.getInterface() >= known_.size()) {
    return;
  }
  const auto id = idAt<InterfaceId>(event.getInterface());
  KnownInterface now = interfaceOf(event);
  if (now.exists) {
    now.status.isUp = delays_.told(EventLoop::now(), id, now.status.isUp);
  } else {
    delays_.gone(id);
  }
  timer_.arm(delays_.deadline());
  set(id, now);
}

void Interfaces::expire(TimePoint now) {
  for (const InterfaceId id : delays_.expire(now)) {
    KnownInterface changed = *known_[indexOf(id)];
    changed.status.isUp = !changed.status.isUp;
    set(id, changed);
  }
  timer_.arm(delays_.deadline());
}

void Interfaces::set(InterfaceId id, const KnownInterface& now) {
  std::optional<KnownInterface>& known = known_[indexOf(id)];
  const bool reappeared = known && !known->exists && now.exists;
  if (known && known->status.isUp != now.status.isUp) {
    log_.info(concat("Netlink reports ", names_[indexOf(id)], now.status.isUp ? " up" : " down"));
  }
  known = now;
  changed_(id, now, reappeared);
}

}  // namespace holdfast::vrrpd
