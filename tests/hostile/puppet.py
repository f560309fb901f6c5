"""A worker that was taken over, as the test's to move: tests/hostile/takeover, mounted over the real
executable in the daemon's namespaces, makes one system call after the other as it is told."""

import ctypes
import errno
import os
import select
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.daemon import HOLDFAST, ROOT
from harness.node import Node
from harness.wait import wait_until

from messages import ControlEvent, ControlEventKind, ControlRequest, ControlVerb, Peer

TAKEOVER = ROOT / "build" / "gcc" / "tests" / "hostile" / "takeover" / "takeover"
LIBEXEC = HOLDFAST.parents[1] / "libexec" / "holdfast"
DIRECTORY = "/run/test/puppet"

CONTROL = 3
LOG = 4

NR_RECVMSG = 47
NR_SENDMSG = 46
NR_SENDTO = 44
NR_CLOSE = 3

_CALL = struct.Struct("=Q6QIIII")
_ANSWER = struct.Struct("=qiI")
_DATAGRAM = 192 * 1024
_FLAGS = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL


class Died(AssertionError):
    """The puppet's process ended instead of answering."""


@dataclass(frozen=True)
class Pointer:
    """An argument that is an address: where in the memory that goes with the call."""

    offset: int


@dataclass(frozen=True)
class Outcome:
    """What a call gave: its result, or -1 and errno; how many of its repetitions failed; memory."""

    result: int
    error: int
    failed: int
    memory: bytes

    def __str__(self) -> str:
        return f"{self.result}" if self.error == 0 else errno.errorcode.get(self.error, str(self.error))


class Puppet:
    """One life of a taken-over worker."""

    def __init__(self, strings: socket.socket) -> None:
        self._strings = strings
        credentials = strings.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        self.pid: int = struct.unpack("3i", credentials)[0]

    def __enter__(self) -> "Puppet":
        return self

    def __exit__(self, *_: object) -> None:
        self.close_strings()

    def close_strings(self) -> None:
        """Lets it go: it ends."""
        self._strings.close()

    def call(self, number: int, *arguments: int | Pointer, memory: bytes = b"", repeat: int = 1,
             relocations: Sequence[tuple[int, int]] = ()) -> Outcome:
        """Makes it call number `number`. Raises Died when that is the end of it."""
        self._order(number, arguments, memory, repeat, relocations)
        try:
            answer = self._strings.recv(_DATAGRAM)
        except ConnectionResetError:
            answer = b""
        if not answer:
            raise Died(f"system call {number}")
        result, error, failed = _ANSWER.unpack_from(answer)
        return Outcome(result, error, failed, answer[_ANSWER.size:])

    def call_forever(self, number: int, *arguments: int | Pointer, memory: bytes = b"") -> None:
        """Makes it call and call, until something ends it."""
        self._order(number, arguments, memory, 0, ())

    def _order(self, number: int, arguments: Sequence[int | Pointer], memory: bytes, repeat: int,
               relocations: Sequence[tuple[int, int]]) -> None:
        words, pointers = [0] * 6, 0
        for i, argument in enumerate(arguments):
            if isinstance(argument, Pointer):
                pointers |= 1 << i
                words[i] = argument.offset
            else:
                words[i] = argument & 0xFFFFFFFFFFFFFFFF
        order = _CALL.pack(number, *words, pointers, repeat, len(relocations), 0)
        order += b"".join(struct.pack("=II", at, target) for at, target in relocations) + memory
        try:
            self._strings.send(order)
        except (BrokenPipeError, ConnectionResetError):
            raise Died("it had ended before") from None

    def send(self, descriptor: int, data: bytes, repeat: int = 1) -> Outcome:
        """Sends a datagram as far as there is room; `repeat` times."""
        return self.call(NR_SENDTO, descriptor, Pointer(0), len(data), _FLAGS, 0, 0, memory=data, repeat=repeat)

    def provoke(self, descriptor: int, data: bytes) -> None:
        """Sends a datagram for which it may be ended before it can say that it was sent."""
        try:
            self.send(descriptor, data)
        except Died:
            pass

    def flood(self, descriptor: int, data: bytes) -> None:
        """Sends the datagram for ever, whether there is room or not."""
        self.call_forever(NR_SENDTO, descriptor, Pointer(0), len(data), _FLAGS, 0, 0, memory=data)

    def send_with_descriptors(self, descriptor: int, data: bytes, carried: Sequence[int]) -> Outcome:
        """Sends a datagram with descriptors of its own beside it."""
        rights = struct.pack("=Qii", 16 + 4 * len(carried), socket.SOL_SOCKET, socket.SCM_RIGHTS)
        rights += struct.pack(f"={len(carried)}i", *carried)
        rights += bytes(-len(rights) % 8)
        head, relocations = _message_header(len(data), len(rights), _HEADER + len(rights))
        return self.call(NR_SENDMSG, descriptor, Pointer(0), _FLAGS, memory=head + rights + data,
                         relocations=relocations)

    def receive(self, descriptor: int) -> tuple[bytes, list[int]] | None:
        """A datagram and the descriptors beside it; None when there is nothing, b"" at the end."""
        head, relocations = _message_header(8192, 64, _HEADER + 64)
        outcome = self.call(NR_RECVMSG, descriptor, Pointer(0), socket.MSG_DONTWAIT, memory=head + bytes(64 + 8192),
                            relocations=relocations)
        if outcome.error == errno.EAGAIN:
            return None
        if outcome.error:
            raise OSError(outcome.error, os.strerror(outcome.error))
        descriptors: list[int] = []
        length = struct.unpack_from("=Q", outcome.memory, 40)[0]
        if length >= 16:
            size = struct.unpack_from("=Q", outcome.memory, _HEADER)[0]
            descriptors = list(struct.unpack_from(f"={(size - 16) // 4}i", outcome.memory, _HEADER + 16))
        return outcome.memory[_HEADER + 64:_HEADER + 64 + outcome.result], descriptors

    def await_message(self, descriptor: int, timeout: float = 5) -> tuple[bytes, list[int]]:
        """As receive, but waits for something."""
        return wait_until(lambda: self.receive(descriptor), timeout, f"a message on descriptor {descriptor}")

    def close(self, descriptor: int) -> None:
        """Closes one of its descriptors."""
        self.call(NR_CLOSE, descriptor)

    def await_death(self, timeout: float = 5) -> None:
        """Waits until its process has gone, without telling it to do anything."""
        self._strings.settimeout(timeout)
        try:
            while self._strings.recv(_DATAGRAM):
                pass
        except ConnectionResetError:
            pass

    def alive(self) -> bool:
        """Whether its end is open still."""
        if not select.select([self._strings], [], [], 0)[0]:
            return True
        try:
            return self._strings.recv(1, socket.MSG_PEEK) != b""
        except ConnectionResetError:
            return False


