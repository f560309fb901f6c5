"""Every change of a node's addresses as the kernel reports it: nothing happens between two looks."""

import ipaddress
import socket
import struct
from dataclasses import dataclass

from .node import Node
from .packets import IPAddress

RTMGRP_IPV4_IFADDR = 0x10
RTMGRP_IPV6_IFADDR = 0x100
RTM_NEWADDR = 20
RTM_DELADDR = 21
IFA_ADDRESS = 1


@dataclass(frozen=True)
class Change:
    """An address that was added, or changed, or deleted."""

    deleted: bool
    address: IPAddress


class AddressWatch:
    """Listens from its making on. A context manager."""

    def __init__(self, node: Node) -> None:
        def open_socket() -> socket.socket:
            listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
            listener.bind((0, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR))
            return listener

        self._socket = node.in_network(open_socket)
        self._socket.setblocking(False)

    def __enter__(self) -> "AddressWatch":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def changes(self) -> list[Change]:
        """What happened since the last call."""
        found: list[Change] = []
        while True:
            try:
                found += _decode(self._socket.recv(1 << 16))
            except BlockingIOError:
                return found

    def deleted(self, address: str) -> bool:
        """Whether the address was deleted at some time since the last call."""
        return any(change.deleted and str(change.address) == address for change in self.changes())


def _decode(data: bytes) -> list[Change]:
    """struct nlmsghdr, struct ifaddrmsg, attributes; as often as they fit."""
    found = []
    while len(data) >= 16:
        length, kind = struct.unpack_from("=IH", data)
        attributes = data[24:length]
        while kind in (RTM_NEWADDR, RTM_DELADDR) and len(attributes) >= 4:
            size, name = struct.unpack_from("=HH", attributes)
            if name == IFA_ADDRESS:
                found.append(Change(kind == RTM_DELADDR, ipaddress.ip_address(attributes[4:size])))
            attributes = attributes[(size + 3) & ~3:]
        data = data[(length + 3) & ~3:]
    return found
