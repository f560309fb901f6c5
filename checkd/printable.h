// What a server says, for a log line.
#pragma once

#include <cstddef>
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

}  // namespace holdfast::checkd
