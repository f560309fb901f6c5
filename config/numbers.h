// Whole numbers in words that have more than a number, without a message.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::config {

[[nodiscard]] inline std::optional<std::uint32_t> numberOfBase(std::string_view text, int base) {
  std::uint32_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, base);
  return error == std::errc{} && end == last ? std::optional(number) : std::nullopt;
}

// "16", "0x10" and "020", as iproute2 reads numbers.
[[nodiscard]] inline std::optional<std::uint32_t> numberOfAnyBase(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) {
    return numberOfBase(text.substr(2), 16);
  }
  return numberOfBase(text, text.size() > 1 && text.front() == '0' ? 8 : 10);
}

[[nodiscard]] inline std::optional<std::int64_t> wholeNumber(std::string_view text,
                                                             std::uint32_t highest) {
  const auto number = numberOfBase(text, 10);
  return number && *number <= highest ? std::optional<std::int64_t>(*number) : std::nullopt;
}

}  // namespace holdfast::config
