// global_defs
#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/tables.h"
#include "config/tables/global_areas.h"
#include "config/tables/ipvs_global.h"
#include "ipc/schemas/management_config.capnp.h"

namespace holdfast::config {
namespace {

void readRouterId(Context& context, Block& globals, Cursor& cursor) {
  if (!cursor.hasWord()) {
    context.error(Code::kMissingSetting, cursor.statement, 0, "routerid name missing - ignoring");
  } else {
    globals.say("router_id", std::string(cursor.take()), &cursor.statement);
  }
}

void readDynamicInterfaces(Context& context, Block& globals, Cursor& cursor) {
  globals.say("dynamic_interfaces", true, &cursor.statement);
  if (cursor.hasWord() && cursor.peek() != "allow_if_changes") {
    const std::string word(cursor.take());
    context.error(Code::kInvalidValue, cursor, "Unknown dynamic_interfaces option '" + word + "'",
                  "takes nothing, or allow_if_changes");
  }
}

void readGroup(Context& context, Block& globals, Cursor& cursor, AddressFamily family) {
  const std::string keyword(cursor.statement.keyword());
  const std::string text(cursor.take());
  const std::optional<IpAddress> address = IpAddress::parse(text);
  if (!address || address->family != family) {
    context.error(Code::kInvalidValue, cursor,
                  "Can't parse " + keyword + " [" + text + "]. Skipping",
                  family == AddressFamily::kIpv4 ? "takes an IPv4 multicast address"
                                                 : "takes an IPv6 multicast address");
  } else if (!address->isMulticast()) {
    context.error(Code::kInvalidValue, cursor,
                  keyword + " [" + text + "] is not multicast. Skipping");
  } else {
    globals.say(Key(keyword), *address, &cursor.statement);
  }
}
void readGroup4(Context& context, Block& globals, Cursor& cursor) {
  readGroup(context, globals, cursor, AddressFamily::kIpv4);
}
void readGroup6(Context& context, Block& globals, Cursor& cursor) {
  readGroup(context, globals, cursor, AddressFamily::kIpv6);
}

constexpr Takes kInterval = takes::seconds(0.000001, 4294.967295);

}  // namespace

const Table& globalTable() {
  using S = schema::SupervisorConfig::Builder;
  using V = schema::VrrpConfig::Builder;
  using P = schema::ScriptConfig::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"router_id", takes::orBare(takes::custom(readRouterId, "NAME")), rule("the host's name"), {to<&schema::ManagementConfig::Builder::setRouterId>()},
     "what this router is called in messages to people"},
    {"script_user", takes::orElse(takes::user(), "No script username specified"), rule("keepalived_script, else the starting user"), {byHeirs()},
     "USER [GROUP]: who runs scripts that do not say so themselves"},
    {"enable_script_security", takes::flag(), value("off"), {to<&S::setScriptSecurity>(), to<&P::setScriptSecurity>()},
     "refuse a script that somebody else than root or its own user could replace"},
    {"script_no_new_privs", takes::flag(), value("off"), {to<&S::setScriptNoNewPrivileges>(), to<&P::setNoNewPrivileges>()},
     "scripts cannot gain privileges: sudo and sendmail stop working for them (Holdfast's own)"},
    {"script_setuid_programs", takes::flag(), value("off"), {to<&S::setScriptSetuidPrograms>()},
     "scripts can gain capabilities through setuid programs: sudo works (Holdfast's own)"},
    {"default_interface", takes::orElse(takes::word(), "default_interface requires interface name"), value("eth0"), {byHeirs()},
     "for addresses of an instance without an interface"},
    {"dynamic_interfaces", takes::orBare(takes::custom(readDynamicInterfaces, "[allow_if_changes]")), value("off"), {byCompiler()},
     "interfaces may be missing at the start, and come and go"},
    {"vrrp_version", takes::number(2, 3), value("2"), {byHeirs()},
     "the protocol's version"},
    {"vrrp_mcast_group4", takes::custom(readGroup4, "ADDRESS"), value("224.0.0.18"), {byHeirs()},
     "where IPv4 advertisements go"},
    {"vrrp_mcast_group6", takes::custom(readGroup6, "ADDRESS"), value("ff02::12"), {byHeirs()},
     "where IPv6 advertisements go"},
    {"vrrp_garp_master_delay", takes::wholeSeconds(0, 4294), value("5"), {byHeirs()},
     "seconds to the second burst of gratuitous ARP as master; 0 for no second one"},
    {"vrrp_garp_master_repeat", takes::number(0, 1'000'000), value("5"), {byHeirs()},
     "frames for each address in a burst"},
    {"vrrp_garp_master_refresh", takes::wholeSeconds(), value("0"), {byHeirs()},
     "seconds between bursts as long as it is master; 0 for none"},
    {"vrrp_garp_master_refresh_repeat", takes::number(0, 1'000'000), value("1"), {byHeirs()},
     "frames for each address in such a burst"},
    {"vrrp_garp_lower_prio_delay", takes::wholeSeconds(0, 4294), rule("vrrp_garp_master_delay"), {byHeirs()},
     "seconds to the second burst after a lower priority was heard as master"},
    {"vrrp_garp_lower_prio_repeat", takes::number(0, 1'000'000), rule("vrrp_garp_master_repeat"), {byHeirs()},
     "frames for each address then"},
    {"vrrp_min_garp", takes::onOff(), value("off"), {byHeirs()},
     "one frame for each address, and no second burst"},
    {"vrrp_garp_interval", kInterval, value("0"), {byHeirs()},
     "between gratuitous ARP frames on one interface"},
    {"vrrp_gna_interval", kInterval, value("0"), {byHeirs()},
     "between unsolicited neighbour advertisements on one interface"},
    {"vrrp_down_timer_adverts", takes::number(1, 100), value("3"), {byHeirs()},
     "missed advertisements after which the master counts as gone"},
    {"vrrp_lower_prio_no_advert", takes::onOff(), rule("off, on when strict"), {byHeirs()},
     "a master does not answer a lower priority at once"},
    {"vrrp_higher_prio_send_advert", takes::onOff(), value("off"), {byHeirs()},
     "one more advertisement before giving way to a higher one"},
    {"vrrp_check_unicast_src", takes::flag(), value("off"), {byHeirs()},
     "only configured peers may speak to a unicast instance"},
    {"vrrp_skip_check_adv_addr", takes::onOff(), value("off"), {byHeirs()},
     "do not compare the addresses of each advertisement of a known master"},
    {"vrrp_strict", takes::onOff(), value("off"), {byHeirs()},
     "nothing that the RFCs do not have"},
    {"v3_checksum_as_v2", takes::flag(), value("off"), {byHeirs()},
     "VRRPv3 over IPv4 without the pseudo-header in the checksum"},
    {"vrrp_startup_delay", takes::seconds(0.001, 4294.967295), value("0"), {to<&V::setStartupDelayNs>()},
     "no instance does anything for so long after the start"},
    {"log_unknown_vrids", takes::flag(), value("off"), {to<&V::setLogUnknownVrids>()},
     "say so when advertisements for an unknown virtual router arrive"},
    {"include_check", takes::orBare(takes::words()), nothing(), {byCompiler()},
     "which included files have to exist"},
    {"iproute_usr_dir", takes::word(), value("/usr/share/iproute2, /usr/lib/iproute2"), {byCompiler()},
     "where iproute2 has its names of tables, realms and so on"},
    {"iproute_etc_dir", takes::word(), value("/etc/iproute2"), {byCompiler()},
     "where this host has its own, which go before"},
    {"random_seed", takes::number(), nothing(), {byCompiler()},
     "makes ${_RANDOM} repeatable"},
  };
  // clang-format on
  static const Table kTable("global_defs",
                            {kRows, kIpvsGlobalRows, processRows(), serviceRows(), networkRows(),
                             bufferRows(), mailRows(), managementRows(), reloadRows()});
  return kTable;
}

}  // namespace holdfast::config
