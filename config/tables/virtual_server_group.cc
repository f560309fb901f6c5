// virtual_server_group, and its lines: ADDRESS[-END|/LENGTH] [PORT] | fwmark NUMBER [inet|inet6]
#include <charconv>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/lines.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

constexpr std::array<Choice, 2> kFamilies = {{{"inet", 0}, {"inet6", 1}}};
// The address with all bits behind `length` set; nullopt where one of them is set already.
std::optional<IpAddress> lastOf(IpAddress address, int length) {
  for (auto bit = static_cast<std::size_t>(length); bit < 8 * address.size(); ++bit) {
    std::uint8_t& byte = address.bytes.at(bit / 8);
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    if ((byte & mask) != 0) {
      return std::nullopt;
    }
    byte = static_cast<std::uint8_t>(byte | mask);
  }
  return address;
}

class Line {
 public:
  Line(Context& context, Block& line, Cursor& cursor)
      : context_(context), line_(line), cursor_(cursor), word_(cursor.take()) {}

  bool read() {
    const std::size_t mark = std::min(word_.find_first_of("-/"), word_.size());
    const auto first = IpAddress::parse(std::string_view(word_).substr(0, mark));
    if (!first) {
      return refuseAddress();
    }
    std::optional<IpAddress> last = first;
    if (mark < word_.size()) {
      const std::string rest = word_.substr(mark + 1);
      last = word_[mark] == '-' ? endOfRange(*first, rest) : endOfNetwork(*first, rest);
    }
    if (!last || !readPort()) {
      return false;
    }
    line_.say("address", *first, &cursor_.statement);
    line_.say("last", *last, &cursor_.statement);
    return true;
  }

 private:
  std::nullopt_t refuse(const std::string& message) {
    context_.error(Code::kInvalidValue, cursor_.statement, 0, message,
                   "takes ADDRESS, ADDRESS-END or ADDRESS/LENGTH, and a port");
    return std::nullopt;
  }
  bool refuseAddress() {
    refuse("Invalid virtual server group IP address " + word_ + " " +
           (cursor_.hasWord() ? "/port/" + std::string(cursor_.peek()) + " " : "") + "- skipping");
    return false;
  }

  // END is a whole address, or only its last part.
  std::optional<IpAddress> endOfRange(const IpAddress& first, const std::string& end) {
    std::optional<IpAddress> last = IpAddress::parse(end);
    if (last && last->family != first.family) {
      refuseAddress();
      return std::nullopt;
    }
    if (!last) {
      last = withLastPart(first, end);
      if (!last) {
        return std::nullopt;
      }
    }
    if (*last <= first) {
      return refuse("Address range end is not greater than address range start - " + word_ +
                    " - skipping");
    }
    return last;
  }

  std::optional<IpAddress> withLastPart(IpAddress address, const std::string& part) {
    const bool ipv4 = address.family == AddressFamily::kIpv4;
    unsigned value = 0;
    const char* end = part.data() + part.size();
    const auto [stop, error] = std::from_chars(part.data(), end, value, ipv4 ? 10 : 16);
    if (stop != end) {
      return refuse("Virtual server group range '" + word_ + "' has extra characters at end '" +
                    stop + "'");
    }
    if (error == std::errc::result_out_of_range || value > (ipv4 ? 0xffU : 0xffffU)) {
      return refuse("Virtual server group range '" + word_ + "' end '" + part + "' too large");
    }
    if (ipv4) {
      address.bytes[3] = static_cast<std::uint8_t>(value);
    } else {
      address.bytes[14] = static_cast<std::uint8_t>(value >> 8U);
      address.bytes[15] = static_cast<std::uint8_t>(value & 0xffU);
    }
    return address;
  }

  std::optional<IpAddress> endOfNetwork(const IpAddress& first, const std::string& length) {
    const int bits = first.family == AddressFamily::kIpv4 ? 32 : 128;
    int prefix = 0;
    const char* end = length.data() + length.size();
    const auto [stop, error] = std::from_chars(length.data(), end, prefix);
    if (error != std::errc{} || stop != end || prefix < 1 || prefix > bits) {
      return refuse("Invalid netmask - " + word_ + " - skipping");
    }
    const auto last = lastOf(first, prefix);
    return last ? last : refuse("Address mask bits not empty - " + word_ + " - skipping");
  }

  bool readPort() {
    if (!cursor_.hasWord() || cursor_.peek() == "0") {
      return true;
    }
    Cursor here = cursor_;
    const auto port = context_.number(here, {1, 65535});
    if (!port) {
      return refuseAddress();
    }
    line_.say("port", *port, &cursor_.statement);
    return true;
  }

  Context& context_;
  Block& line_;
  Cursor& cursor_;
  std::string word_;
};

bool readMark(Context& context, Block& line, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.missingParameter(cursor.statement);
    return false;
  }
  const auto mark = context.number(cursor, {});
  if (!mark) {
    return false;
  }
  if (cursor.hasWord()) {
    const std::string word(cursor.take());
    if (word != "inet" && word != "inet6") {
      context.error(Code::kInvalidValue, cursor,
                    "fwmark '" + std::to_string(*mark) + "' family " + word + " unknown - ignoring",
                    "takes inet or inet6");
      return false;
    }
    line.say("family", std::int64_t{word == "inet6"}, &cursor.statement);
  }
  line.say("fwmark", *mark, &cursor.statement);
  return true;
}

}  // namespace

bool beginVirtualServerGroup(Context& context, Block& group, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.missingParameter(cursor.statement);
    return false;
  }
  group.setName(std::string(cursor.take()));
  return true;
}

bool beginGroupLine(Context& context, Block& line, Cursor& cursor) {
  bool good = false;
  if (cursor.peek() == "fwmark") {
    cursor.take();
    good = readMark(context, line, cursor);
  } else {
    good = Line(context, line, cursor).read();
  }
  // Further words are not looked at.
  cursor.word = cursor.statement.words.size();
  return good;
}

const Table& groupLineTable() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"address", takes::part(takes::address()), nothing(), {bySealer()},
     "the first one"},
    {"last", takes::part(takes::address()), nothing(), {bySealer()},
     "the last one"},
    {"port", takes::part(takes::number(0, 65535)), value("0"), {bySealer()},
     "of them; 0 for all"},
    {"fwmark", takes::part(takes::number()), nothing(), {bySealer()},
     "instead of addresses: packets with this firewall mark"},
    {"family", takes::part(takes::oneOf(kFamilies)), rule("that of the real servers"), {bySealer()},
     "of packets with that mark"},
  };
  // clang-format on
  static const Table kTable("virtual_server_group line", kRows);
  return kTable;
}

const Table& virtualServerGroupTable() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"line", takes::part(takes::list(groupLineTable, beginGroupLine, "ADDRESS[-END|/LENGTH] [PORT] | fwmark NUMBER [inet|inet6]")), nothing(), {},
     "addresses with a port, or a firewall mark"},
  };
  // clang-format on
  static const Table kTable("virtual_server_group", kRows);
  return kTable;
}

}  // namespace holdfast::config
