// One vrrp_instance, but for what concerns the network.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "config/resolver.h"

namespace holdfast::config {
namespace {

constexpr std::uint8_t kOwner = 255;
constexpr std::int64_t kDefaultPriority = 100;
constexpr std::int64_t kDefaultGarpDelay = 5;
constexpr std::int64_t kDefaultGarpRepeat = 5;

bool isPrintable(const std::string& name) {
  constexpr std::size_t kMaxName = 255;
  return !name.empty() && name.size() <= kMaxName &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}

std::string inSeconds(Duration duration, const char* format) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, static_cast<double>(duration.count()) / 1e9);
  return text.data();
}

Duration roundTo(Duration duration, Duration unit) {
  return (duration + unit / 2) / unit * unit;
}

std::uint32_t atLeastOne(std::int64_t repeat) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(repeat, 1));
}

}  // namespace

void Resolver::resolveInstance(const InstanceBlock& block) {
  PlannedInstance instance;
  instance.name = block.name;
  if (!isPrintable(block.name)) {
    fatal(Code::kInvalidValue, block.said.block, "a vrrp_instance's name has to be printable ASCII",
          "at most 255 characters");
    return;
  }
  instance.family = familyOf(block);
  const std::int64_t defaultVersion =
      instance.family == AddressFamily::kIpv6 ? 3 : globals_.version.value_or(2);
  instance.version = static_cast<std::uint8_t>(block.version.value_or(defaultVersion));
  if (!block.virtualRouterId) {
    fatal(Code::kMissingSetting, block.said.block,
          "(" + block.name + ") the virtual router id must be set",
          "virtual_router_id, from 1 to 255");
  }
  instance.virtualRouterId = static_cast<std::uint8_t>(block.virtualRouterId.value_or(0));
  instance.strict = block.strict.value_or(globals_.strict.value_or(false));
  instance.debug = static_cast<std::uint8_t>(block.debug.value_or(0));
  instance.promoteSecondaries = block.promoteSecondaries.value_or(false);
  instance.receiveBufferBytes = static_cast<std::uint32_t>(block.receiveBufferBytes.value_or(0));
  instance.v3ChecksumAsV2 = block.v3ChecksumAsV2.value_or(globals_.v3ChecksumAsV2.value_or(false));
  instance.oldUnicastChecksum = block.oldUnicastChecksum.value_or(OldChecksum::kDetect);
  instance.skipCheckAdvertAddresses =
      block.skipCheckAdvertAddresses.value_or(globals_.skipCheckAdvertAddresses.value_or(false));
  resolveInterface(block, instance);
  resolveDestination(block, instance);
  resolveElection(block, instance);
  resolveInterval(block, instance);
  resolveAnnouncements(block, instance);
  resolveAddresses(block, instance);
  resolveStrict(block, instance);
  resolveTrackedScripts(block, instance);
  resolveTrackedInterfaces(block, instance);
  resolveHooks(block, instance);
  plan_.instances.push_back(std::move(instance));
}

// The first address decides.
AddressFamily Resolver::familyOf(const InstanceBlock& block) const {
  if (!block.addresses.empty()) {
    return block.addresses.front().address.family;
  }
  if (block.nativeIpv6) {
    return AddressFamily::kIpv6;
  }
  for (const auto& address :
       {block.unicastSource, block.multicastSource, block.multicastGroup,
        block.peers.empty() ? std::optional<IpAddress>() : block.peers.front().address,
        block.excludedAddresses.empty() ? std::optional<IpAddress>()
                                        : block.excludedAddresses.front().address}) {
    if (address) {
      return address->family;
    }
  }
  return AddressFamily::kIpv4;
}

void Resolver::resolveElection(const InstanceBlock& block, PlannedInstance& instance) {
  const bool saidPriority = block.said.keywords.contains("priority");
  const bool saidMaster = block.state == State::kMaster;
  // A master without a priority owns the addresses, as in keepalived; one with a bad priority not.
  const std::int64_t otherwise = saidMaster && !saidPriority ? kOwner : kDefaultPriority;
  instance.priority = static_cast<std::uint8_t>(block.priority.value_or(otherwise));
  if (saidMaster && !saidPriority) {
    complain(Severity::kNotice, Code::kMissingSetting, block.said.at("state"),
             "(" + block.name + ") state MASTER without priority: using 255, address owner");
  }
  instance.state =
      block.state.value_or(instance.priority == kOwner ? State::kMaster : State::kBackup);
  instance.downTimerAdverts = static_cast<std::uint32_t>(
      block.downTimerAdverts.value_or(globals_.downTimerAdverts.value_or(3)));
  instance.higherPrioritySendAdvert =
      block.higherPrioritySendAdvert.value_or(globals_.higherPrioritySendAdvert.value_or(false));
  instance.lowerPriorityNoAdvert = block.lowerPriorityNoAdvert.value_or(
      globals_.lowerPriorityNoAdvert.value_or(instance.strict));
  resolvePreemption(block, instance);
}

