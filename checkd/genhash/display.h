// What genhash prints.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::checkd {

// "-----[ title ]-----", as wide as a line of bytes.
[[nodiscard]] std::string headline(std::string_view title);

// Lines of 16 bytes: offset, in hexadecimal, as characters.
[[nodiscard]] std::string hexDump(std::span<const std::uint8_t> bytes);

}  // namespace holdfast::checkd
