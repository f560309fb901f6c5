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
  startBfd @13 :Bool;               # a bfd_instance is configured
  startWatch @14 :Bool;             # something for watchd is configured
  processName @15 :Text;            # process_name: its own, as ps shows it; empty for the usual one
  vrrp @16 :ProcessSettings;
  checker @17 :ProcessSettings;
  bfd @18 :ProcessSettings;
  maxAutoPriority @19 :UInt8;       # up to which realtime priority a late process gets; 0: it does not
  minAutoPriorityDelayNs @20 :UInt64;  # how late that is
  umask @21 :UInt16 = 0x7f;         # of files that are made
  startupScript @22 :Service;       # before every process
  shutdownScript @23 :Service;      # after every process
  notifyFifo @24 :NotifyFifo;       # all events
  vrrpNotifyFifo @25 :NotifyFifo;   # those of VRRP
  lvsNotifyFifo @26 :NotifyFifo;    # those of virtual and real servers
  reloadCheckConfig @27 :Bool;      # a reload first checks the configuration ...
  reloadCheckLog @28 :Text;         # ... and writes what is wrong with it here; empty for nowhere
  reloadTimeFile @29 :Text;         # a file with the time of the next reload; empty for none
  reloadRepeat @30 :Bool;           # that file stays: a time alone is one of every day
  reloadFile @31 :Text;             # is there as long as a reload lasts; empty for none
  configSaveDirectory @32 :Text;    # copies of each configuration; empty for none
  temporaryConfigDirectory @33 :Text;  # empty: in memory
  useSymlinkPaths @34 :Bool;        # scripts run under the path that is configured, not where it leads
  setSupplementaryGroups @35 :Bool; # scripts have all groups of their user
  hasIpvsNamespace @36 :Bool;       # net_namespace_ipvs
  ipvsNamespace @37 :Text;          # empty: that of the host
  severalFiles @38 :Bool;           # includes: what is said about a line names its file
  statsDumpFile @39 :Text;          # where SIGUSR2 writes to; empty: beside the pid files
  configText @40 :Text;             # for configSaveDirectory: its lines, with secrets masked
  stateDumpFile @41 :Text;          # where SIGUSR1 writes to; empty: beside the pid files
  jsonDumpFile @42 :Text;           # the same of SIGRTMIN+2
  jsonVersion @43 :UInt8 = 1;
  startChecker @44 :Bool;           # a virtual_server is configured
  pings @45 :Bool;                  # some of its servers have a PING_CHECK
  bindsLowPorts @46 :Bool;          # some of its checks have a bind_port below 1024
  disableLocalIgmp @47 :Bool;       # igmp_link_local_mcast_reports off
}

struct ProcessSettings {
  name @0 :Text;                    # empty for the usual one
  niceness @1 :Int8;
  realtimePriority @2 :UInt8;       # SCHED_RR; 0 for none
  rlimitRttimeNs @3 :UInt64;        # RLIMIT_RTTIME while it is realtime
  noSwap @4 :Bool;
  cpuAffinity @5 :List(UInt32);     # CPUs; empty for all
}

struct Service {
  # A script that the supervisor wants run.
  isThere @0 :Bool;
  identity @1 :UInt32;              # which scriptd runs it
  service @2 :UInt32;               # index in ScriptConfig.services there
  timeoutNs @3 :UInt64;             # 0: it may run for ever
}

struct NotifyFifo {
  path @0 :Text;                    # empty for none
  uid @1 :UInt32;                   # its owner
  gid @2 :UInt32;
  script @3 :Service;               # reads it: runs as long as the configuration does
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
  isCheck @4 :Bool;                 # its result decides where addresses or servers are
  ofServers @5 :Bool;               # run for virtual and real servers
}

# ---------------------------------------------------------------------------------------- for privd

