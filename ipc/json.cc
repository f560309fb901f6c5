#include "ipc/json.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace holdfast {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t length = 1;
};

std::uint32_t byteAt(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// The character at the front.
Character firstCharacter(std::string_view text) {
  struct Lead {
    std::uint32_t mask;
    std::uint32_t pattern;
    std::size_t length;
    std::uint32_t smallest;
  };
  constexpr std::array<Lead, 3> kLeads = {
      {{0xe0, 0xc0, 2, 0x80}, {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000}}};
  const std::uint32_t first = byteAt(text, 0);
  for (const Lead& lead : kLeads) {
    if ((first & lead.mask) != lead.pattern || text.size() < lead.length) {
      continue;
    }
    std::uint32_t code = first & ~lead.mask;
    bool valid = true;
    for (std::size_t i = 1; i < lead.length; ++i) {
      valid = valid && (byteAt(text, i) & 0xc0) == 0x80;
      code = (code << 6) | (byteAt(text, i) & 0x3f);
    }
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (valid && code >= lead.smallest && code <= 0x10ffff && !surrogate) {
      return {code, lead.length};
    }
  }
  return {first, 1};
}

void appendEscape(std::string& out, std::uint32_t unit) {
  std::array<char, 8> escape{};
  std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(unit & 0xffff));
  out += escape.data();
}

}  // namespace

void appendJsonString(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const Character character = firstCharacter(text);
    text.remove_prefix(character.length);
    if (character.code == '"' || character.code == '\\') {
      out += '\\';
      out += static_cast<char>(character.code);
    } else if (character.code >= 0x20 && character.code < 0x7f) {
      out += static_cast<char>(character.code);
    } else if (character.code < 0x10000) {
      appendEscape(out, character.code);
    } else {
      appendEscape(out, 0xd800 + ((character.code - 0x10000) >> 10));
      appendEscape(out, 0xdc00 + ((character.code - 0x10000) & 0x3ff));
    }
  }
  out += '"';
}

}  // namespace holdfast
