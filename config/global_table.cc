// global_defs
#include "config/tables.h"

namespace holdfast::config {
namespace {

void readRouterId(Context& context, Globals& globals, const Statement& statement) {
  if (statement.parameterCount() == 0) {
    context.error(Code::kMissingSetting, statement, 0, "routerid name missing - ignoring");
  } else {
    globals.routerId = statement.words[1].text;
  }
}

void readScriptUser(Context& context, Globals& globals, const Statement& statement) {
  globals.scriptUser = context.userName(statement, 1);
}

// dynamic_interfaces [allow_if_changes]
void readDynamicInterfaces(Context& context, Globals& globals, const Statement& statement) {
  globals.dynamicInterfaces = true;
  if (statement.parameterCount() > 0 && statement.words[1].text != "allow_if_changes") {
    context.error(
        Code::kInvalidValue, statement, 1,
        "Unknown dynamic_interfaces option '" + std::string(statement.words[1].text) + "'",
        "takes nothing, or allow_if_changes");
  }
}

void readGroup(Context& context, const Statement& statement, AddressFamily family,
               std::optional<IpAddress>& group) {
  const std::string text(statement.words[1].text);
  const std::optional<IpAddress> address = IpAddress::parse(text);
  if (!address || address->family != family) {
    context.error(Code::kInvalidValue, statement, 1,
                  "Can't parse " + std::string(statement.keyword()) + " [" + text + "]. Skipping",
                  family == AddressFamily::kIpv4 ? "takes an IPv4 multicast address"
                                                 : "takes an IPv6 multicast address");
  } else if (!address->isMulticast()) {
    context.error(Code::kInvalidValue, statement, 1,
                  std::string(statement.keyword()) + " [" + text + "] is not multicast. Skipping");
  } else {
    group = address;
  }
}
void readGroup4(Context& context, Globals& globals, const Statement& statement) {
  readGroup(context, statement, AddressFamily::kIpv4, globals.group4);
}
void readGroup6(Context& context, Globals& globals, const Statement& statement) {
  readGroup(context, statement, AddressFamily::kIpv6, globals.group6);
}

// The source level has acted on these.
void ignore(Context&, Globals&, const Statement&) {}

constexpr Bounds kInterval{0.000001, 4294.967295};

// clang-format off
constexpr Keyword<Globals> kGlobals[] = {
    {"router_id", Takes::kOtherOrBare, {}, "the host's name", readRouterId,
     "what this router is called in messages to people"},
    {"script_user", Takes::kOther, {}, "keepalived_script, else the starting user", readScriptUser,
     "USER [GROUP]: who runs scripts that do not say so themselves"},
    {"enable_script_security", Takes::kFlag, {}, "off", &Globals::scriptSecurity,
     "refuse a script that somebody else than root or its own user could replace"},
    {"script_no_new_privs", Takes::kFlag, {}, "off", &Globals::scriptNoNewPrivileges,
     "scripts cannot gain privileges: sudo and sendmail stop working for them (Holdfast's own)"},
    {"script_setuid_programs", Takes::kFlag, {}, "off", &Globals::scriptSetuidPrograms,
     "scripts can gain capabilities through setuid programs: sudo works (Holdfast's own)"},
    {"default_interface", Takes::kText, {}, "eth0", &Globals::defaultInterface,
     "for addresses of an instance without an interface"},
    {"dynamic_interfaces", Takes::kOtherOrBare, {}, "off", readDynamicInterfaces,
     "interfaces may be missing at the start, and come and go"},
    {"vrrp_version", Takes::kNumber, {2, 3}, "2, and 3 for IPv6", &Globals::version,
     "the protocol's version"},
    {"vrrp_mcast_group4", Takes::kOther, {}, "224.0.0.18", readGroup4,
     "where IPv4 advertisements go"},
    {"vrrp_mcast_group6", Takes::kOther, {}, "ff02::12", readGroup6,
     "where IPv6 advertisements go"},
    {"vrrp_garp_master_delay", Takes::kNumber, kUpToAMillion, "5", &Globals::garpMasterDelay,
     "seconds to the second burst of gratuitous ARP as master; 0 for no second one"},
    {"vrrp_garp_master_repeat", Takes::kNumber, kUpToAMillion, "5", &Globals::garpMasterRepeat,
     "frames for each address in a burst"},
    {"vrrp_garp_master_refresh", Takes::kNumber, kUpToAMillion, "0", &Globals::garpMasterRefresh,
     "seconds between bursts as long as it is master; 0 for none"},
    {"vrrp_garp_master_refresh_repeat", Takes::kNumber, kUpToAMillion, "1",
     &Globals::garpMasterRefreshRepeat,
     "frames for each address in such a burst"},
    {"vrrp_garp_lower_prio_delay", Takes::kNumber, kUpToAMillion, "vrrp_garp_master_delay",
     &Globals::garpLowerPriorityDelay,
     "seconds to the second burst after a lower priority was heard as master"},
    {"vrrp_garp_lower_prio_repeat", Takes::kNumber, kUpToAMillion, "vrrp_garp_master_repeat",
     &Globals::garpLowerPriorityRepeat,
     "frames for each address then"},
    {"vrrp_min_garp", Takes::kSwitch, {}, "off", &Globals::minGarp,
     "one frame for each address, and no second burst"},
    {"vrrp_garp_interval", Takes::kSeconds, kInterval, "0", &Globals::garpInterval,
     "between gratuitous ARP frames on one interface"},
    {"vrrp_gna_interval", Takes::kSeconds, kInterval, "0", &Globals::gnaInterval,
     "between unsolicited neighbour advertisements on one interface"},
    {"vrrp_down_timer_adverts", Takes::kNumber, {1, 100}, "3", &Globals::downTimerAdverts,
     "missed advertisements after which the master counts as gone"},
    {"vrrp_lower_prio_no_advert", Takes::kSwitch, {}, "off, on when strict",
     &Globals::lowerPriorityNoAdvert,
     "a master does not answer a lower priority at once"},
    {"vrrp_higher_prio_send_advert", Takes::kSwitch, {}, "off", &Globals::higherPrioritySendAdvert,
     "one more advertisement before giving way to a higher one"},
    {"vrrp_check_unicast_src", Takes::kFlag, {}, "off", &Globals::checkUnicastSource,
     "only configured peers may speak to a unicast instance"},
    {"vrrp_skip_check_adv_addr", Takes::kSwitch, {}, "off", &Globals::skipCheckAdvertAddresses,
     "do not compare the addresses of each advertisement of a known master"},
    {"vrrp_strict", Takes::kSwitch, {}, "off", &Globals::strict,
     "nothing that the RFCs do not have"},
    {"v3_checksum_as_v2", Takes::kFlag, {}, "off", &Globals::v3ChecksumAsV2,
     "VRRPv3 over IPv4 without the pseudo-header in the checksum"},
    {"vrrp_startup_delay", Takes::kSeconds, {0.001, 4294.967295}, "0", &Globals::startupDelay,
     "no instance does anything for so long after the start"},
    {"log_unknown_vrids", Takes::kFlag, {}, "off", &Globals::logUnknownVrids,
     "say so when advertisements for an unknown virtual router arrive"},
    {"vrrp_priority", Takes::kNumber, {-20, 19}, "0", &Globals::vrrpPriority,
     "nice value of the VRRP process"},
    {"vrrp_rt_priority", Takes::kNumber, {1, 99}, "no realtime scheduling",
     &Globals::vrrpRealtimePriority,
     "realtime priority of the VRRP process"},
    {"vrrp_no_swap", Takes::kFlag, {}, "off", &Globals::vrrpNoSwap,
     "the VRRP process stays in memory"},
    {"include_check", Takes::kOtherOrBare, {}, "nothing is required", ignore,
     "which included files have to exist"},
    {"random_seed", Takes::kNumber, kAny, "the time",
     static_cast<Keyword<Globals>::Function>(ignore),
     "makes ${_RANDOM} repeatable"},
};
// clang-format on

}  // namespace

std::span<const Keyword<Globals>> globalTable() {
  return kGlobals;
}

}  // namespace holdfast::config
