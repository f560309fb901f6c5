// vrrp_instance
#include <array>

#include "config/block.h"
#include "config/context.h"
#include "config/field.h"
#include "config/lines.h"
#include "config/tables.h"
#include "config/tables/areas.h"

namespace holdfast::config {
namespace {

constexpr std::array<Choice, 2> kFamilies = {{{"ipv4", 0}, {"ipv6", 1}}};
constexpr auto kBackup = static_cast<std::int64_t>(schema::InitialState::BACKUP);
constexpr auto kMaster = static_cast<std::int64_t>(schema::InitialState::MASTER);
constexpr std::array<Choice, 2> kStates = {{{"BACKUP", kBackup}, {"MASTER", kMaster}}};
constexpr std::array<Choice, 3> kOldChecksums = {{{"detect", 0}, {"always", 1}, {"never", 2}}};

void readState(Context& context, Block& instance, Cursor& cursor) {
  const std::string word(cursor.take());
  if (word != "MASTER" && word != "BACKUP") {
    context.error(Code::kInvalidValue, cursor,
                  "(" + instance.name() + ") unknown state '" + word + "', defaulting to BACKUP",
                  "takes MASTER or BACKUP");
  }
  instance.say("state", word == "MASTER" ? kMaster : kBackup, &cursor.statement);
}

void readOldUnicastChecksum(Context& context, Block& instance, Cursor& cursor) {
  const std::string word(cursor.hasWord() ? cursor.take() : "always");
  if (word != "always" && word != "never") {
    context.error(Code::kInvalidValue, cursor,
                  "(" + instance.name() + ") unknown old_unicast_checksum option " + word,
                  "takes nothing, or never");
    return;
  }
  instance.say("old_unicast_checksum", std::int64_t{word == "always" ? 1 : 2}, &cursor.statement);
}

void readMulticastGroup(Context& context, Block& instance, Cursor& cursor) {
  const auto address = context.address(cursor);
  if (address && !address->isMulticast()) {
    context.error(Code::kInvalidValue, cursor,
                  "(" + instance.name() + ") mcast_dst_ip " + address->toString() +
                      " not multicast. Skipping...");
  } else if (address) {
    instance.say("mcast_dst_ip", *address, &cursor.statement);
  }
}

void readSource(Context& context, Block& instance, Cursor& cursor) {
  const std::string text(cursor.take());
  // A prefix length is let pass, as in keepalived.
  const auto address = IpAddress::parse(std::string_view(text).substr(0, text.find('/')));
  const std::string keyword(cursor.statement.keyword());
  if (!address || address->isMulticast()) {
    context.error(Code::kInvalidValue, cursor,
                  "Configuration error: VRRP instance[" + instance.name() +
                      "] malformed src address[" + text + "]. Skipping...",
                  keyword + " takes an IPv4 or IPv6 address");
    return;
  }
  instance.say(Key(keyword), *address, &cursor.statement);
}

// Bare, it only changes what other scripts are told.
void readNotifyDeleted(Context& context, Block& instance, Cursor& cursor) {
  if (cursor.hasWord()) {
    if (auto command = context.command(cursor)) {
      instance.say("notify_deleted", std::make_shared<const Command>(std::move(*command)),
                   &cursor.statement);
    }
  }
}

// Bare, no other router's priority is known.
void readTimerExpired(Context& context, Block& instance, Cursor& cursor) {
  constexpr std::int64_t kHighest = 254;
  const auto priority =
      cursor.hasWord() ? context.number(cursor, {1, kHighest}) : std::optional(kHighest);
  if (priority) {
    instance.say("timer_expired_backup", *priority, &cursor.statement);
  }
}

void readOldTimerExpired(Context& context, Block& instance, Cursor& cursor) {
  context.error(
      Code::kInvalidValue, cursor.statement, 0,
      R"(Keyword "thread_timer_expired" is deprecated - please use "timer_expired_backup")");
  readTimerExpired(context, instance, cursor);
}

}  // namespace

const Table& instanceTable() {
  using V = schema::VrrpInstance::Builder;
  using B = schema::BrokerInstance::Builder;
  // clang-format off
  static constexpr Row kRows[] = {
    {"state", takes::custom(readState, kStates), rule("BACKUP, and MASTER with priority 255"),
     {to<&V::setInitialState>()},
     "MASTER or BACKUP: how it starts"},
    {"interface", takes::word(), rule("needed unless unicast"),
     {bySealer()},
     "where it speaks VRRP, and where its addresses are put"},
    {"virtual_router_id", takes::number(1, 255), rule("has to be said"),
     {to<&V::setVirtualRouterId>(), to<&B::setVirtualRouterId>()},
     "the same on all routers of this virtual router, and on no other in the network"},
    {"priority", takes::number(1, 255), rule("100, and 255 with state MASTER"),
     {to<&V::setBasePriority>()},
     "the highest becomes master; 255 owns the addresses"},
    {"advert_int", takes::seconds(0.01, 255), value("1"),
     {to<&V::setAdvertIntervalNs>()},
     "seconds between advertisements: whole ones in version 2, to 40.95 in version 3"},
    {"version", takes::number(2, 3), rule("vrrp_version, and 3 for IPv6"),
     {to<&V::setVersion>(), to<&B::setVersion>()},
     "the protocol's version"},
    {"native_ipv6", takes::flag(), value("off"),
     {byCompiler()},
     "IPv6, where no address says so"},
    {"preempt", takes::flag(), value("on"),
     {to<&V::setPreempt>()},
     "take over from a lower priority"},
    {"nopreempt", takes::flag(), value("off"),
     {bySealer()},
     "leave a lower priority master alone; not with state MASTER"},
    {"preempt_delay", takes::seconds(0, 1000), value("0"),
     {to<&V::setPreemptDelayNs>()},
     "how long to let a lower priority master be; not with state MASTER"},
    {"mcast_src_ip", takes::custom(readSource, "ADDRESS"), rule("the interface's primary"),
     {bySealer()},
     "source of multicast advertisements"},
    {"unicast_src_ip", takes::custom(readSource, "ADDRESS"), rule("the interface's primary"),
     {bySealer()},
     "source of unicast advertisements"},
    {"mcast_dst_ip", takes::custom(readMulticastGroup, "ADDRESS"), rule("vrrp_mcast_group4 or 6"),
     {bySealer()},
     "where advertisements go"},
    {"track_src_ip", takes::flag(), value("off"),
     {to<&V::setTrackSource>(), to<&B::setTrackSource>()},
     "FAULT while the source address is not there"},
    {"unicast_peer", takes::list(unicastPeerLineTable, beginUnicastPeerLine, "ADDRESS"), rule("multicast"),
     {bySealer()},
     "address [min_ttl N] [max_ttl N]: advertisements go to these instead"},
    {"check_unicast_src", takes::flag(), from("vrrp_check_unicast_src"),
     {to<&V::setCheckUnicastSource>()},
     "only these may speak to it"},
    {"unicast_fault_no_peer", takes::flag(), value("off"),
     {to<&V::setUnicastFaultNoPeer>()},
     "FAULT instead of multicast when there is no peer"},
    {"unicast_ttl", takes::number(0, 255), value("255"),
     {to<&V::setTtl>(), to<&B::setTtl>()},
     "of unicast advertisements that are sent"},
    {"old_unicast_checksum", takes::orBare(takes::custom(readOldUnicastChecksum, kOldChecksums)), value("detect"),
     {to<&V::setOldUnicastChecksum>()},
     "[never]: the checksum of keepalived up to 1.3.6"},
    {"garp_master_delay", takes::wholeSeconds(0, 4294), from("vrrp_garp_master_delay"),
     {to<&V::setAnnounceDelayNs>()},
     "seconds to the second burst as master"},
    {"garp_master_repeat", takes::number(0, 1'000'000), from("vrrp_garp_master_repeat"),
     {to<&B::setAnnounceMasterRepeat>()},
     "frames for each address in a burst"},
    {"garp_master_refresh", takes::wholeSeconds(), from("vrrp_garp_master_refresh"),
     {to<&V::setAnnounceRefreshNs>()},
     "seconds between bursts as long as it is master"},
    {"garp_master_refresh_repeat", takes::number(0, 1'000'000), from("vrrp_garp_master_refresh_repeat"),
     {to<&B::setAnnounceRefreshRepeat>()},
     "frames for each address in such a burst"},
    {"garp_lower_prio_delay", takes::wholeSeconds(0, 4294), from("vrrp_garp_lower_prio_delay"),
     {to<&V::setAnnounceLowerPriorityDelayNs>()},
     "seconds to the second burst after a lower priority"},
    {"garp_lower_prio_repeat", takes::number(0, 1'000'000), from("vrrp_garp_lower_prio_repeat"),
     {to<&V::setAnnounceLowerPriorityRepeat>(), to<&B::setAnnounceLowerPriorityRepeat>()},
     "frames for each address then; 0 for none"},
    {"down_timer_adverts", takes::number(1, 100), from("vrrp_down_timer_adverts"),
     {to<&V::setDownTimerAdverts>()},
     "missed advertisements after which the master counts as gone"},
    {"lower_prio_no_advert", takes::onOff(), from("vrrp_lower_prio_no_advert"),
     {to<&V::setLowerPriorityNoAdvert>()},
     "a master does not answer a lower priority at once"},
    {"higher_prio_send_advert", takes::onOff(), from("vrrp_higher_prio_send_advert"),
     {to<&V::setHigherPrioritySendAdvert>()},
     "one more advertisement before giving way"},
    {"fast_handover", takes::onOff(), value("off"),
     {to<&V::setFastHandover>()},
     "Holdfast's own: take over after the skew time from a master whose priority falls below its own"},
    {"skip_check_adv_addr", takes::onOff(), from("vrrp_skip_check_adv_addr"),
     {to<&V::setSkipCheckAdvertAddresses>()},
     "do not compare addresses of a known master"},
    {"strict_mode", takes::onOff(), from("vrrp_strict"),
     {to<&V::setStrict>()},
     "nothing that the RFCs do not have"},
    {"accept", takes::flag(), rule("on unless strict"),
     {to<&V::setAccept>()},
     "a master that does not own the addresses takes packets to them"},
    {"no_accept", takes::flag(), rule("off unless strict"),
     {bySealer()},
     "such a master drops packets to them"},
    {"no_virtual_ipaddress", takes::flag(), value("off"),
     {byCompiler()},
     "that there is no address is meant so"},
    {"promote_secondaries", takes::flag(), value("off"),
     {to<&B::setPromoteSecondaries>()},
     "removing an address does not take others of its network with it"},
    {"v3_checksum_as_v2", takes::onOff(), from("v3_checksum_as_v2"),
     {to<&V::setV3ChecksumAsV2>()},
     "no pseudo-header in the checksum"},
    {"kernel_rx_buf_size", takes::orElse(takes::number(0, 1073741824), "invalid kernel_rx_buf_size specified"), value("0"),
     {to<&B::setReceiveBufferBytes>()},
     "bytes of the socket's receive buffer"},
    {"debug", takes::number(0, 4), value("0"),
     {to<&V::setDebug>()},
     "does nothing in keepalived"},
    {"dont_track_primary", takes::flag(), value("off"),
     {bySealer()},
     "its own interface's faults do not count"},
    {"virtual_ipaddress", takes::list(addressLineTable, beginAddressLine, "ADDRESS[/LENGTH]"), nothing(),
     {bySealer()},
     "the addresses"},
    {"virtual_ipaddress_excluded", takes::list(addressLineTable, beginAddressLine, "ADDRESS[/LENGTH]"), nothing(),
     {bySealer()},
     "more addresses, which advertisements do not list"},
    {"virtual_routes", takes::list(routeLineTable, beginRouteLine, "[TYPE] PREFIX"), nothing(),
     {bySealer()},
     "routes that are there while it is master"},
    {"virtual_rules", takes::list(ruleLineTable, beginRuleLine, "SELECTORS ACTION"), nothing(),
     {bySealer()},
     "policy rules that are there while it is master"},
    {"notify_deleted", takes::orBare(takes::custom(readNotifyDeleted, "[COMMAND]")), nothing(),
     {bySealer()},
     "run when a reload has removed it", kNotYet},
    {"notify_master_rx_lower_pri", takes::command(), nothing(),
     {bySealer()},
     "run when a lower priority was heard as master"},
    {"timer_expired_backup", takes::orBare(takes::custom(readTimerExpired, "[1..254]")), value("0"),
     {to<&V::setTimerExpiredBackup>()},
     "[PRIORITY]: a process that was late itself listens once more, as if another had this priority", kNotYet},
    {"thread_timer_expired", takes::orBare(takes::custom(readOldTimerExpired, "[1..254]")), nothing(),
     {byCompiler()},
     "deprecated: timer_expired_backup"},
    {"owner_ignore_adverts", takes::onOff(), from("vrrp_owner_ignore_adverts"),
     {to<&V::setOwnerIgnoreAdverts>()},
     "with priority 255, advertisements of others count for nothing"},
    {"fault", takes::part(takes::flag()), value("off"),
     {to<&V::setFault>()},
     "it cannot work as it is configured"},
    {"family", takes::part(takes::oneOf(kFamilies)), rule("that of the first address"),
     {to<&V::setFamily>(), to<&B::setFamily>()},
     "of the addresses that it advertises"},
    {"source", takes::part(takes::address()), rule("the interface's primary"),
     {toOptional<&V::initSource, &V::setHasSource>(), toOptional<&B::initSource, &B::setHasSource>()},
     "of advertisements: unicast_src_ip or mcast_src_ip"},
    {"group", takes::part(takes::address()), rule("mcast_dst_ip, or vrrp_mcast_group4 or 6"),
     {to<&V::initGroup>(), to<&B::initGroup>()},
     "where multicast advertisements go"},
    {"garp interval", takes::part(takes::seconds(0, 4294.967295)), from("vrrp_garp_interval"),
     {to<&B::setArpIntervalNs>()},
     "between gratuitous ARP frames on one interface"},
    {"gna interval", takes::part(takes::seconds(0, 4294.967295)), from("vrrp_gna_interval"),
     {to<&B::setNaIntervalNs>()},
     "between unsolicited neighbour advertisements on one interface"},
  };
  // clang-format on
  static const Table kTable("vrrp_instance",
                            {kRows, trackRows(), notifyRows(), linkRows(), authenticationRows()});
  return kTable;
}

}  // namespace holdfast::config
