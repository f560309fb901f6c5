// Bytes from hexadecimal digits, as tcpdump -x prints them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace holdfast::vrrpd {

inline std::vector<std::uint8_t> fromHex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  unsigned digits = 0;
  unsigned value = 0;
  for (const char c : text) {
    if (c == ' ') {
      continue;
    }
    value = value << 4 | static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    if (++digits % 2 == 0) {
      bytes.push_back(static_cast<std::uint8_t>(value));
      value = 0;
    }
  }
  return bytes;
}

}  // namespace holdfast::vrrpd
