"""What the kernel says to those who listen: every route and rule that is put or deleted in a node."""

import socket
import struct

from .node import Node

RTMGRP_IPV4_ROUTE = 0x40
RTMGRP_IPV4_RULE = 0x80
RTMGRP_IPV6_ROUTE = 0x400
RTNLGRP_IPV6_RULE = 19
SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP = 1
KINDS = {24: "+route", 25: "-route", 32: "+rule", 33: "-rule"}
RTPROT_KEEPALIVED = 18
FRA_PROTOCOL = 21


class RoutingWatch:
    """Listens from its making on, to what has the mark of VRRP. A context manager."""

    def __init__(self, node: Node) -> None:
        def open_socket() -> socket.socket:
            listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
            listener.bind((0, RTMGRP_IPV4_ROUTE | RTMGRP_IPV4_RULE | RTMGRP_IPV6_ROUTE))
            listener.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_IPV6_RULE)
            return listener

        self._socket = node.in_network(open_socket)
        self._socket.setblocking(False)

    def __enter__(self) -> "RoutingWatch":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def changes(self) -> list[str]:
        """What happened since the last call: "+route", "-rule" and so on, in order."""
        found: list[str] = []
        while True:
            try:
                found += _decode(self._socket.recv(1 << 16))
            except BlockingIOError:
                return found


def _decode(data: bytes) -> list[str]:
    """struct nlmsghdr, struct rtmsg or fib_rule_hdr, attributes; as often as they fit."""
    found = []
    while len(data) >= 28:
        length, kind = struct.unpack_from("=IH", data)
        if kind in KINDS and _is_marked(kind, data[16:length]):
            found.append(KINDS[kind])
        data = data[(length + 3) & ~3:]
    return found


def _is_marked(kind: int, body: bytes) -> bool:
    if kind in (24, 25):
        return body[5] == RTPROT_KEEPALIVED
    attributes = body[12:]
    while len(attributes) >= 4:
        size, name = struct.unpack_from("=HH", attributes)
        if name == FRA_PROTOCOL:
            return attributes[4] == RTPROT_KEEPALIVED
        attributes = attributes[(max(size, 4) + 3) & ~3:]
    return False
