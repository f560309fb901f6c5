// Which addresses this host has, for ha_suspend: a plain object that is told what the kernel says.
#pragma once

#include <cstdint>
#include <set>
#include <tuple>

#include "ipc/ip_address.h"
#include "privd/broker/kernel.h"
#include "privd/broker/netlink_codec.h"

namespace holdfast::privd::ipvs {

class AddressWatch {
 public:
  void replaceAll(const LinkSnapshot& snapshot);
  // True where the addresses may be others now.
  [[nodiscard]] bool news(const NetlinkMessage& message);
  // Some address from `first` to `last`.
  [[nodiscard]] bool hasOneOf(const IpAddress& first, const IpAddress& last) const;

 private:
  using Key = std::tuple<IpAddress, int, std::uint8_t>;  // with its device and its prefix length
  [[nodiscard]] static Key keyOf(const LinkAddress& address) {
    return {address.address, address.index, address.prefixLength};
  }
  std::set<Key> addresses_;
};

}  // namespace holdfast::privd::ipvs
