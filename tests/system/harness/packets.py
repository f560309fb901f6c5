"""VRRP, gratuitous ARP and neighbour advertisements as bytes: decoded from a capture, and crafted.

Independent of the product's own codec on purpose: a mistake would have to be made twice to pass.
VRRPv2 is RFC 3768, VRRPv3 is RFC 5798 and 9568.
"""

import ipaddress
import struct
from dataclasses import dataclass, field, replace

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_ARP = 0x0806
ETHERTYPE_IPV6 = 0x86DD
PROTOCOL_VRRP = 112
PROTOCOL_AUTHENTICATION_HEADER = 51
AUTHENTICATION_HEADER_BYTES = 24
"""With a check value of 96 bits: RFC 2402, RFC 2403."""
PROTOCOL_ICMPV6 = 58
GROUP_IPV4 = ipaddress.IPv4Address("224.0.0.18")
GROUP_IPV6 = ipaddress.IPv6Address("ff02::12")


def checksum(data: bytes) -> int:
    """The Internet checksum, RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo_header(source: IPAddress, destination: IPAddress, length: int, protocol: int) -> bytes:
    """What the checksum covers beside the payload: IPv4's, or RFC 8200 section 8.1."""
    if source.version == 4:
        return source.packed + destination.packed + struct.pack("!BBH", 0, protocol, length)
    return source.packed + destination.packed + struct.pack("!IxxxB", length, protocol)


@dataclass(frozen=True)
class Advert:
    """A VRRP advertisement as it was on the wire."""

    source: IPAddress
    destination: IPAddress
    hops: int
    version: int
    vrid: int
    priority: int
    addresses: tuple[IPAddress, ...]
    interval: float
    valid: bool
    """Whether the checksum is right."""


@dataclass(frozen=True)
class Announcement:
    """A gratuitous ARP request or an unsolicited neighbour advertisement."""

    address: IPAddress
    mac: bytes
    override: bool
    """A neighbour advertisement's override flag; true for ARP."""


Payload = Advert | Announcement


@dataclass(frozen=True)
class Frame:
    """A frame that entered the switch: when (time.time()), at whose port, and what it was."""

    time: float
    port: str
    source_mac: bytes
    destination_mac: bytes
    payload: Payload


def decode_frame(data: bytes) -> Payload | None:
    """The payload of an Ethernet frame, or None where it is nothing that the tests look at."""
    kind = int.from_bytes(data[12:14], "big")
    body = data[14:]
    if kind == ETHERTYPE_ARP and len(body) >= 28:
        return _decode_arp(body)
    if kind == ETHERTYPE_IPV4 and len(body) >= 20 and body[9] in (PROTOCOL_VRRP, PROTOCOL_AUTHENTICATION_HEADER):
        header = (body[0] & 15) * 4
        if body[9] == PROTOCOL_AUTHENTICATION_HEADER:
            header += AUTHENTICATION_HEADER_BYTES
        length = int.from_bytes(body[2:4], "big")
        return _decode_vrrp(body[header:length], ipaddress.IPv4Address(body[12:16]),
                            ipaddress.IPv4Address(body[16:20]), body[8])
    if kind == ETHERTYPE_IPV6 and len(body) >= 40:
        source, destination = ipaddress.IPv6Address(body[8:24]), ipaddress.IPv6Address(body[24:40])
        payload = body[40:40 + int.from_bytes(body[4:6], "big")]
        if body[6] == PROTOCOL_VRRP:
            return _decode_vrrp(payload, source, destination, body[7])
        if body[6] == PROTOCOL_ICMPV6:
            return _decode_neighbour_advertisement(payload)
    return None


def _decode_arp(body: bytes) -> Announcement | None:
    sender, target = body[14:18], body[24:28]
    if sender != target:
        return None
    return Announcement(ipaddress.IPv4Address(sender), body[8:14], True)


def _decode_neighbour_advertisement(payload: bytes) -> Announcement | None:
    solicited = len(payload) > 4 and payload[4] & 0x40
    if len(payload) < 32 or payload[0] != 136 or solicited or payload[24] != 2:
        return None
    return Announcement(ipaddress.IPv6Address(payload[8:24]), payload[26:32], bool(payload[4] & 0x20))


