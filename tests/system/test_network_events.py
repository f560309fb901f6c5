"""What somebody else does to the address or the interface while the daemon runs."""

from collections.abc import Callable

import pytest

from harness.daemon import Daemon
from harness.node import Network
from harness.router import INTERFACE, Mode, Pair, Station
from harness.wait import holds_for

MakePair = Callable[..., Pair]


@pytest.mark.holdfast_only("keepalived gives up the mastership and elects again")
@pytest.mark.parametrize("mode", [Mode(2, 4, True), Mode(3, 6, False)], ids=str)
def test_deleted_address_is_put_back(make_pair: MakePair, mode: Mode) -> None:
    """At once, said, and without a transition."""
    pair = make_pair(mode)
    pair.start()
    first, second, wire = pair.first.running.log.mark(), pair.second.running.log.mark(), pair.capture.mark()
    pair.first.node.run(["ip", "addr", "del", f"{mode.floating}/{mode.prefix}", "dev", INTERFACE])
    pair.first.node.wait_holds(mode.floating, 1)
    pair.first.running.log.wait(mode.floating, 2, first)
    holds_for(lambda: pair.first.holds() and not pair.second.holds(), 2 * mode.interval, "one master")
    assert not pair.second.running.log.find("MASTER", second)
    assert not pair.first.running.log.find("Entering", first)
    assert {advert.priority for _, advert in pair.capture.adverts(pair.first.node, wire)} <= {150}


def test_link_that_goes_down_is_a_fault(make_pair: MakePair) -> None:
    """The master without a carrier lets go; the backup takes over; the link comes back and so does the master."""
    mode = Mode(3, 4, False)
    pair = make_pair(mode)
    pair.start()
    first, second = pair.first.running.log.mark(), pair.second.running.log.mark()
    pair.network.cut(pair.first.node)
    pair.first.running.log.wait("Entering FAULT STATE", 3, first)
    pair.first.node.wait_lacks(mode.floating, 2)
    pair.second.wait_master(mode.master_down(100) + 2, second)
    first, second = pair.first.running.log.mark(), pair.second.running.log.mark()
    pair.network.mend(pair.first.node)
    pair.first.wait_master(mode.master_down(150) + 4, first)
    pair.second.wait_backup(2, second)


@pytest.mark.holdfast_only("keepalived does not start the instance without unicast peers")
def test_interfaces_without_the_multicast_flag(make_pair: MakePair) -> None:
    """As a dummy has none: they hear each other all the same, and one is master."""
    pair = make_pair(Mode(3, 4, False))
    for station in (pair.first, pair.second):
        station.node.run(["ip", "link", "set", INTERFACE, "multicast", "off"])
    pair.start()
    holds_for(lambda: pair.first.holds() and not pair.second.holds(), 2, "one master")


def test_two_masters_become_one(make_pair: MakePair) -> None:
    """After a cut that neither side can see, the lower priority yields as soon as they hear each other."""
    mode = Mode(3, 4, True)
    pair = make_pair(mode)
    pair.start()
    second = pair.second.running.log.mark()
    # A switch that forgets one port's frames: both links stay up.
    pair.network.switch.run("ip link set router1 nomaster")
    pair.second.wait_master(mode.master_down(100) + 2, second)
    assert pair.first.holds()
    second = pair.second.running.log.mark()
    pair.network.switch.run("ip link set router1 master br0")
    pair.second.wait_backup(4, second)
    assert pair.first.holds()


@pytest.mark.holdfast_only("keepalived does not name it")
def test_address_that_the_kernel_refuses_is_named(make_station: Callable[..., Station]) -> None:
    """Which one, where, why, and what to look at; the others are set all the same, and it stays master."""
    station = make_station(lines=["virtual_ipaddress_excluded {", "fd79::1/64 dev blocked", "}"])
    station.node.run(["ip", "link", "add", "blocked", "up", "type", "veth", "peer", "name", "other"])
    station.node.run(["sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/blocked/disable_ipv6"])
    station.start()
    station.wait_master(5)
    station.running.log.wait(r"\(VI\) cannot set fd79::1/64 on blocked: Permission denied: is IPv6 off there\? "
                             r"\(sysctl net.ipv6.conf.blocked.disable_ipv6\)", 5)
    mark = station.running.log.mark()
    station.node.run(["ip", "link", "set", "other", "up"])
    holds_for(lambda: station.holds() and not station.running.log.find("BACKUP|cannot set", mark), 2, "it stays master")


def test_a_state_of_a_link_counts_when_it_has_lasted(make_station: Callable[..., Station], network: Network) -> None:
    """interface_up_down_delays: a link that comes back in time was never down."""
    station = make_station(priority=100)
    delays = f"interface_up_down_delays {{\n{INTERFACE} 2 1\n}}\n"
    station.daemon = Daemon(station.node, station.program, delays + station.router.text())
    station.wait_master(5)
    log = station.running.log
    mark = log.mark()
    network.cut(station.node)
    holds_for(station.holds, 1, "the address stays")
    network.mend(station.node)
    holds_for(station.holds, 2, "the address stays")
    assert not log.find("FAULT", mark)
    network.cut(station.node)
    holds_for(station.holds, 1, "the address stays")
    log.wait("Entering FAULT STATE", 4, mark)
    mark = log.mark()
    network.mend(station.node)
    holds_for(lambda: not log.find("Entering BACKUP STATE", mark), 0.8, "up, and not long enough")
    station.wait_master(6, mark)
