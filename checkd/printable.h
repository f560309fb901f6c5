// What a server says, for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::checkd {

inline constexpr std::size_t kMaxWhy = 200;

// The first `most` bytes of `text`, with a ? for each that is not printable ASCII.
[[nodiscard]] inline std::string printable(std::string_view text, std::size_t most) {
  std::string shown(text.substr(0, most));
  for (char& c : shown) {
    c = c >= ' ' && c <= '~' ? c : '?';
  }
  return shown;
}

[[nodiscard]] inline std::string hexDigits(std::span<const std::uint8_t> bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

}  // namespace holdfast::checkd
