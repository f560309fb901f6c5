// Rows of vrrp_instance about interfaces that are made for it, and about links.
#include <algorithm>
#include <array>
#include <charconv>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables/areas.h"

namespace holdfast::config {
namespace {

constexpr std::size_t kMaxName = 15;  // IFNAMSIZ - 1

using Mode = schema::Link::IpvlanMode;
constexpr std::array<Choice, 3> kModes = {{{"bridge", static_cast<std::int64_t>(Mode::BRIDGE)},
                                           {"private", static_cast<std::int64_t>(Mode::PRIVATE)},
                                           {"vepa", static_cast<std::int64_t>(Mode::VEPA)}}};

struct MacAddress {
  std::uint64_t number = 0;
  std::size_t octets = 0;
};

// "02:01:02:03:04:05", or without the last octet.
std::optional<MacAddress> parseMac(std::string_view text) {
  MacAddress mac;
  while (!text.empty()) {
    const std::string_view octet = text.substr(0, text.find(':'));
    unsigned value = 0;
    const auto [end, error] = std::from_chars(octet.data(), octet.data() + octet.size(), value, 16);
    if (error != std::errc{} || end != octet.data() + octet.size() || octet.size() > 2) {
      return std::nullopt;
    }
    mac.number = mac.number << 8 | value;
    ++mac.octets;
    text.remove_prefix(std::min(octet.size() + 1, text.size()));
  }
  return mac.octets == 5 || mac.octets == 6 ? std::optional(mac) : std::nullopt;
}

bool canBeName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':'; });
}

void readMac(Context& context, Block& instance, const MacAddress& mac, Cursor& cursor) {
  const std::string text(cursor.take());
  constexpr std::uint64_t kMulticast = std::uint64_t{1} << 40;
  constexpr std::uint64_t kRfc = 0x00005e0000;  // 00:00:5e:00:01 and 02, of RFC 5798
  const std::uint64_t whole = mac.octets == 5 ? mac.number << 8 : mac.number;
  const std::uint64_t front = whole >> 8;
  if (front == (kRfc | 1) || front == (kRfc | 2)) {
    context.error(Code::kInvalidValue, cursor,
                  "VMAC MAC address not allowed to be RFC5798 address (" + text + ") - ignoring",
                  "that one is used where none is given");
  } else if ((whole & kMulticast) != 0) {
    context.error(Code::kInvalidValue, cursor,
                  "VMAC MAC address is multicast " + text + " - ignoring");
  } else {
    instance.say("use_vmac mac", static_cast<std::int64_t>(whole), &cursor.statement);
    instance.say("use_vmac mac with router id", mac.octets == 5, &cursor.statement);
  }
}

// group NAME|NUMBER, of interfaces
void readGroup(Block& instance, Key key, Cursor& cursor) {
  cursor.take();
  instance.say(key, std::string(cursor.take()), &cursor.statement);
}

bool isFollowed(const Cursor& cursor) {
  return cursor.word + 1 < cursor.statement.words.size();
}

void readVmacName(Context& context, Block& instance, Cursor& cursor) {
  const std::string name(cursor.take());
  if (instance.isSaid("use_vmac name")) {
    context.error(Code::kDuplicate, cursor, "VMAC interface name already specified",
                  "the first one is used");
  } else if (!canBeName(name)) {
    context.error(Code::kInvalidValue, cursor,
                  "VMAC interface name '" + name + "' too long or invalid characters - ignoring",
                  "at most 15 characters, without '/' and ':'");
  } else {
    instance.say("use_vmac name", name, &cursor.statement);
  }
}

// [[name] NAME] [MAC] [netlink_notify_msg] [group NAME|NUMBER]
void readVmac(Context& context, Block& instance, Cursor& cursor) {
  instance.say("use_vmac", true, &cursor.statement);
  while (cursor.hasWord()) {
    const std::string_view word = cursor.peek();
    if (const auto mac = parseMac(word)) {
      readMac(context, instance, *mac, cursor);
    } else if (word == "netlink_notify_msg") {
      cursor.take();
      instance.say("use_vmac netlink_notify_msg", true, &cursor.statement);
    } else if (word == "group" && isFollowed(cursor)) {
      readGroup(instance, "use_vmac group", cursor);
    } else {
      if (word == "name" && isFollowed(cursor)) {
        cursor.take();
      }
      readVmacName(context, instance, cursor);
    }
  }
}

