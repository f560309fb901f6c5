@0x9a3c71e08bd5f426;
# The sealed configuration of watchd: which files it reads and which processes it counts. See
# config.capnp.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("holdfast::schema");

using Config = import "config.capnp";

struct WatchConfig {
  digest @0 :Config.Digest;
  files @1 :List(TrackedFilePath);     # TrackFileId is the index, here and in VrrpConfig
  processes @2 :List(ProcessMonitor);  # TrackProcessId is the index, here and in VrrpConfig
}

struct TrackedFilePath {
  name @0 :Text;
  path @1 :Text;                    # as configured
  create @2 :Bool;                  # init_file: written with `initialValue` at the start...
  initialValue @3 :Int32;
  overwrite @4 :Bool;               # ... also where it exists
}

struct ProcessMonitor {
  # Which processes count, as the process connector and /proc show them.
  enum Parameters {
    ignored @0;
    exact @1;
    initial @2;                     # the last one may be longer
    partial @3;                     # more may follow
  }
  name @0 :Text;
  arguments @1 :List(Text);         # arguments[0] is the command
  parameters @2 :Parameters;
  fullCommand @3 :Bool;             # compared with the whole command line
}
