// encap, of routes and nexthops: ip OPTIONS | ip6 OPTIONS | mpls LABEL[/LABEL] | ila LOCATOR
#include <charconv>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/route_parts.h"

namespace holdfast::config {
namespace {

using Tunnel = schema::Encapsulation::Builder;

void readEndpoint(Context& context, Block& tunnel, Cursor& cursor) {
  const std::string keyword(cursor.statement.words[cursor.word - 1].text);
  const std::string text(cursor.take());
  const bool isIp6 = tunnel.row()->name == "ip6";
  const auto address = IpAddress::parse(text);
  if (!address) {
    context.error(Code::kInvalidValue, cursor,
                  "Invalid encap " + std::string(tunnel.row()->name) + " " + keyword + " " + text,
                  isIp6 ? "takes an IPv6 address" : "takes an IPv4 address");
    tunnel.drop();
  } else if ((address->family == AddressFamily::kIpv6) != isIp6) {
    context.error(Code::kInvalidValue, cursor,
                  (isIp6 ? "IPv4 address " : "IPv6 address ") + text + " not valid for " +
                      std::string(tunnel.row()->name) + " encapsulation");
    tunnel.drop();
  } else {
    tunnel.say(Key(keyword), *address, &cursor.statement);
  }
}

// The tunnel's key: 64 bits, where the numbers of other keywords have 63.
void readId(Context& context, Block& tunnel, Cursor& cursor) {
  const std::string text(cursor.take());
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size()) {
    context.error(Code::kInvalidValue, cursor, "encap id " + text + " value is invalid",
                  "takes a number of 64 bits");
    tunnel.drop();
    return;
  }
  tunnel.say("id", static_cast<std::int64_t>(id), &cursor.statement);
}

void endTunnel(Context& context, Block& tunnel, Cursor& cursor) {
  if (!tunnel.isSaid("dst") && !tunnel.isSaid("id")) {
    context.error(Code::kMissingSetting, cursor,
                  "address or id missing for " + std::string(tunnel.row()->name) + " encapsulation",
                  "dst or id is needed");
    tunnel.drop();
  }
}

constexpr LineRules kRules = {.missingEnds = true, .unreadableDrops = true};

// clang-format off
constexpr Row kTunnelRows[] = {
    {"id", takes::custom(readId, "NUMBER"), nothing(), {toOptional<&Tunnel::setId, &Tunnel::setHasId>()},
     "the tunnel's key"},
    {"dst", takes::custom(readEndpoint, "ADDRESS"), nothing(), {toOptional<&Tunnel::initDestination, &Tunnel::setHasDestination>()},
     "its far end"},
    {"src", takes::custom(readEndpoint, "ADDRESS"), nothing(), {toOptional<&Tunnel::initSource, &Tunnel::setHasSource>()},
     "its near end"},
    {"flags", takes::number(0, 65535), nothing(), {toOptional<&Tunnel::setFlags, &Tunnel::setHasFlags>()},
     "TUNNEL_* of the kernel, as a number"},
};
// clang-format on

const Table& ipTable() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"tos", takes::word(), nothing(), {bySealer()},
     "of the outer header: a number or a name of rt_dsfield"},
    {"tos number", takes::part(takes::number(0, 255)), nothing(), {toOptional<&Tunnel::setTos, &Tunnel::setHasTos>()},
     "its number"},
    {"ttl", takes::number(0, 255), nothing(), {toOptional<&Tunnel::setTtl, &Tunnel::setHasTtl>()},
     "of the outer header"},
  };
  // clang-format on
  static const Table kTable("virtual_routes line/encap ip", {kTunnelRows, kRows}, kRules);
  return kTable;
}

const Table& ip6Table() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"tc", takes::word(), nothing(), {bySealer()},
     "traffic class of the outer header: a number or a name of rt_dsfield"},
    {"tc number", takes::part(takes::number(0, 255)), nothing(), {toOptional<&Tunnel::setTos, &Tunnel::setHasTos>()},
     "its number"},
    {"hoplimit", takes::number(0, 255), nothing(), {toOptional<&Tunnel::setTtl, &Tunnel::setHasTtl>()},
     "of the outer header"},
  };
  // clang-format on
  static const Table kTable("virtual_routes line/encap ip6", {kTunnelRows, kRows}, kRules);
  return kTable;
}

