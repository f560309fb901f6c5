"""The counters that Holdfast and keepalived write of the same events."""

import re
import signal
from pathlib import Path

import pytest

from harness.capture import Capture
from harness.node import Network
from harness.router import Mode, Pair, Router, Station
from harness.wait import wait_until

MODE = Mode(3, 4, False)
PLACES = {"holdfast": "/run/keepalived.stats", "keepalived": "/tmp/keepalived.stats"}


def counters(station: Station) -> list[tuple[str, str]]:
    """The lines of the file, each with its number, or with nothing."""
    file = station.node.path(PLACES[station.running.program.name])
    file.unlink(missing_ok=True)
    station.running.signal(signal.SIGUSR2)
    text = wait_until(lambda: file.exists() and file.read_text(), 5, f"{file.name} written")
    return [(label, number) for label, number in re.findall(r"^( *[^:]+):? ?(\S*)$", text, re.M)]


@pytest.mark.parametrize("ours_is", ["master", "backup"])
def test_the_same_lines_count_the_same(ours_is: str, network: Network, capture: Capture,
                                       program: Path, keepalived: Path) -> None:
    """A master that leaves and one that takes over, as each of the two counts it."""
    programs = (program, keepalived) if ours_is == "master" else (keepalived, program)
    stations = [Station(network, Router(MODE, number, priority), one)
                for number, priority, one in zip((1, 2), (150, 100), programs)]
    pair = Pair(network, capture, stations[0], stations[1])
    pair.start()
    master, backup = counters(pair.first), counters(pair.second)
    assert [label for label, _ in master] == [label for label, _ in backup]
    assert dict(master)["  Became master"] == "1" and dict(backup)["  Became master"] == "0"
    mark = pair.second.running.log.mark()
    assert pair.first.running.stop() == 0
    pair.second.wait_master(5, mark)
    assert counters(pair.second)[-2][1] == "1", "a priority of zero was received"