def _decode_vrrp(payload: bytes, source: IPAddress, destination: IPAddress, hops: int) -> Advert | None:
    if len(payload) < 8:
        return None
    version, count = payload[0] >> 4, payload[3]
    size = 4 if source.version == 4 else 16
    words = [payload[8 + i * size:8 + (i + 1) * size] for i in range(count)]
    addresses = tuple(ipaddress.ip_address(word) for word in words if len(word) == size)
    covered = payload
    if version == 3 or source.version == 6:
        covered = pseudo_header(source, destination, len(payload), PROTOCOL_VRRP) + payload
    interval = (int.from_bytes(payload[4:6], "big") & 0xFFF) / 100 if version == 3 else float(payload[5])
    return Advert(source, destination, hops, version, payload[1], payload[2], addresses, interval,
                  checksum(covered) == 0)


@dataclass(frozen=True)
class Craft:
    """An advertisement to be built, right by default; every field that a receiver checks can be
    made wrong. `None` means: what is right."""

    source: str
    destination: str
    vrid: int
    priority: int
    addresses: tuple[str, ...]
    version: int = 2
    kind: int = 1
    interval: int = 1
    """The field's value: seconds in version 2, centiseconds in version 3."""
    auth_type: int = 0
    auth_data: bytes = bytes(8)
    hops: int = 255
    protocol: int = PROTOCOL_VRRP
    count: int | None = None
    sum: int | None = None
    total_length: int | None = None
    trailer: bytes = field(default=b"", kw_only=True)
    """Bytes after the packet, within the IP length."""
    cut: int = field(default=0, kw_only=True)
    """How many bytes of the VRRP packet's end are left away."""

    def wrong(self, **changes: object) -> "Craft":
        """The same advertisement with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def vrrp(self) -> bytes:
        """The VRRP packet."""
        source, destination = ipaddress.ip_address(self.source), ipaddress.ip_address(self.destination)
        count = len(self.addresses) if self.count is None else self.count
        head = struct.pack("!BBBB", self.version << 4 | self.kind, self.vrid, self.priority, count)
        if self.version == 3:
            middle = struct.pack("!H", self.interval & 0xFFF)
        else:
            middle = struct.pack("!BB", self.auth_type, self.interval)
        tail = b"".join(ipaddress.ip_address(address).packed for address in self.addresses)
        if self.version == 2 and source.version == 4:
            tail += self.auth_data
        packet = head + middle + b"\0\0" + tail
        packet = packet[:len(packet) - self.cut] + self.trailer
        if len(packet) < 8:
            return packet
        covered = packet
        if self.version == 3 or source.version == 6:
            covered = pseudo_header(source, destination, len(packet), PROTOCOL_VRRP) + packet
        total = checksum(covered) if self.sum is None else self.sum
        return packet[:6] + struct.pack("!H", total) + packet[8:]

    def frame(self, source_mac: bytes, destination_mac: bytes | None = None) -> bytes:
        """The whole Ethernet frame; multicast destinations need no `destination_mac`."""
        source, destination = ipaddress.ip_address(self.source), ipaddress.ip_address(self.destination)
        payload = self.vrrp()
        if source.version == 4:
            length = 20 + len(payload) if self.total_length is None else self.total_length
            header = struct.pack("!BBHHHBBH", 0x45, 0xC0, length, 1, 0, self.hops, self.protocol, 0)
            addresses = source.packed + destination.packed
            header = header[:10] + struct.pack("!H", checksum(header + addresses)) + addresses
            multicast = b"\x01\x00\x5e" + bytes([destination.packed[1] & 0x7F]) + destination.packed[2:]
            kind = ETHERTYPE_IPV4
        else:
            length = len(payload) if self.total_length is None else self.total_length
            header = struct.pack("!IHBB", 0x6C000000, length, self.protocol, self.hops)
            header += source.packed + destination.packed
            multicast = b"\x33\x33" + destination.packed[12:]
            kind = ETHERTYPE_IPV6
        target = multicast if destination.is_multicast else destination_mac
        if target is None:
            raise ValueError("a unicast packet needs its receiver's Ethernet address")
        return target + source_mac + struct.pack("!H", kind) + header + payload
