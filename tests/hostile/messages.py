"""The internal messages as bytes, from the layout that ipc/schemas/messages.capnp has on the wire:
independent of the product's own code, so that every field can hold what no honest sender writes."""

import struct
from dataclasses import dataclass
from enum import IntEnum


def message(data: bytes) -> bytes:
    """A message without pointers: the root pointer, then the data words."""
    if len(data) % 8:
        data += bytes(8 - len(data) % 8)
    return struct.pack("<Q", len(data) // 8 << 32) + data


class State(IntEnum):
    """VrrpState."""

    INIT = 0
    BACKUP = 1
    MASTER = 2
    FAULT = 3
    STOP = 4
    DELETED = 5


class Verb(IntEnum):
    """BrokerRequest.Verb."""

    HELLO = 0
    TAKE = 1
    YIELD = 2
    ANNOUNCE = 3
    OPEN_RECEIVE_SOCKET = 4
    OPEN_SEND_SOCKET = 5
    NOTE_STATE = 6


@dataclass(frozen=True)
class BrokerRequest:
    """vrrpd to privd."""

    verb: int
    generation: int = 1
    instance: int = 0
    peer: int = 0
    state: int = 0
    priority: int = 0
    announcement: int = 0

    def __bytes__(self) -> bytes:
        return message(struct.pack("<HHIIHBB", self.verb, self.state, self.generation, self.instance, self.peer,
                                   self.priority, self.announcement))


class BrokerEventKind(IntEnum):
    """BrokerEvent.Kind."""

    INTERFACE = 0
    NOTED = 1
    HELLO_END = 2
    SOCKET = 3
    TAKEN = 4
    YIELDED = 5
    RESTORED = 6
    LOST = 7


@dataclass(frozen=True)
class BrokerEvent:
    """privd to vrrpd."""

    kind: int
    generation: int = 1
    instance: int = 0
    interface: int = 0
    result: int = 0
    state: int = 0
    peer: int = 0
    priority: int = 0
    flags: int = 0
    source_ipv4: int = 0
    mtu: int = 0
    source_ipv6: tuple[int, int] = (0, 0)

    def __bytes__(self) -> bytes:
        return message(struct.pack("<HHIIIIHBBIIQQ", self.kind, self.state, self.generation, self.instance,
                                   self.interface, self.result, self.peer, self.priority, self.flags,
                                   self.source_ipv4, self.mtu, *self.source_ipv6))

    @staticmethod
    def parse(data: bytes) -> "BrokerEvent":
        """Reads one; it is the product's own, so a wrong size is a failure."""
        assert len(data) == 56, f"an event of {len(data)} bytes"
        (kind, state, generation, instance, interface, result, peer, priority, flags, ipv4, mtu, high,
         low) = struct.unpack("<HHIIIIHBBIIQQ", data[8:])
        return BrokerEvent(BrokerEventKind(kind), generation, instance, interface, result, state, peer, priority,
                           flags, ipv4, mtu, (high, low))


class LvsVerb(IntEnum):
    """LvsRequest.Verb."""

    HELLO = 0
    SET_DESTINATION = 1
    SET_SORRY = 2
    COMPLETE = 3
    OPEN_CHECK_SOCKET = 4
    READ_STATISTICS = 5


@dataclass(frozen=True)
class LvsRequest:
    """checkd to privd."""

    verb: int
    generation: int = 1
    virtual_server: int = 0
    real_server: int = 0
    socket: int = 0
    weight: int = 0
    is_in: int = 0

    def __bytes__(self) -> bytes:
        return message(struct.pack("<HBxIIIHxxI", self.verb, self.is_in, self.generation, self.virtual_server,
                                   self.real_server, self.weight, self.socket))


class LvsEventKind(IntEnum):
    """LvsEvent.Kind."""

    ADDRESS = 0
    HELLO_END = 1
    SOCKET = 2
    REFUSED = 3
    STATISTICS = 4


@dataclass(frozen=True)
class LvsEvent:
    """privd to checkd, without the statistics."""

    kind: int
    is_sorry: bool
    generation: int
    virtual_server: int
    real_server: int
    result: int
    socket: int

    @staticmethod
    def parse(data: bytes) -> "LvsEvent":
        """Reads one; it is the product's own, so a wrong size is a failure."""
        assert len(data) == 88, f"an event of {len(data)} bytes"
        kind, is_sorry, *rest = struct.unpack("<HBxIIIII", data[8:32])
        return LvsEvent(LvsEventKind(kind), bool(is_sorry & 1), *rest)


class ControlVerb(IntEnum):
    """ControlRequest.Verb."""

    LOAD = 0
    ATTACH = 1
    START = 2
    STOP = 3
    RETIRE = 4
    DUMP = 5
    PING = 6
    NOTEBOOK = 7
    FIFO = 8
    RUN_SERVICE = 9
    LOAD_IPVS = 10
    SITE_POLICY = 11


class Peer(IntEnum):
    """ControlRequest.Peer."""

    NONE = 0
    PRIVD = 1
    VRRPD = 2
    SCRIPTD = 3
    WATCHD = 4
    CHECKD = 5


@dataclass(frozen=True)
class ControlRequest:
    """The supervisor to a worker."""

    verb: int
    peer: int = 0
    generation: int = 1
    argument: int = 0

    def __bytes__(self) -> bytes:
        return message(struct.pack("<HHII", self.verb, self.peer, self.generation, self.argument))

    @staticmethod
    def parse(data: bytes) -> "ControlRequest":
        """Reads one; it is the product's own, so a wrong size is a failure."""
        assert len(data) == 24, f"a request of {len(data)} bytes"
        verb, peer, generation, argument = struct.unpack("<HHII", data[8:20])
        return ControlRequest(ControlVerb(verb), Peer(peer), generation, argument)


class ControlEventKind(IntEnum):
    """ControlEvent.Kind."""

    LOADED = 0
    READY = 1
    STOPPED = 2
    ALIVE = 3
    MISBEHAVED = 4
    SERVICE_ENDED = 5
    DUMPED = 6


@dataclass(frozen=True)
class ControlEvent:
    """A worker to the supervisor."""

    kind: int
    generation: int = 1
    result: int = 0
    object: int = 0

    def __bytes__(self) -> bytes:
        return message(struct.pack("<HHIII", self.kind, 0, self.generation, self.result, self.object))

    @staticmethod
    def parse(data: bytes) -> "ControlEvent":
        """Reads one; it is the product's own, so a wrong size is a failure."""
        assert len(data) == 24, f"an event of {len(data)} bytes"
        kind, _, generation, result, number = struct.unpack("<HHIII", data[8:])
        return ControlEvent(ControlEventKind(kind), generation, result, number)


@dataclass(frozen=True)
class CompilerEvent:
    """confd to the supervisor."""

    kind: int
    addressee: int = 0
    identity: int = 0
    exit_code: int = 0
    problems: int = 0

    def __bytes__(self) -> bytes:
        return message(struct.pack("<HHIII", self.kind, self.addressee, self.identity, self.exit_code, self.problems))


class ScriptVerb(IntEnum):
    """ScriptRequest.Verb."""

    HELLO = 0
    NOTIFY = 1
    CHECK = 2
    NOTIFY_SERVER = 3


@dataclass(frozen=True)
class ScriptRequest:
    """vrrpd or checkd to scriptd."""

    verb: int
    generation: int = 1
    script: int = 0
    instance: int = 0
    state: int = 0
    priority: int = 0
    sequence: int = 0

    def __bytes__(self) -> bytes:
        return message(struct.pack("<HHIIIB3xI", self.verb, self.state, self.generation, self.script, self.instance,
                                   self.priority, self.sequence))


class ScriptEventKind(IntEnum):
    """ScriptEvent.Kind."""

    RESULT = 0
    HELLO_END = 1
    CHECKED = 2


@dataclass(frozen=True)
class ScriptEvent:
    """scriptd to vrrpd or checkd."""

    kind: int
    generation: int = 1
    script: int = 0
    status: int = 0
    outcome: int = 0
    run_microseconds: int = 0
    sequence: int = 0

    def __bytes__(self) -> bytes:
        return message(struct.pack("<HHIIIQI", self.kind, self.outcome, self.generation, self.script, self.status,
                                   self.run_microseconds, self.sequence))

    @staticmethod
    def parse(data: bytes) -> "ScriptEvent":
        """Reads one; it is the product's own, so a wrong size is a failure."""
        assert len(data) == 40, f"an event of {len(data)} bytes"
        kind, outcome, generation, script, status, microseconds, sequence = struct.unpack("<HHIIIQI", data[8:36])
        return ScriptEvent(ScriptEventKind(kind), generation, script, status, outcome, microseconds, sequence)


@dataclass(frozen=True)
class WatchRequest:
    """vrrpd to watchd: hello."""

    verb: int = 0
    generation: int = 1

    def __bytes__(self) -> bytes:
        return message(struct.pack("<HHI", self.verb, 0, self.generation))


class WatchEventKind(IntEnum):
    """WatchEvent.Kind."""

    FILE = 0
    PROCESSES = 1
    HELLO_END = 2


@dataclass(frozen=True)
class WatchEvent:
    """watchd to vrrpd."""

    kind: int
    number: int = 0
    object: int = 0
    generation: int = 1
    by_fork: bool = False

    def __bytes__(self) -> bytes:
        return message(struct.pack("<HHIIi", self.kind, self.by_fork, self.generation, self.object, self.number))


def log_line(text: bytes, severity: int = 6, detail: int = 0, dropped: int = 0) -> bytes:
    """A LogLine: one data word, one pointer to the text, which ends with a zero byte."""
    padded = text + b"\0"
    padded += bytes(-len(padded) % 8)
    root = 1 << 32 | 1 << 48
    pointer = 1 | 2 << 32 | (len(text) + 1) << 35
    return struct.pack("<QHBxIQ", root, severity, detail, dropped, pointer) + padded


FEW = ("one byte", "a word less", "a word more", "64 KiB", "all ones", "root pointer says a pointer")
"""The names of some of `malformed`, for where each one takes a restart."""


def malformed(valid: bytes) -> dict[str, bytes]:
    """Datagrams that are not quite `valid`, by what is wrong with them."""
    root, data = valid[:8], valid[8:]
    return {
        "one byte": valid[:1],
        "half a word less": valid[:-4],
        "a word less": valid[:-8],
        "the root pointer alone": root,
        "a word more": valid + bytes(8),
        "4,096 bytes": valid + bytes(4096 - len(valid)),
        "a word over the limit": valid + bytes(4104 - len(valid)),
        "64 KiB": valid + bytes(65536 - len(valid)),
        "all ones": b"\xff" * len(valid),
        "all zeros": bytes(len(valid)),
        "root pointer says more words": struct.pack("<Q", int.from_bytes(root, "little") + (1 << 32)) + data,
        "root pointer says a pointer": struct.pack("<Q", int.from_bytes(root, "little") + (1 << 48)) + data,
        "root pointer leads on": struct.pack("<Q", int.from_bytes(root, "little") | 4) + data,
        "root pointer leads back": struct.pack("<Q", int.from_bytes(root, "little") | 0xfffffffc) + data,
        "root pointer to another segment": struct.pack("<Q", 2) + data,
        "root pointer to itself": struct.pack("<Q", 0xfffffffc | 1 << 48) + data,
        "root pointer is a list": struct.pack("<Q", int.from_bytes(root, "little") | 1) + data,
        "root pointer is a capability": struct.pack("<Q", 3) + data,
    }
