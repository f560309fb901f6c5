"""Reloads and deaths of workers, one after the other, under traffic: nothing is lost and nothing grows.

HOLDFAST_ROUNDS says how many of each; a thousand are for before a release.
"""

import os
import random
import signal
from collections.abc import Callable

import pytest

from harness.address_watch import AddressWatch
from harness.capture import Capture
from harness.ping import Ping
from harness.node import Network
from harness.proc import Process
from harness.router import INTERFACE, Mode, Pair, Station
from harness.wait import wait_until

pytestmark = pytest.mark.holdfast_only("keepalived's VRRP process becomes a backup at each of them")

ROUNDS = int(os.environ.get("HOLDFAST_ROUNDS", "12"))
SETTLED = max(ROUNDS // 10, 3)
"""After how many rounds memory and descriptors are what they stay."""
MODE = Mode(3, 4, False)
WORKERS = ("holdfast-vrrpd", "holdfast-scriptd")
"""Which a reload replaces. privd stays, and who dies again within a minute is waited for longer."""


def resident(process: Process) -> int:
    """Kilobytes."""
    return int(Process(process.pid).status["VmRSS"].split()[0])


def daemons(station: Station) -> list[str]:
    """The programs of ours that run; scripts come and go."""
    programs = [process.program for process in station.running.processes()]
    return sorted(program for program in programs if program.startswith("holdfast"))


class Footprint:
    """What the processes that outlive reloads and deaths have."""

    def __init__(self, station: Station) -> None:
        supervisor = Process(station.running.pid)
        self.resident = resident(supervisor)
        self.descriptors = len(supervisor.descriptors())
        self.processes = len(daemons(station))


def other(station: Station, victim: Process) -> bool:
    """Whether there is another process in the place of the victim."""
    return any(process.pid != victim.pid and process.program == victim.program
               for process in station.running.processes())


def reload(station: Station) -> None:
    """One reload, to its end."""
    mark = station.running.log.mark()
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Reload complete", 10, mark)
    station.running.log.wait("Carrying on in MASTER STATE", 10, mark)


def kill(station: Station, name: str) -> None:
    """One death, until the replacement is at work."""
    wait_until(lambda: daemons(station).count(name) == 1, 10, f"one {name}")
    victim = station.running.process(name)
    mark = station.running.log.mark()
    victim.kill()
    wait_until(lambda: other(station, victim), 10, f"another {name}")
    if name == "holdfast-vrrpd":
        station.running.log.wait("Carrying on in MASTER STATE", 10, mark)


def test_reloads_and_deaths(make_pair: Callable[..., Pair], network: Network, capture: Capture) -> None:
    """The address never leaves, the backup never speaks as master, and the supervisor does not grow."""
    pair = make_pair(MODE, script_weight=-20)
    pair.start()
    client = network.add("client", INTERFACE, "10.77.0.9/24")
    chance = random.Random(ROUNDS)
    backup, wire = pair.second.running.log.mark(), capture.mark()
    settled = Footprint(pair.first)
    with AddressWatch(pair.first.node) as watch, Ping(client, MODE.floating) as ping:
        for done in range(ROUNDS):
            if done == SETTLED:
                wait_until(lambda: len(daemons(pair.first)) == 4, 10, "supervisor, privd, vrrpd and scriptd alone")
                settled = Footprint(pair.first)
            kill(pair.first, chance.choice(WORKERS))
            reload(pair.first)
            capture.wait_advert(pair.first.node, 2, capture.mark())
            assert not watch.deleted(MODE.floating), f"round {done}"
        kill(pair.first, "holdfast-privd")
        reload(pair.first)
        assert not watch.deleted(MODE.floating)
        assert ping.sent > ROUNDS and ping.lost() == 0
    wait_until(lambda: Footprint(pair.first).processes == settled.processes, 10, "as many processes as before")
    wait_until(lambda: Footprint(pair.first).descriptors <= settled.descriptors, 10, "as many descriptors")
    assert Footprint(pair.first).resident <= settled.resident * 1.1 + 256
    assert not pair.second.running.log.find("MASTER", backup)
    assert not [advert for _, advert in capture.adverts(pair.second.node, wire) if advert.priority]
