#include "vrrpd/receivers.h"

#include <tuple>

namespace holdfast::vrrpd {

Receiver& Receivers::of(const InstanceConfig& instance) {
  const Place place{
      .family = instance.rules.family,
      .interface = instance.speaksOn(),
      .group = instance.isUnicast ? std::nullopt : std::optional(instance.group),
      .hasAuthHeader = instance.rules.authentication.hasHeader(),
  };
  const auto [first, last] = receivers_.equal_range(place);
  for (auto receiver = first; receiver != last; ++receiver) {
    if (!receiver->second.hasRouter(instance.rules.virtualRouterId)) {
      return receiver->second;
    }
  }
  return receivers_
      .emplace(std::piecewise_construct, std::forward_as_tuple(place),
               std::forward_as_tuple(loop_, broker_, place.family))
      ->second;
}

void Receivers::forget() {
  for (auto& [place, receiver] : receivers_) {
    receiver.forget();
  }
}

}  // namespace holdfast::vrrpd
