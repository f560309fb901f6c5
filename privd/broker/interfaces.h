// What is behind the configured interface names: it follows devices that come, go, are renamed and
// change, from the kernel's messages. Pure: it is told what the kernel said, and calls back when
// what vrrpd can see of an interface has changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "privd/broker/kernel.h"

namespace holdfast::privd {

// The place of a configured name in this table; stays the same while any configuration uses it.
enum class Slot : std::size_t {};

// What vrrpd is told about an interface.
struct InterfaceStatus {
  bool exists = false;
  bool up = false;       // IFF_UP
  bool running = false;  // IFF_RUNNING
  std::uint32_t mtu = 0;
  // The primary address, which is none of ours.
  std::optional<IpAddress> sourceIpv4;
  // The link-local address, once duplicate address detection is through with it.
  std::optional<IpAddress> sourceIpv6;

  friend bool operator==(const InterfaceStatus&, const InterfaceStatus&) = default;
};

class Interfaces {
 public:
  using Changed = std::function<void(Slot slot, const InterfaceStatus& status)>;

  // `changed` is called for every change, in the order of the kernel's messages: a device that is
  // replaced by another of the same name is seen to go first.
  explicit Interfaces(Changed changed) : changed_(std::move(changed)) {}

  // The slot of `name`. A name that is new is not there until the next snapshot.
  [[nodiscard]] Slot follow(const std::string& name);
  [[nodiscard]] const std::string& nameOf(Slot slot) const { return at(slot).name; }

  // An address of ours is never a source. An address of the same value but with another prefix
  // length is not ours: an address owner (priority 255) has its own there.
  void setVirtual(std::set<std::tuple<Slot, IpAddress, std::uint8_t>> addresses);

  // Only a link of this nature is what this name stands for; another device of the name is taken
  // for none.
  void reserve(Slot slot, const LinkNature& nature) { at(slot).reserved = nature; }
  void release(Slot slot) { at(slot).reserved.reset(); }

  void replaceAll(const LinkSnapshot& snapshot);
  void linkChanged(const Link& link);
  void linkRemoved(int index);
  void addressAdded(const LinkAddress& address);
  void addressRemoved(const LinkAddress& address);

  // True when a device has come under a followed name, so that its addresses are not known: the
  // next thing to do is replaceAll(). Reading it resets it.
  [[nodiscard]] bool takeSnapshotWanted() { return std::exchange(snapshotWanted_, false); }

  [[nodiscard]] const InterfaceStatus& statusOf(Slot slot) const { return at(slot).status; }
  [[nodiscard]] int indexOf(Slot slot) const { return at(slot).link.index; }  // 0: not there
  [[nodiscard]] std::uint32_t mtuOf(Slot slot) const { return at(slot).link.mtu; }
  [[nodiscard]] const std::optional<MacAddress>& macOf(Slot slot) const {
    return at(slot).link.mac;
  }
  // The routing table of a VRF; 0 where it is none.
  [[nodiscard]] std::uint32_t vrfTableOf(Slot slot) const { return at(slot).link.vrfTable; }
  // The device that it was made on; 0 for none.
  [[nodiscard]] int parentOf(Slot slot) const { return at(slot).link.parent; }
  // The VRF that it is in; 0 for none.
  [[nodiscard]] int vrfOf(Slot slot) const { return at(slot).link.vrf; }
  [[nodiscard]] std::optional<Slot> slotOf(int index) const;
  [[nodiscard]] bool hasAddress(Slot slot, const IpAddress& address,
                                std::uint8_t prefixLength) const;
  // With whatever prefix length, once duplicate address detection is through with it.
  [[nodiscard]] bool canUse(Slot slot, const IpAddress& address) const;
  // A usable address that an advertisement may be sent from.
  [[nodiscard]] std::optional<IpAddress> sourceOf(Slot slot, AddressFamily family) const;

 private:
  using AddressKey = std::pair<IpAddress, std::uint8_t>;  // with its prefix length
  struct KnownAddress {
    std::uint64_t order = 0;  // grows as the kernel tells of them
    std::uint32_t flags = 0;
  };
  struct Followed {
    std::string name;
    Link link;  // index 0: not there
    std::map<AddressKey, KnownAddress> addresses;
    InterfaceStatus status;
    std::optional<LinkNature> reserved;

    [[nodiscard]] bool isMeant(const Link& candidate) const {
      return candidate.name == name && (!reserved || isOfNature(candidate, *reserved));
    }
  };

  [[nodiscard]] Followed& at(Slot slot) { return followed_[static_cast<std::size_t>(slot)]; }
  [[nodiscard]] const Followed& at(Slot slot) const {
    return followed_[static_cast<std::size_t>(slot)];
  }
  [[nodiscard]] std::optional<Slot> slotNamed(std::string_view name) const;
  void keep(Followed& followed, const LinkAddress& address);
  [[nodiscard]] InterfaceStatus compute(Slot slot) const;
  void bind(Slot slot, const Link& link);
  void unbind(Slot slot);
  void refresh(Slot slot);

  Changed changed_;
  std::vector<Followed> followed_;
  std::set<std::tuple<Slot, IpAddress, std::uint8_t>> virtual_;
  std::uint64_t nextOrder_ = 0;
  bool snapshotWanted_ = false;
};

}  // namespace holdfast::privd
