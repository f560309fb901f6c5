// Text from pieces: concat("(", name, ") TTL/HL ", 64, " from ", address).
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "ipc/ip_address.h"

namespace holdfast {

namespace detail {
inline void append(std::string& to, std::string_view text) {
  to += text;
}
inline void append(std::string& to, const IpAddress& address) {
  to += address.toString();
}
template <std::integral Number>
void append(std::string& to, Number number) {
  to += std::to_string(number);
}
}  // namespace detail

template <typename... Pieces>
[[nodiscard]] std::string concat(const Pieces&... pieces) {
  std::string text;
  (detail::append(text, pieces), ...);
  return text;
}

}  // namespace holdfast
