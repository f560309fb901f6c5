"""Virtual MAC addresses together with Debian's keepalived, in both roles."""

from pathlib import Path

import pytest

from harness.capture import Capture
from harness.node import Network
from harness.router import MODES, VRID, Mode, Pair, Router, Station
from harness.wait import holds_for

HIGH, LOW = 150, 100
MULTICAST = [mode for mode in MODES if not mode.unicast]


@pytest.fixture(params=MULTICAST, ids=str)
def pair(request: pytest.FixtureRequest, programs: tuple[Path, Path], network: Network, capture: Capture) -> Pair:
    """Two routers with the same virtual MAC, not yet started."""
    mode: Mode = request.param
    first, second = (Station(network, Router(mode, number, priority, lines=["use_vmac"]), program)
                     for number, priority, program in zip((1, 2), (HIGH, LOW), programs))
    return Pair(network, capture, first, second)


def test_one_master(pair: Pair) -> None:
    """They hear each other although both speak with one address, which moves with the master."""
    pair.start()
    mode = pair.first.router.mode
    mac = bytes((0, 0, 0x5E, 0, 1 if mode.family == 4 else 2, VRID))
    assert pair.capture.wait_advert(pair.first.node, 2).source_mac == mac
    holds_for(lambda: pair.first.holds() and not pair.second.holds(), 3 * mode.interval, "one master")
    mark = pair.capture.mark()
    pair.first.running.stop()
    pair.second.wait_master(mode.master_down(LOW) + 2)
    announcement = pair.capture.wait_announcement(pair.second.node, mode.floating, 2, mark)
    assert announcement.source_mac == mac
