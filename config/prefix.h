// Words that name a network.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/context.h"
#include "ipc/ip_address.h"

namespace holdfast::config {

struct Prefix {
  IpAddress address;
  std::int64_t length = 0;
  bool saidLength = false;
};

// ADDRESS[/LENGTH], without a length a single address. Takes the word. A length that cannot be is
// said, and taken as the longest, as keepalived does; nullopt, without a word, for no address.
[[nodiscard]] std::optional<Prefix> readPrefix(Context& context, Cursor& cursor);

// "default", "all" and "any": every address of a family that others say.
[[nodiscard]] bool isEverywhere(std::string_view word);

[[nodiscard]] inline std::int64_t longestPrefix(AddressFamily family) {
  return family == AddressFamily::kIpv4 ? 32 : 128;
}

}  // namespace holdfast::config
