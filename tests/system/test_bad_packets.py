"""Each check of a received packet, with a packet that fails it alone: no change of state, one line in the log.

The packet would make the master a backup if it were right, and at the end of each test a right one does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

import pytest

from harness.capture import Capture, send_frames
from harness.daemon import HOLDFAST
from harness.node import Network, Node
from harness.packets import Craft
from harness.router import INTERFACE, VRID, Mode, Station
from harness.wait import holds_for

V2 = Mode(2, 4, False)
V2_UNICAST = Mode(2, 4, True)
V3 = Mode(3, 4, False)
V3_IPV6 = Mode(3, 6, False)

Change = Callable[[Craft], Craft]


@dataclass(frozen=True)
class Bad:
    """One way to be wrong; `said` is in the log once, and None where the kernel's filter may drop it unseen."""

    name: str
    mode: Mode
    change: Change
    said: str | None
    lines: tuple[str, ...] = ()
    right: Change = lambda packet: packet

    def __str__(self) -> str:
        return f"{self.mode}-{self.name}"


def other_source(packet: Craft) -> Craft:
    """From an address that is not the configured peer."""
    return packet.wrong(source=str(ip_address(packet.source) + 5))


PASSWORD = ("authentication {", "auth_type PASS", "auth_pass secret99", "}")


def with_password(packet: Craft) -> Craft:
    """As PASSWORD asks for."""
    return packet.wrong(auth_type=1, auth_data=b"secret99")


BAD = [
    Bad("hops-of-multicast", V2, lambda p: p.wrong(hops=254), r"invalid TTL/HL.*Received 254 and expect 255"),
    Bad("version", V2, lambda p: p.wrong(version=3), r"wrong (VRRP )?version.*Received 3 and expect 2"),
    Bad("version-0", V2, lambda p: p.wrong(version=0), r"wrong (VRRP )?version.*Received 0 and expect 2"),
    Bad("password", V2, lambda p: p.wrong(auth_type=1, auth_data=b"secret\0\0"), "received a 1 auth, expecting 0"),
    Bad("another-password", V2, lambda p: p.wrong(auth_data=b"secret98"),
        "received an invalid passwd from 10.77.0.2!", PASSWORD, with_password),
    Bad("no-password", V2, lambda p: p.wrong(auth_type=0), "received a 0 auth, expecting 1!", PASSWORD, with_password),
    Bad("auth-type", V2, lambda p: p.wrong(auth_type=9), "Invalid auth type: 9"),
    Bad("interval", V2, lambda p: p.wrong(interval=2), r"advertisement interval mismatch.*mine=1 sec rcv'd=2 sec"),
    Bad("type", V2, lambda p: p.wrong(kind=2), "Invalid packet type. 2 and expect 1"),
    Bad("too-short", V2, lambda p: p.wrong(cut=12), "packet too short"),
    Bad("only-a-part-of-the-header", V2, lambda p: p.wrong(cut=17), "too short"),
    Bad("empty", V2, lambda p: p.wrong(cut=20), None),
    Bad("too-long", V2, lambda p: p.wrong(trailer=bytes(32)), "packet too long"),
    Bad("total-length", V2, lambda p: p.wrong(total_length=36), "too short|length mismatch"),
    Bad("checksum", V2, lambda p: p.wrong(sum=0x1234), "Invalid VRRPv2 checksum"),
    Bad("more-addresses-than-there-are", V2, lambda p: p.wrong(count=9), "packet too short"),
    Bad("no-address", V2, lambda p: p.wrong(addresses=()), "(ip number count 0, expected 1|expected 1 VIPs but received 0)"),
    Bad("one-address-too-many", V2, lambda p: p.wrong(addresses=(*p.addresses, "10.77.0.98")),
        "(ip number count 2, expected 1|expected 1 VIPs but received 2)"),
    Bad("another-address", V2, lambda p: p.wrong(addresses=("10.77.0.98",)),
        rf"ip address associated with VRID {VRID} not present in (MASTER )?advert"),
    Bad("another-router-id", V2, lambda p: p.wrong(vrid=VRID + 1), None),
    Bad("authentication-header", V2, lambda p: p.wrong(protocol=51), None),
    Bad("checksum-without-pseudo-header", V3, lambda p: p.wrong(sum=_plain_sum(p)), "Invalid VRRPv3 checksum"),
    Bad("version", V3, lambda p: p.wrong(version=2, interval=1), r"wrong (VRRP )?version.*Received 2 and expect 3|too long|too short"),
    Bad("hops-of-multicast", V3, lambda p: p.wrong(hops=64), "invalid TTL/HL"),
    Bad("hops-of-multicast", V3_IPV6, lambda p: p.wrong(hops=64), "invalid TTL/HL"),
    Bad("checksum", V3_IPV6, lambda p: p.wrong(sum=0x1234), None),
    Bad("too-short", V3_IPV6, lambda p: p.wrong(cut=16), "too short"),
    Bad("not-a-peer", V2_UNICAST, other_source, "unicast source address .* not a unicast peer", ("check_unicast_src",)),
    Bad("multicast", V2_UNICAST, lambda p: p.wrong(destination="224.0.0.18"), None),
    Bad("unicast", V2, lambda p: p.wrong(destination=V2.own(1)), None),
]