// ADDRESS[/LENGTH]. False where it is neither.
bool readLinkAddress(Context& context, Block& instance, Cursor& cursor) {
  const std::string_view text = cursor.peek();
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) {
    return false;
  }
  const std::int64_t longest = address->family == AddressFamily::kIpv4 ? 32 : 128;
  std::int64_t length = longest;
  if (slash < text.size()) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, length);
    if (error != std::errc{} || stop != end || length < 0 || length > longest) {
      return false;
    }
  }
  cursor.take();
  if (instance.isSaid("use_ipvlan address")) {
    context.error(Code::kDuplicate, cursor,
                  "(" + instance.name() + ") ipvlan address already specified - ignoring '" +
                      std::string(text) + "'",
                  "the first one is used");
  } else {
    instance.say("use_ipvlan address", *address, &cursor.statement);
    instance.say("use_ipvlan prefix length", length, &cursor.statement);
  }
  return true;
}

void readMode(Context& context, Block& instance, const Choice& mode, Cursor& cursor) {
  cursor.take();
  if (instance.isSaid("use_ipvlan mode")) {
    context.error(Code::kDuplicate, cursor,
                  "(" + instance.name() + ") ipvlan type already specified - ignoring '" +
                      std::string(mode.word) + "'",
                  "the first one is used");
  } else {
    instance.say("use_ipvlan mode", mode.value, &cursor.statement);
  }
}

void readIpvlanName(Context& context, Block& instance, Cursor& cursor) {
  const std::string name(cursor.take());
  const std::string prefix = "(" + instance.name() + ") ";
  if (instance.isSaid("use_ipvlan name")) {
    context.error(Code::kDuplicate, cursor,
                  prefix + "IPVLAN interface already specified - ignoring '" + name + "'",
                  "the first one is used");
  } else if (!canBeName(name)) {
    context.error(Code::kInvalidValue, cursor,
                  prefix + "IPVLAN interface name '" + name + "' too long - ignoring",
                  "at most 15 characters, without '/' and ':'");
  } else {
    instance.say("use_ipvlan name", name, &cursor.statement);
  }
}

// [[name] NAME] [ADDRESS[/LENGTH]] [bridge|private|vepa] [group NAME|NUMBER]
void readIpvlan(Context& context, Block& instance, Cursor& cursor) {
  if (instance.isSaid("use_ipvlan")) {
    context.error(Code::kDuplicate, cursor.statement, 0,
                  "(" + instance.name() + ") use_ipvlan already specified",
                  "the first one is used");
    return;
  }
  instance.say("use_ipvlan", true, &cursor.statement);
  while (cursor.hasWord()) {
    const std::string_view word = cursor.peek();
    const auto* mode = std::find_if(kModes.begin(), kModes.end(),
                                    [word](const Choice& one) { return one.word == word; });
    if (mode != kModes.end()) {
      readMode(context, instance, *mode, cursor);
    } else if (word == "group" && isFollowed(cursor)) {
      readGroup(instance, "use_ipvlan group", cursor);
    } else if (!readLinkAddress(context, instance, cursor)) {
      if (word == "name" && isFollowed(cursor)) {
        cursor.take();
      }
      readIpvlanName(context, instance, cursor);
    }
  }
}

void readLinkbeat(Context& context, Block& instance, Cursor& cursor) {
  context.error(Code::kInvalidValue, cursor.statement, 0,
                "(" + instance.name() +
                    ") 'linkbeat_use_polling' in vrrp instance deprecated - use "
                    "linkbeat_interfaces block");
  instance.say("linkbeat_use_polling", true, &cursor.statement);
}

// [all] SECONDS
void readExtraAnnouncements(Context& context, Block& instance, Cursor& cursor) {
  const std::string keyword(cursor.statement.keyword());
  constexpr double kMost = 86400;
  bool all = false;
  if (cursor.hasWord() && cursor.peek() == "all") {
    cursor.take();
    all = true;
  }
  if (!cursor.hasWord()) {
    context.error(Code::kMissingSetting, cursor.statement, 0,
                  "(" + instance.name() + "): " + keyword + " specified without time - ignoring",
                  "takes [all] SECONDS, to 86400");
    return;
  }
  if (const auto seconds = context.number(cursor, {0, kMost})) {
    instance.say("garp_extra_if", Duration(*seconds * takes::kSecond), &cursor.statement);
    instance.say("garp_extra_if all", all, &cursor.statement);
  }
}

void readOldExtraAnnouncements(Context& context, Block& instance, Cursor& cursor) {
  context.error(Code::kInvalidValue, cursor.statement, 0,
                R"(Keyword "vmac_garp_intvl" is deprecated - please use "garp_extra_if")");
  readExtraAnnouncements(context, instance, cursor);
}

