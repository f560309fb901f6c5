// The lines of static_ipaddress, virtual_ipaddress and virtual_ipaddress_excluded: ADDRESS[/LENGTH]
// OPTIONS
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/lines.h"
#include "config/prefix.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxLabel = 15;  // IFNAMSIZ - 1
constexpr std::int64_t kLongestWithBroadcast = 30;
constexpr std::int64_t kForever = 0xffffffff;

constexpr std::array<Choice, 1> kLifetimes = {{{"forever", kForever}}};
bool isIpv4(const Block& line) {
  return line.address("address")->family == AddressFamily::kIpv4;
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
  if (!isIpv4(line)) {
    context.error(Code::kInvalidValue, cursor,
                  "Cannot specify label for IPv6 addresses (" + line.name() + ") - ignoring label");
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
  const bool isHostBits = text == "+" || text == "-";
  const auto address = IpAddress::parse(text);
  const std::int64_t length = line.number("prefix length");
  if (!isIpv4(line)) {
    context.error(Code::kInvalidValue, cursor,
                  "Cannot specify broadcast with an IPv6 address - removing address");
    line.drop();
  } else if (isHostBits && length > kLongestWithBroadcast) {
    context.error(Code::kInvalidValue, cursor,
                  "Address prefix length " + std::to_string(length) + " too long for broadcast");
  } else if (isHostBits) {
    line.say("broadcast", withHostBits(*line.address("address"), length, text == "+"),
             &cursor.statement);
  } else if (address && address->family == AddressFamily::kIpv4) {
    line.say("broadcast", *address, &cursor.statement);
  } else {
    context.error(Code::kInvalidValue, cursor,
                  "VRRP is trying to assign invalid broadcast " + text + ". skipping VIP...",
                  "takes an address, + or -");
    line.drop();
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
  if (line.number("prefix length") != longestPrefix(address->family)) {
    context.error(Code::kInvalidValue, cursor,
                  "Cannot specify address prefix when specifying peer address - ignoring");
    line.adjust("prefix length", longestPrefix(address->family), "an address with a peer has none");
  }
  line.say("peer", *address, &cursor.statement);
}

void readPreferredLifetime(Context& context, Block& line, Cursor& cursor) {
  if (cursor.peek() == "forever") {
    cursor.take();
    line.say("preferred_lft", kForever, &cursor.statement);
  } else if (const auto seconds = context.number(cursor, {})) {
    line.say("preferred_lft", *seconds, &cursor.statement);
  }
}

bool isStatic(const Block& line) {
  return line.row()->name == "static_ipaddress";
}

void refuse(Context& context, Cursor& cursor, const char* hint) {
  const std::string word(cursor.statement.words[cursor.word - 1].text);
  context.error(Code::kInvalidValue, cursor,
                "Unknown configuration entry '" + word + "' for ip address - ignoring", hint);
}

void readTrackGroup(Context& context, Block& line, Cursor& cursor) {
  if (!isStatic(line)) {
    refuse(context, cursor, "static addresses only");
    cursor.take();
    return;
  }
  line.say("track_group", std::string(cursor.take()), &cursor.statement);
}

void readUseVmac(Context& context, Block& line, Cursor& cursor) {
  if (isStatic(line)) {
    refuse(context, cursor, "addresses of a vrrp_instance only");
  } else {
    line.say("use_vmac", true, &cursor.statement);
  }
}

void readDevice(Context& context, Block& line, Cursor& cursor) {
  const std::string name(cursor.take());
  if (line.isSaid("dev")) {
    context.error(Code::kDuplicate, cursor,
                  "Cannot specify ipaddress device more than once for " + line.name());
    line.drop();
  } else {
    line.say("dev", name, &cursor.statement);
  }
}

std::string unknownOption(const Block&, const std::string& word) {
  return "Unknown configuration entry '" + word + "' for ip address - ignoring";
}

}  // namespace

bool beginAddressLine(Context& context, Block& line, Cursor& cursor) {
  line.setName(std::string(cursor.peek()));
  const auto prefix = readPrefix(context, cursor);
  if (!prefix) {
    context.error(Code::kInvalidValue, cursor,
                  "VRRP parsed invalid IP " + line.name() + ". skipping IP...",
                  "takes an IPv4 or IPv6 address, with /LENGTH if wanted");
    return false;
  }
  line.say("address", prefix->address, &cursor.statement);
  if (prefix->saidLength) {
    line.say("prefix length", prefix->length, &cursor.statement);
  } else if (!isIpv4(line)) {
    line.assume("prefix length", prefix->length, "a single address");
  }
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
    {"dev", takes::custom(readDevice, "NAME"), from("interface"), {bySealer()},
     "the interface it is put on"},
    {"scope", takes::word(), nothing(), {bySealer()},
     "how far it is valid: a number, or a name of rt_scopes: global, site, link, host, nowhere"},
    {"scope number", takes::part(takes::number(0, 255)), value("0"), {to<&Address::setScope>()},
     "its number; 0 is global"},
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
    {"use_vmac", takes::orBare(takes::custom(readUseVmac, "")), nothing(), {to<&Address::setUseVmac>()},
     "on a macvlan interface of its own"},
    {"link", takes::part(takes::word()), nothing(), {bySealer()},
     "the VMAC or ipvlan on that interface that it is put on"},
    {"excluded", takes::part(takes::flag()), value("off"), {bySealer()},
     "it is not in advertisements"},
    {"repeated", takes::part(takes::flag()), value("off"), {byCompiler()},
     "it stands in the instance twice, and is put on the interface once"},
    {"track_group", takes::custom(readTrackGroup, "NAME"), nothing(), {bySealer()},
     "static addresses: these instances are in FAULT while it is not there"},
  };
  // clang-format on
  static const Table kTable("virtual_ipaddress line", kRows, {unknownOption});
  return kTable;
}

}  // namespace holdfast::config