def _plain_sum(packet: Craft) -> int:
    """The checksum as version 2 has it."""
    words = packet.wrong(sum=0).vrrp()
    total = sum(int.from_bytes(words[i:i + 2], "big") for i in range(0, len(words), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def right_packet(mode: Mode, stranger: Node) -> Craft:
    """What a master of priority 200 at the stranger's address sends."""
    source = mode.own(2)
    if mode.family == 6 and not mode.unicast:
        source = next(address["local"] for address in stranger.link(INTERFACE)["addr_info"]
                      if address["local"].startswith("fe80"))
    group = "224.0.0.18" if mode.family == 4 else "ff02::12"
    interval = int(mode.interval) if mode.version == 2 else round(mode.interval * 100)
    return Craft(source, mode.own(1) if mode.unicast else group, VRID, 200, (mode.floating,), mode.version,
                 interval=interval)


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_bad_packet_changes_nothing(make_station: Callable[..., Station], network: Network, capture: Capture,
                                    bad: Bad) -> None:
    """Three times the same mistake: still master, no answer on the wire, and said once."""
    station = make_station(bad.mode, priority=100, lines=bad.lines)
    stranger = network.add("stranger", INTERFACE, f"{bad.mode.own(2)}/{bad.mode.prefix}")
    station.start()
    station.wait_master(bad.mode.master_down(100) + 3)
    right = bad.right(right_packet(bad.mode, stranger))
    macs = stranger.mac(INTERFACE), station.node.mac(INTERFACE)

    mark, wire = station.running.log.mark(), capture.mark()
    frame = bad.change(right).frame(*macs)
    if bad.change(right).destination == right.destination:
        assert frame != right.frame(*macs)
    send_frames(stranger, INTERFACE, frame, frame, frame)
    if bad.said is not None:
        station.running.log.wait(bad.said, 3, mark)
    capture.wait_advert(station.node, bad.mode.interval + 1, wire, priority=100)
    holds_for(station.holds, 0.5, "still master")
    assert not station.running.log.find("Entering", mark)
    if bad.said is not None and station.program == HOLDFAST:
        assert len(station.running.log.find(bad.said, mark)) == 1

    send_frames(stranger, INTERFACE, right.frame(*macs))
    station.wait_backup(3, mark)


@pytest.mark.parametrize("mode", [V2, V3, V3_IPV6], ids=str)
def test_packet_that_is_only_padded_is_right(make_station: Callable[..., Station], network: Network,
                                             mode: Mode) -> None:
    """Ethernet pads short frames; what comes after the IP length is no part of the packet."""
    station = make_station(mode, priority=100)
    stranger = network.add("stranger", INTERFACE, f"{mode.own(2)}/{mode.prefix}")
    station.start()
    station.wait_master(mode.master_down(100) + 3)
    mark = station.running.log.mark()
    frame = right_packet(mode, stranger).frame(stranger.mac(INTERFACE))
    send_frames(stranger, INTERFACE, frame + bytes(max(0, 60 - len(frame))))
    station.wait_backup(3, mark)


def test_flood_does_not_hold_up_advertisements(make_station: Callable[..., Station], network: Network,
                                               capture: Capture) -> None:
    """Thousands of bad packets a second: advertisements leave in time, and the log stays short."""
    mode = V3
    station = make_station(mode, priority=100)
    stranger = network.add("stranger", INTERFACE, f"{mode.own(2)}/{mode.prefix}")
    station.start()
    station.wait_master(mode.master_down(100) + 3)
    mark, wire = station.running.log.mark(), capture.mark()
    frame = right_packet(mode, stranger).wrong(sum=1).frame(stranger.mac(INTERFACE))
    for _ in range(20):
        send_frames(stranger, INTERFACE, *[frame] * 500)
    capture.wait_advert(station.node, 2, capture.mark())
    times = [at for at, _ in capture.adverts(station.node, wire)]
    assert all(later - sooner < 2 * mode.interval for sooner, later in zip(times, times[1:])), times
    assert station.holds()
    if station.program == HOLDFAST:
        assert len(station.running.log.lines(mark)) < 20


@pytest.mark.holdfast_only("keepalived logs each of them")
def test_flood_that_is_accepted_does_not_fill_the_log(make_station: Callable[..., Station], network: Network) -> None:
    """Lesser masters, two masters that take turns, broken packets in between: each would be a line of the log."""
    station = make_station(V2, priority=100)
    stranger = network.add("stranger", INTERFACE, f"{V2.own(2)}/{V2.prefix}")
    station.start()
    station.running.log.wait("Startup complete", 5)
    right, mac = right_packet(V2, stranger), stranger.mac(INTERFACE)
    send_frames(stranger, INTERFACE, right.frame(mac))
    station.running.log.wait("master set to", 3)
    mark = station.running.log.mark()
    flood = [right.wrong(priority=50), right, right.wrong(sum=1), right.wrong(source=V2.own(3)),
             right.wrong(priority=0)]
    for _ in range(20):
        send_frames(stranger, INTERFACE, *[packet.frame(mac) for packet in flood] * 20, right.frame(mac))
    holds_for(lambda: len(station.running.log.lines(mark)) < 40, 1, "the log is short")
    assert not station.running.log.find("MASTER", mark)
