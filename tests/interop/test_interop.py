"""Debian's keepalived as the other router, in both roles: both sides' logs and addresses and the wire agree."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.capture import Capture
from harness.daemon import KEEPALIVED
from harness.node import Network
from harness.router import MODES, Mode, Pair, Router, Station
from harness.wait import holds_for

HIGH, LOW = 150, 100
SLACK = 0.8
"""Seconds that a busy machine may add to a protocol timer."""

MakePair = Callable[..., Pair]


@pytest.fixture(params=MODES, ids=str)
def make_pair(request: pytest.FixtureRequest, programs: tuple[Path, Path], network: Network,
              capture: Capture) -> MakePair:
    """Makes the two routers, not yet started; keyword arguments change both configurations."""
    mode: Mode = request.param

    def make(**changes: object) -> Pair:
        first, second = (Station(network, Router(mode, number, priority).changed(**changes), program)
                         for number, priority, program in zip((1, 2), (HIGH, LOW), programs))
        return Pair(network, capture, first, second)

    return make


def assert_announced(pair: Pair, station: Station, since: int) -> None:
    """The station told the network that the address is its own, with its own Ethernet address."""
    frame = pair.capture.wait_announcement(station.node, station.router.mode.floating, 2, since)
    assert frame.source_mac == station.node.mac("ens160")
    assert frame.payload.mac == frame.source_mac and frame.payload.override  # type: ignore[union-attr]


def test_start(make_pair: MakePair) -> None:
    """The higher priority is master, says so as both standards ask, and the other one listens."""
    pair = make_pair()
    pair.start()
    mode = pair.first.router.mode
    assert_announced(pair, pair.first, 0)
    mark = pair.capture.mark()
    holds_for(lambda: pair.first.holds() and not pair.second.holds(), 3 * mode.interval, "one master")
    adverts = pair.capture.adverts(pair.first.node, mark)
    assert len(adverts) >= 2
    for _, advert in adverts:
        assert advert.valid and advert.version == mode.version and advert.priority == HIGH
        assert advert.interval == pytest.approx(mode.interval)
        # keepalived 2.2.7 leaves the kernel's default hop limit on IPv6 unicast.
        if not (pair.first.program == KEEPALIVED and mode.family == 6 and mode.unicast):
            assert advert.hops == 255
        assert [str(address) for address in advert.addresses] == [mode.floating]
        group = "224.0.0.18" if mode.family == 4 else "ff02::12"
        assert str(advert.destination) == (mode.own(2) if mode.unicast else group)
    gaps = [later - sooner for (sooner, _), (later, _) in zip(adverts, adverts[1:])]
    assert all(abs(gap - mode.interval) < 0.25 for gap in gaps), gaps
    assert pair.capture.adverts(pair.second.node) == []


def test_priority_change_by_a_script(make_pair: MakePair) -> None:
    """A failing script moves the address away, and a healthy one brings it back."""
    pair = make_pair(script_weight=-100)
    pair.start()
    mode = pair.first.router.mode
    first, second, wire = pair.first.running.log.mark(), pair.second.running.log.mark(), pair.capture.mark()
    pair.first.sicken()
    pair.first.running.log.wait("Changing effective priority from 150 to 50", 4, first)
    pair.second.wait_master(mode.master_down(LOW) + 3, second)
    pair.first.wait_backup(2, first)
    pair.capture.wait_advert(pair.first.node, 1, wire, HIGH - 100)
    assert_announced(pair, pair.second, wire)

    first, second, wire = pair.first.running.log.mark(), pair.second.running.log.mark(), pair.capture.mark()
    pair.first.heal()
    pair.first.running.log.wait("Changing effective priority from 50 to 150", 4, first)
    pair.first.wait_master(mode.master_down(HIGH) + 3, first)
    pair.second.wait_backup(2, second)
    assert_announced(pair, pair.first, wire)


def test_crash(make_pair: MakePair) -> None:
    """All processes of the master are killed: the backup waits for as long as the standard says."""
    pair = make_pair()
    pair.start()
    mode = pair.first.router.mode
    second, wire = pair.second.running.log.mark(), pair.capture.mark()
    pair.capture.wait_advert(pair.first.node, 3 * mode.interval, wire)
    pair.first.running.crash()
    pair.second.wait_master(mode.master_down(LOW) + 2, second)
    last = pair.capture.adverts(pair.first.node, wire)[-1][0]
    took = pair.capture.wait_advert(pair.second.node, 1, wire).time - last
    assert mode.master_down(LOW) - 0.1 < took < mode.master_down(LOW) + SLACK
    assert_announced(pair, pair.second, wire)


def test_graceful_stop(make_pair: MakePair) -> None:
    """The master says priority 0 as it stops, and the backup takes over after its skew time alone."""
    pair = make_pair()
    pair.start()
    mode = pair.first.router.mode
    second, wire = pair.second.running.log.mark(), pair.capture.mark()
    assert pair.first.running.stop() == 0
    goodbye = pair.capture.wait_advert(pair.first.node, 1, wire, priority=0)
    pair.second.wait_master(mode.skew(LOW) + 2, second)
    took = pair.capture.wait_advert(pair.second.node, 1, wire).time - goodbye.time
    assert mode.skew(LOW) - 0.1 < took < mode.skew(LOW) + SLACK
    assert not pair.first.holds()
    assert_announced(pair, pair.second, wire)


def test_preemption(make_pair: MakePair) -> None:
    """A router of higher priority that comes later takes over from the lower one."""
    pair = make_pair()
    mode = pair.first.router.mode
    pair.second.start()
    pair.second.wait_master(mode.master_down(LOW) + 5)
    second, wire = pair.second.running.log.mark(), pair.capture.mark()
    pair.first.start()
    pair.first.wait_master(mode.master_down(HIGH) + 5)
    pair.second.wait_backup(2, second)
    pair.capture.wait_advert(pair.first.node, 1, wire, HIGH)
    assert_announced(pair, pair.first, wire)
    assert pair.first.holds() and not pair.second.holds()


def test_no_preemption(make_pair: MakePair) -> None:
    """With nopreempt, the router of higher priority that comes later leaves the lower one alone."""
    pair = make_pair(lines=("nopreempt",))
    mode = pair.first.router.mode
    pair.second.start()
    pair.second.wait_master(mode.master_down(LOW) + 5)
    pair.first.start().log.wait("Startup complete", 5)
    holds_for(lambda: pair.second.holds() and not pair.first.holds(), mode.master_down(HIGH) + 1, "no preemption")
    assert pair.capture.adverts(pair.first.node) == []
