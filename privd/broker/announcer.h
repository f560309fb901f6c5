// Sends bursts of gratuitous ARP and unsolicited Neighbour Advertisements, interleaved over the
// addresses of an instance and paced where the configuration asks for it. Never holds up a turn:
// what does not fit into one goes on in the next. Pure: it is told the time and when to go on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <utility>
#include <vector>

#include "ipc/time.h"
#include "privd/broker/interfaces.h"

namespace holdfast::privd {

class Announcer {
 public:
  struct Target {
    IpAddress address;
    Slot slot{};
  };
  // Sends one frame. `first` is set for the first one of a burst for this address.
  using Send = std::function<void(const InstanceKey& key, const Target& target, bool first)>;

  explicit Announcer(Send send) : send_(std::move(send)) {}

  // A burst of `repeat` rounds. While one is under way for the instance, the longer of the two
  // remains: an instance never has more than one.
  void announce(const InstanceKey& key, std::vector<Target> targets, std::uint32_t repeat,
                Duration arpInterval, Duration naInterval);
  // Drops what is left of the instance's burst.
  void cancel(const InstanceKey& key);

  // Sends what is due. Returns when there is more to send: `now` if the turn's bound was reached,
  // kNever if nothing is left.
  [[nodiscard]] TimePoint work(TimePoint now);
  [[nodiscard]] bool idle() const { return bursts_.empty(); }

 private:
  struct Burst {
    InstanceKey key;
    std::vector<Target> targets;
    std::uint32_t rounds = 0;  // that are left, including the current one
    bool firstRound = true;
    std::size_t next = 0;  // target in the current round
    Duration arpInterval{};
    Duration naInterval{};
  };
  // Frames of one family on one interface are paced together.
  using Lane = std::pair<Slot, AddressFamily>;

  // When the burst can go on; now, if the budget ended it; kNever when it is done.
  TimePoint advance(Burst& burst, TimePoint now, std::size_t& budget);

  Send send_;
  std::list<Burst> bursts_;
  std::map<Lane, TimePoint> notBefore_;
};

}  // namespace holdfast::privd
