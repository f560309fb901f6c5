@0xe2f58b1c60a7d943;
# The sealed configuration of what people and other programs see: mail, SNMP, D-Bus. See
# config.capnp.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("holdfast::schema");

using Config = import "config.capnp";

struct ManagementConfig {
  digest @0 :Config.Digest;
  routerId @1 :Text;                # empty: the host's name
  mail @2 :Mail;
  snmp @3 :Snmp;
  dbus @4 :Dbus;
}

struct Mail {
  recipients @0 :List(Text);        # empty: no mail
  from @1 :Text;                    # empty: keepalived@ and the host's name
  server @2 :Text;                  # address or name; empty: no mail
  port @3 :UInt16 = 25;
  heloName @4 :Text;                # empty: the host's name
  connectTimeoutNs @5 :UInt64 = 30000000000;
  noFaults @6 :Bool;                # nothing about FAULT
  noCheckers @7 :Bool;              # nothing about single checkers, only about servers
  vrrp @8 :Bool;                    # what virtual routers have that do not say so themselves
  checker @9 :Choice;               # the same of virtual and real servers

  enum Choice {
    usual @0;                       # off for virtual servers, on for real ones
    off @1;
    on @2;
  }
}

struct Snmp {
  socket @0 :Text;                  # of the AgentX master
  vrrp @1 :Bool;                    # KEEPALIVED-MIB
  checker @2 :Bool;                 # the same, of virtual servers
  rfc2787 @3 :Bool;                 # VRRP-MIB
  rfc6527 @4 :Bool;                 # VRRPV3-MIB
  traps @5 :Bool;
  virtualServerIntervalNs @6 :UInt64;  # between readings of IPVS counters
  realServerIntervalNs @7 :UInt64;
}

struct Dbus {
  enable @0 :Bool;
  serviceName @1 :Text;
  noInterfaceName @2 :Text;         # stands for the interface of an instance without one
}
