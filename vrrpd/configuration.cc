#include "vrrpd/configuration.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

#include "ipc/concat.h"

namespace holdfast::vrrpd {
namespace {

constexpr Duration kMaxDuration = std::chrono::hours(24 * 366);
constexpr Duration kHoldBeyondInterval = std::chrono::seconds(5);

// Collects the first complaint, so that reading goes on in a straight line.
class Complaint {
 public:
  void unless(bool condition, std::string_view what) {
    if (!condition && message_.empty()) {
      message_ = what;
    }
  }
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  std::string message_;
};

const std::string& nameOf(const std::string& name) {
  return name;
}
const std::string& nameOf(const ConfiguredScript& script) {
  return script.config.name;
}
const std::string& nameOf(const TrackProcessConfig& process) {
  return process.name;
}

AddressFamily familyOf(schema::Family family) {
  return family == schema::Family::IPV6 ? AddressFamily::kIpv6 : AddressFamily::kIpv4;
}

IpAddress addressOf(schema::Address::Reader address) {
  return IpAddress::fromHalves(familyOf(address.getFamily()), address.getHigh(), address.getLow());
}

Duration durationOf(std::uint64_t nanoseconds, Complaint& complaint) {
  complaint.unless(nanoseconds <= static_cast<std::uint64_t>(kMaxDuration.count()),
                   "a duration is too long");
  return Duration(static_cast<Duration::rep>(nanoseconds));
}

OldUnicastChecksum checksumOf(schema::OldUnicastChecksum checksum) {
  switch (checksum) {
    case schema::OldUnicastChecksum::DETECT:
      return OldUnicastChecksum::kDetect;
    case schema::OldUnicastChecksum::ALWAYS:
      return OldUnicastChecksum::kAlways;
    case schema::OldUnicastChecksum::NEVER:
      return OldUnicastChecksum::kNever;
  }
  return OldUnicastChecksum::kDetect;
}

VirtualRouterConfig readRouter(schema::VrrpInstance::Reader from, Complaint& complaint) {
  complaint.unless(from.getVersion() == 2 || from.getVersion() == 3, "its version is not 2 or 3");
  complaint.unless(from.getBasePriority() != 0, "its priority is 0");
  complaint.unless(from.getAdvertIntervalNs() >= 10'000'000, "its interval is below 10 ms");
  complaint.unless(from.getDownTimerAdverts() >= 1 && from.getDownTimerAdverts() <= 100,
                   "down_timer_adverts is not within 1 and 100");
  return {
      .name = from.getName(),
      .family = familyOf(from.getFamily()),
      .version = from.getVersion() == 2 ? Version::kV2 : Version::kV3,
      .priority = from.getBasePriority(),
      .advertisementInterval = durationOf(from.getAdvertIntervalNs(), complaint),
      .preemptMode = from.getPreempt() || from.getBasePriority() == kPriorityOwner,
      .preemptDelay = durationOf(from.getPreemptDelayNs(), complaint),
      .downTimerAdverts = from.getDownTimerAdverts(),
      .lowerPriorityNoAdvert = from.getLowerPriorityNoAdvert(),
      .higherPrioritySendAdvert = from.getHigherPrioritySendAdvert(),
      .fastHandover = from.getFastHandover(),
      .ownerIgnoresOthers = from.getOwnerIgnoreAdverts(),
      .notifyPriorityChanges = from.getNotifyPriorityChanges(),
      .announceDelay = durationOf(from.getAnnounceDelayNs(), complaint),
      .announceRefresh = durationOf(from.getAnnounceRefreshNs(), complaint),
      .announceExtra = durationOf(from.getAnnounceExtraNs(), complaint),
      .announceLowerPriority = from.getAnnounceLowerPriorityRepeat() != 0,
      .announceLowerPriorityDelay = durationOf(from.getAnnounceLowerPriorityDelayNs(), complaint),
  };
}

AuthType authTypeOf(schema::Authentication type) {
  switch (type) {
    case schema::Authentication::NONE:
      return AuthType::kNone;
    case schema::Authentication::PASS:
      return AuthType::kSimplePassword;
    case schema::Authentication::AH:
      return AuthType::kAuthHeader;
  }
  return AuthType::kNone;
}

// The password, filled up with zeros, is the PDU's authentication data, and the key of AH.
Authentication readAuthentication(schema::VrrpInstance::Reader from, Complaint& complaint) {
  Authentication authentication{.type = authTypeOf(from.getAuthentication())};
  if (authentication.type == AuthType::kNone) {
    return authentication;
  }
  const auto password = from.getPassword();
  const bool isIpv4 = from.getFamily() == schema::Family::IPV4;
  complaint.unless(from.getVersion() == 2, "authentication is of version 2");
  complaint.unless(isIpv4 || authentication.type != AuthType::kAuthHeader,
                   "its authentication header would be in front of IPv6");
  complaint.unless(password.size() >= 1 && password.size() <= kAuthDataBytes,
                   "its password is not of 1 to 8 bytes");
  std::array<std::uint8_t, kAuthDataBytes> padded{};
  std::copy_n(password.begin(), std::min(password.size(), padded.size()), padded.begin());
  authentication.key = Secret::keep(padded);
  ::explicit_bzero(padded.data(), padded.size());
  return authentication;
}

ReceiveRules readRules(schema::VrrpInstance::Reader from, Complaint& complaint) {
  ReceiveRules rules{
      .name = from.getName(),
      .family = familyOf(from.getFamily()),
      .version = from.getVersion() == 2 ? Version::kV2 : Version::kV3,
      .virtualRouterId = from.getVirtualRouterId(),
      .interval = durationOf(from.getAdvertIntervalNs(), complaint),
      .checkUnicastSource = from.getCheckUnicastSource(),
      .skipCheckAdvertAddresses = from.getSkipCheckAdvertAddresses(),
      .v3ChecksumAsV2 = from.getV3ChecksumAsV2(),
      .oldUnicastChecksum = checksumOf(from.getOldUnicastChecksum()),
      .authentication = readAuthentication(from, complaint),
  };
  complaint.unless(rules.virtualRouterId != 0, "its virtual router id is 0");
  complaint.unless(from.getAdvertisedAddresses().size() <= kMaxAddresses,
                   "it has more than 255 addresses");
  for (const auto address : from.getAdvertisedAddresses()) {
    rules.addresses.push_back(addressOf(address));
  }
  for (const auto peer : from.getPeers()) {
    rules.peers.push_back({addressOf(peer.getAddress()), peer.getMinTtl(), peer.getMaxTtl()});
  }
  const auto isOfFamily = [&](const IpAddress& address) { return address.family == rules.family; };
  complaint.unless(std::ranges::all_of(rules.addresses, isOfFamily) &&
                       std::ranges::all_of(rules.peers, isOfFamily, &UnicastPeer::address),
                   "an address is of the other family");
  complaint.unless(rules.peers.size() <= 0xffff, "it has too many unicast peers");
  return rules;
}

Weight weightOf(auto tracked, Complaint& complaint) {
  const auto weight = std::int32_t{tracked.getWeight()};
  complaint.unless(weight >= -kPriorityOwner && weight <= kPriorityOwner, "a weight is too large");
  return {static_cast<std::int16_t>(weight), tracked.getReverse()};
}

// What an instance or its sync group tracks, and for how long a noted priority may stand in for it.
void readTracked(auto from, const Configuration& all, InstanceConfig& to, Complaint& complaint) {
  const auto add = [&](TrackedKind kind, std::uint32_t object, const auto& names, auto tracked) {
    complaint.unless(object < names.size(), "it tracks what there is not");
    if (object < names.size()) {
      to.tracked.push_back({kind, object, nameOf(names[object]), weightOf(tracked, complaint)});
    }
  };
  for (const auto tracked : from.getTrackedScripts()) {
    add(TrackedKind::kScript, tracked.getScript(), all.scripts, tracked);
    if (tracked.getScript() < all.scripts.size()) {
      to.longestHold = std::max(
          to.longestHold, 2 * all.scripts[tracked.getScript()].interval + kHoldBeyondInterval);
    }
  }
  for (const auto tracked : from.getTrackedInterfaces()) {
    add(TrackedKind::kInterface, tracked.getInterface(), all.interfaces, tracked);
  }
  for (const auto tracked : from.getTrackedFiles()) {
    add(TrackedKind::kFile, tracked.getFile(), all.files, tracked);
  }
  for (const auto tracked : from.getTrackedProcesses()) {
    add(TrackedKind::kProcess, tracked.getProcess(), all.processes, tracked);
  }
}

using Groups = capnp::List<schema::SyncGroup>::Reader;

InstanceConfig readInstanceConfig(schema::VrrpInstance::Reader from, Groups groups,
                                  const Configuration& all, Complaint& complaint) {
  InstanceConfig to{
      .router = readRouter(from, complaint),
      .rules = readRules(from, complaint),
      .trackPrimary = from.getTrackPrimary(),
      .group = addressOf(from.getGroup()),
      .unicastFaultNoPeer = from.getUnicastFaultNoPeer(),
      .isUnicast = from.getPeers().size() != 0 || from.getUnicastFaultNoPeer(),
  };
  to.router.startupDelay = all.startupDelay;
  if (from.getHasInterface()) {
    complaint.unless(from.getInterface() < all.interfaces.size(), "it has no such interface");
    if (from.getInterface() < all.interfaces.size()) {
      to.interface = idAt<InterfaceId>(from.getInterface());
      to.interfaceName = all.interfaces[from.getInterface()];
    }
  }
  if (from.getHasLink() || from.getHasVrf()) {
    const std::uint32_t link = from.getHasLink() ? from.getLinkInterface() : from.getVrf();
    complaint.unless(link < all.interfaces.size(), "it has no such link or VRF");
    if (link < all.interfaces.size()) {
      to.link = idAt<InterfaceId>(link);
      to.linkName = all.interfaces[link];
    }
  }
  to.transmitsBase = from.getTransmitBase();
  if (from.getHasSource()) {
    to.source = addressOf(from.getSource());
    complaint.unless(to.source->family == to.rules.family, "its source is of the other family");
  }
  complaint.unless(to.isUnicast || to.group.family == to.rules.family,
                   "its group is of the other family");
  readTracked(from, all, to, complaint);
  if (from.getHasSyncGroup()) {
    complaint.unless(from.getSyncGroup() < groups.size(), "it has no such sync group");
    if (from.getSyncGroup() < groups.size()) {
      readTracked(groups[from.getSyncGroup()], all, to, complaint);
    }
  }
  return to;
}

// Nothing for an event that does not happen without a reload.
std::optional<Hook> readHook(schema::NotifyHook::Reader from) {
  using Event = schema::NotifyHook::Event;
  Hook hook{.identity = idAt<IdentityId>(from.getIdentity()), .hook = from.getHook()};
  switch (from.getEvent()) {
    case Event::ANY:
      hook.anyState = true;
      return hook;
    case Event::MASTER:
      hook.event = NotifyEvent::kMaster;
      return hook;
    case Event::BACKUP:
      hook.event = NotifyEvent::kBackup;
      return hook;
    case Event::FAULT:
      hook.event = NotifyEvent::kFault;
      return hook;
    case Event::STOP:
      hook.event = NotifyEvent::kStop;
      return hook;
    case Event::MASTER_RX_LOWER_PRIORITY:
      hook.event = NotifyEvent::kMasterReceivedLowerPriority;
      return hook;
    case Event::DELETED:
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<Hook> readHooks(capnp::List<schema::NotifyHook>::Reader from) {
  std::vector<Hook> hooks;
  for (const auto notifyHook : from) {
    if (const std::optional<Hook> hook = readHook(notifyHook)) {
      hooks.push_back(*hook);
    }
  }
  return hooks;
}

// An instance is in one group at most, and says so itself.
ConfiguredGroup readGroup(schema::SyncGroup::Reader from, std::uint32_t index,
                          capnp::List<schema::VrrpInstance>::Reader instances,
                          Complaint& complaint) {
  ConfiguredGroup group{.config = {.name = from.getName(), .members = {}},
                        .members = {},
                        .hooks = readHooks(from.getNotifyHooks())};
  for (const std::uint32_t member : from.getMembers()) {
    const bool isMember = member < instances.size() && instances[member].getHasSyncGroup() &&
                          instances[member].getSyncGroup() == index;
    complaint.unless(isMember, "a sync group and its members do not agree");
    if (isMember) {
      group.config.members.emplace_back(instances[member].getName().cStr());
      group.members.push_back(idAt<InstanceId>(member));
    }
  }
  complaint.unless(!group.members.empty(), "a sync group has no members");
  return group;
}

ConfiguredTrackGroup readTrackGroup(schema::TrackGroup::Reader from, std::size_t instances,
                                    Complaint& complaint) {
  ConfiguredTrackGroup group{.name = from.getName(), .members = {}};
  for (const std::uint32_t member : from.getMembers()) {
    complaint.unless(member < instances, "a track group has no such member");
    group.members.push_back(idAt<InstanceId>(member));
  }
  return group;
}

ConfiguredScript readScript(schema::TrackScript::Reader from, Complaint& complaint) {
  complaint.unless(from.getRise() >= 1 && from.getFall() >= 1, "rise or fall of a script is 0");
  return {.config = {.name = from.getName(),
                     .rise = from.getRise(),
                     .fall = from.getFall(),
                     .initFail = from.getInitFail(),
                     .neverRuns = from.getNeverRuns()},
          .identity = idAt<IdentityId>(from.getIdentity()),
          .script = idAt<ScriptId>(from.getScript()),
          .interval = durationOf(from.getIntervalNs(), complaint)};
}

TrackProcessConfig readProcess(schema::TrackProcess::Reader from, Complaint& complaint) {
  return {.name = from.getName(),
          .quorum = from.getQuorum(),
          .quorumMax = from.getQuorumMax(),
          .forkDelay = durationOf(from.getForkDelayNs(), complaint),
          .terminateDelay = durationOf(from.getTerminateDelayNs(), complaint)};
}

std::string textOf(capnp::Text::Reader text) {
  return {text.cStr(), text.size()};
}

InstanceDisplay readDisplay(schema::InstanceDisplay::Reader from) {
  return {.json = textOf(from.getJson()),
          .heading = textOf(from.getHeading()),
          .settings = textOf(from.getSettings()),
          .election = textOf(from.getElection()),
          .addresses = textOf(from.getAddresses()),
          .excluded = textOf(from.getExcluded()),
          .rest = textOf(from.getRest())};
}

}  // namespace

Result<Configuration> readConfiguration(schema::VrrpConfig::Reader from, TimePoint now,
                                        std::uint32_t& refused) {
  Configuration to;
  Complaint complaint;
  to.startupDelay =
      std::max(durationOf(from.getStartupDelayNs(), complaint),
               durationOf(from.getDelayAfterBootNs(), complaint) - now.time_since_epoch());
  to.noSwap = from.getNoSwap();
  to.fifoStatesOnReload = from.getFifoStatesOnReload();
  to.display = textOf(from.getDisplay());
  for (const auto name : from.getInterfaces()) {
    to.interfaces.emplace_back(name.cStr());
  }
  for (const auto script : from.getTrackScripts()) {
    to.scripts.push_back(readScript(script, complaint));
  }
  for (const auto file : from.getTrackFiles()) {
    to.files.emplace_back(file.getName().cStr());
  }
  for (const auto process : from.getTrackProcesses()) {
    to.processes.push_back(readProcess(process, complaint));
  }
  for (const auto delay : from.getInterfaceDelays()) {
    complaint.unless(delay.getInterface() < to.interfaces.size(), "a delay is of no interface");
    to.linkDelays.push_back({idAt<InterfaceId>(delay.getInterface()),
                             durationOf(delay.getDownNs(), complaint),
                             durationOf(delay.getUpNs(), complaint)});
  }
  // Each getter of a list counts all of it as read, so it is called once.
  const auto instances = from.getInstances();
  const auto groups = from.getSyncGroups();
  for (const auto group : groups) {
    to.groups.push_back(
        readGroup(group, static_cast<std::uint32_t>(to.groups.size()), instances, complaint));
  }
  for (const auto group : from.getTrackGroups()) {
    to.trackGroups.push_back(readTrackGroup(group, instances.size(), complaint));
  }
  if (!complaint.message().empty()) {
    return Error{complaint.message()};
  }
  for (const auto instance : instances) {
    const ConfiguredInstance& configured = to.instances.emplace_back(ConfiguredInstance{
        readInstanceConfig(instance, groups, to, complaint), readHooks(instance.getNotifyHooks()),
        readDisplay(instance.getDisplay())});
    if (!complaint.message().empty()) {
      refused = static_cast<std::uint32_t>(to.instances.size() - 1);
      return Error{concat("instance ", configured.config.router.name, ": ", complaint.message())};
    }
  }
  return to;
}

}  // namespace holdfast::vrrpd