void readSyncInterface(Context& context, Block& instance, Cursor& cursor) {
  context.error(Code::kInvalidValue, cursor.statement, 0,
                "(" + instance.name() +
                    ") Specifying lvs_sync_daemon_interface against a vrrp is deprecated.",
                "Please use global lvs_sync_daemon");
  instance.say("lvs_sync_daemon_interface", std::string(cursor.take()), &cursor.statement);
}

}  // namespace

std::span<const Row> linkRows() {
  using V = schema::VrrpInstance::Builder;
  using B = schema::BrokerInstance::Builder;
  using L = schema::Link::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"use_vmac", takes::orBare(takes::custom(readVmac, "[NAME] [MAC] [netlink_notify_msg] [group NAME|NUMBER]")), value("off"),
     {bySealer()},
     "it speaks, and has its addresses, on a macvlan interface with the virtual router's own MAC address"},
    {"use_vmac name", takes::part(takes::word()), rule("vmac_prefix.VRID, with a number or 6 where that is taken"),
     {bySealer()},
     "of that interface"},
    {"use_vmac mac", takes::part(takes::number(0, 281474976710655.0)), rule("00:00:5e:00:01:VRID, and 02 for IPv6"),
     {bySealer()},
     "of that interface"},
    {"use_vmac mac with router id", takes::part(takes::flag()), value("off"),
     {bySealer()},
     "the MAC address was given without its last octet, which is the virtual router id"},
    {"use_vmac netlink_notify_msg", takes::part(takes::flag()), value("off"),
     {bySealer()},
     "other programs are told of the interface"},
    {"use_vmac group", takes::part(takes::word()), rule("that of the interface below"),
     {bySealer()},
     "the interface's group, as ip link has them"},
    {"use_vmac_addr", takes::flag(), value("off"),
     {bySealer()},
     "addresses on other interfaces are put on macvlan interfaces too"},
    {"vmac_xmit_base", takes::flag(), value("off"),
     {to<&V::setTransmitBase>(), to<&B::setTransmitBase>()},
     "advertisements go over the interface itself, not over the macvlan one"},
    {"use_ipvlan", takes::orBare(takes::custom(readIpvlan, "[NAME] [ADDRESS] [bridge|private|vepa] [group NAME|NUMBER]")), value("off"),
     {bySealer()},
     "it speaks, and has its addresses, on an ipvlan interface"},
    {"use_ipvlan name", takes::part(takes::word()), rule("as for a macvlan interface"),
     {bySealer()},
     "of that interface"},
    {"use_ipvlan address", takes::part(takes::address()), nothing(),
     {toOptional<&L::initAddress, &L::setHasAddress>()},
     "its own address; IPv4 needs one"},
    {"use_ipvlan prefix length", takes::part(takes::number(0, 128)), value("32"),
     {to<&L::setPrefixLength>()},
     "of that address"},
    {"use_ipvlan mode", takes::part(takes::oneOf(kModes)), value("bridge"),
     {to<&L::setIpvlanMode>()},
     "the same for all on one interface"},
    {"use_ipvlan group", takes::part(takes::word()), rule("that of the interface below"),
     {bySealer()},
     "the interface's group, as ip link has them"},
    {"vrf", takes::word(), nothing(),
     {bySealer()},
     "the VRF that it speaks in, where it has unicast peers and no interface"},
    {"linkbeat_use_polling", takes::orBare(takes::custom(readLinkbeat, "")), value("off"),
     {bySealer()},
     "deprecated: linkbeat_interfaces", kNotYet},
    {"garp_extra_if", takes::orBare(takes::custom(readExtraAnnouncements, "[all] SECONDS")), from("vrrp_garp_extra_if"),
     {to<&V::setAnnounceExtraNs>()},
     "between announcements on the macvlan interfaces of addresses; all: on every interface"},
    {"garp_extra_if all", takes::part(takes::flag()), from("vrrp_garp_extra_if all"),
     {to<&B::setAnnounceExtraAll>()},
     "such announcements are made on other interfaces too"},
    {"vmac_garp_intvl", takes::orBare(takes::custom(readOldExtraAnnouncements, "[all] SECONDS")), nothing(),
     {byCompiler()},
     "deprecated: garp_extra_if"},
    {"lvs_sync_daemon_interface", takes::custom(readSyncInterface, "INTERFACE"), nothing(),
     {bySealer()},
     "deprecated: lvs_sync_daemon in global_defs"},
  };
  // clang-format on
  return kRows;
}

}  // namespace holdfast::config
