"""Gratuitous ARP: how often, how far apart, and where."""

from collections.abc import Callable

import pytest

from harness.capture import Capture
from harness.node import Network
from harness.packets import Announcement
from harness.router import INSTANCE, INTERFACE, VRID, Mode, Pair, Station
from harness.wait import holds_for, wait_until

QUICK = Mode(3, 4, False)
OTHER = "ens192"
PORT = "other1"
"""The switch's end of the router's second interface."""


@pytest.fixture
def make_wide_station(network: Network, make_station: Callable[..., Station]) -> Callable[..., Station]:
    """Makes a router with a second interface."""
    def make(**changes: object) -> Station:
        station = make_station(QUICK, **changes)
        network.plug(station.node, PORT, OTHER, "10.88.0.1/24")
        return station
    return make


def configuration(global_lines: list[str], addresses: list[str], top_lines: list[str] | None = None) -> str:
    """A master with these addresses."""
    return "\n".join(["global_defs {", "vrrp_garp_master_delay 0", *global_lines, "}", *(top_lines or []),
                      f"vrrp_instance {INSTANCE} {{", f"interface {INTERFACE}", "state MASTER",
                      f"virtual_router_id {VRID}", "priority 255", "version 3", "advert_int 0.3",
                      "virtual_ipaddress {", *addresses, "}", "}", ""])


def times(capture: Capture, address: str, since: int = 0) -> list[float]:
    """When the address was announced, at whichever port."""
    return [frame.time for frame in capture.frames(since)
            if isinstance(frame.payload, Announcement) and str(frame.payload.address) == address]


def gaps(at: list[float]) -> list[float]:
    """Between one and the next."""
    return [later - sooner for sooner, later in zip(at, at[1:])]


def test_as_few_as_can_be(make_station: Callable[..., Station], capture: Capture) -> None:
    """vrrp_min_garp: one frame, and no second burst five seconds later."""
    station = make_station(QUICK, global_lines=("vrrp_min_garp",))
    station.start()
    station.wait_master(5)
    holds_for(lambda: len(times(capture, QUICK.floating)) <= 1, 6, "one frame")
    assert len(times(capture, QUICK.floating)) == 1


def test_addresses_on_other_interfaces(make_wide_station: Callable[..., Station], capture: Capture) -> None:
    """vrrp_garp_extra_if all: they are announced again and again, those of its own interface are not."""
    station = make_wide_station()
    station.start_with(configuration(["vrrp_garp_master_repeat 1", "vrrp_garp_extra_if all 1"],
                                     ["10.77.0.99/24", f"10.88.0.99/24 dev {OTHER}"]))
    station.wait_master(5)
    wait_until(lambda: len(times(capture, "10.88.0.99")) == 5, 8, "five frames")
    assert all(gap == pytest.approx(1, abs=0.25) for gap in gaps(times(capture, "10.88.0.99")))
    assert len(times(capture, "10.77.0.99")) == 1


def test_only_virtual_mac_interfaces_where_not_said_otherwise(make_wide_station: Callable[..., Station],
                                                              capture: Capture) -> None:
    station = make_wide_station()
    station.start_with(configuration(["vrrp_garp_master_repeat 1", "vrrp_garp_extra_if 1"],
                                     ["10.77.0.99/24", f"10.88.0.99/24 dev {OTHER}"]))
    station.wait_master(5)
    wait_until(lambda: times(capture, "10.88.0.99"), 2, "it is announced")
    holds_for(lambda: len(times(capture, "10.88.0.99")) == 1, 2.5, "it is announced once")


def test_interfaces_of_a_group_share_its_interval(make_wide_station: Callable[..., Station], capture: Capture) -> None:
    """garp_group: as many frames as one switch can take, and the adverts do not wait for them."""
    station = make_wide_station()
    group = ["garp_group {", "garp_interval 0.1", "interfaces {", INTERFACE, OTHER, "}", "}"]
    mine = [f"10.77.0.{last}" for last in range(95, 100)]
    other = [f"10.88.0.{last}" for last in range(95, 100)]
    station.start_with(configuration(["vrrp_garp_master_repeat 2"],
                                     [f"{a}/24" for a in mine] + [f"{a}/24 dev {OTHER}" for a in other], group))
    station.wait_master(5)
    sent = wait_until(lambda: sorted(at for a in mine + other for at in times(capture, a))[19:20] and
                      sorted(at for a in mine + other for at in times(capture, a)), 8, "two rounds of ten addresses")
    assert min(gaps(sent)) > 0.08 and max(gaps(sent)) < 0.3
    adverts = [at for at, _ in capture.adverts(station.node) if at < sent[-1]]
    assert len(adverts) >= 5 and max(gaps(adverts)) < 0.4


def test_conflict_that_ended_announces_again(make_pair: Callable[..., Pair]) -> None:
    """Two that could not hear each other were both master: the better one tells the network again where the address is."""
    pair = make_pair(QUICK)
    pair.start()
    mark = pair.second.running.log.mark()
    for station in (pair.first, pair.second):
        station.node.run("nft add table ip deaf")
        station.node.run("nft add chain ip deaf input '{ type filter hook input priority 0; }'")
        station.node.run("nft add rule ip deaf input ip protocol 112 drop")
    pair.second.wait_master(QUICK.master_down(100) + 3, mark)
    assert pair.first.holds()
    wait_until(lambda: len(pair.capture.announcements(pair.second.node, QUICK.floating)) >= 10, 8, "it has all said")
    wire, mark = pair.capture.mark(), pair.second.running.log.mark()
    pair.first.node.run("nft delete table ip deaf")
    pair.capture.wait_announcement(pair.first.node, QUICK.floating, 3, wire)
    pair.second.node.run("nft delete table ip deaf")
    pair.second.wait_backup(3, mark)
    last = pair.capture.frames(wire)
    ours = [frame.time for frame in last if isinstance(frame.payload, Announcement)]
    assert ours and not pair.capture.announcements(pair.second.node, QUICK.floating, wire)
