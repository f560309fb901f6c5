"""What signals have written: keepalived.stats at SIGUSR2, and SIGRTMAX-1 begins again at zero."""

import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.capture import Capture
from harness.router import Mode, Pair, Station
from harness.wait import wait_until

pytestmark = pytest.mark.holdfast_only("keepalived writes to /tmp")

STATS = "/run/keepalived.stats"
CLEAR = signal.SIGRTMAX - 1
LAYOUT = """\
VRRP Instance: VI
  Advertisements:
    Received: N
    Sent: N
  Became master: N
  Released master: N
  Packet Errors:
    Length: N
    TTL: N
    Invalid Type: N
    Advertisement Interval: N
    Address List: N
  Authentication Errors:
    Invalid Type: N
    Type Mismatch: N
    Failure: N
  Priority Zero:
    Received: N
    Sent: N
"""


def written(station: Station, number: int = signal.SIGUSR2, path: str = STATS) -> str:
    """What the signal has written."""
    file = station.node.path(path)
    before = file.lstat().st_ino if file.is_symlink() or file.exists() else None
    station.running.signal(number)
    wait_until(lambda: file.exists() and file.lstat().st_ino != before, 5, f"{path} written")
    return file.read_text()


def written_again(station: Station) -> str:
    """The same, while VRRP starts: it is asked until it answers."""
    file = station.node.path(STATS)
    before = file.stat().st_ino

    def asked() -> bool:
        station.running.signal(signal.SIGUSR2)
        return file.stat().st_ino != before

    wait_until(asked, 10, "VRRP answers")
    return file.read_text()


def counter(text: str, name: str) -> int:
    """The first one of that name."""
    match = re.search(rf"{name}: (\d+)", text)
    assert match is not None
    return int(match[1])


def sent(text: str) -> int:
    """How many advertisements."""
    return counter(text, "Sent")


def masters(station: Station, capture: Capture) -> Station:
    """The station, started, with an advertisement on the wire."""
    station.start()
    station.wait_master(5)
    station.running.log.wait("Startup complete", 5)
    capture.wait_advert(station.node, 5)
    return station


def test_counters_are_written_and_go_on(make_station: Callable[..., Station], capture: Capture) -> None:
    """In keepalived's layout, for root alone, in the run directory and not in /tmp."""
    station = masters(make_station(), capture)
    first = written(station)
    assert re.sub(r": \d+", ": N", first) == LAYOUT
    assert sent(first) > 0 and "Became master: 1" in first
    assert station.node.path(STATS).stat().st_mode & 0o7777 == 0o600
    assert not list(station.node.path("/tmp").iterdir())
    station.running.log.wait(r"Printing VRRP stats for process\(\d+\) on signal", 5)
    capture.wait_advert(station.node, 5, capture.mark())
    assert sent(written(station)) > sent(first)


def test_counters_begin_again(make_station: Callable[..., Station], capture: Capture) -> None:
    """The signal that clears writes what there was."""
    station = masters(make_station(), capture)
    for _ in range(5):
        capture.wait_advert(station.node, 5, capture.mark())
    before = written(station, CLEAR)
    after = written(station)
    assert sent(before) >= 5 > sent(after)
    assert "Became master: 1" in before and "Became master: 0" in after


def test_counters_go_on_over_a_reload_and_a_crash(make_pair: Callable[..., Pair]) -> None:
    """Of a master and of its backup; nobody becomes master once more because of it."""
    pair = make_pair(Mode(3, 4, False))
    pair.start()
    for _ in range(5):
        pair.capture.wait_advert(pair.first.node, 5, pair.capture.mark())
    for station in (pair.first, pair.second):
        before = written(station)
        mark = station.running.log.mark()
        station.running.signal(signal.SIGHUP)
        station.running.log.wait("Reload complete", 10, mark)
        mark = station.running.log.mark()
        station.running.process("holdfast-vrrpd").kill()
        station.running.log.wait("Starting VRRP child process", 10, mark)
        after = written_again(station)
        for name in ("Received", "Sent", "Became master"):
            assert counter(after, name) >= counter(before, name), name
        assert counter(after, "Became master") == counter(before, "Became master")
        assert counter(after, "Sent" if station is pair.first else "Received") >= 5


def test_the_configuration_says_where(make_station: Callable[..., Station], capture: Capture) -> None:
    """stats_dump_file: /tmp where that is asked for."""
    station = masters(make_station(global_lines=("stats_dump_file /tmp/keepalived.stats",)), capture)
    assert sent(written(station, path="/tmp/keepalived.stats")) > 0
    assert not station.node.path(STATS).exists()


def test_a_link_is_not_followed(make_station: Callable[..., Station], capture: Capture) -> None:
    """It is replaced; what it leads to stays."""
    station = masters(make_station(), capture)
    station.node.write("/run/victim", "precious\n")
    station.node.run(["ln", "-s", "/run/victim", STATS])
    assert "VRRP Instance: VI" in written(station)
    assert station.node.path("/run/victim").read_text() == "precious\n"
    assert not station.node.path(STATS).is_symlink()


@pytest.mark.parametrize("hindrance", ["read-only", "a directory", "missing"])
def test_a_file_that_cannot_be_written_is_named(make_station: Callable[..., Station], capture: Capture,
                                                hindrance: str) -> None:
    """The daemon goes on, and leaves nothing half done."""
    station = masters(make_station(global_lines=("stats_dump_file /opt/state/file",)), capture)
    directory: Path = station.node.path("/opt/state")
    if hindrance != "missing":
        station.node.run("mkdir -p /opt/state/file" if hindrance == "a directory" else "mkdir /opt/state")
    if hindrance == "read-only":
        station.node.run("mount -t tmpfs -o ro tmpfs /opt/state")
    mark = station.running.log.mark()
    station.running.signal(signal.SIGUSR2)
    station.running.log.wait(r"state asked for by a signal: cannot .* /opt/state/file", 5, mark)
    assert not directory.exists() or {one.name for one in directory.iterdir()} <= {"file"}
    capture.wait_advert(station.node, 5, capture.mark())


def test_no_advertisement_waits_for_it(make_pair: Callable[..., Pair]) -> None:
    """Signals without a pause, with both counters and wire busy: the gaps stay those of the interval."""
    pair = make_pair(Mode(3, 4, False))
    pair.start()
    node, interval = pair.first.node, pair.first.router.mode.interval
    wire = pair.capture.mark()

    def has_seen_enough() -> bool:
        pair.first.running.signal(signal.SIGUSR2)
        return len(pair.capture.adverts(node, wire)) > 20

    wait_until(has_seen_enough, 20 * interval + 10, "20 advertisements")
    times = [at for at, _ in pair.capture.adverts(node, wire)]
    gaps = sorted(later - earlier for earlier, later in zip(times, times[1:]))
    assert gaps[-1] < 1.1 * interval
