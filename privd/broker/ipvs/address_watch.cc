#include "privd/broker/ipvs/address_watch.h"

#include <limits>

namespace holdfast::privd::ipvs {

void AddressWatch::replaceAll(const LinkSnapshot& snapshot) {
  addresses_.clear();
  for (const LinkAddress& address : snapshot.addresses) {
    addresses_.insert(keyOf(address));
  }
}

bool AddressWatch::news(const NetlinkMessage& message) {
  if (message.kind == NetlinkMessage::Kind::kAddress) {
    return addresses_.insert(keyOf(message.address)).second;
  }
  return message.kind == NetlinkMessage::Kind::kAddressGone &&
         addresses_.erase(keyOf(message.address)) != 0;
}

bool AddressWatch::hasOneOf(const IpAddress& first, const IpAddress& last) const {
  const auto found =
      addresses_.lower_bound({first, std::numeric_limits<int>::min(), std::uint8_t{0}});
  return found != addresses_.end() && std::get<IpAddress>(*found) <= last;
}

}  // namespace holdfast::privd::ipvs
