"""What must not change, seen from outside: the node's network, the daemon's processes, the wire."""

import ipaddress
import json
import socket
import struct
from dataclasses import dataclass, field
from pathlib import Path

from harness.capture import Sniffer
from harness.node import Network, Node
from harness.proc import Process


def network_state(node: Node) -> dict[str, object]:
    """Addresses, routes, rules, links, neighbours' configuration, firewall and settings of a node."""
    def listed(command: str) -> object:
        return json.loads(node.run(command).stdout or "[]")

    return {
        "addresses": listed("ip -j address"),
        "IPv4 routes": listed("ip -j -4 route show table all"),
        "IPv6 routes": listed("ip -j -6 route show table all"),
        "IPv4 rules": listed("ip -j -4 rule"),
        "IPv6 rules": listed("ip -j -6 rule"),
        "links": listed("ip -j -d link"),
        "firewall": node.run("nft list ruleset").stdout,
        "settings": node.run(["sysctl", "-a", "-r", r"^net\."]).stdout.splitlines(),
    }


def changed(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """Where two states differ, in words."""
    differences = []
    for name, old in before.items():
        new = after[name]
        if old == new:
            continue
        if isinstance(old, list) and isinstance(new, list):
            differences += [f"{name}: gone: {entry}" for entry in old if entry not in new]
            differences += [f"{name}: new: {entry}" for entry in new if entry not in old]
        else:
            differences.append(f"{name}: {old} became {new}")
    return differences


@dataclass(frozen=True)
class Vitals:
    """A process as it was: which, and how much it holds."""

    pid: int
    descriptors: int
    resident: int
    """Bytes."""


def vitals(process: Process) -> Vitals:
    """How the process is now."""
    fresh = Process(process.pid)
    return Vitals(fresh.pid, len(fresh.descriptors()), int(fresh.status["VmRSS"].split()[0]) * 1024)


def packet_sockets(node: Node) -> list[dict[str, str]]:
    """/proc/net/packet of the node: one for each packet socket, by column."""
    return _table(node.path("/proc") / "net" / "packet", node)


def raw_sockets(node: Node) -> list[dict[str, str]]:
    """/proc/net/raw and raw6 of the node; `local_address` ends with the protocol in hexadecimal."""
    return [row for name in ("raw", "raw6") for row in _table(node.path("/proc") / "net" / name, node)]


def _table(path: Path, node: Node) -> list[dict[str, str]]:
    text = node.run(["cat", f"/proc/net/{path.name}"]).stdout.splitlines()
    if path.name == "packet":
        names = text[0].split()
        return [dict(zip(names, line.split(), strict=True)) for line in text[1:]]
    # "tx_queue rx_queue", "tr tm->when" and so on are two names for one column each.
    names = ["sl", "local_address", "rem_address", "st", "queues", "timer", "retrnsmt", "uid", "timeout", "inode",
             "ref", "pointer", "drops"]
    return [dict(zip(names, line.split(), strict=True)) for line in text[1:]]


def socket_inodes(process: Process) -> set[str]:
    """The inodes of the sockets that the process has open."""
    return {target[len("socket:["):-1] for target in Process(process.pid).descriptors().values()
            if target.startswith("socket:[")}


@dataclass
class Allowed:
    """What a node may put on the wire on behalf of its sealed configuration."""

    mac: bytes
    own: set[str]
    """Its own addresses, with which it may speak ARP and neighbour discovery."""
    adverts: set[tuple[str, str, int]]
    """(source, destination, TTL) of protocol 112."""
    groups: set[str] = field(default_factory=set)
    """Multicast groups that it may join."""
    announced: set[str] = field(default_factory=set)
    """Addresses of gratuitous ARP and unsolicited neighbour advertisements."""

    def objection(self, frame: bytes) -> str | None:
        """Why the frame must not be there, or None."""
        kind = int.from_bytes(frame[12:14], "big")
        body = frame[14:]
        if frame[6:12] != self.mac:
            return f"source address {frame[6:12].hex(':')}"
        if kind == 0x0806:
            return self._arp(body)
        if kind == 0x0800:
            return self._ipv4(body)
        if kind == 0x86DD:
            return self._ipv6(body)
        return f"EtherType {kind:#06x}"

    def _arp(self, body: bytes) -> str | None:
        sender, target = (str(ipaddress.IPv4Address(body[at:at + 4])) for at in (14, 24))
        if body[8:14] != self.mac:
            return f"ARP with sender {body[8:14].hex(':')}"
        if sender == target:
            return None if sender in self.announced else f"gratuitous ARP for {sender}"
        return None if sender in self.own | self.announced else f"ARP of {sender} to {target}"

    def _ipv4(self, body: bytes) -> str | None:
        header = (body[0] & 15) * 4
        source, destination = (str(ipaddress.IPv4Address(body[at:at + 4])) for at in (12, 16))
        if body[9] == 112 and header == 20 and (source, destination, body[8]) in self.adverts:
            return None
        if body[9] == socket.IPPROTO_IGMP and source in self.own | {"0.0.0.0"}:
            return self._igmp(body[header:])
        return f"IPv4 protocol {body[9]}, header of {header}, TTL {body[8]}, {source} to {destination}"

    def _igmp(self, report: bytes) -> str | None:
        if report[0] == 0x22:
            groups = {str(ipaddress.IPv4Address(report[at + 4:at + 8])) for at in range(8, len(report) - 7, 8)}
        else:
            groups = {str(ipaddress.IPv4Address(report[4:8]))}
        return None if groups <= self.groups else f"joins {groups - self.groups}"

    def _ipv6(self, body: bytes) -> str | None:
        source, destination = (str(ipaddress.IPv6Address(body[at:at + 16])) for at in (8, 24))
        upper, payload = body[6], body[40:]
        if upper == 112 and (source, destination, body[7]) in self.adverts:
            return None
        if upper == 0 and payload[0] == socket.IPPROTO_ICMPV6:  # hop-by-hop: multicast listener reports
            upper, payload = payload[0], payload[8:]
        if upper != socket.IPPROTO_ICMPV6:
            return f"IPv6 protocol {upper}, {source} to {destination}"
        if payload[0] == 136 and payload[4] & 0x40 == 0:
            target = str(ipaddress.IPv6Address(payload[8:24]))
            return None if target in self.announced else f"neighbour advertisement for {target}"
        if payload[0] in (133, 135, 136, 143) and source in self.own | self.announced | {"::"}:
            return None
        return f"ICMPv6 type {payload[0]}, {source} to {destination}"


class Wire(Sniffer):
    """Every frame that enters the switch at one node's port. A context manager."""

    def __init__(self, network: Network, node: Node) -> None:
        self._frames: list[bytes] = []
        super().__init__(network, node.name)

    def heard(self, time_: float, interface: str, data: bytes) -> None:
        self._frames.append(data)

    def frames(self) -> list[bytes]:
        """What has come until now."""
        return list(self._frames)

    def lost(self) -> int:
        """How many frames came too fast to be looked at."""
        statistics = self._socket.getsockopt(263, 6, 8)  # SOL_PACKET, PACKET_STATISTICS
        dropped: int = struct.unpack("II", statistics)[1]
        return dropped

    def objections(self, allowed: Allowed) -> list[str]:
        """What must not have been sent."""
        return [f"{why}: {frame.hex()}" for frame in self.frames() if (why := allowed.objection(frame)) is not None]
