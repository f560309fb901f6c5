#include "checkd/genhash/display.h"

#include <algorithm>

#include "checkd/printable.h"

namespace holdfast::checkd {
namespace {

constexpr std::size_t kBytesInALine = 16;
constexpr std::size_t kWidth = 26;  // of a title

std::string offsetText(std::size_t offset) {
  constexpr std::size_t kDigits = 4;
  std::string text = std::to_string(offset);
  text.insert(0, kDigits - std::min(kDigits, text.size()), '0');
  return text;
}

std::string lineOf(std::span<const std::uint8_t> bytes) {
  std::string numbers;
  std::string characters;
  for (std::size_t i = 0; i < kBytesInALine; ++i) {
    numbers += i == kBytesInALine / 2 ? "- " : "";
    numbers += i < bytes.size() ? hexDigits(bytes.subspan(i, 1)) + " " : "   ";
    const char c = i < bytes.size() ? static_cast<char>(bytes[i]) : ' ';
    characters += c >= ' ' && c <= '~' ? c : '.';
  }
  return numbers + "  " + characters + "\n";
}

}  // namespace

std::string headline(std::string_view title) {
  const std::string dashes(23, '-');
  const std::string room((kWidth + 1 - std::min(kWidth, title.size())) / 2, ' ');
  return dashes + "[" + room + std::string(title) + room + "]" + dashes + "\n";
}

std::string hexDump(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += kBytesInALine) {
    text +=
        offsetText(i) + "  " + lineOf(bytes.subspan(i, std::min(kBytesInALine, bytes.size() - i)));
  }
  return text;
}

}  // namespace holdfast::checkd