struct BrokerConfig {
  digest @0 :Digest;
  interfaces @1 :List(Text);        # InterfaceId is the index; the same list as in VrrpConfig
  instances @2 :List(BrokerInstance);
  links @3 :List(Link);             # what privd makes; LinkId is the index
  announceGroups @4 :List(AnnounceGroup);
  linkbeats @5 :List(Linkbeat);
  linkbeatAll @6 :Bool;             # linkbeat_use_polling: every interface that is used
  tracksProcesses @7 :Bool;         # watchd gets the process connector
  bfdSessions @8 :List(BrokerBfdSession);    # BfdSessionId is the index, here and in BfdConfig
  staticAddresses @9 :List(VirtualAddress);  # there from the start to the end
  staticRoutes @10 :List(Route);
  staticRules @11 :List(Rule);
  nftablesTable @12 :Text;          # of no_accept and of VMACs
  nftablesPriority @13 :Int32;      # of its chains
  nftablesCounters @14 :Bool;       # its rules count
  nftablesIfindex @15 :Bool;        # interfaces by number, not by name, in its sets
  receivePolicy @16 :ReceivePolicy; # buffers of VRRP sockets without a size of their own
  receivePolicyBytes @17 :UInt32;   # of ReceivePolicy.bytes
  receiveMultiplier @18 :UInt32;    # of mtu and advert: so many of them
  vrrpCommandBuffer @19 :ReceiveBuffer;  # of rtnetlink, for requests
  vrrpMonitorBuffer @20 :ReceiveBuffer;  # of rtnetlink, for changes
  lvsCommandBuffer @21 :ReceiveBuffer;
  lvsMonitorBuffer @22 :ReceiveBuffer;
  processMonitorBuffer @23 :ReceiveBuffer;  # of the process connector
}

enum ReceivePolicy {
  system @0;
  mtu @1;
  advert @2;
  bytes @3;
}

struct ReceiveBuffer {
  bytes @0 :UInt32;                 # 0 for the system's default
  force @1 :Bool;                   # SO_RCVBUFFORCE: also beyond rmem_max
}

struct Link {
  # A macvlan or ipvlan interface on another one. Its name and its own InterfaceId are known
  # before it exists.
  enum Kind {
    vmac @0;                        # macvlan, mode private
    ipvlan @1;                      # mode L2
  }
  enum IpvlanMode {
    bridge @0;
    private @1;
    vepa @2;
  }
  kind @0 :Kind;
  interface @1 :UInt32;             # its own
  parent @2 :UInt32;
  instance @3 :UInt32;              # InstanceId that it belongs to
  family @4 :Family;                # of the addresses that it is for
  macAddress @5 :UInt64;            # vmac: the low 48 bits, first octet highest
  ipvlanMode @6 :IpvlanMode;
  hasAddress @7 :Bool;              # ipvlan: its own address, the source of advertisements
  address @8 :Address;
  prefixLength @9 :UInt8;
  hasGroup @10 :Bool;               # else the parent's
  group @11 :UInt32;                # of interfaces, as `ip link set group`
  netlinkNotify @12 :Bool;          # netlink_notify_msg
  addressesOnly @13 :Bool;          # use_vmac_addr, or use_vmac of an address: no advertisements
}

struct AnnounceGroup {
  # Announcements on all of these interfaces together keep these distances.
  interfaces @0 :List(UInt32);
  arpIntervalNs @1 :UInt64;         # garp_interval; 0 for none
  naIntervalNs @2 :UInt64;          # gna_interval
}

struct Linkbeat {
  enum Method {
    any @0;                         # MII, else ETHTOOL, else IOCTL
    mii @1;
    ethtool @2;
    ioctl @3;
  }
  interface @0 :UInt32;
  method @1 :Method;
}

struct BrokerBfdSession {
  family @0 :Family;
  neighbor @1 :Address;
  hasSource @2 :Bool;
  source @3 :Address;
  ttl @4 :UInt8;                    # of what is sent: ttl or hoplimit
  minTtl @5 :UInt8;                 # of what is received, by max_hops; 0 for any
  port @6 :UInt16;                  # 3784, or 4784 with multihop
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
  hasLink @20 :Bool;                # use_vmac or use_ipvlan
  link @21 :UInt32;                 # LinkId
  transmitBase @22 :Bool;           # vmac_xmit_base: advertisements on `interface`, not on the link
  hasVrf @23 :Bool;                 # without an interface: where it speaks
  vrf @24 :UInt32;                  # InterfaceId
  announceExtraAll @25 :Bool;       # garp_extra_if all: also where there is no VMAC
  authenticationHeader @26 :Bool;   # auth_type AH: protocol 51
  routes @27 :List(Route);           # virtual_routes: as long as it is master
  rules @28 :List(Rule);             # virtual_rules
  blocksAddresses @29 :Bool;        # no_accept: nothing from or to its addresses but what is forwarded
  trackSource @30 :Bool;            # track_src_ip: vrrpd is told whether `source` is there
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
  hasTrackGroup @14 :Bool;          # static ones only
  trackGroup @15 :UInt32;           # TrackGroupId: who is in FAULT while it is not there
  hasLink @16 :Bool;                # it belongs on a VMAC or an ipvlan that is made on `interface`
  link @17 :UInt32;                 # LinkId of it
}

