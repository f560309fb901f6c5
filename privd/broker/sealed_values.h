// Reading the parts of a sealed configuration, each with its bounds. Errors say what is wrong, for
// the supervisor's log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ipc/ids.h"
#include "ipc/ip_address.h"
#include "ipc/result.h"
#include "ipc/schemas/config.capnp.h"
#include "privd/broker/route.h"
#include "privd/broker/rule.h"

namespace holdfast::privd {

[[nodiscard]] bool printable(std::string_view text);
[[nodiscard]] bool validUnicast(const IpAddress& address);

[[nodiscard]] Result<AddressFamily> readFamily(schema::Family family);
[[nodiscard]] Result<IpAddress> readAddress(schema::Address::Reader address);
[[nodiscard]] Result<IpAddress> readUnicast(schema::Address::Reader address, AddressFamily family,
                                            const char* what);
// An address and the length of its prefix.
[[nodiscard]] Status readPrefix(schema::Address::Reader address, std::uint8_t length,
                                AddressFamily family, std::optional<IpAddress>& out);
[[nodiscard]] Status readInterface(bool isThere, std::uint32_t index, std::size_t interfaces,
                                   std::optional<InterfaceId>& out);
[[nodiscard]] Status readTrackGroup(bool isThere, std::uint32_t index,
                                    std::optional<TrackGroupId>& out);

// `interfaces` is how many there are in the configuration.
[[nodiscard]] Result<Route> readRoute(schema::Route::Reader source, std::size_t interfaces);
[[nodiscard]] Result<Rule> readRule(schema::Rule::Reader source, std::size_t interfaces);

// The value of a setting, where it `isThere`.
template <typename Value>
[[nodiscard]] std::optional<Value> valueIf(bool isThere, Value value) {
  return isThere ? std::optional(value) : std::nullopt;
}

}  // namespace holdfast::privd
