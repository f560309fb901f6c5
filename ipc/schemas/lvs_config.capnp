@0xc4e7a1d05b3f8296;
# The sealed configuration of the load balancer: what privd programs into IPVS, and what checkd
# watches. See config.capnp. A VirtualServerId is an index of `virtualServers`, the same in both
# messages, and a RealServerId one of the lists in that virtual server.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("holdfast::schema");

using Config = import "config.capnp";

# ---------------------------------------------------------------------------------------- for privd

struct IpvsConfig {
  # Numbers are those of the kernel's generic netlink family IPVS (linux/ip_vs.h), in host order.
  enum Flush {
    nothing @0;
    everything @1;                  # lvs_flush_on_stop: the whole table at once
    virtualServers @2;              # lvs_flush_on_stop VS: each of ours, the kernel drops its servers
  }
  digest @0 :Config.Digest;
  virtualServers @1 :List(IpvsVirtualServer);
  flushAtStart @2 :Bool;            # lvs_flush
  flushAtStop @3 :Flush;
  setTimeouts @4 :Bool;             # lvs_timeouts; 0 leaves a timeout as it is
  tcpTimeoutSeconds @5 :UInt32;
  tcpFinTimeoutSeconds @6 :UInt32;
  udpTimeoutSeconds @7 :UInt32;
  hasSyncDaemon @8 :Bool;
  syncDaemon @9 :SyncDaemon;
  nftables @10 :Bool;               # nftables_ipvs: `mark` of a virtual server instead of services
  nftablesTable @11 :Text;
  nftablesPriority @12 :Int32;
  checkSockets @13 :List(CheckSocket);  # those that checkd cannot make itself
}

struct SyncDaemon {
  interface @0 :Text;
  hasInstance @1 :Bool;             # master or backup as this vrrp_instance is; else both
  instance @2 :UInt32;              # InstanceId
  syncId @3 :UInt8;
  maxLength @4 :UInt16;             # of a message, in bytes; 0 for the kernel's choice
  port @5 :UInt16;                  # 0 for the kernel's choice, as below
  ttl @6 :UInt8;
  hasGroup @7 :Bool;
  group @8 :Config.Address;         # multicast
}

struct IpvsVirtualServer {
  name @0 :Text;                    # for the audit record and the log: "[10.0.0.1]:tcp:80"
  services @1 :List(IpvsService);   # of a group each of its lines, else one
  protocol @2 :UInt16;              # IPPROTO_*, 0 where there are only firewall marks
  scheduler @3 :Text;
  flags @4 :UInt32;                 # IP_VS_SVC_F_*
  persistenceTimeoutSeconds @5 :UInt32;  # 0 where it is not persistent
  netmask @6 :UInt32;               # IPv4: of the persistence granularity
  prefixLength @7 :UInt8;           # IPv6: the same
  persistenceEngine @8 :Text;       # empty for none
  destinations @9 :List(IpvsDestination);  # RealServerId is the index
  hasSorryServer @10 :Bool;
  sorryServer @11 :IpvsDestination;
  hasMarkIpv4 @12 :Bool;            # nftables_ipvs: the firewall mark of its IPv4 addresses
  markIpv4 @13 :UInt32;
  hasMarkIpv6 @14 :Bool;
  markIpv6 @15 :UInt32;
  watchAddress @16 :Bool;           # ha_suspend: checkd is told whether this host has it
}

struct IpvsService {
  # Consecutive addresses with one port, or a firewall mark.
  isMark @0 :Bool;
  mark @1 :UInt32;
  family @2 :Config.Family;
  first @3 :Config.Address;
  last @4 :Config.Address;          # at most 65,536 of them, unless nftables does the work
  port @5 :UInt16;                  # 0 for all
}

struct IpvsDestination {
  enum Method {
    # IP_VS_CONN_F_*
    nat @0;
    local @1;
    tunnel @2;
    direct @3;
  }
  enum Tunnel {
    # IP_VS_CONN_F_TUNNEL_TYPE_*
    ipip @0;
    gue @1;
    gre @2;
  }
  enum Checksum {
    # IP_VS_TUNNEL_ENCAP_FLAG_*
    none @0;
    normal @1;
    remote @2;
  }
  address @0 :Config.Address;
  port @1 :UInt16;                  # 0: that of the service
  method @2 :Method;
  tunnel @3 :Tunnel;
  tunnelPort @4 :UInt16;
  checksum @5 :Checksum;
  weight @6 :UInt32;                # as configured
  upperThreshold @7 :UInt32;        # connections, 0 for no limit
  lowerThreshold @8 :UInt32;
}

