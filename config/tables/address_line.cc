// The lines of virtual_ipaddress and virtual_ipaddress_excluded: ADDRESS[/LENGTH] OPTIONS
#include <linux/rtnetlink.h>

#include <array>
#include <charconv>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/lines.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxLabel = 15;  // IFNAMSIZ - 1
constexpr std::int64_t kForever = 0xffffffff;

constexpr std::array<Choice, 1> kLifetimes = {{{"forever", kForever}}};
constexpr std::array<Choice, 5> kScopes = {{{"global", RT_SCOPE_UNIVERSE},
                                            {"site", RT_SCOPE_SITE},
                                            {"link", RT_SCOPE_LINK},
                                            {"host", RT_SCOPE_HOST},
                                            {"nowhere", RT_SCOPE_NOWHERE}}};

bool isIpv4(const Block& line) {
  return line.address("address")->family == AddressFamily::kIpv4;
}

void readScope(Context& context, Block& line, Cursor& cursor) {
  const std::string text(cursor.take());
  for (const Choice& scope : kScopes) {
    if (scope.word == text) {
      line.say("scope", scope.value, &cursor.statement);
      return;
    }
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0 || number > 255) {
    context.error(Code::kInvalidValue, cursor, "Invalid scope '" + text + "'",
                  "takes global, site, link, host, nowhere, or 0 to 255");
    return;
  }
  line.say("scope", number, &cursor.statement);
}

void readLabel(Context& context, Block& line, Cursor& cursor) {
  const std::string text(cursor.take());
  if (text.size() > kMaxLabel) {
    context.error(Code::kInvalidValue, cursor,
                  "Address label " + text + " is longer than maximum length " +
                      std::to_string(kMaxLabel) + " - removing address");
    line.drop();
    return;
  }
  line.say("label", text, &cursor.statement);
}

// The address of the network of `address` with all host bits set or clear.
IpAddress withHostBits(IpAddress address, std::int64_t prefixLength, bool set) {
  for (auto bit = static_cast<std::size_t>(prefixLength); bit < 8 * address.size(); ++bit) {
    std::uint8_t& byte = address.bytes.at(bit / 8);
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    byte = static_cast<std::uint8_t>(set ? byte | mask : byte & ~mask);
  }
  return address;
}

void readBroadcast(Context& context, Block& line, Cursor& cursor) {
  const std::string text(cursor.take());
  const auto address = IpAddress::parse(text);
  if (!isIpv4(line)) {
    context.error(Code::kInvalidValue, cursor,
                  "Cannot specify broadcast with an IPv6 address - ignoring");
  } else if (text == "+" || text == "-") {
    line.say("broadcast",
             withHostBits(*line.address("address"), line.number("prefix length"), text == "+"),
             &cursor.statement);
  } else if (address && address->family == AddressFamily::kIpv4) {
    line.say("broadcast", *address, &cursor.statement);
  } else {
    context.error(Code::kInvalidValue, cursor, "Invalid broadcast address '" + text + "'",
                  "takes an address, + or -");
  }
}

void readPeer(Context& context, Block& line, Cursor& cursor) {
  const std::string text(cursor.take());
  const auto address = IpAddress::parse(text);
  if (!address || address->family != line.address("address")->family) {
    context.error(Code::kInvalidValue, cursor, "Invalid peer address " + text,
                  "takes an address of the same family, without a prefix length");
    return;
  }
  if (line.isSaid("prefix length")) {
    context.error(Code::kInvalidValue, cursor,
                  "Cannot specify address prefix when specifying peer address - ignoring");
    line.adjust("prefix length", std::int64_t{isIpv4(line) ? 32 : 128},
                "an address with a peer has none");
  }
  line.say("peer", *address, &cursor.statement);
}

void readPreferredLifetime(Context& context, Block& line, Cursor& cursor) {
  if (cursor.peek() == "forever") {
    cursor.take();
    line.say("preferred_lft", kForever, &cursor.statement);
  } else if (const auto seconds = context.number(cursor, {0, 4294967294.0})) {
    line.say("preferred_lft", *seconds, &cursor.statement);
  }
}

void refuseTrackGroup(Context& context, Block&, Cursor& cursor) {
  context.error(Code::kInvalidValue, cursor.statement, cursor.word - 1,
                "track_group is for static addresses only - ignoring");
  cursor.take();
}

