@0xaf75ff6d36275664;
# Every message that crosses an internal socket. One message is one Cap'n Proto segment in one
# SOCK_SEQPACKET datagram. Except for LogLine no message holds a pointer, so each kind has one exact
# size: the root pointer (8 bytes) and its data words. A message names objects of the sealed
# configuration by index and generation, never by value.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("holdfast::schema");

enum VrrpState {
  # Numbers of keepalived.json: 0 to 3. A state is noted with privd, and told to scripts.
  init @0;
  backup @1;
  master @2;
  fault @3;
  stop @4;     # only told to scripts
  deleted @5;  # only told to scripts
}

# ---------------------------------------------------------------------------------- vrrpd to privd

struct BrokerRequest {
  # Size: 8 + 16 bytes.
  enum Verb {
    hello @0;              # tell me all that you know: the noted states and every interface
    take @1;               # the instance's addresses, routes and rules are to be there
    yield @2;              # and now they are not
    announce @3;           # one burst of gratuitous ARP or unsolicited NA for the held addresses
    openReceiveSocket @4;  # answered by BrokerEvent.socket with a descriptor
    openSendSocket @5;     # the same, connected to the multicast group or to unicast peer `peer`
    noteState @6;          # remember (state, priority) for a vrrpd that starts after a crash
  }
  enum Announcement {
    becameMaster @0;       # garp_master_repeat frames for each address
    lowerPriority @1;      # garp_lower_prio_repeat
    refresh @2;            # garp_master_refresh_repeat
    extra @3;              # garp_extra_if: one frame for each address that is on another interface
  }
  verb @0 :Verb;
  state @1 :VrrpState;
  generation @2 :UInt32;
  instance @3 :UInt32;
  peer @4 :UInt16;         # openSendSocket; noteState: the upper half of the replay counter of an
                           # authentication header, which the next vrrpd goes on behind
  priority @5 :UInt8;      # effective, 1 to 255
  announcement @6 :UInt8;  # an Announcement; a byte keeps the struct at two words
}

# ---------------------------------------------------------------------------------- privd to vrrpd

struct BrokerEvent {
  # Size: 8 + 48 bytes.
  enum Kind {
    interface @0;      # `interface` is as told: at hello for each, then on every change
    noted @1;          # answer to hello: `instance` was (state, priority); only where something is
                       # noted. `result` is the milliseconds since the vrrpd before this one was lost
    helloEnd @2;       # all of hello's answer has been sent
    socket @3;         # answer to open*Socket: a descriptor beside it, or `result` says why not
    taken @4;          # answer to take; `result` 0 or the errno of the first refusal
    yielded @5;        # answer to yield
    restored @6;       # someone deleted an address of `instance`, and privd put it back
    lost @7;           # an address of `instance` cannot be put back: `result` is the errno
    trackGroup @8;     # `instance` is a TrackGroupId: a static address, route or rule of it is not
                       # there, and `result` is the errno; or 0, and all of them are. At hello for
                       # each group that lacks something, then on every change
    source @9;         # track_src_ip: the configured source address of `instance` is on this host,
                       # or is not, and `result` is EADDRNOTAVAIL. At hello, then on every change
  }
  enum SocketKind {
    receive @0;
    send @1;
  }
  kind @0 :Kind;
  state @1 :VrrpState;
  generation @2 :UInt32;
  instance @3 :UInt32;
  interface @4 :UInt32;
  result @5 :UInt32;       # errno, 0 for success; noted: milliseconds
  peer @6 :UInt16;         # socket; noted: the upper half of the replay counter
  priority @7 :UInt8;
  flags @8 :UInt8;         # interface: bit 0 exists, 1 IFF_UP, 2 IFF_RUNNING, 3 has an IPv4
                           # address usable as source, 4 the same for IPv6; socket: a SocketKind
  sourceIpv4 @9 :UInt32;   # interface: its primary IPv4 address, host order
  mtu @10 :UInt32;         # interface; send socket with an authentication header: the IP
                           # identification of its last packet, from which the kernel counts up
  sourceIpv6High @11 :UInt64;  # interface: its link-local address
  sourceIpv6Low @12 :UInt64;
}

# ------------------------------------------------------------------------ supervisor to any worker

