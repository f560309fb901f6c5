"""A sync group whose peer is a sync group of Debian's keepalived, in both roles."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.capture import Capture
from harness.group import INSIDE, INTERVAL, OUTSIDE, GroupPair, GroupRouter, GroupStation
from harness.node import Network
from harness.router import HEALTHY
from harness.wait import holds_for, wait_until

MASTER_DOWN = 3 * INTERVAL + 156 / 256
MakePair = Callable[..., GroupPair]


@pytest.fixture
def make_pair(programs: tuple[Path, Path], network: Network, capture: Capture) -> MakePair:
    """Makes the two routers, not yet started; keyword arguments change both configurations."""

    def make(**changes: object) -> GroupPair:
        first, second = (GroupStation(network, GroupRouter(number, priority).changed(**changes), program)
                         for number, priority, program in zip((1, 2), (150, 100), programs))
        return GroupPair(capture, first, second)
    return make


def assert_one_master(pair: GroupPair, master: GroupStation, backup: GroupStation) -> None:
    """One router has all addresses, the other one none, and it stays so."""
    wait_until(lambda: master.holds_all() and backup.holds_none(), 2, "one master of all")
    since = pair.capture.mark()
    holds_for(lambda: master.holds_all() and backup.holds_none(), 3 * INTERVAL, "one master of all")
    assert {advert.vrid for _, advert in pair.capture.adverts(master.node, since)} == {OUTSIDE.net}
    assert not pair.capture.adverts(backup.node, since)


def test_interface_of_one_member(make_pair: MakePair) -> None:
    """It goes down: both addresses move. It comes up: both come back."""
    pair = make_pair()
    pair.start()
    assert_one_master(pair, pair.first, pair.second)
    first, second = pair.first.running.log.mark(), pair.second.running.log.mark()
    pair.first.node.run(["ip", "link", "set", INSIDE.interface, "down"])
    pair.first.wait_all("FAULT", 2, first)
    pair.second.wait_all("MASTER", MASTER_DOWN + 3, second)
    assert_one_master(pair, pair.second, pair.first)
    first, second = pair.first.running.log.mark(), pair.second.running.log.mark()
    pair.first.node.run(["ip", "link", "set", INSIDE.interface, "up"])
    pair.first.wait_all("MASTER", MASTER_DOWN + 3, first)
    pair.second.wait_all("BACKUP", 2, second)
    assert_one_master(pair, pair.first, pair.second)


def test_weighted_script_of_the_group(make_pair: MakePair) -> None:
    """Its failure makes the whole group the lesser one."""
    pair = make_pair(script_weight=-100)
    pair.start()
    second = pair.second.running.log.mark()
    pair.first.node.path(HEALTHY).unlink()
    pair.second.wait_all("MASTER", MASTER_DOWN + 4, second)
    assert_one_master(pair, pair.second, pair.first)


def test_graceful_stop(make_pair: MakePair) -> None:
    """Both members say goodbye, and the peer takes over after its skew time."""
    pair = make_pair()
    pair.start()
    second = pair.second.running.log.mark()
    assert pair.first.running.stop() == 0
    pair.second.wait_all("MASTER", 2, second)
    assert pair.first.holds_none()
