"""Interfaces and addresses that come late, go, come back or get another name: waited for, with a reason, never an exit."""

import signal
from collections.abc import Callable

import pytest

from harness.capture import Capture
from harness.node import Network
from harness.router import INSTANCE, INTERFACE, Mode, Pair, Station
from harness.wait import holds_for

MULTICAST = Mode(3, 4, False)
UNICAST = Mode(3, 4, True)
DYNAMIC = ("dynamic_interfaces",)


def own_address(station: Station, what: str) -> None:
    """Adds or deletes the router's own address."""
    mode = station.router.mode
    station.node.run(["ip", "addr", what, f"{mode.own(1)}/{mode.prefix}", "dev", INTERFACE])


def rename(station: Station, old: str, new: str) -> None:
    """Gives an interface another name, which takes it down for a moment."""
    for words in (["set", old, "down"], ["set", old, "name", new], ["set", new, "up"]):
        station.node.run(["ip", "link", *words])


@pytest.mark.holdfast_only("keepalived 2.2.7 stays master, whatever its manual says")
@pytest.mark.parametrize("mode", [UNICAST, Mode(3, 6, True)], ids=str)
def test_source_address_that_is_tracked(make_pair: Callable[..., Pair], mode: Mode) -> None:
    """track_src_ip: without it nobody would hear its advertisements, so it lets go."""
    pair = make_pair(mode, lines=("track_src_ip",))
    pair.start()
    first, second = pair.first.running.log.mark(), pair.second.running.log.mark()
    own_address(pair.first, "del")
    pair.first.running.log.wait("FAULT STATE", 3, first)
    pair.first.node.wait_lacks(mode.floating, 2)
    pair.second.wait_master(mode.master_down(100) + 3, second)
    first = pair.first.running.log.mark()
    own_address(pair.first, "add")
    pair.first.wait_master(mode.master_down(150) + 5, first)
    pair.second.wait_backup(3, second)


@pytest.mark.holdfast_only("keepalived ends")
@pytest.mark.parametrize("mode", [MULTICAST, UNICAST], ids=str)
def test_address_that_appears_late(make_station: Callable[..., Station], mode: Mode) -> None:
    """A start before the network is configured waits, and says for what."""
    station = make_station(mode, priority=200)
    own_address(station, "del")
    daemon = station.start()
    daemon.log.wait(rf"\({INSTANCE}\):? entering FAULT state \((no IPv4 address for interface|src address not configured)\)", 8)
    holds_for(daemon.running, 2, "it waits")
    mark = daemon.log.mark()
    own_address(station, "add")
    station.wait_master(mode.master_down(200) + 5, mark)


@pytest.mark.holdfast_only("keepalived 2.2.7 does not take every one of these back")
def test_interface_that_comes_goes_and_gets_another_name(make_station: Callable[..., Station], network: Network,
                                                         capture: Capture) -> None:
    """dynamic_interfaces: it is there when the interface is, whichever device has the name."""
    station = make_station(MULTICAST, priority=200, global_lines=DYNAMIC)
    rename(station, INTERFACE, "other0")
    daemon = station.start()
    daemon.log.wait("FAULT", 8)
    for _ in range(2):
        mark = daemon.log.mark()
        rename(station, "other0", INTERFACE)
        station.wait_master(MULTICAST.master_down(200) + 5, mark)
        capture.wait_advert(station.node, 3, capture.mark())
        mark = daemon.log.mark()
        rename(station, INTERFACE, "other0")
        daemon.log.wait("Entering FAULT STATE", 3, mark)
    mark = daemon.log.mark()
    station.node.run(["ip", "link", "del", "other0"])
    network.plug(station.node, "router1", INTERFACE, f"{MULTICAST.own(1)}/24")
    station.wait_master(MULTICAST.master_down(200) + 5, mark)
    capture.wait_advert(station.node, 3, capture.mark())
    mark = daemon.log.mark()
    station.node.run(["ip", "link", "del", INTERFACE])
    daemon.log.wait("Entering FAULT STATE", 3, mark)
    daemon.signal(signal.SIGHUP)
    daemon.log.wait("Reload complete", 10, mark)
    assert daemon.stop() == 0
