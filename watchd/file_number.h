// The number that a tracked file holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::watchd {

// More of a file is not looked at.
inline constexpr std::size_t kMaxNumberText = 128;

// As strtol(3) with base 0 reads it: leading white space, a sign, 0x or 0, and whatever stands
// behind the digits means nothing. 0 where there are no digits; nullopt where there are too many.
[[nodiscard]] std::optional<std::int32_t> parseFileNumber(std::string_view text);

}  // namespace holdfast::watchd