std::optional<std::uint32_t> numberIn(std::string_view word, int base, std::uint32_t highest) {
  std::uint32_t number = 0;
  const char* last = word.data() + word.size();
  const auto [end, error] = std::from_chars(word.data(), last, number, base);
  return error == std::errc{} && end == last && number <= highest ? std::optional(number)
                                                                  : std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = text.find(separator); at != std::string_view::npos;
       at = text.find(separator)) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.push_back(text);
  return parts;
}

// As many labels as keepalived takes.
std::optional<WordList> labelsIn(std::string_view text) {
  constexpr std::size_t kMostLabels = 2;
  constexpr std::uint32_t kHighest = (1U << 20U) - 1;
  WordList labels;
  for (const std::string_view word : split(text, '/')) {
    const bool isHex = word.starts_with("0x") || word.starts_with("0X");
    const auto label = numberIn(word.substr(isHex ? 2 : 0), isHex ? 16 : 10, kHighest);
    if (!label || labels.size() == kMostLabels) {
      return std::nullopt;
    }
    labels.push_back(std::to_string(*label));
  }
  return labels;
}

void readLabels(Context& context, Block& encapsulation, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.error(Code::kInvalidValue, cursor, "missing address for MPLS encapsulation");
    encapsulation.drop();
    return;
  }
  const std::string text(cursor.take());
  auto labels = labelsIn(text);
  if (!labels) {
    context.error(Code::kInvalidValue, cursor,
                  "invalid mpls address " + text + " for encapsulation",
                  "takes LABEL or LABEL/LABEL, from 0 to 1048575");
    encapsulation.drop();
    return;
  }
  encapsulation.say("mpls", std::make_shared<const WordList>(std::move(*labels)),
                    &cursor.statement);
}

// Four groups of four hexadecimal digits, the highest first.
void readLocator(Context& context, Block& encapsulation, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.error(Code::kInvalidValue, cursor, "missing locator for ILA encapsulation");
    encapsulation.drop();
    return;
  }
  const std::string text(cursor.take());
  const auto groups = split(text, ':');
  std::uint64_t locator = 0;
  bool good = groups.size() == 4;
  for (const std::string_view group : groups) {
    const auto bits = numberIn(group, 16, 0xffff);
    good = good && bits && group.size() <= 4;
    locator = locator << 16U | bits.value_or(0);
  }
  if (!good) {
    context.error(Code::kInvalidValue, cursor, "invalid locator " + text + " for ila encapsulation",
                  "takes 1:2:3:4");
    encapsulation.drop();
    return;
  }
  encapsulation.say("ila", static_cast<std::int64_t>(locator), &cursor.statement);
}

}  // namespace

void endEncapsulation(Context& context, Block& encapsulation, Cursor& cursor) {
  const std::size_t kinds = encapsulation.blocks().size() +
                            static_cast<std::size_t>(std::distance(encapsulation.settings().begin(),
                                                                   encapsulation.settings().end()));
  if (kinds == 0) {
    const std::string word(cursor.hasWord() ? cursor.take() : "");
    context.error(Code::kInvalidValue, cursor,
                  word.empty() ? "Missing encap type" : "Unknown encap type - " + word,
                  "takes ip, ip6, mpls or ila");
    encapsulation.drop();
  } else if (kinds > 1) {
    context.error(Code::kConflict, cursor, "more than one type of encapsulation");
    encapsulation.drop();
  }
}

const Table& encapsulationTable() {
  // clang-format off
  static constexpr Row kRows[] = {
    {"ip", takes::options(ipTable, endTunnel, "[id N] [dst ADDRESS] [src ADDRESS] [tos N] [ttl N] [flags N]"), nothing(), {},
     "a tunnel over IPv4"},
    {"ip6", takes::options(ip6Table, endTunnel, "[id N] [dst ADDRESS] [src ADDRESS] [tc N] [hoplimit N] [flags N]"), nothing(), {},
     "a tunnel over IPv6"},
    {"mpls", takes::orBare(takes::custom(readLabels, "LABEL[/LABEL]")), nothing(), {bySealer()},
     "labels, the outermost first"},
    {"ila", takes::orBare(takes::custom(readLocator, "HEX:HEX:HEX:HEX")), nothing(), {to<&Tunnel::setLocator>()},
     "the locator of identifier-locator addressing"},
  };
  // clang-format on
  static const Table kTable("virtual_routes line/encap", kRows, kRules);
  return kTable;
}

}  // namespace holdfast::config
