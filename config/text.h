// Small pieces of text handling that the levels of the compiler share.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace holdfast::config {

[[nodiscard]] constexpr bool isSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');  // \t \n \v \f \r
}
// A set of characters: one look into a table, however many there are.
class CharacterSet {
 public:
  explicit constexpr CharacterSet(std::string_view characters) {
    for (const char c : characters) {
      has_.at(static_cast<unsigned char>(c)) = true;
    }
  }
  [[nodiscard]] constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }
  // Where the first of them stands at `from` or behind it, or the end.
  [[nodiscard]] constexpr std::size_t find(std::string_view text, std::size_t from = 0) const {
    while (from < text.size() && !has(text[from])) {
      ++from;
    }
    return from;
  }

 private:
  std::array<bool, 256> has_{};
};

// ASCII that can stand in a line of a protocol.
[[nodiscard]] constexpr bool isPrintable(std::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c > '~') {
      return false;
    }
  }
  return true;
}
// Of a header of HTTP, with its name.
inline constexpr std::size_t kMaxHeaderBytes = 4096;
[[nodiscard]] constexpr bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool isNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
[[nodiscard]] constexpr bool isNameCharacter(char c) {
  return isNameStart(c) || isDigit(c);
}

[[nodiscard]] constexpr std::string_view trimLeft(std::string_view text) {
  while (!text.empty() && isSpace(text.front())) {
    text.remove_prefix(1);
  }
  return text;
}
[[nodiscard]] constexpr std::string_view trimRight(std::string_view text) {
  while (!text.empty() && isSpace(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}
[[nodiscard]] constexpr std::string_view trim(std::string_view text) {
  return trimLeft(trimRight(text));
}

// How many characters at the front make up a parameter's name; 0 when there is none.
[[nodiscard]] constexpr std::size_t nameLength(std::string_view text) {
  std::size_t length = 0;
  if (text.empty() || !isNameStart(text.front())) {
    return 0;
  }
  while (length < text.size() && isNameCharacter(text[length])) {
    ++length;
  }
  return length;
}

}  // namespace holdfast::config
