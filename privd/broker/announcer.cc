#include "privd/broker/announcer.h"

#include <algorithm>

namespace holdfast::privd {
namespace {

constexpr std::size_t kFramesInATurn = 64;

}  // namespace

void Announcer::announce(const InstanceKey& key, std::vector<Target> targets, std::uint32_t repeat,
                         Pace pace) {
  std::uint32_t rounds = repeat;
  for (const Burst& burst : bursts_) {
    if (burst.key == key) {
      rounds = std::max(rounds, burst.rounds);
    }
  }
  cancel(key);
  if (!targets.empty() && rounds != 0) {
    bursts_.push_back({key, std::move(targets), rounds, true, 0, std::move(pace)});
  }
}

bool Announcer::isAnnouncing(const InstanceKey& key) const {
  return std::ranges::find(bursts_, key, &Burst::key) != bursts_.end();
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
    const auto found = burst.pace.groups.find(target.slot);
    const Group pace = found != burst.pace.groups.end()
                           ? found->second
                           : Group{target.slot, burst.pace.arpInterval, burst.pace.naInterval};
    TimePoint& notBefore = notBefore_[{pace.lane, target.address.family}];
    if (notBefore > now) {
      return notBefore;
    }
    --budget;
    notBefore =
        now + (target.address.family == AddressFamily::kIpv4 ? pace.arpInterval : pace.naInterval);
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
