// global_defs: firewall, virtual MAC interfaces, announcements.
#include <string>

#include "config/block.h"
#include "config/field.h"
#include "config/tables/global_areas.h"

namespace holdfast::config {
namespace {

// Of the first one that stands in a file.
void readIptables(Context& context, Block& globals, Cursor& cursor) {
  if (context.isFirst(*globals.table().named("vrrp_iptables"))) {
    context.complain(Severity::kNotice, Code::kNotSupported, cursor.statement, 0,
                     "iptables not supported, using nftables instead. Please replace "
                     "'vrrp_iptables and 'vrrp_ipsets' with 'nftables' config option",
                     "nothing is put into chains and sets of your own: there is a table for it");
  }
  globals.say(Key(cursor.statement.keyword()), true, &cursor.statement);
}

void readNftables(Context& context, Block& globals, Cursor& cursor) {
  if (isFirst(context, globals, "nftables", cursor.statement,
              "nftables already specified - ignoring")) {
    globals.say("nftables", std::string(cursor.hasWord() ? cursor.take() : "keepalived"),
                &cursor.statement);
  }
}

void readPrefix(Context& context, Block& globals, Cursor& cursor) {
  const Key key(cursor.statement.keyword());
  const std::string_view keyword = cursor.statement.keyword();
  const std::string noun(keyword.substr(0, keyword.rfind('_')));
  std::string prefix(cursor.take());
  if (isFirst(context, globals, key, cursor.statement,
              noun + " prefix has already been specified - ignoring " + prefix)) {
    globals.say(key, std::move(prefix), &cursor.statement);
  }
}

// [all] SECONDS
void readExtraAnnouncements(Context& context, Block& globals, Cursor& cursor) {
  constexpr double kDay = 86400;
  const std::string keyword(cursor.statement.keyword());
  const bool all = cursor.hasWord() && cursor.peek() == "all";
  if (all) {
    cursor.take();
  }
  if (!cursor.hasWord()) {
    context.error(Code::kMissingSetting, cursor.statement, 0,
                  keyword + " specified without time - ignoring", "takes [all] SECONDS, to 86400");
  } else if (const auto seconds = context.number(cursor, {1, kDay})) {
    globals.say("vrrp_garp_extra_if", Duration(*seconds * takes::kSecond), &cursor.statement);
    globals.say("vrrp_garp_extra_if all", all, &cursor.statement);
  }
}

void readOldExtraAnnouncements(Context& context, Block& globals, Cursor& cursor) {
  context.error(
      Code::kInvalidValue, cursor.statement, 0,
      R"(Keyword "vrrp_vmac_garp_intvl" is deprecated - please use "vrrp_garp_extra_if")");
  readExtraAnnouncements(context, globals, cursor);
}

constexpr Takes kIptables = takes::orBare(takes::custom(readIptables, "[NAME...]"));
constexpr double kMostDelay = 4294967.295;

}  // namespace

std::span<const Row> networkRows() {
  using B = schema::BrokerConfig::Builder;
  using S = schema::SupervisorConfig::Builder;
  using V = schema::VrrpConfig::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"nftables", takes::orBare(takes::custom(readNftables, "[TABLE]")), value("keepalived"), {to<&B::setNftablesTable>()},
     "the table for what no_accept and virtual MAC interfaces need"},
    {"nftables_priority", takes::number(-2147483648.0, 2147483647.0), value("-1"), {to<&B::setNftablesPriority>()},
     "priority of its chains"},
    {"nftables_counters", takes::flag(), value("off"), {to<&B::setNftablesCounters>()},
     "its rules count packets"},
    {"nftables_ifindex", takes::flag(), value("off"), {to<&B::setNftablesIfindex>()},
     "its sets have interfaces by number, not by name, as they have without it too"},
    {"vrrp_iptables", kIptables, nothing(), {byCompiler()},
     "means nftables"},
    {"vrrp_ipsets", kIptables, nothing(), {byCompiler()},
     "means nftables"},
    {"disable_local_igmp", takes::flag(), value("off"), {to<&S::setDisableLocalIgmp>()},
     "no IGMP reports about link-local groups (net.ipv4.igmp_link_local_mcast_reports), as long as it runs"},
    {"vmac_prefix", takes::custom(readPrefix, "NAME"), value("vrrp"), {byHeirs()},
     "what names of virtual MAC interfaces begin with"},
    {"vmac_addr_prefix", takes::custom(readPrefix, "NAME"), rule("vmac_prefix"), {byHeirs()},
     "the same, where they are made for addresses only"},
    {"vrrp_garp_extra_if", takes::orElse(takes::custom(readExtraAnnouncements, "[all] SECONDS"),
                                         "vrrp_garp_extra_if specified without time - ignoring"), nothing(), {byHeirs()},
     "announce regularly on interfaces of addresses that are not the instance's own"},
    {"vrrp_garp_extra_if all", takes::part(takes::flag()), value("off"), {byHeirs()},
     "also on those that are no virtual MAC interfaces"},
    {"vrrp_vmac_garp_intvl", takes::orBare(takes::custom(readOldExtraAnnouncements, "[all] SECONDS")), nothing(), {byHeirs()},
     "deprecated: vrrp_garp_extra_if"},
    {"vrrp_owner_ignore_adverts", takes::onOff(), value("off"), {byHeirs()},
     "an owner of its addresses does not look at others' advertisements"},
    {"vrrp_delay_after_boot", takes::seconds(0, kMostDelay), value("0"), {to<&V::setDelayAfterBootNs>()},
     "no instance does anything before the host has run for so long"},
  };
  // clang-format on
  return kRows;
}

}  // namespace holdfast::config
