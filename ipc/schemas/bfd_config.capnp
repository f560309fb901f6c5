@0xb5d1f0a3c67e2914;
# The sealed configuration of bfdd. See config.capnp.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("holdfast::schema");

using Config = import "config.capnp";

struct BfdConfig {
  digest @0 :Config.Digest;
  sessions @1 :List(BfdSession);    # BfdSessionId is the index, here and in BrokerConfig
}

struct BfdSession {
  # Addresses and sockets are privd's.
  name @0 :Text;
  family @1 :Config.Family;
  minReceiveNs @2 :UInt64;          # Required Min RX Interval (RFC 5880 section 6.8.1)
  minTransmitNs @3 :UInt64;         # Desired Min TX Interval once up
  idleTransmitNs @4 :UInt64;        # the same until then
  multiplier @5 :UInt8;             # Detect Mult
  passive @6 :Bool;                 # speaks only when spoken to
  ttl @7 :UInt8;                    # of what is sent
  minTtl @8 :UInt8;                 # of what is received; 0 for any
  multihop @9 :Bool;                # RFC 5883
  tellVrrp @10 :Bool;
  tellChecker @11 :Bool;
}
