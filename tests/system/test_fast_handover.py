"""Our own `fast_handover`: a master whose script fails is followed by its peer in about a second."""

from collections.abc import Callable

import pytest

from harness.router import Mode, Pair

pytestmark = pytest.mark.holdfast_only("a keyword of Holdfast's own")

MODE = Mode(2, 4, False)


def handover(pair: Pair) -> float:
    """Seconds from the advertisement with the lower priority to the new master's first one."""
    pair.start()
    second, wire = pair.second.running.log.mark(), pair.capture.mark()
    pair.first.sicken()
    fallen = pair.capture.wait_advert(pair.first.node, 4, wire, priority=50)
    pair.second.wait_master(MODE.master_down(100) + 2, second)
    return pair.capture.wait_advert(pair.second.node, 1, wire).time - fallen.time


def test_backup_takes_over_after_its_skew_time(make_pair: Callable[..., Pair]) -> None:
    """As from a master that says goodbye."""
    pair = make_pair(MODE, script_weight=-100, lines=["fast_handover"])
    assert MODE.skew(100) - 0.1 < handover(pair) < MODE.skew(100) + 0.5
    pair.first.wait_backup(2)


def test_backup_waits_for_its_master_down_time_without_it(make_pair: Callable[..., Pair]) -> None:
    """As RFC 5798, 6.4.2 has it, from the last advertisement of the higher priority on."""
    assert handover(make_pair(MODE, script_weight=-100)) > 2
