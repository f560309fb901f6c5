"""A real worker in its real sandbox, with the test in the supervisor's place: as many messages as
wanted, with no wait for a restart in between."""

import fcntl
import os
import pwd
import select
import socket
import struct
import subprocess
from collections.abc import Sequence

from harness import proc
from harness.node import Node
from harness.wait import Timeout, wait_until

from messages import ControlEvent, ControlEventKind, ControlRequest, ControlVerb, Peer
from puppet import LIBEXEC


def pair() -> tuple[socket.socket, socket.socket]:
    """Two ends as the supervisor makes them."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    theirs.setblocking(False)
    return ours, theirs


class Channel:
    """The test's end of a channel."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end

    def send(self, data: bytes, descriptors: Sequence[int] = ()) -> None:
        """Sends a datagram, as soon as there is room."""
        deadline = 10.0
        while True:
            try:
                socket.send_fds(self.end, [data], list(descriptors), socket.MSG_NOSIGNAL)
                return
            except BlockingIOError:
                if not select.select([], [self.end], [], deadline)[1]:
                    raise Timeout("the other end does not read") from None

    def offer(self, data: bytes, descriptors: Sequence[int] = ()) -> bool:
        """Sends a datagram if there is room and somebody there."""
        try:
            socket.send_fds(self.end, [data], list(descriptors), socket.MSG_NOSIGNAL)
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            return False
        return True

    def receive(self, timeout: float = 5) -> tuple[bytes, list[int]] | None:
        """A datagram and its descriptors; None at the end of the stream."""
        if not select.select([self.end], [], [], timeout)[0]:
            raise Timeout(f"nothing came within {timeout:g} s")
        try:
            data, descriptors, _, _ = socket.recv_fds(self.end, 65536, 8)
        except ConnectionResetError:
            return None
        return (data, descriptors) if data else None

    def receive_all(self) -> list[bytes]:
        """What is there now; descriptors beside it are closed."""
        found = []
        while True:
            try:
                data, descriptors, _, _ = socket.recv_fds(self.end, 65536, 8)
            except (BlockingIOError, ConnectionResetError):
                return found
            for descriptor in descriptors:
                os.close(descriptor)
            if not data:
                return found
            found.append(data)

    def await_end(self, timeout: float = 5) -> None:
        """Waits until the other end was closed, whatever comes before."""
        while (received := self.receive(timeout)) is not None:
            for descriptor in received[1]:
                os.close(descriptor)

    def close(self) -> None:
        """Closes this end."""
        self.end.close()


class Worker:
    """One worker, such as holdfast-privd, in a node. A context manager: leaving it ends it."""

    def __init__(self, node: Node, program: str, user: str, arguments: Sequence[str] = ()) -> None:
        entry = pwd.getpwnam(user)
        control, their_control = pair()
        log, their_log = pair()
        self.control, self.log = Channel(control), Channel(log)
        # Above 10, so that 3 and 4 are free to be put there.
        high = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (their_control, their_log)]
        self._entering = node.spawn(
            ["bash", "-c", 'exec 3<&"$1" 4<&"$2" && shift 2 && exec -c -a "$(basename "$0")" "$0" "$@"',
             str(LIBEXEC / program), *map(str, high), str(entry.pw_uid), str(entry.pw_gid), *arguments],
            pass_fds=high, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for descriptor in high:
            os.close(descriptor)
        their_control.close()
        their_log.close()
        started = wait_until(lambda: proc.children(self._entering.pid), 5, f"{program} started")
        self.process = proc.Process(started[0])

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.control.close()
        self.log.close()
        try:
            self._entering.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self._entering.wait(5)

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    def running(self) -> bool:
        """Whether it has not ended."""
        return self._entering.poll() is None

    def request(self, verb: ControlVerb, peer: Peer = Peer.NONE, generation: int = 1, argument: int = 0,
                descriptors: Sequence[int] = ()) -> None:
        """Asks as the supervisor does."""
        self.control.send(bytes(ControlRequest(verb, peer, generation, argument)), descriptors)

    def event(self, kind: ControlEventKind, timeout: float = 5) -> ControlEvent:
        """The next event of that kind; others before it are left out."""
        while True:
            received = self.control.receive(timeout)
            if received is None:
                raise AssertionError(f"it ended: {self.log_text()}")
            event = ControlEvent.parse(received[0])
            if event.kind == kind:
                return event

    def load(self, config: int, generation: int = 1) -> ControlEvent:
        """Gives it a sealed configuration."""
        self.request(ControlVerb.LOAD, generation=generation, descriptors=[config])
        return self.event(ControlEventKind.LOADED)

    def attach(self, peer: Peer, argument: int = 0) -> Channel:
        """Gives it a channel to `peer`, whom the test plays."""
        ours, theirs = pair()
        self.request(ControlVerb.ATTACH, peer, argument=argument, descriptors=[theirs.fileno()])
        theirs.close()
        return Channel(ours)

    def start(self) -> None:
        """Tells it to begin, and waits until it has."""
        self.request(ControlVerb.START)
        self.event(ControlEventKind.READY)

    def stop(self, timeout: float = 10) -> int:
        """Tells it to leave; its exit status."""
        self.request(ControlVerb.STOP)
        return self._entering.wait(timeout)

    def wait(self, timeout: float = 10) -> int:
        """Its exit status."""
        return self._entering.wait(timeout)

    def log_text(self) -> str:
        """What it has logged since the last time."""
        return "\n".join(_text_of(line) for line in self.log.receive_all())


def _text_of(line: bytes) -> str:
    """The text of a LogLine, wherever its pointer leads."""
    if len(line) < 24:
        return repr(line)
    pointer: int = struct.unpack_from("<Q", line, 16)[0]
    start = 24 + (pointer >> 2 & 0x3fffffff) * 8
    return line[start:start + (pointer >> 35) - 1].decode(errors="replace")
