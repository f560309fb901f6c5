"""IPVS for a kernel that has none: privd is answered by a library, and what it asks for can be read."""

import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .daemon import HOLDFAST
from .node import Node

_SOURCE = Path(__file__).parent / "ipvs.c"
_LOG = "/run/test/ipvs-requests"
_LIBRARY = "/run/test/ipvs.so"
_LOG_BYTES = 16 << 20
_HEADER = struct.Struct("=IHHIIBBxx")
NEW_SERVICE, SET_SERVICE, DELETE_SERVICE = 1, 2, 3
NEW_DESTINATION, SET_DESTINATION, DELETE_DESTINATION = 5, 6, 7


@dataclass(frozen=True)
class Destination:
    """What the kernel was told of one real server; `weight` None: to remove it."""

    service: str
    address: str
    port: int
    weight: int | None


class StandInIpvs:
    """IPVS of one node, for every privd that starts there."""

    def __init__(self, node: Node) -> None:
        self._log = node.path(_LOG)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            log.truncate(_LOG_BYTES)
        self._log.chmod(0o666)
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-Wall", f'-DLOG_FILE="{_LOG}"', "-o", node.path(_LIBRARY), _SOURCE,
                        "-ldl"], check=True)
        privd = HOLDFAST.parents[1] / "libexec" / "holdfast" / "holdfast-privd"
        real, wrapper = "/run/test/real/holdfast-privd", "/run/test/holdfast-privd"
        node.write(wrapper, f'#!/bin/sh\nexec env LD_PRELOAD={_LIBRARY} {real} "$@"\n', 0o755)
        node.path(real).parent.mkdir()
        shutil.copy(privd, node.path(real))
        node.run(["mount", "--bind", wrapper, str(privd)])

    def requests(self) -> list[tuple[int, dict[int, bytes]]]:
        """Every request so far but lists: its command and its attributes."""
        data = self._log.read_bytes()
        used: int = struct.unpack_from("=I", data)[0]
        return list(_messages(data[4:4 + used]))

    def destinations(self) -> list[Destination]:
        """What was said of real servers so far, in its order."""
        said = []
        for command, attributes in self.requests():
            if command in (NEW_DESTINATION, SET_DESTINATION, DELETE_DESTINATION):
                service, destination = (dict(_attributes(attributes[number])) for number in (1, 2))
                weight = struct.unpack("=I", destination[4])[0] if command != DELETE_DESTINATION else None
                said.append(Destination(_address(service[3]), _address(destination[1]),
                                        int.from_bytes(destination[2], "big"), weight))
        return said

    def table(self) -> dict[tuple[str, int], int]:
        """The real servers that are in, and their weights."""
        table: dict[tuple[str, int], int] = {}
        for one in self.destinations():
            if one.weight is None:
                table.pop((one.address, one.port), None)
            else:
                table[one.address, one.port] = one.weight
        return table


def _messages(data: bytes) -> Iterator[tuple[int, dict[int, bytes]]]:
    at = 0
    while at < len(data):
        length, _, flags, _, _, command, _ = _HEADER.unpack_from(data, at)
        if flags & 0x300 != 0x300 or command not in (4, 8):
            yield command, dict(_attributes(data[at + _HEADER.size:at + length]))
        at += (length + 3) & ~3


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        yield kind & 0x3FFF, data[at + 4:at + length]
        at += (length + 3) & ~3


def _address(data: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET6, data) if any(data[4:]) else socket.inet_ntoa(data[:4])
