// Sets of Linux capabilities, and which role may hold which.
#pragma once

#include <linux/capability.h>

#include <cstdint>
#include <initializer_list>
#include <string>

namespace holdfast::policy {

// A value: bit N is capability N, as in /proc/self/status.
class CapabilitySet {
 public:
  constexpr CapabilitySet() = default;
  constexpr CapabilitySet(std::initializer_list<unsigned> capabilities) {
    for (const unsigned capability : capabilities) {
      bits_ |= std::uint64_t{1} << capability;
    }
  }
  [[nodiscard]] static constexpr CapabilitySet fromBits(std::uint64_t bits) {
    CapabilitySet set;
    set.bits_ = bits;
    return set;
  }

  [[nodiscard]] constexpr std::uint64_t bits() const { return bits_; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool has(unsigned capability) const {
    return ((bits_ >> capability) & 1U) != 0;
  }
  [[nodiscard]] constexpr bool includes(CapabilitySet other) const {
    return (other.bits_ & ~bits_) == 0;
  }
  // In this set, but not in `other`.
  [[nodiscard]] constexpr CapabilitySet without(CapabilitySet other) const {
    return fromBits(bits_ & ~other.bits_);
  }
  friend constexpr CapabilitySet operator|(CapabilitySet a, CapabilitySet b) {
    return fromBits(a.bits_ | b.bits_);
  }
  friend constexpr CapabilitySet operator&(CapabilitySet a, CapabilitySet b) {
    return fromBits(a.bits_ & b.bits_);
  }
  friend constexpr bool operator==(CapabilitySet, CapabilitySet) = default;

  // "net_admin,net_raw"; "none"; "all" for every capability that the kernel knows; "all but ..."
  // where few are missing.
  [[nodiscard]] std::string names() const;

  [[nodiscard]] static std::string nameOf(unsigned capability);

  // Every capability that the running kernel knows.
  [[nodiscard]] static CapabilitySet all();

 private:
  std::uint64_t bits_ = 0;
};

// What the broker works with, and nobody else.
inline constexpr CapabilitySet kBrokerCapabilities{CAP_NET_ADMIN, CAP_NET_RAW};

// And with it only where a check has a bind_port below 1024.
inline constexpr CapabilitySet kLowPortCapabilities{CAP_NET_BIND_SERVICE};

// What the supervisor uses itself: to become its workers' users, to narrow what they inherit, to
// signal them, to set their scheduling, and to look at scripts in directories that are closed to
// others.
inline constexpr CapabilitySet kSupervisorCapabilities{
    CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_KILL, CAP_SYS_NICE, CAP_DAC_READ_SEARCH};

}  // namespace holdfast::policy
