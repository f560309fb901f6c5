"""Frames at the switch, decoded, with the kernel's time of arrival."""

import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Self

from .node import Machine, Network, Node
from .packets import Advert, Announcement, Frame, decode_frame
from .wait import Timeout

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SO_TIMESTAMPNS = 35
SO_RCVBUFFORCE = 33


class Recorder:
    """Frames as they come in, from whatever carries them, and waiting for one."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._changed = threading.Condition()

    def record(self, at: float, port: str, data: bytes) -> None:
        """Keeps the frame that came in at a port, if it is one that the tests look at."""
        payload = decode_frame(data)
        if payload is None:
            return
        with self._changed:
            self._frames.append(Frame(at, port, data[6:12], data[0:6], payload))
            self._changed.notify_all()

    def mark(self) -> int:
        """How many frames there are now; `since` below."""
        with self._changed:
            return len(self._frames)

    def frames(self, since: int = 0) -> list[Frame]:
        """The frames from `since` on."""
        with self._changed:
            return self._frames[since:]

    def wait(self, wanted: Callable[[Frame], bool], timeout: float, since: int = 0,
             what: str = "a frame") -> Frame:
        """Waits for the first frame from `since` on that is `wanted`."""
        deadline = time.monotonic() + timeout
        with self._changed:
            seen = since
            while True:
                for frame in self._frames[seen:]:
                    if wanted(frame):
                        return frame
                seen = len(self._frames)
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Timeout(f"not on the wire within {timeout:g} s: {what}")
                self._changed.wait(left)

    def wait_advert(self, node: Machine, timeout: float, since: int = 0, priority: int | None = None) -> Frame:
        """Waits for an advertisement that the node sent, of any priority or the one given."""
        def wanted(frame: Frame) -> bool:
            return (frame.port == node.name and isinstance(frame.payload, Advert)
                    and priority in (None, frame.payload.priority))
        what = f"advertisement of {node.name}" + ("" if priority is None else f" with priority {priority}")
        return self.wait(wanted, timeout, since, what)

    def wait_announcement(self, node: Machine, address: str, timeout: float, since: int = 0) -> Frame:
        """Waits for a gratuitous ARP or an unsolicited neighbour advertisement of the node."""
        def wanted(frame: Frame) -> bool:
            return (frame.port == node.name and isinstance(frame.payload, Announcement)
                    and str(frame.payload.address) == address)
        return self.wait(wanted, timeout, since, f"announcement of {address} by {node.name}")

    def adverts(self, node: Machine, since: int = 0) -> list[tuple[float, Advert]]:
        """The node's advertisements from `since` on, with their times."""
        return [(frame.time, frame.payload) for frame in self.frames(since)
                if frame.port == node.name and isinstance(frame.payload, Advert)]

    def announcements(self, node: Machine, address: str, since: int = 0) -> list[Frame]:
        """The node's announcements of the address from `since` on."""
        return [frame for frame in self.frames(since) if frame.port == node.name
                and isinstance(frame.payload, Announcement) and str(frame.payload.address) == address]


class Sniffer:
    """Hears the frames of the switch, of one port or of all, from its making on. A context manager."""

    def __init__(self, network: Network, port: str | None = None) -> None:
        def open_socket() -> socket.socket:
            # Without a protocol it hears nothing, on no interface, until it is bound to one.
            protocol = socket.htons(ETH_P_ALL) if port is None else 0
            sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, protocol)
            sniffer.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            sniffer.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
            if port is not None:
                sniffer.bind((port, ETH_P_ALL))
            return sniffer

        self._socket = network.switch.in_network(open_socket)
        self._socket.settimeout(0.1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def heard(self, time_: float, interface: str, data: bytes) -> None:
        """A frame that came in at this interface of the switch. Called in the sniffer's own thread."""
        raise NotImplementedError

    def _read(self) -> None:
        while not self._stop.is_set():
            try:
                data, ancillary, _, sender = self._socket.recvmsg(65536, socket.CMSG_SPACE(16))
            except TimeoutError:
                continue
            interface, _, kind = sender[:3]
            if kind != PACKET_OUTGOING:
                self.heard(_arrival(ancillary), interface, data)


class Capture(Sniffer, Recorder):
    """Every VRRP, gratuitous ARP and neighbour advertisement frame that enters the switch, once each.
    A context manager; collected from its making on."""

    def __init__(self, network: Network) -> None:
        Recorder.__init__(self)
        Sniffer.__init__(self, network)

    def heard(self, time_: float, interface: str, data: bytes) -> None:
        # A frame enters at a port; the bridge itself shows it again.
        if interface not in ("br0", "lo"):
            self.record(time_, interface, data)


def _arrival(ancillary: list[tuple[int, int, bytes]]) -> float:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("qq", data)
            return float(seconds) + nanoseconds / 1e9
    return time.time()


def send_frames(node: Node, interface: str, *frames: bytes) -> None:
    """Sends raw frames from a node's interface."""
    def open_socket() -> socket.socket:
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sender.bind((interface, 0))
        return sender

    with node.in_network(open_socket) as sender:
        for frame in frames:
            sender.send(frame)
