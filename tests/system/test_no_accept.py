"""no_accept: a master that does not own its addresses neither takes packets to them nor sends from them."""

import signal
from collections.abc import Callable

import pytest

from harness.daemon import CONFIGURATION
from harness.node import Network, Node
from harness.router import INTERFACE, Mode, Router, Station
from harness.wait import holds_for, wait_until

MODES = [Mode(3, 4, False), Mode(3, 6, False)]


def answers(client: Node, address: str) -> bool:
    """Whether the address answers the client's echo request."""
    return client.run(["ping", "-c", "1", "-W", "0.3", address], check=False).returncode == 0


def rules(station: Station) -> str:
    """What nft lists in the router's network."""
    return station.node.run(["nft", "list", "ruleset"]).stdout


def reload(station: Station, router: Router) -> None:
    """Another configuration for the running daemon."""
    mark = station.running.log.mark()
    station.node.write(CONFIGURATION, router.text())
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Reload complete", 10, mark)


@pytest.fixture(params=MODES, ids=str)
def mode(request: pytest.FixtureRequest) -> Mode:
    """Both families."""
    return request.param


@pytest.fixture
def client(network: Network, mode: Mode) -> Node:
    """Another host on the switch."""
    return network.add("client", INTERFACE, f"{mode.own(9)}/{mode.prefix}")


def master(make_station: Callable[..., Station], mode: Mode, *lines: str, **changes: object) -> Station:
    """A master of priority 200."""
    station = make_station(mode, priority=200, lines=lines, **changes)
    station.start()
    station.wait_master(mode.master_down(200) + 5)
    return station


def test_nothing_comes_in(make_station: Callable[..., Station], client: Node, mode: Mode) -> None:
    """The shared address does not answer, the router's own does; nothing of it is left at the end."""
    station = master(make_station, mode, "no_accept")
    assert answers(client, mode.own(1))
    assert not answers(client, mode.floating)
    assert "table ip" in rules(station)
    mark = station.running.log.mark()
    assert station.running.stop() == 0
    assert station.running.log.find("removing firewall drop rule", mark)
    assert rules(station) == ""


@pytest.mark.holdfast_only("needs a reload that leaves the master alone")
def test_reload_lets_in_and_keeps_out(make_station: Callable[..., Station], client: Node, mode: Mode) -> None:
    """no_accept comes and goes with a reload, while the address stays."""
    station = master(make_station, mode)
    assert answers(client, mode.floating)
    assert rules(station) == ""
    reload(station, station.router.changed(lines=("no_accept",)))
    wait_until(lambda: not answers(client, mode.floating), 5, "kept out")
    reload(station, station.router)
    wait_until(lambda: answers(client, mode.floating), 5, "let in")
    assert rules(station) == ""


@pytest.mark.holdfast_only("a crash of keepalived's VRRP process makes it a backup")
def test_death_of_privd_lets_nothing_in(make_station: Callable[..., Station], client: Node, mode: Mode) -> None:
    """privd is killed: the address stays, and stays closed, also with the privd that comes after it."""
    station = master(make_station, mode, "no_accept")
    victim = station.running.process("holdfast-privd")
    victim.kill(signal.SIGKILL)
    holds_for(lambda: not answers(client, mode.floating), 3, "kept out")
    assert station.running.process("holdfast-privd").pid != victim.pid
    assert station.holds()
    assert station.running.stop() == 0
    assert rules(station) == ""


@pytest.mark.holdfast_only("keepalived does not notice")
def test_table_that_somebody_removes_is_back(make_station: Callable[..., Station], client: Node, mode: Mode) -> None:
    """As a firewall that starts again does."""
    station = master(make_station, mode, "no_accept")
    assert not answers(client, mode.floating)
    station.node.run(["nft", "flush", "ruleset"])
    station.running.log.wait("somebody else removed table keepalived: it is back", 5)
    assert not answers(client, mode.floating)
    assert station.running.stop() == 0
    assert rules(station) == ""


def test_table_as_configured(make_station: Callable[..., Station], client: Node, mode: Mode) -> None:
    """Name, priority and counters; what the counters say is what was kept out."""
    station = master(make_station, mode, "no_accept",
                     global_lines=("nftables ours", "nftables_priority -7", "nftables_counters"))
    answers(client, mode.floating)
    text = rules(station)
    family = "ip" if mode.family == 4 else "ip6"
    assert f"table {family} ours" in text and "priority filter - 7" in text
    assert f"{family} daddr @vips counter packets 1 " in text


def test_link_local_sets_have_numbers(make_station: Callable[..., Station]) -> None:
    """nftables_ifindex: with dont_track_primary too, and the table follows an interface to its next number."""
    station = make_station(Mode(3, 6, False), priority=200,
                           lines=["no_accept", "dont_track_primary", "virtual_ipaddress_excluded {",
                                  "fe80::99/64 dev extra", "}"],
                           global_lines=["nftables_ifindex", "dynamic_interfaces"])

    def make(index: int) -> None:
        station.node.run(f"ip link add extra index {index} up type veth peer name other")
        station.node.run("ip link set other up")

    make(100)
    station.start()
    station.wait_master(8)
    wait_until(lambda: 'fe80::99 . "extra"' in rules(station), 5, "the rule")
    station.node.run("ip link delete extra")
    make(200)
    wait_until(lambda: 'fe80::99 . "extra"' in rules(station), 8, "the rule for the next number")
    assert not station.running.log.find("nftables_ifindex")
