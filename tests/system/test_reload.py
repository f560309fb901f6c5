"""A reload is no failover: SIGHUP to a master costs neither the address nor the mastership."""

import signal
from collections.abc import Callable

import pytest

from harness.address_watch import AddressWatch
from harness.router import Mode, Pair

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
