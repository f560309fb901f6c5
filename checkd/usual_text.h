// What UDP_CHECK and PING_CHECK send where nothing is configured: keepalived's text, over and over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace holdfast::checkd {

[[nodiscard]] inline std::vector<std::uint8_t> usualText(std::size_t size) {
  constexpr std::string_view kText = "keepalived check - ";
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(kText[i % kText.size()]);
  }
  return bytes;
}

}  // namespace holdfast::checkd
