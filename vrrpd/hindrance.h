// What keeps a virtual router from taking part.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace holdfast::vrrpd {

enum class HindranceKind : std::uint8_t {
  // Only not there yet: a router that starts waits for it in Initialize, without a word.
  kSocketsMissing,
  kScriptsNotRun,  // scripts of weight 0 that have not ended once
  kNotWatchedYet,  // files and processes of weight 0 that nothing is known of
  kGroupNotReady,  // its sync group has members that are not there yet
  // Faults.
  kInterfaceDown,
  kNoSourceAddress,
  kSourceNotConfigured,  // unicast_src_ip or mcast_src_ip is not on this host
  kScriptFailed,
  kFileNumber,
  kProcessQuorum,
  kNoUnicastPeer,
  kSocketRefused,
  kStaticMissing,  // a static address, route or rule of its track group
  kGroupFault,     // another member of its sync group is in FAULT
};

[[nodiscard]] constexpr bool isFaultKind(HindranceKind kind) {
  return kind >= HindranceKind::kInterfaceDown;
}

[[nodiscard]] constexpr bool isOfGroup(HindranceKind kind) {
  return kind == HindranceKind::kGroupNotReady || kind == HindranceKind::kGroupFault;
}

// `object` tells the interfaces, scripts, files, processes and track groups of one instance apart.
struct Hindrance {
  HindranceKind kind;
  std::uint32_t object = 0;
  friend bool operator==(const Hindrance&, const Hindrance&) = default;
};

class Hindrances {
 public:
  // Whether this changed anything.
  bool add(const Hindrance& hindrance) {
    if (contains(hindrance)) {
      return false;
    }
    present_.push_back(hindrance);
    return true;
  }
  bool remove(const Hindrance& hindrance) { return std::erase(present_, hindrance) != 0; }

  [[nodiscard]] bool none() const { return present_.empty(); }
  [[nodiscard]] std::size_t count() const { return present_.size(); }
  [[nodiscard]] bool contains(const Hindrance& hindrance) const {
    return std::ranges::find(present_, hindrance) != present_.end();
  }
  [[nodiscard]] bool haveFault() const {
    return std::ranges::any_of(present_, isFaultKind, &Hindrance::kind);
  }
  // The router's own: not the sync group's.
  [[nodiscard]] bool haveOwn() const {
    return !std::ranges::all_of(present_, isOfGroup, &Hindrance::kind);
  }
  [[nodiscard]] const std::vector<Hindrance>& present() const { return present_; }

 private:
  std::vector<Hindrance> present_;
};

}  // namespace holdfast::vrrpd