struct Route {
  # A route as rtnetlink has it. What the kernel is told nothing of has no `has`.
  enum Placement {
    prepend @0;                     # before the routes that match: NLM_F_CREATE
    append @1;                      # behind them: NLM_F_CREATE | NLM_F_APPEND
    add @2;                         # only where there is none: NLM_F_CREATE | NLM_F_EXCL
  }
  family @0 :Family;
  type @1 :UInt8;                   # RTN_*
  destination @2 :Address;          # RTA_DST; unspecified with length 0 for the default route
  destinationLength @3 :UInt8;
  hasSource @4 :Bool;               # IPv6: packets from here only, RTA_SRC
  source @5 :Address;
  sourceLength @6 :UInt8;
  tos @7 :UInt8;                    # IPv4: rtm_tos
  table @8 :UInt32;                 # RTA_TABLE; unused with a VRF
  hasVrf @9 :Bool;
  vrf @10 :UInt32;                  # InterfaceId of the VRF whose table it is put into
  protocol @11 :UInt8;              # RTPROT_*
  scope @12 :UInt8;                 # RT_SCOPE_*
  flags @13 :UInt32;                # RTNH_F_*: ONLINK
  placement @14 :Placement;
  hasMetric @15 :Bool;
  metric @16 :UInt32;               # RTA_PRIORITY
  hasPreferredSource @17 :Bool;
  preferredSource @18 :Address;     # RTA_PREFSRC
  hasGateway @19 :Bool;
  gateway @20 :Address;             # RTA_GATEWAY; RTA_VIA where it is not of the route's family
  hasInterface @21 :Bool;
  interface @22 :UInt32;            # RTA_OIF
  encapsulation @23 :Encapsulation;
  hasRealms @24 :Bool;
  realms @25 :UInt32;               # RTA_FLOW: source realm << 16 | destination realm
  hasExpires @26 :Bool;
  expiresSeconds @27 :UInt32;       # IPv6: RTA_EXPIRES
  hasPreference @28 :Bool;
  preference @29 :UInt8;            # IPv6: RTA_PREF, ICMPV6_ROUTER_PREF_*
  hasTtlPropagate @30 :Bool;
  ttlPropagate @31 :Bool;           # RTA_TTL_PROPAGATE
  metrics @32 :List(RouteMetric);   # RTA_METRICS; each attribute once
  lockedMetrics @33 :UInt32;        # RTAX_LOCK: a bit for each RTAX_*
  congestionControl @34 :Text;      # RTAX_CC_ALGO; empty for none
  nextHops @35 :List(NextHop);      # RTA_MULTIPATH
  tracked @36 :Bool = true;         # false: not put back when someone deletes it
  hasTrackGroup @37 :Bool;          # static ones only
  trackGroup @38 :UInt32;           # TrackGroupId
}

struct RouteMetric {
  attribute @0 :UInt8;              # RTAX_*, but LOCK and CC_ALGO
  value @1 :UInt32;                 # in the kernel's unit: RTT is 1/8 ms, RTTVAR 1/4 ms, RTO_MIN 1 ms
}

struct NextHop {
  hasGateway @0 :Bool;
  gateway @1 :Address;              # RTA_GATEWAY, or RTA_VIA
  hasInterface @2 :Bool;
  interface @3 :UInt32;             # rtnh_ifindex
  weight @4 :UInt16 = 1;            # 1 to 256: rtnh_hops is one less
  flags @5 :UInt32;                 # RTNH_F_*: ONLINK
  encapsulation @6 :Encapsulation;
  hasRealms @7 :Bool;
  realms @8 :UInt32;                # RTA_FLOW
}

struct Encapsulation {
  # RTA_ENCAP_TYPE and RTA_ENCAP: a light-weight tunnel.
  enum Kind {
    none @0;
    ip @1;                          # LWTUNNEL_IP_*
    ip6 @2;                         # LWTUNNEL_IP6_*
    mpls @3;                        # MPLS_IPTUNNEL_*
    ila @4;                         # ILA_ATTR_*
  }
  kind @0 :Kind;
  hasId @1 :Bool;                   # ip and ip6: tunnel key
  id @2 :UInt64;
  hasDestination @3 :Bool;
  destination @4 :Address;
  hasSource @5 :Bool;
  source @6 :Address;
  hasTos @7 :Bool;
  tos @8 :UInt8;                    # LWTUNNEL_IP_TOS, LWTUNNEL_IP6_TC
  hasTtl @9 :Bool;
  ttl @10 :UInt8;                   # LWTUNNEL_IP_TTL, LWTUNNEL_IP6_HOPLIMIT
  hasFlags @11 :Bool;
  flags @12 :UInt16;                # LWTUNNEL_IP_FLAGS, LWTUNNEL_IP6_FLAGS
  labels @13 :List(UInt32);         # mpls: the outermost first, 20 bits each
  locator @14 :UInt64;              # ila: its first 16 bits are the highest
}