std::string unknownOption(const Block&, const std::string& word) {
  return "Unknown configuration entry '" + word + "' for ip address - ignoring";
}

}  // namespace

bool beginAddressLine(Context& context, Block& line, Cursor& cursor) {
  const std::string text(cursor.take());
  line.setName(text);
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto address = IpAddress::parse(std::string_view(text).substr(0, slash));
  if (!address) {
    context.error(Code::kInvalidValue, cursor,
                  "VRRP parsed invalid IP " + text + ". skipping IP...",
                  "takes an IPv4 or IPv6 address, with /LENGTH if wanted");
    return false;
  }
  line.say("address", *address, &cursor.statement);
  const std::int64_t longest = isIpv4(line) ? 32 : 128;
  if (slash == text.size()) {
    if (!isIpv4(line)) {
      line.assume("prefix length", longest, "a single address");
    }
    return true;
  }
  std::int64_t length = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, length);
  if (error != std::errc{} || stop != end || length < 0 || length > longest) {
    length = longest;
    context.error(Code::kInvalidValue, cursor,
                  "Invalid address prefix len " + text.substr(slash + 1) + " for address " + text +
                      " - using " + std::to_string(longest));
  }
  line.say("prefix length", length, &cursor.statement);
  return true;
}

const Table& addressLineTable() {
  using Address = schema::VirtualAddress::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"address", takes::part(takes::address()), nothing(), {to<&Address::initAddress>()},
     "the address"},
    {"prefix length", takes::part(takes::number(0, 128)), value("32"),
     {to<&Address::setPrefixLength>()},
     "of its network"},
    {"dev", takes::word(), from("interface"), {bySealer()},
     "the interface it is put on"},
    {"scope", takes::custom(readScope, "global|site|link|host|nowhere|0..255", kScopes), value("global"),
     {to<&Address::setScope>()},
     "how far it is valid"},
    {"label", takes::custom(readLabel, "NAME"), nothing(), {to<&Address::setLabel>()},
     "a name for it, such as eth0:1"},
    {"broadcast", takes::custom(readBroadcast, "ADDRESS|+|-"), nothing(),
     {toOptional<&Address::initBroadcast, &Address::setHasBroadcast>()},
     "its broadcast address; + and - set and clear the host bits"},
    {"brd", takes::sameAs("broadcast"), nothing(), {},
     "the same"},
    {"peer", takes::custom(readPeer, "ADDRESS"), nothing(),
     {toOptional<&Address::initPeer, &Address::setHasPeer>()},
     "the other end of a point-to-point link"},
    {"preferred_lft", takes::custom(readPreferredLifetime, "SECONDS|forever", kLifetimes),
     value("forever"),
     {to<&Address::setPreferredLifetimeSeconds>()},
     "how long it is preferred; 0: it is deprecated"},
    {"home", takes::flag(), value("off"), {bySealer()},
     "IPv6: a mobile node's home address"},
    {"-nodad", takes::flag(), value("off"), {bySealer()},
     "IPv6: do detect duplicates"},
    {"nodad", takes::flag(), value("off"), {byCompiler()},
     "IPv6: do not detect duplicates, which is so anyhow"},
    {"mngtmpaddr", takes::flag(), value("off"), {bySealer()},
     "IPv6: the kernel makes temporary addresses from it"},
    {"noprefixroute", takes::flag(), value("off"), {bySealer()},
     "no route for its prefix"},
    {"autojoin", takes::flag(), value("off"), {bySealer()},
     "join it as a multicast group"},
    {"no_track", takes::flag(), value("off"), {bySealer()},
     "it is not put back when someone deletes it"},
    {"use_vmac", takes::flag(), value("off"), {to<&Address::setUseVmac>()},
     "on a macvlan interface of its own", kNotYet},
    {"excluded", takes::part(takes::flag()), value("off"), {bySealer()},
     "it is not in advertisements"},
    {"repeated", takes::part(takes::flag()), value("off"), {byCompiler()},
     "it stands in the instance twice, and is put on the interface once"},
    {"track_group", takes::custom(refuseTrackGroup, "NAME"), nothing(), {byCompiler()},
     "static addresses only"},
  };
  // clang-format on
  static const Table kTable("virtual_ipaddress line", kRows, {unknownOption});
  return kTable;
}

}  // namespace holdfast::config
