@0xd1bb594f49808e45;
# The sealed configuration: one message for each reader, all from one compilation and under one
# digest. Every default is resolved and every name is an index: a reader computes nothing and looks
# nothing up. Durations are nanoseconds.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("holdfast::schema");

struct Digest {
  # SHA-256 over the preprocessed configuration, as four big-endian words.
  word0 @0 :UInt64;
  word1 @1 :UInt64;
  word2 @2 :UInt64;
  word3 @3 :UInt64;
}

enum Family {
  ipv4 @0;
  ipv6 @1;
}

struct Address {
  # IPv4 is the low 32 bits of `low`, in host order.
  family @0 :Family;
  high @1 :UInt64;
  low @2 :UInt64;
}

# ------------------------------------------------------------------------------ for the supervisor

struct SupervisorConfig {
  digest @0 :Digest;
  startVrrp @1 :Bool;               # something for vrrpd is configured
  scriptSecurity @2 :Bool;          # enable_script_security
  scriptNoNewPrivileges @3 :Bool;   # script_no_new_privs
  identities @4 :List(Identity);    # one scriptd for each; IdentityId is the index
  instanceName @5 :Text;            # `instance`, or empty
  netNamespace @6 :Text;            # `net_namespace`, or empty
  usePidDirectory @7 :Bool;
  childWaitNs @8 :UInt64 = 5000000000;
  vrrpPriority @9 :Int8;            # nice value of vrrpd
  vrrpRealtimePriority @10 :UInt8;  # SCHED_RR priority of vrrpd, 0 for none
  vrrpNoSwap @11 :Bool;
  scriptSetuidPrograms @12 :Bool;   # script_setuid_programs
}

struct Identity {
  userName @0 :Text;
  groupName @1 :Text;
  uid @2 :UInt32;
  gid @3 :UInt32;
  scripts @4 :List(ScriptPath);     # what is checked at load: every script of this identity
}

struct ScriptPath {
  path @0 :Text;                    # absolute
  usedBy @1 :Text;                  # for messages: "vrrp_script chk_service", "VI_1 notify_master"
  file @2 :Text;                    # where it was configured
  line @3 :UInt32;
}

# ---------------------------------------------------------------------------------------- for privd

struct BrokerConfig {
  digest @0 :Digest;
  interfaces @1 :List(Text);        # InterfaceId is the index; the same list as in VrrpConfig
  instances @2 :List(BrokerInstance);
}

struct BrokerInstance {
  name @0 :Text;                    # for the audit record and the log
  family @1 :Family;
  virtualRouterId @2 :UInt8;
  version @3 :UInt8;                # 2 or 3
  hasInterface @4 :Bool;
  interface @5 :UInt32;
  hasSource @6 :Bool;               # unicast_src_ip or mcast_src_ip; else the interface's primary
  source @7 :Address;
  group @8 :Address;                # multicast destination; unused with unicast peers
  peers @9 :List(Address);          # unicast: PeerId is the index
  ttl @10 :UInt8;                   # of sent advertisements: 255, or unicast_ttl
  addresses @11 :List(VirtualAddress);
  announceMasterRepeat @12 :UInt32;       # garp_master_repeat: frames for each address in a burst
  announceLowerPriorityRepeat @13 :UInt32;
  announceRefreshRepeat @14 :UInt32;
  arpIntervalNs @15 :UInt64;        # vrrp_garp_interval: between frames on one interface
  naIntervalNs @16 :UInt64;         # vrrp_gna_interval
  promoteSecondaries @17 :Bool;
  receiveBufferBytes @18 :UInt32;   # kernel_rx_buf_size, 0 for the system's default
  absenceLimitNs @19 :UInt64;        # how long it may keep its addresses without a vrrpd: then a
                                    # peer may be master; 0 for ever
}

struct VirtualAddress {
  address @0 :Address;
  prefixLength @1 :UInt8;
  interface @2 :UInt32;
  scope @3 :UInt8;                  # RT_SCOPE_*
  label @4 :Text;                   # empty for none
  hasBroadcast @5 :Bool;
  broadcast @6 :Address;
  hasPeer @7 :Bool;
  peer @8 :Address;
  flags @9 :UInt32;                 # IFA_F_*: NODAD, HOMEADDRESS, MANAGETEMPADDR, NOPREFIXROUTE, MCAUTOJOIN
  preferredLifetimeSeconds @10 :UInt32 = 0xffffffff;  # 0 is deprecated, 0xffffffff for ever
  tracked @11 :Bool = true;         # false with no_track: not put back when someone deletes it
  excluded @12 :Bool;               # of virtual_ipaddress_excluded: not in advertisements
  useVmac @13 :Bool;                # on the macvlan interface of its instance
}