_HEADER = 56 + 16  # a msghdr and the one iovec that it points to


def _message_header(length: int, control: int, data: int) -> tuple[bytes, list[tuple[int, int]]]:
    """A msghdr with control data behind it and the data at offset `data`."""
    header = struct.pack("=QI4xQQQQi4x", 0, 0, 0, 1, 0, control, 0)
    return header + struct.pack("=QQ", 0, length), [(16, 56), (32, _HEADER), (56, data)]


@dataclass
class Joined:
    """What a worker was given until it was told to start."""

    generation: int
    config: int
    channels: dict[tuple[Peer, int], int]
    numbers: dict[tuple[Peer, int], int]
    """What the supervisor calls the channels."""
    fifos: list[int] = field(default_factory=list)

    def take(self, request: ControlRequest, descriptor: int) -> None:
        """A channel that it was given."""
        self.channels[Peer(request.peer), request.argument] = descriptor
        self.numbers[Peer(request.peer), request.argument] = request.generation


def join(puppet: Puppet) -> Joined:
    """Plays the worker's honest beginning: answers load, takes its channels, says that it is ready."""
    joined = Joined(0, -1, {}, {})
    while True:
        data, descriptors = puppet.await_message(CONTROL)
        request = ControlRequest.parse(data)
        if request.verb == ControlVerb.LOAD:
            joined.generation, joined.config = request.generation, descriptors[0]
            puppet.send(CONTROL, bytes(ControlEvent(ControlEventKind.LOADED, request.generation)))
        elif request.verb == ControlVerb.ATTACH:
            joined.take(request, descriptors[0])
        elif request.verb == ControlVerb.FIFO:
            joined.fifos += descriptors
        elif request.verb == ControlVerb.START:
            puppet.send(CONTROL, bytes(ControlEvent(ControlEventKind.READY, joined.generation)))
            return joined


class Stage:
    """Where a node's puppets come on: every life of the worker that they stand in for."""

    def __init__(self, node: Node, worker: str) -> None:
        """Mounts the takeover over `worker`, such as holdfast-vrrpd, in the node alone."""
        self.worker = worker
        directory = node.path(DIRECTORY)
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o755)
        path = directory / worker
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(path))
        path.chmod(0o777)
        self._listener.listen(64)
        node.run(["mount", "--bind", str(TAKEOVER), str(LIBEXEC / worker)])

    def next(self, timeout: float = 10) -> Puppet:
        """The next life, waited for."""
        self._listener.settimeout(timeout)
        strings, _ = self._listener.accept()
        strings.settimeout(30)
        strings.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        return Puppet(strings)

    def close(self) -> None:
        """Lets nobody come on any more."""
        self._listener.close()


def system_call_number(name: str) -> int:
    """The number of a system call on this machine, from libseccomp."""
    library = ctypes.CDLL("libseccomp.so.2")
    number: int = library.seccomp_syscall_resolve_name(name.encode())
    if number < 0:
        raise LookupError(f"no system call is called {name}")
    return number


def takeover_path() -> Path:
    """The program that stands in; `tools/build` makes it."""
    return TAKEOVER
