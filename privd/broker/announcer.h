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
    bool onLink = false;  // a virtual link of this address
  };
  // How long the pauses between frames are: on an interface of a group they are the group's, and
  // shared by its interfaces.
  struct Group {
    Slot lane{};  // one of its interfaces, which stands for all
    Duration arpInterval{};
    Duration naInterval{};
  };
  struct Pace {
    Duration arpInterval{};
    Duration naInterval{};
    std::map<Slot, Group> groups;
  };
  // Sends one frame. `first` is set for the first one of a burst for this address.
  using Send = std::function<void(const InstanceKey& key, const Target& target, bool first)>;

  explicit Announcer(Send send) : send_(std::move(send)) {}

  // A burst of `repeat` rounds. While one is under way for the instance, the longer of the two
  // remains: an instance never has more than one.
  void announce(const InstanceKey& key, std::vector<Target> targets, std::uint32_t repeat,
                Pace pace);
  [[nodiscard]] bool isAnnouncing(const InstanceKey& key) const;
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
    Pace pace;
  };
  // Frames of one family on one interface, or on one group of them, are paced together.
  using Lane = std::pair<Slot, AddressFamily>;

  // When the burst can go on; now, if the budget ended it; kNever when it is done.
  TimePoint advance(Burst& burst, TimePoint now, std::size_t& budget);

  Send send_;
  std::list<Burst> bursts_;
  std::map<Lane, TimePoint> notBefore_;
};

}  // namespace holdfast::privd