struct ControlRequest {
  # Size: 8 + 16 bytes. One descriptor beside it where the verb says so.
  enum Verb {
    load @0;           # descriptor: the worker's sealed configuration; `argument` is 1 while the
                       # daemon starts, and 0 for a worker that comes later. A second one, which only
                       # checkd gets, is that of its successor: it says of what is not in there that it
                       # is down, does nothing more, and answers by `loaded` when that has been said
    attach @1;         # descriptor: a channel to `peer`; `generation` is the channel's number
    start @2;          # everything is attached: begin
    stop @3;           # leave cleanly, then exit 0
    retire @4;         # privd: give up whatever `generation` alone held
    dump @5;           # vrrpd or checkd: the descriptor is memory (ipc/shared_memory.h) to write into what
                       # `argument` says: 1 statistics, 2 the same, and begin again at zero, 3 the
                       # state in lines, 4 the state as JSON. Answered by `dumped`
    ping @6;           # does the loop turn: answered by `alive`
    notebook @7;       # privd, vrrpd and checkd, first of all: the descriptor is the memory for its notes
                       # (ipc/notebook.h), `argument` the milliseconds since the privd before it died
    fifo @8;           # vrrpd or checkd, before start: the descriptor is the end to write to of a notify FIFO,
                       # `argument` its Fifo; 256 more where the configuration is a reloaded one
    runService @9;     # scriptd: run ScriptConfig.services[`argument`]; answered by `serviceEnded`
                       # when it has ended, unless it may run for ever: then it is kept running
    loadIpvs @10;      # privd, just before `load` of the same generation: the descriptor is its
                       # sealed IpvsConfig; `loaded` answers for both
    sitePolicy @11;    # privd, before its first `load`, where the site has one: the descriptor is
                       # its text, sealed (policy/site/parse.h)
  }
  enum Fifo {
    all @0;            # notify_fifo
    vrrp @1;           # vrrp_notify_fifo
    lvs @2;            # lvs_notify_fifo
  }
  enum Peer {
    none @0;
    privd @1;
    vrrpd @2;
    scriptd @3;        # `argument` is the identity
    watchd @4;
    checkd @5;
  }
  verb @0 :Verb;
  peer @1 :Peer;
  generation @2 :UInt32;
  argument @3 :UInt32;
}

struct ControlEvent {
  # A worker's answer to the supervisor. Size: 8 + 16 bytes.
  enum Kind {
    loaded @0;         # `result` 0, or the errno that says why the configuration was refused
    ready @1;          # the worker does its work: READY=1 waits for all of these
    stopped @2;        # what was asked by stop is done; the process exits next
    alive @3;          # answer to ping
    misbehaved @4;     # peer `object` (a ControlRequest.Peer; of a scriptd, `result` is the identity)
                       # broke the rules of its channel, which is closed: start it again.
                       # `generation` is that channel's number; once for each channel
    serviceEnded @5;   # `object` is its index; `result` its exit status or its signal, and 65536
                       # times its ScriptEvent.Outcome
    dumped @6;         # `object` bytes are in the memory; or `result` is the errno
  }
  kind @0 :Kind;
  generation @1 :UInt32;
  result @2 :UInt32;
  object @3 :UInt32;   # loaded: the index of the object that was refused
}

# ----------------------------------------------------------------------------- confd to supervisor

struct CompilerEvent {
  # Size: 8 + 16 bytes.
  enum Kind {
    sealed @0;         # descriptor: a sealed memfd for `addressee`
    verdict @1;        # always the last one: `exitCode` as keepalived's -t would give
  }
  enum Addressee {
    supervisor @0;
    privd @1;
    vrrpd @2;
    scriptd @3;        # `identity` says which
    watchd @4;         # only where there is something to watch
    ipvs @5;           # for privd; this and the next only where there is a virtual server
    checkd @6;
  }
  kind @0 :Kind;
  addressee @1 :Addressee;
  identity @2 :UInt32;
  exitCode @3 :UInt32; # 0 clean, 2 aborted at a missing parameter, 4 file, 5 any other, 6 scripts
  problems @4 :UInt32; # how many errors and warnings were reported
}

# --------------------------------------------------------------------------------- checkd to privd

struct LvsRequest {
  # Size: 8 + 24 bytes. What privd has in the kernel for one generation is what the last of these
  # messages said; a checkd that goes leaves it as it is.
  enum Verb {
    hello @0;          # tell me which watched addresses are there; what was told before is void
                       # only when `complete` comes
    setDestination @1; # `realServer` of `virtualServer` is in the table with `weight`, or out of it
    setSorry @2;       # the same of the sorry server of `virtualServer`
    complete @3;       # every server has been named since hello: those that have not are out
    openCheckSocket @4;  # answered by LvsEvent.socket: IpvsConfig.checkSockets[`socket`]
    readStatistics @5; # answered by one LvsEvent.statistics for `virtualServer`, and one for each of
                       # its real servers
  }
  verb @0 :Verb;
  isIn @1 :Bool;           # setDestination, setSorry
  generation @2 :UInt32;
  virtualServer @3 :UInt32;
  realServer @4 :UInt32;
  weight @5 :UInt16;       # 0 to 65535: configured, or by a check
  socket @6 :UInt32;
}

