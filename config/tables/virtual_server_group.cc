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
constexpr std::int64_t kMostAddresses = 65536;

// The last 16 bits of an IPv6 address and the last 8 of an IPv4 one.
std::int64_t lastPart(const IpAddress& address) {
  return address.family == AddressFamily::kIpv4 ? address.bytes[3]
                                                : address.bytes[14] * 256 + address.bytes[15];
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
    const std::string rest = mark == word_.size() ? "" : word_.substr(mark + 1);
    std::int64_t count = 1;
    if (mark < word_.size() && !(word_[mark] == '-' ? countRange(*first, rest, count)
                                                    : countNetwork(*first, rest, count))) {
      return false;
    }
    if (!readPort()) {
      return false;
    }
    line_.say("address", *first, &cursor_.statement);
    line_.say("count", count, &cursor_.statement);
    return true;
  }

 private:
  bool refuse(const std::string& message) {
    context_.error(Code::kInvalidValue, cursor_.statement, 0, message,
                   "takes ADDRESS, ADDRESS-END or ADDRESS/LENGTH, and a port");
    return false;
  }
  bool refuseAddress() {
    return refuse("Invalid virtual server group IP address " + word_ + " " +
                  (cursor_.hasWord() ? "/port/" + std::string(cursor_.peek()) + " " : "") +
                  "- skipping");
  }

  // END is the last part of an address, or a whole one.
  bool countRange(const IpAddress& first, const std::string& end, std::int64_t& count) {
    const bool ipv4 = first.family == AddressFamily::kIpv4;
    if (const auto whole = IpAddress::parse(end)) {
      if (whole->family != first.family || *whole <= first || whole->high() != first.high()) {
        return refuse("Address range end is not greater than address range start - " + word_ +
                      " - skipping");
      }
      const std::uint64_t distance = whole->low() - first.low();
      count =
          distance < kMostAddresses ? static_cast<std::int64_t>(distance) + 1 : kMostAddresses + 1;
    } else {
      std::int64_t last = 0;
      const auto [stop, error] =
          std::from_chars(end.data(), end.data() + end.size(), last, ipv4 ? 10 : 16);
      if (error != std::errc{} || stop != end.data() + end.size() || last < 0) {
        return refuseAddress();
      }
      if (last > (ipv4 ? 0xff : 0xffff)) {
        return refuse("Virtual server group range '" + word_ + "' end '" + end + "' too large");
      }
      if (last <= lastPart(first)) {
        return refuse("Address range end is not greater than address range start - " + word_ +
                      " - skipping");
      }
      count = last - lastPart(first) + 1;
    }
    return count <= kMostAddresses ||
           refuse("Virtual server group range '" + word_ + "' has more than " +
                  std::to_string(kMostAddresses) + " addresses");
  }

  bool countNetwork(const IpAddress& first, const std::string& length, std::int64_t& count) {
    const int bits = first.family == AddressFamily::kIpv4 ? 32 : 128;
    int prefix = 0;
    const auto [stop, error] =
        std::from_chars(length.data(), length.data() + length.size(), prefix);
    if (error != std::errc{} || stop != length.data() + length.size() || prefix < 1 ||
        prefix > bits) {
      return refuse("Invalid netmask - " + word_ + " - skipping");
    }
    for (int bit = prefix; bit < bits; ++bit) {
      const auto byte = static_cast<std::size_t>(bit / 8);
      if ((first.bytes.at(byte) & (0x80U >> (bit % 8))) != 0) {
        return refuse("Address mask bits not empty - " + word_ + " - skipping");
      }
    }
    if (bits - prefix > 16) {
      return refuse("Virtual server group range '" + word_ + "' has more than " +
                    std::to_string(kMostAddresses) + " addresses");
    }
    count = std::int64_t{1} << (bits - prefix);
    return true;
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
    {"count", takes::part(takes::number(1, 65536)), value("1"), {bySealer()},
     "how many addresses there are"},
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
