#include "privd/broker/announcer.h"

#include <algorithm>

namespace holdfast::privd {
namespace {

constexpr std::size_t kFramesInATurn = 64;

}  // namespace

void Announcer::announce(const InstanceKey& key, std::vector<Target> targets, std::uint32_t repeat,
                         Duration arpInterval, Duration naInterval) {
  std::uint32_t rounds = repeat;
  for (const Burst& burst : bursts_) {
    if (burst.key == key) {
      rounds = std::max(rounds, burst.rounds);
    }
  }
  cancel(key);
  if (!targets.empty() && rounds != 0) {
    bursts_.push_back({key, std::move(targets), rounds, true, 0, arpInterval, naInterval});
  }
}

void Announcer::cancel(const InstanceKey& key) {
  bursts_.remove_if([&](const Burst& burst) { return burst.key == key; });
}

TimePoint Announcer::work(TimePoint now) {
  std::size_t budget = kFramesInATurn;
  TimePoint wake = kNever;
  for (auto burst = bursts_.begin(); burst != bursts_.end();) {
    const TimePoint continues = advance(*burst, now, budget);
    wake = std::min(wake, continues);
    burst = continues == kNever ? bursts_.erase(burst) : std::next(burst);
  }
  if (bursts_.empty()) {
    std::erase_if(notBefore_, [&](const auto& lane) { return lane.second <= now; });
  }
  return wake;
}

TimePoint Announcer::advance(Burst& burst, TimePoint now, std::size_t& budget) {
  while (burst.rounds != 0) {
    if (budget == 0) {
      return now;
    }
    const Target& target = burst.targets[burst.next];
    const bool arp = target.address.family == AddressFamily::kIpv4;
    TimePoint& notBefore = notBefore_[{target.slot, target.address.family}];
    if (notBefore > now) {
      return notBefore;
    }
    --budget;
    notBefore = now + (arp ? burst.arpInterval : burst.naInterval);
    send_(burst.key, target, burst.firstRound);
    if (++burst.next == burst.targets.size()) {
      burst.next = 0;
      burst.firstRound = false;
      --burst.rounds;
    }
  }
  return kNever;
}

}  // namespace holdfast::privd
