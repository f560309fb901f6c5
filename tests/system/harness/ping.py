"""A client that pings an address all the time, and knows what was not answered."""

import socket
import struct
import threading
import time
from typing import Self

from .node import Node

ECHO_REQUEST, ECHO_REPLY = 8, 0
INTERVAL = 0.05


class Ping:
    """Pings from its making on, twenty times a second. A context manager."""

    def __init__(self, node: Node, address: str) -> None:
        self._socket = node.in_network(
            lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
        self._socket.connect((address, 0))
        self._socket.settimeout(INTERVAL)
        self._sent = 0
        self._answered: set[int] = set()
        self._failure: OSError | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._socket.close()

    def lost(self) -> int:
        """Ends it; how many requests had no answer within a second."""
        self._end()
        if self._failure is not None:
            raise self._failure
        return self._sent - len(self._answered)

    @property
    def sent(self) -> int:
        """How many requests there have been."""
        return self._sent

    def _end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._request()
                self._listen(time.monotonic() + INTERVAL)
            self._listen(time.monotonic() + 1)
        except OSError as failure:
            self._failure = failure

    def _request(self) -> None:
        body = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, 1, self._sent & 0xffff)
        total = sum(struct.unpack("!4H", body))
        checksum = ~(total + (total >> 16)) & 0xffff
        self._socket.send(body[:2] + struct.pack("!H", checksum) + body[4:])
        self._sent += 1

    def _listen(self, until: float) -> None:
        while time.monotonic() < until and len(self._answered) < self._sent:
            try:
                packet = self._socket.recv(1500)
            except TimeoutError:
                continue
            kind, sequence = packet[20], struct.unpack_from("!H", packet, 26)[0]
            if kind == ECHO_REPLY:
                self._answered.add(self._sent - 1 - ((self._sent - 1 - sequence) & 0xffff))
        self._stop.wait(max(0.0, min(until - time.monotonic(), INTERVAL)))