# ---------------------------------------------------------------------------------------- for vrrpd

struct VrrpConfig {
  digest @0 :Digest;
  interfaces @1 :List(Text);
  instances @2 :List(VrrpInstance);
  trackScripts @3 :List(TrackScript);
  startupDelayNs @4 :UInt64;        # vrrp_startup_delay
  logUnknownVrids @5 :Bool;
  noSwap @6 :Bool;                  # vrrp_no_swap: mlockall
}

struct TrackScript {
  name @0 :Text;
  identity @1 :UInt32;              # which scriptd runs it
  script @2 :UInt32;                # its ScriptId there
  rise @3 :UInt32 = 1;
  fall @4 :UInt32 = 1;
  initFail @5 :Bool;
  intervalNs @6 :UInt64;
  neverRuns @7 :Bool;               # nobody may or can run it: it has failed, identity says nothing
}

enum InitialState {
  backup @0;
  master @1;
}

struct VrrpInstance {
  name @0 :Text;
  family @1 :Family;
  version @2 :UInt8;
  virtualRouterId @3 :UInt8;
  basePriority @4 :UInt8;           # 255: address owner
  initialState @5 :InitialState;
  advertIntervalNs @6 :UInt64;
  preempt @7 :Bool = true;
  preemptDelayNs @8 :UInt64;
  downTimerAdverts @9 :UInt32 = 3;
  hasInterface @10 :Bool;
  interface @11 :UInt32;
  trackPrimary @12 :Bool = true;    # false with dont_track_primary
  hasSource @13 :Bool;
  source @14 :Address;
  group @15 :Address;
  peers @16 :List(UnicastPeer);
  checkUnicastSource @17 :Bool;
  unicastFaultNoPeer @18 :Bool;
  ttl @19 :UInt8 = 255;
  advertisedAddresses @20 :List(Address);   # in the order of the file; at most 255
  skipCheckAdvertAddresses @21 :Bool;
  lowerPriorityNoAdvert @22 :Bool;
  higherPrioritySendAdvert @23 :Bool;
  announceDelayNs @24 :UInt64 = 5000000000;      # garp_master_delay; 0: no second burst
  announceRefreshNs @25 :UInt64;                 # garp_master_refresh; 0: none
  announceLowerPriorityDelayNs @26 :UInt64;      # garp_lower_prio_delay
  announceLowerPriorityRepeat @27 :UInt32;       # 0: none
  trackedScripts @28 :List(TrackedScript);
  trackedInterfaces @29 :List(TrackedInterface);
  notifyHooks @30 :List(NotifyHook);
  v3ChecksumAsV2 @31 :Bool;
  oldUnicastChecksum @32 :OldUnicastChecksum;
  strict @33 :Bool;
  accept @34 :Bool = true;
  trackSource @35 :Bool;            # track_src_ip
  debug @36 :UInt8;
}

enum OldUnicastChecksum {
  detect @0;
  always @1;
  never @2;
}

struct UnicastPeer {
  address @0 :Address;
  minTtl @1 :UInt8;
  maxTtl @2 :UInt8 = 255;
}

struct TrackedScript {
  script @0 :UInt32;                # TrackScriptId
  weight @1 :Int16;                 # 0: failure is FAULT
  reverse @2 :Bool;
}

struct TrackedInterface {
  interface @0 :UInt32;
  weight @1 :Int16;
  reverse @2 :Bool;
}

struct NotifyHook {
  enum Event {
    any @0;              # `notify`: with INSTANCE, name, state and priority appended
    master @1;
    backup @2;
    fault @3;
    stop @4;
    deleted @5;
    masterRxLowerPriority @6;
  }
  event @0 :Event;
  identity @1 :UInt32;
  hook @2 :UInt32;                  # its index in ScriptConfig.hooks of that identity
}

# -------------------------------------------------------------------------------------- for scriptd

struct ScriptConfig {
  # For the scriptd of one identity: its own scripts only.
  digest @0 :Digest;
  userName @1 :Text;
  uid @2 :UInt32;
  gid @3 :UInt32;
  scriptSecurity @4 :Bool;
  noNewPrivileges @5 :Bool;
  scripts @6 :List(PeriodicScript);
  hooks @7 :List(HookScript);
}

struct PeriodicScript {
  name @0 :Text;
  arguments @1 :List(Text);         # arguments[0] is the path
  intervalNs @2 :UInt64;
  timeoutNs @3 :UInt64;
}

struct HookScript {
  instanceName @0 :Text;
  event @1 :NotifyHook.Event;
  arguments @2 :List(Text);
  appendState @3 :Bool;             # INSTANCE "name" STATE priority
}
