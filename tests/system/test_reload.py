"""A reload is no failover: SIGHUP to a master costs neither the address nor the mastership."""

import signal
from collections.abc import Callable

import pytest

from harness.address_watch import AddressWatch
from harness.capture import Capture
from harness.daemon import CONFIGURATION, idle, replaced
from harness.node import Node
from harness.router import Mode, Pair, Station
from harness.wait import wait_until

MODES = [Mode(2, 4, True), Mode(3, 6, False)]


@pytest.mark.holdfast_only("keepalived's VRRP process becomes a backup for a moment")
@pytest.mark.parametrize("mode", MODES, ids=str)
def test_master_is_reloaded(make_pair: Callable[..., Pair], mode: Mode) -> None:
    """Three times in a row, since each one's memory is the work of the one before."""
    pair = make_pair(mode)
    pair.start()
    backup_mark = pair.second.running.log.mark()
    wire = pair.capture.mark()
    with AddressWatch(pair.first.node) as watch:
        for _ in range(3):
            mark = pair.first.running.log.mark()
            pair.first.running.signal(signal.SIGHUP)
            pair.first.running.log.wait("Reload complete", 5, mark)
            pair.first.running.log.wait("Carrying on in MASTER STATE", 5, mark)
        assert not watch.deleted(mode.floating)
    assert pair.first.holds() and not pair.second.holds()
    assert not pair.second.running.log.find("MASTER", backup_mark)
    assert {advert.priority for _, advert in pair.capture.adverts(pair.first.node, wire)} == {150}


@pytest.mark.holdfast_only("keepalived's VRRP process becomes a backup for a moment, and announces all")
def test_reload_changes_the_addresses_of_a_master(make_station: Callable[..., Station], capture: Capture) -> None:
    """What is new is set and announced, what is left out is removed, and nobody notices what stays."""
    def excluded(*addresses: str) -> list[str]:
        return ["virtual_ipaddress_excluded {", *(f"{address}/32" for address in addresses), "fd78::1/128", "}"]

    station = make_station(lines=excluded("10.78.0.1", "10.78.0.2"))
    station.start()
    station.wait_master(5)
    station.running.log.wait("Startup complete", 5)
    capture.wait_announcement(station.node, "10.78.0.2", 5)
    station.router = station.router.changed(lines=[*excluded("10.78.0.2", "10.78.0.3")[:-1], "fd78::3/128", "}"])
    station.node.write(CONFIGURATION, station.router.text())
    mark, wire = station.running.log.mark(), capture.mark()
    with AddressWatch(station.node) as watch:
        station.running.signal(signal.SIGHUP)
        for address in ("10.78.0.3", "fd78::3"):
            capture.wait_announcement(station.node, address, 5, wire)
        station.running.log.wait("Reload complete", 5, mark)
        station.node.wait_lacks("10.78.0.1", 2)
        changed = {str(change.address) for change in watch.changes()}
    assert changed == {"10.78.0.1", "10.78.0.3", "fd78::3"}
    assert not capture.announcements(station.node, "10.78.0.2", wire)
    assert not capture.announcements(station.node, station.router.mode.floating, wire)
    wait_until(lambda: len(capture.announcements(station.node, "10.78.0.3", wire)) == 5, 5, "garp_master_repeat")


@pytest.mark.holdfast_only("keepalived is made of other processes")
@pytest.mark.parametrize(("instead", "notice"), [
    pytest.param(lambda node: "/bin/false", "before it could work: going back", id="dies"),
    pytest.param(idle, "(?i)going back", id="never ready")])
def test_new_worker_that_cannot_work_brings_the_old_configuration_back(
        make_station: Callable[..., Station], instead: Callable[[Node], str], notice: str) -> None:
    """A vrrpd that dies at once is noticed by that, one that does nothing is not waited for for ever, and neither is an
    obstacle to the next reload."""
    station = make_station()
    station.start()
    station.wait_master(5)
    station.running.log.wait("Startup complete", 5)
    with replaced(station.node, "holdfast-vrrpd", instead(station.node)):
        station.running.signal(signal.SIGHUP)
        station.running.log.wait(notice, 20)
    station.running.log.wait("The old configuration stays in force", 30)
    wait_until(station.holds, 10, "the address is there")
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Reload complete", 10)


@pytest.mark.holdfast_only("keepalived is made of other processes")
@pytest.mark.parametrize("instead", [lambda node: "/bin/false", idle], ids=["dies", "never ready"])
def test_old_worker_that_fares_no_better_is_no_obstacle_to_the_next_reload(
        make_station: Callable[..., Station], instead: Callable[[Node], str]) -> None:
    """Neither configuration has a vrrpd that works: the reload ends all the same."""
    station = make_station()
    station.start()
    station.wait_master(5)
    station.running.log.wait("Startup complete", 5)
    with replaced(station.node, "holdfast-vrrpd", instead(station.node)):
        station.running.signal(signal.SIGHUP)
        station.running.log.wait("The old configuration stays in force", 40)
    mark = station.running.log.mark()
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Reload complete", 30, mark)
    wait_until(station.holds, 10, "the address is there")


@pytest.mark.holdfast_only("keepalived is made of other processes")
def test_privd_that_ends_in_a_reload_ends_the_reload(make_station: Callable[..., Station]) -> None:
    """The next privd starts with the old configuration alone: it could be the new one that ended it."""
    station = make_station()
    station.start()
    station.wait_master(5)
    station.running.log.wait("Startup complete", 5)
    privd = station.running.process("holdfast-privd")
    privd.kill(signal.SIGSTOP)
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("The old configuration stays in force", 20)
    wait_until(lambda: station.running.process("holdfast-privd").pid != privd.pid, 20, "another privd")
    mark = station.running.log.mark()
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Reload complete", 10, mark)
    assert station.holds()