struct CheckSocket {
  # Named by Connection.socket. Not connected yet.
  enum Kind {
    tcp @0;
    udp @1;
    ping @2;                        # ICMP or ICMPv6, echo only
  }
  kind @0 :Kind;
  family @1 :Config.Family;
  mark @2 :UInt32;                  # SO_MARK, 0 for none
  hasSource @3 :Bool;
  source @4 :Config.Address;
  sourcePort @5 :UInt16;            # 0 for any
  interface @6 :Text;               # SO_BINDTODEVICE, empty for none
}

# --------------------------------------------------------------------------------------- for checkd

struct CheckerConfig {
  digest @0 :Config.Digest;
  virtualServers @1 :List(VirtualServer);
  tls @2 :TlsClient;
  realServerInitNotifies @3 :Bool;  # notifiers also run for what is up or down at the start
  tlsClients @4 :List(TlsClient);   # of checks that have settings of their own
  noSwap @5 :Bool;                  # checker_no_swap: mlockall
}

struct TlsClient {
  # Of SSL_GET, or of one check. Empty texts where nothing is configured.
  enum Verification {
    none @0;                        # any certificate will do
    peer @1;                        # signed by whom we trust, and valid now
    name @2;                        # and for the name, or the address, that is checked
  }
  certificateAuthorities @0 :Text;  # path of a PEM file
  certificate @1 :Text;             # path
  key @2 :Text;                     # path
  password @3 :Data;                # of the key. SECRET
  authoritiesPem @4 :Data;          # what is in these files
  certificatePem @5 :Data;
  keyPem @6 :Data;                  # SECRET
  isBroken @7 :Bool;                # one of them cannot be read: nothing may use TLS
  verification @8 :Verification;
  minVersion @9 :UInt16;            # as on the wire, 0x0303 for TLS 1.2; 0 for the library's choice
  pinnedKeys @10 :List(Data);       # SHA-256 of the SubjectPublicKeyInfo; none for any key
  expiryWarningDays @11 :UInt32;    # 0 for no warning
}

struct ScriptReference {
  identity @0 :UInt32;              # which scriptd runs it
  notifier @1 :UInt32;              # index in ScriptConfig.notifiers there
}

struct VirtualServer {
  name @0 :Text;                    # "[10.0.0.1]:tcp:80", "FWM 5" or "[GROUP]:0"
  quorum @1 :UInt32 = 1;            # total weight of living servers, which can be above 2^32
  hysteresis @2 :UInt32;
  alpha @3 :Bool;                   # servers are down until a check says otherwise
  omega @4 :Bool;                   # down notifiers run at the end
  suspendWithoutAddress @5 :Bool;   # ha_suspend
  smtpAlert @6 :Bool;
  snmpName @7 :Text;
  hasQuorumUp @8 :Bool;
  quorumUp @9 :ScriptReference;
  hasQuorumDown @10 :Bool;
  quorumDown @11 :ScriptReference;
  hasSorryServer @12 :Bool;
  sorryName @13 :Text;              # as that of a real server
  sorryInhibit @14 :Bool;           # stays in the table with weight 0
  realServers @15 :List(RealServer);
  family @16 :Config.Family;        # with the name, which server of an earlier configuration it is
}

struct RealServer {
  name @0 :Text;                    # "[10.0.0.2]:tcp:80"
  weight @1 :UInt32 = 1;
  inhibitOnFailure @2 :Bool;        # weight 0 instead of being removed
  alpha @3 :Bool;
  smtpAlert @4 :Bool;
  snmpName @5 :Text;
  hasNotifyUp @6 :Bool;
  notifyUp @7 :ScriptReference;
  hasNotifyDown @8 :Bool;
  notifyDown @9 :ScriptReference;
  checkers @10 :List(Checker);      # it is up where none has failed
  drain @11 :Bool;                  # weight 0 until its connections have ended, then removed
  drainTimeNs @12 :UInt64;          # after which it is removed anyhow; 0 for no limit
  drainOnFailure @13 :Bool;         # the same, instead of being removed at once
}

struct Checker {
  # `connection` is for kinds that send something; of the others only that of `kind` is there.
  enum Kind {
    tcp @0;
    http @1;
    ssl @2;
    smtp @3;
    dns @4;
    misc @5;
    udp @6;
    ping @7;
    file @8;
    bfd @9;
  }
  kind @0 :Kind;
  alpha @1 :Bool;
  logAllFailures @2 :Bool;
  retry @3 :UInt32;                 # further attempts before it counts as failed
  delayLoopNs @4 :UInt64;
  delayBeforeRetryNs @5 :UInt64;
  warmupNs @6 :UInt64;              # the first one comes after a random time up to this
  connection @7 :Connection;
  http @8 :HttpCheck;
  smtp @9 :SmtpCheck;
  dns @10 :DnsCheck;
  misc @11 :MiscCheck;
  udp @12 :UdpCheck;
  file @13 :FileCheck;
  bfd @14 :UInt32;                  # BfdSessionId
  hasTls @15 :Bool;                 # its own settings instead of CheckerConfig.tls
  tls @16 :UInt32;                  # index in CheckerConfig.tlsClients
}