# --------------------------------------------------------------------------------- privd to checkd

struct LvsEvent {
  # Size: 8 + 80 bytes.
  enum Kind {
    address @0;        # ha_suspend: the address of `virtualServer` is on this host, or is not and
                       # `result` is EADDRNOTAVAIL. At hello, then on every change
    helloEnd @1;       # all of hello's answer has been sent
    socket @2;         # answer to openCheckSocket: a descriptor beside it, or `result` says why not
    refused @3;        # the kernel did not take what was said of `realServer`: `result` is the errno
    statistics @4;     # of `realServer`, or of the virtual server itself where that is 0xffffffff
  }
  kind @0 :Kind;
  isSorry @1 :Bool;        # refused: the sorry server
  generation @2 :UInt32;
  virtualServer @3 :UInt32;
  realServer @4 :UInt32;
  result @5 :UInt32;       # errno, 0 for success
  socket @6 :UInt32;       # as in the request
  activeConnections @7 :UInt32;
  inactiveConnections @8 :UInt32;
  persistentConnections @9 :UInt32;
  connections @10 :UInt64; # since the kernel knows it, here and below
  inPackets @11 :UInt64;
  outPackets @12 :UInt64;
  inBytes @13 :UInt64;
  outBytes @14 :UInt64;
}

# ------------------------------------------------------------------------- vrrpd, checkd, scriptd

struct ScriptRequest {
  # vrrpd or checkd to scriptd. Size: 8 + 24 bytes.
  enum Verb {
    hello @0;          # tell me the last result of every script
    notify @1;         # run notify hook `script` for `instance`, which is now (state, priority)
    check @2;          # checkd: run ScriptConfig.checks[`script`] once; answered by `checked`
    notifyServer @3;   # checkd: run ScriptConfig.notifiers[`script`]; those of one `instance`, which
                       # is a virtual server, run in order
  }
  verb @0 :Verb;
  state @1 :VrrpState;
  generation @2 :UInt32;
  script @3 :UInt32;     # index in ScriptConfig.hooks
  instance @4 :UInt32;   # or the sync group
  priority @5 :UInt8;
  sequence @6 :UInt32;   # grows with every transition of the instance: a stale one can be skipped;
                         # check: the number of the run, which `checked` repeats
}

struct ScriptEvent {
  # scriptd to vrrpd or checkd. Size: 8 + 32 bytes.
  enum Kind {
    result @0;         # a run of a tracked script has ended
    helloEnd @1;
    checked @2;        # a run that `check` asked for has ended; `script` is an index of checks
  }
  enum Outcome {
    exited @0;         # `status` is the exit status
    signalled @1;      # `status` is the signal
    timedOut @2;
    notStarted @3;     # `status` is the errno, or 0 when the path check refused it
  }
  kind @0 :Kind;
  outcome @1 :Outcome;
  generation @2 :UInt32;
  script @3 :UInt32;       # index in ScriptConfig.scripts
  status @4 :UInt32;
  runMicroseconds @5 :UInt64;
  sequence @6 :UInt32;     # checked: that of the request
}

# -------------------------------------------------------------------------- vrrpd, checkd, watchd

struct WatchRequest {
  # vrrpd or checkd to watchd. Size: 8 + 8 bytes.
  enum Verb {
    hello @0;          # tell me what you know of every file and process
  }
  verb @0 :Verb;
  generation @1 :UInt32;
}

struct WatchEvent {
  # watchd to vrrpd and checkd: at hello for each object, then on every change. Size: 8 + 16 bytes.
  enum Kind {
    file @0;           # `number` is in the file
    processes @1;      # `number` of them run
    helloEnd @2;
  }
  kind @0 :Kind;
  byFork @1 :Bool;     # processes: there is one more, which is the copy of another one
  generation @2 :UInt32;
  object @3 :UInt32;   # TrackFileId or TrackProcessId
  number @4 :Int32;
}

struct WatchGrant {
  # privd to watchd, once for each channel; it reads nothing that comes from there. Size: 8 + 8
  # bytes. A descriptor beside it, the process connector; or `result` says why there is none.
  result @0 :UInt32;   # errno
}

# ------------------------------------------------------------------------- any worker to the log

struct LogLine {
  # The one message with text in it. At most 1,024 bytes of printable text; the supervisor
  # replaces what is not.
  enum Severity {      # numbers of syslog(3)
    emergency @0;
    alert @1;
    critical @2;
    error @3;
    warning @4;
    notice @5;
    info @6;
    debug @7;
  }
  severity @0 :Severity;
  detail @1 :UInt8;        # 0 always logged, 1 with -D, 2 with -D -D
  dropped @2 :UInt32;      # lines lost before this one because the socket was full
  text @3 :Text;
}