struct Rule {
  # A routing policy rule as rtnetlink has it.
  family @0 :Family;
  invert @1 :Bool;                  # FIB_RULE_INVERT
  action @2 :UInt8;                 # FR_ACT_*
  preference @3 :UInt32;            # FRA_PRIORITY
  table @4 :UInt32;                 # FRA_TABLE, of FR_ACT_TO_TBL; RT_TABLE_UNSPEC with l3mdev
  target @5 :UInt32;                # FRA_GOTO: the preference of a later rule
  l3mdev @6 :Bool;                  # FRA_L3MDEV
  hasSource @7 :Bool;
  source @8 :Address;               # FRA_SRC
  sourceLength @9 :UInt8;
  hasDestination @10 :Bool;
  destination @11 :Address;         # FRA_DST
  destinationLength @12 :UInt8;
  tos @13 :UInt8;
  hasMark @14 :Bool;
  mark @15 :UInt32;                 # FRA_FWMARK
  markMask @16 :UInt32 = 0xffffffff;  # FRA_FWMASK
  hasInput @17 :Bool;
  input @18 :UInt32;                # InterfaceId: FRA_IIFNAME
  hasOutput @19 :Bool;
  output @20 :UInt32;               # InterfaceId: FRA_OIFNAME
  hasRealms @21 :Bool;
  realms @22 :UInt32;               # FRA_FLOW: source realm << 16 | destination realm
  hasSuppressPrefixLength @23 :Bool;
  suppressPrefixLength @24 :UInt32;
  hasSuppressGroup @25 :Bool;
  suppressGroup @26 :UInt32;        # FRA_SUPPRESS_IFGROUP
  hasTunnelId @27 :Bool;
  tunnelId @28 :UInt64;             # FRA_TUN_ID
  hasUids @29 :Bool;
  firstUid @30 :UInt32;             # FRA_UID_RANGE
  lastUid @31 :UInt32;
  protocol @32 :UInt8;              # FRA_PROTOCOL: RTPROT_*
  hasIpProtocol @33 :Bool;
  ipProtocol @34 :UInt8;            # FRA_IP_PROTO: IPPROTO_*
  hasSourcePorts @35 :Bool;
  firstSourcePort @36 :UInt16;      # FRA_SPORT_RANGE
  lastSourcePort @37 :UInt16;
  hasDestinationPorts @38 :Bool;
  firstDestinationPort @39 :UInt16; # FRA_DPORT_RANGE
  lastDestinationPort @40 :UInt16;
  tracked @41 :Bool = true;         # false: not put back when someone deletes it
  hasTrackGroup @42 :Bool;          # static ones only
  trackGroup @43 :UInt32;           # TrackGroupId
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
  syncGroups @7 :List(SyncGroup);
  trackFiles @8 :List(TrackFile);
  trackProcesses @9 :List(TrackProcess);
  trackBfds @10 :List(TrackBfd);
  trackGroups @11 :List(TrackGroup);
  interfaceDelays @12 :List(InterfaceDelay);
  delayAfterBootNs @13 :UInt64;     # vrrp_delay_after_boot: nothing before the host has run so long
  fifoStatesOnReload @14 :Bool;     # fifo_write_vrrp_states_on_reload
  display @15 :Text;                # what keepalived.data begins with
}

struct SyncGroup {
  name @0 :Text;
  members @1 :List(UInt32);         # InstanceIds; at least one
  trackedScripts @2 :List(TrackedScript);
  trackedInterfaces @3 :List(TrackedInterface);
  trackedFiles @4 :List(TrackedFile);
  trackedProcesses @5 :List(TrackedProcess);
  trackedBfds @6 :List(TrackedBfd);
  notifyHooks @7 :List(NotifyHook);
  smtpAlert @8 :Bool;
  notifyPriorityChanges @9 :Bool;
  trackingWeight @10 :Bool;         # sync_group_tracking_weight: members keep weights of their own
}

struct TrackGroup {
  # Instances that are in FAULT while a static address, route or rule of this group is not there.
  name @0 :Text;
  members @1 :List(UInt32);         # InstanceIds
}

struct InterfaceDelay {
  # interface_up_down_delays: how long a state lasts before it counts.
  interface @0 :UInt32;
  downNs @1 :UInt64;
  upNs @2 :UInt64;
}

