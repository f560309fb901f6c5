"""A running daemon lives through a shortage: what cannot be done now is done later."""

import resource
import signal
from collections.abc import Callable

import pytest

from harness.router import Station
from harness.wait import holds_for, wait_until

pytestmark = pytest.mark.holdfast_only("keepalived is made of other processes")


def allow_descriptors(station: Station, count: int) -> None:
    """Changes how many descriptors the supervisor may have; those that it has stay."""
    resource.prlimit(station.running.pid, resource.RLIMIT_NOFILE, (count, 1024))


def serving(make_station: Callable[..., Station]) -> Station:
    """A master whose supervisor has just run out of descriptors."""
    station = make_station()
    station.start()
    station.wait_master(5)
    station.running.log.wait("Startup complete", 5)
    allow_descriptors(station, 3)
    return station


def test_worker_that_cannot_be_started_is_started_later(make_station: Callable[..., Station]) -> None:
    """Nobody else leaves because of it."""
    station = serving(make_station)
    victim = station.running.process("holdfast-vrrpd")
    victim.kill()
    station.running.log.wait("Too many open files", 5)
    holds_for(station.running.running, 1, "the supervisor goes on")
    allow_descriptors(station, 1024)
    wait_until(lambda: station.running.process("holdfast-vrrpd").pid != victim.pid, 10, "another vrrpd")
    assert station.running.running()
    wait_until(station.holds, 10, "the address is there")


def test_reload_that_cannot_be_begun_is_no_obstacle_to_the_next(make_station: Callable[..., Station]) -> None:
    """It says so, and leaves nothing behind that the next one would wait for."""
    station = serving(make_station)
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("The old configuration stays in force", 5)
    allow_descriptors(station, 1024)
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Reload complete", 5)
