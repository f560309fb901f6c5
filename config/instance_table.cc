// vrrp_instance
#include "config/instance_lists.h"
#include "config/tables.h"

namespace holdfast::config {
namespace {

void readState(Context& context, InstanceBlock& instance, const Statement& statement) {
  const std::string word(statement.words[1].text);
  if (word != "MASTER" && word != "BACKUP") {
    context.error(Code::kInvalidValue, statement, 1,
                  "(" + instance.name + ") unknown state '" + word + "', defaulting to BACKUP",
                  "takes MASTER or BACKUP");
  }
  instance.state = word == "MASTER" ? State::kMaster : State::kBackup;
}

void readOldUnicastChecksum(Context& context, InstanceBlock& instance, const Statement& statement) {
  const bool bare = statement.parameterCount() == 0;
  if (!bare && statement.words[1].text != "never") {
    context.error(Code::kInvalidValue, statement, 1,
                  "(" + instance.name + ") unknown old_unicast_checksum option " +
                      std::string(statement.words[1].text),
                  "takes nothing, or never");
    return;
  }
  instance.oldUnicastChecksum = bare ? OldChecksum::kAlways : OldChecksum::kNever;
}

void readMulticastGroup(Context& context, InstanceBlock& instance, const Statement& statement) {
  const auto address = context.address(statement, 1);
  if (address && !address->isMulticast()) {
    context.error(Code::kInvalidValue, statement, 1,
                  "(" + instance.name + ") mcast_dst_ip " + std::string(statement.words[1].text) +
                      " not multicast. Skipping...");
  } else if (address) {
    instance.multicastGroup = address;
  }
}

void readSource(Context& context, InstanceBlock& instance, const Statement& statement) {
  const std::string text(statement.words[1].text);
  const auto address = IpAddress::parse(text);
  if (!address || address->isMulticast()) {
    context.error(Code::kInvalidValue, statement, 1,
                  "Configuration error: VRRP instance[" + instance.name +
                      "] malformed src address[" + text + "]. Skipping...",
                  std::string(statement.keyword()) + " takes an IPv4 or IPv6 address");
    return;
  }
  (statement.keyword() == "unicast_src_ip" ? instance.unicastSource : instance.multicastSource) =
      address;
}

// Bare, it only changes what other scripts are told.
void readNotifyDeleted(Context& context, InstanceBlock& instance, const Statement& statement) {
  if (statement.parameterCount() > 0) {
    instance.notifyDeleted = context.command(statement);
  }
}

using Instance = InstanceBlock;
// clang-format off
constexpr Keyword<Instance> kInstance[] = {
    {"state", Takes::kOther, {}, "BACKUP, MASTER with priority 255", readState,
     "MASTER or BACKUP: how it starts"},
    {"interface", Takes::kText, {}, "needed unless unicast", &Instance::interface,
     "where it speaks VRRP, and where its addresses are put"},
    {"virtual_router_id", Takes::kNumber, {1, 255}, "has to be said", &Instance::virtualRouterId,
     "the same on all routers of this virtual router, and on no other in the network"},
    {"priority", Takes::kNumber, {1, 255}, "100, and 255 with state MASTER", &Instance::priority,
     "the highest becomes master; 255 owns the addresses"},
    {"advert_int", Takes::kSeconds, {0.01, 255}, "1", &Instance::advertInterval,
     "seconds between advertisements: whole ones in version 2, to 40.95 in version 3"},
    {"version", Takes::kNumber, {2, 3}, "vrrp_version, and 3 for IPv6", &Instance::version,
     "the protocol's version"},
    {"native_ipv6", Takes::kFlag, {}, "off", &Instance::nativeIpv6,
     "IPv6, where no address says so"},
    {"preempt", Takes::kFlag, {}, "on", &Instance::preempt,
     "take over from a lower priority"},
    {"nopreempt", Takes::kFlag, {}, "off", &Instance::nopreempt,
     "leave a lower priority master alone; not with state MASTER"},
    {"preempt_delay", Takes::kSeconds, {0, 1000}, "0", &Instance::preemptDelay,
     "how long to let a lower priority master be; not with state MASTER"},
    {"mcast_src_ip", Takes::kOther, {}, "the interface's primary", readSource,
     "source of multicast advertisements"},
    {"unicast_src_ip", Takes::kOther, {}, "the interface's primary", readSource,
     "source of unicast advertisements"},
    {"mcast_dst_ip", Takes::kOther, {}, "vrrp_mcast_group4 or 6", readMulticastGroup,
     "where advertisements go"},
    {"track_src_ip", Takes::kFlag, {}, "off", &Instance::trackSource,
     "FAULT while the source address is not there"},
    {"unicast_peer", Takes::kList, {}, "multicast", readUnicastPeers,
     "address [min_ttl N] [max_ttl N]: advertisements go to these instead"},
    {"check_unicast_src", Takes::kFlag, {}, "vrrp_check_unicast_src", &Instance::checkUnicastSource,
     "only these may speak to it"},
    {"unicast_fault_no_peer", Takes::kFlag, {}, "off", &Instance::unicastFaultNoPeer,
     "FAULT instead of multicast when there is no peer"},
    {"unicast_ttl", Takes::kNumber, {0, 255}, "255", &Instance::unicastTtl,
     "of unicast advertisements that are sent"},
    {"old_unicast_checksum", Takes::kOtherOrBare, {}, "as the peers do", readOldUnicastChecksum,
     "[never]: the checksum of keepalived up to 1.3.6"},
    {"garp_master_delay", Takes::kNumber, kUpToAMillion, "vrrp_garp_master_delay",
     &Instance::garpMasterDelay,
     "seconds to the second burst as master"},
    {"garp_master_repeat", Takes::kNumber, kUpToAMillion, "vrrp_garp_master_repeat",
     &Instance::garpMasterRepeat,
     "frames for each address in a burst"},
    {"garp_master_refresh", Takes::kNumber, kUpToAMillion, "vrrp_garp_master_refresh",
     &Instance::garpMasterRefresh,
     "seconds between bursts as long as it is master"},
    {"garp_master_refresh_repeat", Takes::kNumber, kUpToAMillion, "vrrp_garp_master_refresh_repeat",
     &Instance::garpMasterRefreshRepeat,
     "frames for each address in such a burst"},
    {"garp_lower_prio_delay", Takes::kNumber, kUpToAMillion, "vrrp_garp_lower_prio_delay",
     &Instance::garpLowerPriorityDelay,
     "seconds to the second burst after a lower priority"},
    {"garp_lower_prio_repeat", Takes::kNumber, kUpToAMillion, "vrrp_garp_lower_prio_repeat",
     &Instance::garpLowerPriorityRepeat,
     "frames for each address then; 0 for none"},
    {"down_timer_adverts", Takes::kNumber, {1, 100}, "vrrp_down_timer_adverts",
     &Instance::downTimerAdverts,
     "missed advertisements after which the master counts as gone"},
    {"lower_prio_no_advert", Takes::kSwitch, {}, "vrrp_lower_prio_no_advert",
     &Instance::lowerPriorityNoAdvert,
     "a master does not answer a lower priority at once"},
    {"higher_prio_send_advert", Takes::kSwitch, {}, "vrrp_higher_prio_send_advert",
     &Instance::higherPrioritySendAdvert,
     "one more advertisement before giving way"},
    {"skip_check_adv_addr", Takes::kSwitch, {}, "vrrp_skip_check_adv_addr",
     &Instance::skipCheckAdvertAddresses,
     "do not compare addresses of a known master"},
    {"strict_mode", Takes::kSwitch, {}, "vrrp_strict", &Instance::strict,
     "nothing that the RFCs do not have"},
    {"accept", Takes::kFlag, {}, "on unless strict", &Instance::accept,
     "a master that does not own the addresses takes packets to them"},
    {"no_accept", Takes::kFlag, {}, "off unless strict", &Instance::noAccept,
     "such a master drops packets to them"},
    {"no_virtual_ipaddress", Takes::kFlag, {}, "off", &Instance::noVirtualAddresses,
     "that there is no address is meant so"},
    {"promote_secondaries", Takes::kFlag, {}, "off", &Instance::promoteSecondaries,
     "removing an address does not take others of its network with it"},
    {"v3_checksum_as_v2", Takes::kSwitch, {}, "the global one", &Instance::v3ChecksumAsV2,
     "no pseudo-header in the checksum"},
    {"kernel_rx_buf_size", Takes::kNumber, {0, 1073741824}, "the system's",
     &Instance::receiveBufferBytes,
     "bytes of the socket's receive buffer"},
    {"debug", Takes::kNumber, {0, 4}, "0", &Instance::debug,
     "does nothing in keepalived"},
    {"dont_track_primary", Takes::kFlag, {}, "off", &Instance::dontTrackPrimary,
     "its own interface's faults do not count"},
    {"virtual_ipaddress", Takes::kList, {}, "", readAddresses,
     "the addresses"},
    {"virtual_ipaddress_excluded", Takes::kList, {}, "", readExcludedAddresses,
     "more addresses, which advertisements do not list"},
    {"track_script", Takes::kList, {}, "", readTrackedScripts,
     "name [weight N [reverse]]: checks that count for it"},
    {"track_interface", Takes::kList, {}, "", readTrackedInterfaces,
     "name [weight N [reverse]]: interfaces that count for it"},
    {"notify", Takes::kScript, {}, "", &Instance::notify,
     "run at every transition, with INSTANCE, name, state and priority behind its arguments"},
    {"notify_master", Takes::kScript, {}, "", &Instance::notifyMaster,
     "run when it is master"},
    {"notify_backup", Takes::kScript, {}, "", &Instance::notifyBackup,
     "run when it is backup"},
    {"notify_fault", Takes::kScript, {}, "", &Instance::notifyFault,
     "run when it is in FAULT"},
    {"notify_stop", Takes::kScript, {}, "", &Instance::notifyStop,
     "run at the end"},
    {"notify_deleted", Takes::kOtherOrBare, {}, "", readNotifyDeleted,
     "run when a reload has removed it"},
    {"notify_master_rx_lower_pri", Takes::kScript, {}, "", &Instance::notifyMasterRxLowerPriority,
     "run when a lower priority was heard as master"},
};
// clang-format on

}  // namespace

std::span<const Keyword<InstanceBlock>> instanceTable() {
  return kInstance;
}

}  // namespace holdfast::config