struct TrackFile {
  name @0 :Text;                    # its path is in WatchConfig.files, under the same index
}

struct TrackProcess {
  # What is counted is in WatchConfig.processes, under the same index.
  name @0 :Text;
  quorum @1 :UInt16 = 1;
  quorumMax @2 :UInt16 = 65535;
  forkDelayNs @3 :UInt64;           # until a quorum that was gained counts
  terminateDelayNs @4 :UInt64;      # until one that was lost counts
}

struct TrackBfd {
  name @0 :Text;
  session @1 :UInt32;               # BfdSessionId
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
  hasSyncGroup @37 :Bool;
  syncGroup @38 :UInt32;
  trackedFiles @39 :List(TrackedFile);
  trackedProcesses @40 :List(TrackedProcess);
  trackedBfds @41 :List(TrackedBfd);
  hasLink @42 :Bool;                # a VMAC or ipvlan: its state counts as that of `interface` does
  linkInterface @43 :UInt32;        # InterfaceId of it
  transmitBase @44 :Bool;           # vmac_xmit_base
  hasVrf @45 :Bool;
  vrf @46 :UInt32;
  linkbeat @47 :Bool;               # privd looks at the link of `interface` by polling
  smtpAlert @48 :Bool;
  notifyPriorityChanges @49 :Bool;
  announceExtraNs @50 :UInt64;      # garp_extra_if: between announcements on other interfaces; 0: none
  timerExpiredBackup @51 :UInt8;    # highest priority of another router for it; 0 for off
  ownerIgnoreAdverts @52 :Bool;
  authentication @53 :Authentication;
  password @54 :Data;               # of PASS and AH, at most 8 bytes. SECRET
  hasHmac @55 :Bool;
  hmac @56 :HmacAuthentication;
  fault @57 :Bool;                  # it cannot work as configured: FAULT for good
  fastHandover @58 :Bool;           # takes over from a master that falls below it as if that had stopped
  display @59 :InstanceDisplay;
}

struct InstanceDisplay {
  # What a dump of the state says of an instance for as long as the configuration is the same: text
  # that vrrpd copies. Lines end with a newline; nothing is secret.
  json @0 :Text;                    # members of an object
  heading @1 :Text;                 # lines of keepalived.data, from "VRRP Version" on
  settings @2 :Text;                # from "Interface" to "Priority"
  election @3 :Text;                # from "Advert interval" on
  addresses @4 :Text;               # a line for each of virtual_ipaddress
  excluded @5 :Text;                # and of virtual_ipaddress_excluded
  rest @6 :Text;                    # lines from "Unicast TTL" on
}

enum Authentication {
  none @0;
  pass @1;
  ah @2;
}

struct HmacAuthentication {
  enum Replay {
    time @0;
    monotonic @1;
  }
  enum Mode {
    enforce @0;
    permissive @1;
    receiveOnly @2;
  }
  keys @0 :List(HmacKey);
  activeKey @1 :UInt32;             # which of `keys` signs
  timeWindowNs @2 :UInt64;
  replay @3 :Replay;
  mode @4 :Mode;
}

struct HmacKey {
  id @0 :UInt8;                     # as in the trailer
  secret @1 :Data;                  # 32 to 64 bytes. SECRET
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

struct TrackedFile {
  file @0 :UInt32;                  # TrackFileId
  weight @1 :Int32;                 # the file's value is multiplied by it; 0: any value but 0 is FAULT
  reverse @2 :Bool;
}

struct TrackedProcess {
  process @0 :UInt32;               # TrackProcessId
  weight @1 :Int16;                 # 0: failure is FAULT
  reverse @2 :Bool;
}

struct TrackedBfd {
  bfd @0 :UInt32;                   # index in trackBfds
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
  checks @8 :List(CheckScript);     # MISC_CHECK: run when checkd asks
  notifiers @9 :List(Notifier);     # of virtual and real servers: the same
  services @10 :List(ServiceScript);  # run when the supervisor asks
}

struct ServiceScript {
  name @0 :Text;                    # its keyword
  arguments @1 :List(Text);         # with the FIFO that it reads as the last one
  timeoutNs @2 :UInt64;             # 0: it may run for ever
}

struct CheckScript {
  name @0 :Text;                    # for messages: the real server and its virtual server
  arguments @1 :List(Text);         # arguments[0] is the path
  timeoutNs @2 :UInt64;
}

struct Notifier {
  name @0 :Text;                    # for messages: the server and the keyword
  arguments @1 :List(Text);
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
  ofGroup @4 :Bool;                 # GROUP instead: `instanceName` is a vrrp_sync_group's
}
