#include "config/seal.h"

#include <capnp/message.h>

#include "ipc/schemas/config.capnp.h"
#include "ipc/sealed.h"

namespace holdfast::config {
namespace {

template <typename List>
unsigned sizeOf(const List& list) {
  return static_cast<unsigned>(list.size());
}

std::uint64_t nanoseconds(Duration duration) {
  return static_cast<std::uint64_t>(duration.count());
}

schema::Family familyOf(AddressFamily family) {
  return family == AddressFamily::kIpv4 ? schema::Family::IPV4 : schema::Family::IPV6;
}

void write(schema::Address::Builder out, const IpAddress& address) {
  out.setFamily(familyOf(address.family));
  out.setHigh(address.high());
  out.setLow(address.low());
}

void write(schema::Digest::Builder out, const Digest& digest) {
  std::array<std::uint64_t, 4> words{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    words.at(i / 8) = words.at(i / 8) << 8 | digest.at(i);
  }
  out.setWord0(words[0]);
  out.setWord1(words[1]);
  out.setWord2(words[2]);
  out.setWord3(words[3]);
}

template <typename Builder>
void write(Builder out, const std::vector<std::string>& texts) {
  for (unsigned i = 0; i < sizeOf(texts); ++i) {
    out.set(i, texts[i]);
  }
}

schema::NotifyHook::Event eventOf(HookEvent event) {
  using Event = schema::NotifyHook::Event;
  switch (event) {
    case HookEvent::kAny:
      return Event::ANY;
    case HookEvent::kMaster:
      return Event::MASTER;
    case HookEvent::kBackup:
      return Event::BACKUP;
    case HookEvent::kFault:
      return Event::FAULT;
    case HookEvent::kStop:
      return Event::STOP;
    case HookEvent::kDeleted:
      return Event::DELETED;
    case HookEvent::kMasterRxLowerPriority:
      return Event::MASTER_RX_LOWER_PRIORITY;
  }
  return Event::ANY;
}

schema::OldUnicastChecksum checksumOf(OldChecksum checksum) {
  switch (checksum) {
    case OldChecksum::kDetect:
      return schema::OldUnicastChecksum::DETECT;
    case OldChecksum::kAlways:
      return schema::OldUnicastChecksum::ALWAYS;
    case OldChecksum::kNever:
      return schema::OldUnicastChecksum::NEVER;
  }
  return schema::OldUnicastChecksum::DETECT;
}

// ------------------------------------------------------------------------------ for the supervisor

void write(schema::Identity::Builder out, const PlannedIdentity& identity) {
  out.setUserName(identity.userName);
  out.setGroupName(identity.groupName);
  out.setUid(identity.uid);
  out.setGid(identity.gid);
  auto paths = out.initScripts(sizeOf(identity.paths));
  for (unsigned i = 0; i < paths.size(); ++i) {
    paths[i].setPath(identity.paths[i].path);
    paths[i].setUsedBy(identity.paths[i].usedBy);
    paths[i].setFile(identity.paths[i].file);
    paths[i].setLine(identity.paths[i].line);
  }
}

void write(schema::SupervisorConfig::Builder out, const Plan& plan) {
  write(out.initDigest(), plan.digest);
  out.setStartVrrp(!plan.instances.empty());
  out.setScriptSecurity(plan.scriptSecurity);
  out.setScriptNoNewPrivileges(plan.scriptNoNewPrivileges);
  out.setScriptSetuidPrograms(plan.scriptSetuidPrograms);
  out.setInstanceName(plan.instanceName);
  out.setNetNamespace(plan.netNamespace);
  out.setUsePidDirectory(plan.usePidDirectory);
  out.setChildWaitNs(nanoseconds(plan.childWait));
  out.setVrrpPriority(plan.vrrpPriority);
  out.setVrrpRealtimePriority(plan.vrrpRealtimePriority);
  out.setVrrpNoSwap(plan.vrrpNoSwap);
  auto identities = out.initIdentities(sizeOf(plan.identities));
  for (unsigned i = 0; i < identities.size(); ++i) {
    write(identities[i], plan.identities[i]);
  }
}

// ---------------------------------------------------------------------------------------- for
// privd

void write(schema::VirtualAddress::Builder out, const PlannedAddress& address) {
  write(out.initAddress(), address.address);
  out.setPrefixLength(address.prefixLength);
  out.setInterface(address.interface);
  out.setScope(address.scope);
  out.setLabel(address.label);
  out.setHasBroadcast(address.broadcast.has_value());
  if (address.broadcast) {
    write(out.initBroadcast(), *address.broadcast);
  }
  out.setHasPeer(address.peer.has_value());
  if (address.peer) {
    write(out.initPeer(), *address.peer);
  }
  out.setFlags(address.flags);
  out.setPreferredLifetimeSeconds(address.preferredLifetime);
  out.setTracked(address.tracked);
  out.setExcluded(address.excluded);
}

void write(schema::BrokerInstance::Builder out, const PlannedInstance& instance, const Plan& plan) {
  out.setName(instance.name);
  out.setFamily(familyOf(instance.family));
  out.setVirtualRouterId(instance.virtualRouterId);
  out.setVersion(instance.version);
  out.setHasInterface(instance.interface.has_value());
  out.setInterface(instance.interface.value_or(0));
  out.setHasSource(instance.source.has_value());
  if (instance.source) {
    write(out.initSource(), *instance.source);
  }
  write(out.initGroup(), instance.group);
  auto peers = out.initPeers(sizeOf(instance.peers));
  for (unsigned i = 0; i < peers.size(); ++i) {
    write(peers[i], instance.peers[i].address);
  }
  out.setTtl(instance.ttl);
  auto addresses = out.initAddresses(sizeOf(instance.addresses));
  for (unsigned i = 0; i < addresses.size(); ++i) {
    write(addresses[i], instance.addresses[i]);
  }
  out.setAnnounceMasterRepeat(instance.announceRepeat);
  out.setAnnounceLowerPriorityRepeat(instance.announceLowerPriorityRepeat);
  out.setAnnounceRefreshRepeat(instance.announceRefreshRepeat);
  out.setArpIntervalNs(nanoseconds(plan.arpInterval));
  out.setNaIntervalNs(nanoseconds(plan.naInterval));
  out.setPromoteSecondaries(instance.promoteSecondaries);
  out.setReceiveBufferBytes(instance.receiveBufferBytes);
  out.setAbsenceLimitNs(nanoseconds(instance.advertInterval * instance.downTimerAdverts));
}

void write(schema::BrokerConfig::Builder out, const Plan& plan) {
  write(out.initDigest(), plan.digest);
  write(out.initInterfaces(sizeOf(plan.interfaces)), plan.interfaces);
  auto instances = out.initInstances(sizeOf(plan.instances));
  for (unsigned i = 0; i < instances.size(); ++i) {
    write(instances[i], plan.instances[i], plan);
  }
}

// ---------------------------------------------------------------------------------------- for
// vrrpd

void writeElection(schema::VrrpInstance::Builder out, const PlannedInstance& instance) {
  out.setBasePriority(instance.priority);
  out.setInitialState(instance.state == State::kMaster ? schema::InitialState::MASTER
                                                       : schema::InitialState::BACKUP);
  out.setAdvertIntervalNs(nanoseconds(instance.advertInterval));
  out.setPreempt(instance.preempt);
  out.setPreemptDelayNs(nanoseconds(instance.preemptDelay));
  out.setDownTimerAdverts(instance.downTimerAdverts);
  out.setLowerPriorityNoAdvert(instance.lowerPriorityNoAdvert);
  out.setHigherPrioritySendAdvert(instance.higherPrioritySendAdvert);
  out.setAnnounceDelayNs(nanoseconds(instance.announceDelay));
  out.setAnnounceRefreshNs(nanoseconds(instance.announceRefresh));
  out.setAnnounceLowerPriorityDelayNs(nanoseconds(instance.announceLowerPriorityDelay));
  out.setAnnounceLowerPriorityRepeat(instance.announceLowerPriorityRepeat);
}

void writeDestination(schema::VrrpInstance::Builder out, const PlannedInstance& instance) {
  out.setHasInterface(instance.interface.has_value());
  out.setInterface(instance.interface.value_or(0));
  out.setTrackPrimary(instance.trackPrimary);
  out.setHasSource(instance.source.has_value());
  if (instance.source) {
    write(out.initSource(), *instance.source);
  }
  out.setTrackSource(instance.trackSource);
  write(out.initGroup(), instance.group);
  auto peers = out.initPeers(sizeOf(instance.peers));
  for (unsigned i = 0; i < peers.size(); ++i) {
    write(peers[i].initAddress(), instance.peers[i].address);
    peers[i].setMinTtl(instance.peers[i].minTtl);
    peers[i].setMaxTtl(instance.peers[i].maxTtl);
  }
  out.setCheckUnicastSource(instance.checkUnicastSource);
  out.setUnicastFaultNoPeer(instance.unicastFaultNoPeer);
  out.setTtl(instance.ttl);
  auto advertised = out.initAdvertisedAddresses(sizeOf(instance.advertised));
  for (unsigned i = 0; i < advertised.size(); ++i) {
    write(advertised[i], instance.advertised[i]);
  }
  out.setSkipCheckAdvertAddresses(instance.skipCheckAdvertAddresses);
}

void writeTracking(schema::VrrpInstance::Builder out, const PlannedInstance& instance) {
  auto scripts = out.initTrackedScripts(sizeOf(instance.scripts));
  for (unsigned i = 0; i < scripts.size(); ++i) {
    scripts[i].setScript(instance.scripts[i].index);
    scripts[i].setWeight(instance.scripts[i].weight);
    scripts[i].setReverse(instance.scripts[i].reverse);
  }
  auto interfaces = out.initTrackedInterfaces(sizeOf(instance.interfaces));
  for (unsigned i = 0; i < interfaces.size(); ++i) {
    interfaces[i].setInterface(instance.interfaces[i].index);
    interfaces[i].setWeight(instance.interfaces[i].weight);
    interfaces[i].setReverse(instance.interfaces[i].reverse);
  }
  auto hooks = out.initNotifyHooks(sizeOf(instance.hooks));
  for (unsigned i = 0; i < hooks.size(); ++i) {
    hooks[i].setEvent(eventOf(instance.hooks[i].event));
    hooks[i].setIdentity(instance.hooks[i].identity);
    hooks[i].setHook(instance.hooks[i].hook);
  }
}

void write(schema::VrrpInstance::Builder out, const PlannedInstance& instance) {
  out.setName(instance.name);
  out.setFamily(familyOf(instance.family));
  out.setVersion(instance.version);
  out.setVirtualRouterId(instance.virtualRouterId);
  writeElection(out, instance);
  writeDestination(out, instance);
  writeTracking(out, instance);
  out.setV3ChecksumAsV2(instance.v3ChecksumAsV2);
  out.setOldUnicastChecksum(checksumOf(instance.oldUnicastChecksum));
  out.setStrict(instance.strict);
  out.setAccept(instance.accept);
  out.setDebug(instance.debug);
}

void write(schema::VrrpConfig::Builder out, const Plan& plan) {
  write(out.initDigest(), plan.digest);
  write(out.initInterfaces(sizeOf(plan.interfaces)), plan.interfaces);
  auto instances = out.initInstances(sizeOf(plan.instances));
  for (unsigned i = 0; i < instances.size(); ++i) {
    write(instances[i], plan.instances[i]);
  }
  auto scripts = out.initTrackScripts(sizeOf(plan.trackScripts));
  for (unsigned i = 0; i < scripts.size(); ++i) {
    const PlannedTrackScript& script = plan.trackScripts[i];
    scripts[i].setName(script.name);
    scripts[i].setIdentity(script.identity);
    scripts[i].setScript(script.script);
    scripts[i].setRise(script.rise);
    scripts[i].setFall(script.fall);
    scripts[i].setInitFail(script.initFail);
    scripts[i].setNeverRuns(script.neverRuns);
    scripts[i].setIntervalNs(nanoseconds(script.interval));
  }
  out.setStartupDelayNs(nanoseconds(plan.startupDelay));
  out.setLogUnknownVrids(plan.logUnknownVrids);
  out.setNoSwap(plan.vrrpNoSwap);
}

// -------------------------------------------------------------------------------------- for
// scriptd

void write(schema::ScriptConfig::Builder out, const PlannedIdentity& identity, const Plan& plan) {
  write(out.initDigest(), plan.digest);
  out.setUserName(identity.userName);
  out.setUid(identity.uid);
  out.setGid(identity.gid);
  out.setScriptSecurity(plan.scriptSecurity);
  out.setNoNewPrivileges(plan.scriptNoNewPrivileges);
  auto scripts = out.initScripts(sizeOf(identity.periodic));
  for (unsigned i = 0; i < scripts.size(); ++i) {
    const PeriodicScript& script = identity.periodic[i];
    scripts[i].setName(script.name);
    write(scripts[i].initArguments(sizeOf(script.arguments)), script.arguments);
    scripts[i].setIntervalNs(nanoseconds(script.interval));
    scripts[i].setTimeoutNs(nanoseconds(script.timeout));
  }
  auto hooks = out.initHooks(sizeOf(identity.hooks));
  for (unsigned i = 0; i < hooks.size(); ++i) {
    const HookScript& hook = identity.hooks[i];
    hooks[i].setInstanceName(hook.instance);
    hooks[i].setEvent(eventOf(hook.event));
    write(hooks[i].initArguments(sizeOf(hook.arguments)), hook.arguments);
    hooks[i].setAppendState(hook.event == HookEvent::kAny);
  }
}

template <typename Schema, typename... Parts>
Status sealOne(const char* name, UniqueFd& out, const Parts&... parts) {
  capnp::MallocMessageBuilder message;
  write(message.initRoot<Schema>(), parts...);
  Result<UniqueFd> fd = sealMessage(name, message);
  if (!fd) {
    return fd.error();
  }
  out = std::move(fd).value();
  return success();
}

}  // namespace

Result<SealedPlan> seal(const Plan& plan) {
  SealedPlan sealed;
  sealed.scriptds.resize(plan.identities.size());
  Status status = sealOne<schema::SupervisorConfig>("holdfast-supervisor", sealed.supervisor, plan);
  if (status) {
    status = sealOne<schema::BrokerConfig>("holdfast-privd", sealed.privd, plan);
  }
  if (status) {
    status = sealOne<schema::VrrpConfig>("holdfast-vrrpd", sealed.vrrpd, plan);
  }
  for (std::size_t i = 0; status && i < plan.identities.size(); ++i) {
    status = sealOne<schema::ScriptConfig>("holdfast-scriptd", sealed.scriptds[i],
                                           plan.identities[i], plan);
  }
  if (!status) {
    return status.error();
  }
  return sealed;
}

}  // namespace holdfast::config
