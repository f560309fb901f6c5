// virtual_server/real_server/UDP_CHECK
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/checker_rows.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxPayload = 65507;  // of a UDP datagram over IPv4

bool isHexDigit(char c, bool wild) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
         (wild && (c == 'x' || c == 'X'));
}

// The rest of the line as pairs of digits: each word is one number or more, and the last digit of
// an odd word is a number of its own. Nullopt where there is something else.
std::optional<std::string> hexText(Cursor& cursor, bool wild) {
  std::string text;
  while (cursor.hasWord()) {
    std::string digits;
    const std::string word = std::string(cursor.take()) + " ";
    for (const char c : word) {
      if (c != ' ' && !isHexDigit(c, wild)) {
        return std::nullopt;
      }
      if (c == ' ') {
        if (digits.size() % 2 != 0) {
          digits.insert(digits.size() - 1, 1, '0');
        }
        text += digits;
        digits.clear();
      } else {
        digits += c == 'X' ? 'x' : c;
      }
    }
  }
  return text.size() <= 2 * kMaxPayload ? std::optional(text) : std::nullopt;
}

void readPayload(Context& context, Block& check, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.error(Code::kMissingSetting, cursor.statement, 0,
                  "UDP_CHECK payload requires a payload", "takes hexadecimal digits");
    return;
  }
  if (auto text = hexText(cursor, false)) {
    check.say("payload", std::move(*text), &cursor.statement);
  } else {
    context.error(Code::kInvalidValue, cursor, "Invalid hex string for UDP_CHECK payload",
                  "takes hexadecimal digits, with spaces between bytes if wanted");
  }
}

void readReply(Context& context, Block& check, Cursor& cursor) {
  check.say("require_reply", true, &cursor.statement);
  if (auto text = hexText(cursor, true)) {
    check.say("require_reply data", std::move(*text), &cursor.statement);
  } else {
    context.error(Code::kInvalidValue, cursor, "Invalid hex string for UDP_CHECK reply",
                  "takes hexadecimal digits, and x for one that does not matter");
  }
}

}  // namespace

const Table& udpCheckTable() {
  using Udp = schema::UdpCheck::Builder;
  // clang-format off
  static constexpr std::array<Row, 5> kOwn = {{
    {"payload", takes::orBare(takes::custom(readPayload, "HEX")), nothing(), {bySealer()},
     "what is sent"},
    {"require_reply", takes::orBare(takes::custom(readReply, "[HEX]")), value("off"), {to<&Udp::setRequireReply>()},
     "silence is a failure; with digits the reply has to begin with them"},
    {"require_reply data", takes::part(takes::word()), nothing(), {bySealer()},
     "what the reply has to begin with; x is any digit"},
    {"min_reply_length", takes::number(0, 65535), value("0"), {to<&Udp::setMinReplyBytes>()},
     "a shorter reply is a failure"},
    {"max_reply_length", takes::number(0, 65535), value("255"), {to<&Udp::setMaxReplyBytes>()},
     "a longer reply is a failure"},
  }};
  // clang-format on
  static const Table kTable("virtual_server/real_server/UDP_CHECK",
                            {kConnectingRows, kCheckingRows, kOwn});
  return kTable;
}

}  // namespace holdfast::config
