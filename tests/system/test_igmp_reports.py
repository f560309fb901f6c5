"""disable_local_igmp: a setting of the kernel, which is not left behind."""

from collections.abc import Callable

import pytest

from harness.router import Mode, Station

SETTING = "/proc/sys/net/ipv4/igmp_link_local_mcast_reports"


def reports(station: Station) -> str:
    """What the kernel of the node does."""
    return station.node.run(["cat", SETTING]).stdout.strip()


@pytest.mark.holdfast_only("keepalived leaves it off")
def test_they_are_off_while_it_runs(make_station: Callable[..., Station]) -> None:
    station = make_station(Mode(2, 4, False))
    assert reports(station) == "1"
    station.start_with("global_defs {\ndisable_local_igmp\n}\n" + station.router.text())
    station.running.log.wait("Startup complete", 10)
    assert reports(station) == "0"
    assert station.running.stop() == 0
    assert reports(station) == "1"