struct Connection {
  address @0 :Config.Address;
  port @1 :UInt16;
  timeoutNs @2 :UInt64;
  hasSource @3 :Bool;
  source @4 :Config.Address;        # bindto
  sourcePort @5 :UInt16;            # 0 for any
  interface @6 :Text;               # bind_if, empty for none
  hasSocket @7 :Bool;               # privd makes its sockets: a mark or a low port
  socket @8 :UInt32;                # index in IpvsConfig.checkSockets
}

struct HttpCheck {
  enum Protocol {
    http10 @0;
    http10Close @1;                 # with "Connection: close"
    http11 @2;
  }
  protocol @0 :Protocol;
  fastRecovery @1 :Bool;
  sendServerName @2 :Bool;          # enable_sni, or sni_name
  serverName @3 :Text;              # sni_name; empty: the name in the Host line
  tlsCompliant @4 :Bool;            # a connection that ends without close_notify has failed
  urls @5 :List(Url);
  headers @6 :List(Text);           # "Name: value", without the end of the line
  authorization @7 :Data;           # value of the Authorization line, empty for none. SECRET
}

struct Url {
  path @0 :Text;
  host @1 :Text;                    # of the Host line; empty: address and port
  hasDigest @2 :Bool;
  digestHigh @3 :UInt64;            # MD5 of the body, big-endian
  digestLow @4 :UInt64;
  statusCodes @5 :List(StatusRange);
  regex @6 :Text;                   # PCRE2; empty for none
  regexNoMatch @7 :Bool;            # a match is a failure
  regexOptions @8 :List(RegexOption);
  regexStackStartBytes @9 :UInt64;  # 0 for the library's choice
  regexStackMaxBytes @10 :UInt64;
  regexMinOffset @11 :UInt64;       # bytes of the body
  regexMaxOffset @12 :UInt64;       # 0 for no limit
  tlsCompliant @13 :Bool;
}

struct StatusRange {
  low @0 :UInt16;
  high @1 :UInt16;
}

enum RegexOption {
  # PCRE2_*
  allowEmptyClass @0;
  altBsux @1;
  altCircumflex @2;
  altVerbnames @3;
  autoCallout @4;
  caseless @5;
  dollarEndonly @6;
  dotall @7;
  dupnames @8;
  extended @9;
  firstline @10;
  matchUnsetBackref @11;
  multiline @12;
  neverBackslashC @13;
  neverUcp @14;
  neverUtf @15;
  noAutoCapture @16;
  noAutoPossess @17;
  noDotstarAnchor @18;
  noStartOptimize @19;
  ucp @20;
  ungreedy @21;
  useOffsetLimit @22;
  utf @23;
}

struct SmtpCheck {
  heloName @0 :Text;
  hosts @1 :List(Connection);       # one dialogue with each
  extended @2 :Bool;                # EHLO instead of HELO
  startTls @3 :Bool;
  serverName @4 :Text;              # which the certificate is for; empty: the address
  hasSender @5 :Bool;               # MAIL FROM is asked
  sender @6 :Text;                  # without angle brackets; empty for <>
  recipient @7 :Text;               # RCPT TO is asked; empty for none
  drainsOn421 @8 :Bool;             # a reply 421 means weight 0, not down
}

struct DnsCheck {
  type @0 :UInt16;                  # QTYPE
  name @1 :Text;                    # "." for the root
}

struct MiscCheck {
  identity @0 :UInt32;              # which scriptd runs it
  script @1 :UInt32;                # index in ScriptConfig.checks there
  dynamic @2 :Bool;                 # exit status 2 to 255 is a weight, plus 2
  neverRuns @3 :Bool;               # nobody may or can run it: it has failed
  timeoutNs @4 :UInt64;             # after which the scriptd ends it
}

struct UdpCheck {
  payload @0 :Data;                 # empty: the usual text
  requireReply @1 :Bool;
  reply @2 :Data;                   # what it begins with
  replyMask @3 :Data;               # of the same size: which bits count
  minReplyBytes @4 :UInt16;
  maxReplyBytes @5 :UInt16 = 255;
}

struct FileCheck {
  file @0 :UInt32;                  # TrackFileId
  weight @1 :Int32;
  reverse @2 :Bool;
}
