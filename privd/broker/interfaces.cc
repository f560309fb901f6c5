#include "privd/broker/interfaces.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <utility>

namespace holdfast::privd {
namespace {

// More than any sane interface has; the rest is not looked at.
constexpr std::size_t kMaxLinkAddresses = 65536;

constexpr std::uint32_t kNotYetOrNever = IFA_F_TENTATIVE | IFA_F_DADFAILED;

}  // namespace

Slot Interfaces::follow(const std::string& name) {
  if (const std::optional<Slot> known = slotNamed(name)) {
    return *known;
  }
  followed_.push_back({name, {}, {}, {}});
  return static_cast<Slot>(followed_.size() - 1);
}

std::optional<Slot> Interfaces::slotNamed(std::string_view name) const {
  for (std::size_t i = 0; i < followed_.size(); ++i) {
    if (followed_[i].name == name) {
      return static_cast<Slot>(i);
    }
  }
  return std::nullopt;
}

std::optional<Slot> Interfaces::slotOf(int index) const {
  for (std::size_t i = 0; index > 0 && i < followed_.size(); ++i) {
    if (followed_[i].link.index == index) {
      return static_cast<Slot>(i);
    }
  }
  return std::nullopt;
}

void Interfaces::setVirtual(std::set<std::tuple<Slot, IpAddress, std::uint8_t>> addresses) {
  virtual_ = std::move(addresses);
  for (std::size_t i = 0; i < followed_.size(); ++i) {
    refresh(static_cast<Slot>(i));
  }
}

void Interfaces::replaceAll(const LinkSnapshot& snapshot) {
  for (std::size_t i = 0; i < followed_.size(); ++i) {
    const auto slot = static_cast<Slot>(i);
    const auto link =
        std::find_if(snapshot.links.begin(), snapshot.links.end(),
                     [&](const Link& candidate) { return at(slot).isMeant(candidate); });
    if (link == snapshot.links.end()) {
      unbind(slot);
      continue;
    }
    if (link->index != at(slot).link.index) {
      unbind(slot);
    }
    at(slot).link = *link;
    at(slot).addresses.clear();
    for (const LinkAddress& address : snapshot.addresses) {
      if (address.index == link->index) {
        keep(at(slot), address);
      }
    }
    refresh(slot);
  }
  snapshotWanted_ = false;
}

void Interfaces::linkChanged(const Link& link) {
  const std::optional<Slot> before = slotOf(link.index);
  const std::optional<Slot> after = slotNamed(link.name);
  if (before && before != after) {
    unbind(*before);
  }
  if (after && at(*after).isMeant(link)) {
    bind(*after, link);
  } else if (after) {
    unbind(*after);
  }
}

void Interfaces::linkRemoved(int index) {
  if (const std::optional<Slot> slot = slotOf(index)) {
    unbind(*slot);
  }
}

void Interfaces::bind(Slot slot, const Link& link) {
  if (at(slot).link.index != link.index) {
    unbind(slot);
    snapshotWanted_ = true;
  }
  at(slot).link = link;
  refresh(slot);
}

void Interfaces::unbind(Slot slot) {
  at(slot).link = {};
  at(slot).addresses.clear();
  refresh(slot);
}

void Interfaces::keep(Followed& followed, const LinkAddress& address) {
  const AddressKey key(address.address, address.prefixLength);
  const auto known = followed.addresses.find(key);
  if (known != followed.addresses.end()) {
    known->second.flags = address.flags;
  } else if (followed.addresses.size() < kMaxLinkAddresses) {
    followed.addresses.emplace(key, KnownAddress{nextOrder_++, address.flags});
  }
}

void Interfaces::addressAdded(const LinkAddress& address) {
  const std::optional<Slot> slot = slotOf(address.index);
  if (!slot) {
    return;
  }
  keep(at(*slot), address);
  // One of ours cannot change what vrrpd sees, and there may be thousands.
  if (!virtual_.contains({*slot, address.address, address.prefixLength})) {
    refresh(*slot);
  }
}

void Interfaces::addressRemoved(const LinkAddress& address) {
  const std::optional<Slot> slot = slotOf(address.index);
  if (slot && at(*slot).addresses.erase({address.address, address.prefixLength}) != 0 &&
      !virtual_.contains({*slot, address.address, address.prefixLength})) {
    refresh(*slot);
  }
}

bool Interfaces::hasAddress(Slot slot, const IpAddress& address, std::uint8_t prefixLength) const {
  return at(slot).addresses.contains({address, prefixLength});
}

bool Interfaces::canUse(Slot slot, const IpAddress& address) const {
  const auto& addresses = at(slot).addresses;
  const auto first = addresses.lower_bound({address, 0});
  return first != addresses.end() && first->first.first == address &&
         (first->second.flags & kNotYetOrNever) == 0;
}

std::optional<IpAddress> Interfaces::sourceOf(Slot slot, AddressFamily family) const {
  // A secondary IPv4 address only for want of a primary one; else the one that was there first.
  const auto rank = [](const KnownAddress& known) {
    return std::pair((known.flags & IFA_F_SECONDARY) != 0, known.order);
  };
  const std::pair<const AddressKey, KnownAddress>* best = nullptr;
  for (const auto& candidate : at(slot).addresses) {
    const auto& [address, prefixLength] = candidate.first;
    const bool usable =
        family == AddressFamily::kIpv4 ||
        (address.isIpv6LinkLocal() && (candidate.second.flags & kNotYetOrNever) == 0);
    if (address.family == family && usable && !virtual_.contains({slot, address, prefixLength}) &&
        (best == nullptr || rank(candidate.second) < rank(best->second))) {
      best = &candidate;
    }
  }
  return best == nullptr ? std::nullopt : std::optional(best->first.first);
}

InterfaceStatus Interfaces::compute(Slot slot) const {
  const Link& link = at(slot).link;
  if (link.index == 0) {
    return {};
  }
  return {true,     (link.flags & IFF_UP) != 0,           (link.flags & IFF_RUNNING) != 0,
          link.mtu, sourceOf(slot, AddressFamily::kIpv4), sourceOf(slot, AddressFamily::kIpv6)};
}

void Interfaces::refresh(Slot slot) {
  InterfaceStatus status = compute(slot);
  if (status == at(slot).status) {
    return;
  }
  at(slot).status = status;
  changed_(slot, status);
}

}  // namespace holdfast::privd