void Resolver::resolvePreemption(const InstanceBlock& block, PlannedInstance& instance) {
  const std::string prefix = "(" + block.name + ") ";
  const bool saidMaster = block.state == State::kMaster;
  instance.preempt = !block.nopreempt;
  instance.preemptDelay = block.preemptDelay.value_or(Duration(0));
  if (!instance.preempt && instance.priority == kOwner) {
    instance.preempt = true;
    error(Code::kConflict, block.said.at("nopreempt"),
          prefix + "nopreempt is incompatible with priority 255. resetting nopreempt");
  } else if (!instance.preempt && saidMaster) {
    instance.preempt = true;
    error(Code::kConflict, block.said.at("nopreempt"),
          prefix + "Warning - nopreempt will not work with initial state MASTER - clearing",
          "use state BACKUP on every router of an instance with nopreempt");
  }
  if (instance.preemptDelay == Duration(0)) {
    return;
  }
  const Statement* statement = block.said.at("preempt_delay");
  if (instance.strict) {
    error(Code::kConflict, statement,
          prefix + "preempt_delay is incompatible with strict mode - resetting");
  } else if (!instance.preempt) {
    error(Code::kConflict, statement,
          prefix + "preempt_delay is incompatible with nopreempt mode - resetting");
  } else if (saidMaster) {
    error(Code::kConflict, statement,
          prefix + "Warning - preempt delay will not work with initial state MASTER - clearing",
          "use state BACKUP");
  } else {
    return;
  }
  instance.preemptDelay = Duration(0);
}

void Resolver::resolveInterval(const InstanceBlock& block, PlannedInstance& instance) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  constexpr Duration kLongestV3 = milliseconds(40950);
  Duration& interval = instance.advertInterval;
  interval = block.advertInterval.value_or(seconds(1));
  const std::string prefix =
      "(" + block.name + ") VRRPv" + std::to_string(instance.version) + " advertisement interval ";
  const Statement* statement = block.said.at("advert_int");
  if (instance.version == 2) {
    const Duration rounded = std::max<Duration>(roundTo(interval, seconds(1)), seconds(1));
    if (rounded != interval) {
      error(Code::kConflict, statement,
            prefix + inSeconds(interval, "%f") + "s must be an integer. rounding",
            "using " + inSeconds(rounded, "%.0f") + "; version 3 has fractions of a second");
    }
    interval = rounded;
    return;
  }
  if (interval > kLongestV3) {
    error(Code::kConflict, statement,
          prefix + inSeconds(interval, "%.2f") +
              "s is out of range. Must be less than 40.96s. Setting to 40.95s");
    interval = kLongestV3;
  }
  const Duration rounded =
      std::max<Duration>(roundTo(interval, milliseconds(10)), milliseconds(10));
  if (rounded != interval) {
    error(Code::kConflict, statement,
          prefix + inSeconds(interval, "%f") + "s must be in units of 10ms - rounding",
          "using " + inSeconds(rounded, "%.2f"));
    interval = rounded;
  }
}

void Resolver::resolveAnnouncements(const InstanceBlock& block, PlannedInstance& instance) {
  using std::chrono::seconds;
  const bool minimal = globals_.minGarp.value_or(false);
  const std::int64_t delay = globals_.garpMasterDelay.value_or(minimal ? 0 : kDefaultGarpDelay);
  const std::int64_t repeat = globals_.garpMasterRepeat.value_or(minimal ? 1 : kDefaultGarpRepeat);
  instance.announceDelay = seconds(block.garpMasterDelay.value_or(delay));
  instance.announceRepeat = atLeastOne(block.garpMasterRepeat.value_or(repeat));
  instance.announceRefresh =
      seconds(block.garpMasterRefresh.value_or(globals_.garpMasterRefresh.value_or(0)));
  instance.announceRefreshRepeat = atLeastOne(
      block.garpMasterRefreshRepeat.value_or(globals_.garpMasterRefreshRepeat.value_or(1)));
  // Without a value of its own the instance has the global one, not that of its own master burst.
  instance.announceLowerPriorityDelay = seconds(
      block.garpLowerPriorityDelay.value_or(globals_.garpLowerPriorityDelay.value_or(delay)));
  instance.announceLowerPriorityRepeat = static_cast<std::uint32_t>(
      block.garpLowerPriorityRepeat.value_or(globals_.garpLowerPriorityRepeat.value_or(repeat)));
}

// Runs last: it takes back what the others allowed.
void Resolver::resolveStrict(const InstanceBlock& block, PlannedInstance& instance) {
  const bool isOwner = instance.priority == kOwner;
  instance.accept = block.noAccept ? false : block.accept.value_or(!instance.strict || isOwner);
  if (block.noAccept && !isOwner) {
    error(
        Code::kNotSupported, block.said.at("no_accept"),
        "(" + block.name + ") no_accept is not supported yet - packets to the addresses are taken");
  }
  if (!instance.strict) {
    return;
  }
  const std::string prefix = "(" + block.name + ") ";
  if (block.state == State::kMaster && !isOwner) {
    error(Code::kConflict, block.said.at("state"),
          prefix + "State MASTER must match being address owner");
    instance.state = State::kBackup;
  }
  if (block.accept && instance.version == 2 && !isOwner) {
    error(Code::kConflict, block.said.at("accept"),
          prefix +
              "warning - accept mode for VRRP version 2 does not comply with RFC3768 - "
              "resetting");
    instance.accept = false;
  }
  if (block.garpLowerPriorityRepeat.value_or(0) != 0) {
    error(Code::kConflict, block.said.at("garp_lower_prio_repeat"),
          prefix + "Strict mode requires no repeat garps. resetting");
  }
  instance.announceLowerPriorityRepeat = 0;
  if (!instance.lowerPriorityNoAdvert) {
    error(Code::kConflict, block.said.at("lower_prio_no_advert"),
          prefix + "Strict mode requires no lower priority advert. resetting");
    instance.lowerPriorityNoAdvert = true;
  }
  if (instance.higherPrioritySendAdvert) {
    error(Code::kConflict, block.said.at("higher_prio_send_advert"),
          prefix + "strict mode requires higher_prio_send_advert to be clear. resetting");
    instance.higherPrioritySendAdvert = false;
  }
}

}  // namespace holdfast::config
