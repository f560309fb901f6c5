// static_rules and virtual_rules.
#include <linux/fib_rules.h>

#include "config/resolve/iproute.h"

namespace holdfast::config {
namespace {

using Kind = IprouteNames::Kind;
constexpr std::int64_t kFirstPreference = 16384;

bool refuse(Resolution& resolution, Block& rule, Code code, std::string message,
            std::string hint = {}) {
  resolution.error(code, rule.statement(), std::move(message), std::move(hint));
  rule.drop();
  return false;
}

bool resolveFamily(Resolution& resolution, Block& rule) {
  const IpAddress* from = rule.address("from");
  const IpAddress* to = rule.address("to");
  const IpAddress* first = from != nullptr ? from : to;
  const bool addressIsIp6 = first != nullptr && first->family == AddressFamily::kIpv6;
  const bool mixed = (from != nullptr && to != nullptr && from->family != to->family) ||
                     (first != nullptr && rule.flag("inet") && addressIsIp6) ||
                     (first != nullptr && rule.flag("inet6") && !addressIsIp6) ||
                     (rule.flag("inet") && rule.flag("inet6"));
  if (mixed) {
    return refuse(resolution, rule, Code::kConflict, "rule specification has mixed IPv4 and IPv6");
  }
  rule.assume("family", std::int64_t{rule.flag("inet6") || addressIsIp6},
              first != nullptr ? "that of its addresses" : "inet6, else IPv4");
  return true;
}

bool resolveNames(Resolution& resolution, Block& rule) {
  const auto unknown = [&](std::string message, const char* hint) {
    return refuse(resolution, rule, Code::kUnknownName, std::move(message), hint);
  };
  constexpr std::uint32_t kAny = 0xffffffff;
  if (!resolveName(resolution, rule, "table", "table number", Kind::kTable, kAny)) {
    return unknown("Routing table " + rule.text("table") + " not found for rule",
                   "a number, or a name in /etc/iproute2/rt_tables");
  }
  if (!resolveName(resolution, rule, "tos", "tos number", Kind::kTos, 255)) {
    return unknown("TOS value " + rule.text("tos") + " is invalid",
                   "a number to 255, or a name in /etc/iproute2/rt_dsfield");
  }
  if (!resolveRealms(resolution, rule)) {
    return unknown("invalid realms " + rule.text("realms") + " for rule",
                   "SOURCE/DESTINATION, each a number to 255 or a name in /etc/iproute2/rt_realms");
  }
  if (!resolveName(resolution, rule, "suppress_ifgroup", "suppress_ifgroup number", Kind::kGroup,
                   0x7fffffff)) {
    return unknown("suppress_group " + rule.text("suppress_ifgroup") + " is invalid",
                   "a number, or a name in /etc/iproute2/group");
  }
  if (!resolveName(resolution, rule, "ipproto", "ipproto number", Kind::kIpProtocol, 255)) {
    resolution.error(Code::kUnknownName, rule.statement(),
                     "Invalid ipproto " + rule.text("ipproto"),
                     "a number to 255, or a name in /etc/protocols");
    rule.forget("ipproto");
  }
  return true;
}

bool resolveAction(Resolution& resolution, Block& rule) {
  if (rule.setting("action") == nullptr) {
    return refuse(resolution, rule, Code::kMissingSetting,
                  "No action specified for rule - ignoring",
                  "table, goto, nop, blackhole, unreachable, prohibit or l3mdev");
  }
  const bool isLookup = rule.number("action") == FR_ACT_TO_TBL;
  if (isLookup && !rule.flag("l3mdev") && rule.number("table number") == 0) {
    return refuse(resolution, rule, Code::kInvalidValue, "Table 0 is not valid");
  }
  const bool needsLookup = rule.isSaid("suppress_prefixlength") ||
                           rule.isSaid("suppress_ifgroup") || rule.isSaid("realms");
  if (!isLookup && needsLookup) {
    return refuse(resolution, rule, Code::kConflict,
                  "suppressor/realm specified for non table action - skipping");
  }
  if (rule.number("action") == FR_ACT_GOTO) {
    const std::string target = std::to_string(rule.number("goto"));
    if (!rule.isSaid("preference")) {
      return refuse(resolution, rule, Code::kMissingSetting,
                    "Invalid rule - goto target " + target + " specified without preference");
    }
    if (rule.number("preference") >= rule.number("goto")) {
      return refuse(resolution, rule, Code::kConflict,
                    "Invalid rule - preference " + std::to_string(rule.number("preference")) +
                        " >= goto target " + target);
    }
  }
  return true;
}

bool resolveInterfaces(Resolution& resolution, Block& rule) {
  bool good = true;
  for (const Key key : {Key("iif"), Key("oif")}) {
    if (const auto* name = rule.find<std::string>(key)) {
      good = resolution.useInterface(*name, rule.statement(),
                                     "WARNING - interface " + *name + " for rule doesn't exist") &&
             good;
    }
  }
  if (!good) {
    rule.drop();
  }
  return good;
}

}  // namespace

void resolveRules(Resolution& resolution) {
  std::int64_t preference = kFirstPreference;
  eachLine(resolution, "static_rules", "virtual_rules", [&](Block& rule) {
    if (!resolveFamily(resolution, rule) || !resolveNames(resolution, rule) ||
        !resolveAction(resolution, rule) || !resolveInterfaces(resolution, rule)) {
      return;
    }
    resolveProtocol(resolution, rule, "protocol", "Rule");
    resolveTrackGroup(resolution, rule);
    if (!rule.isSaid("preference")) {
      resolution.error(Code::kMissingSetting, rule.statement(),
                       "Rule has no preference specified - setting to " +
                           std::to_string(preference) + ". This is probably not what you want.",
                       "say preference N");
      rule.assume("preference", preference, "counted down from 16384");
      preference -= preference > 1 ? 1 : 0;
    }
  });
}

}  // namespace holdfast::config
