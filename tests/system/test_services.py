"""startup_script and shutdown_script: when they run, as whom, for how long, and what follows."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.router import Mode, Station
from harness.wait import wait_until

MakeStation = Callable[..., Station]
QUICK = Mode(3, 4, False)
OUT = "/run/out"


@pytest.fixture
def make_serviced(make_station: MakeStation) -> Callable[..., tuple[Station, Path]]:
    """Makes a router with that text as start-up or shutdown script, run as nobody; and where it may write."""
    def make(keyword: str, script: str, *lines: str) -> tuple[Station, Path]:
        station = make_station(QUICK, priority=255, global_lines=(f'{keyword} "/opt/service.sh word" nobody', *lines))
        station.node.run(["install", "-d", "-o", "nobody", OUT])
        station.node.write("/opt/service.sh", f"#!/bin/bash\n{script}\n", 0o755)
        return station, station.node.path(OUT)
    return make


def test_startup_script_runs_before_everything(make_serviced: Callable[..., tuple[Station, Path]]) -> None:
    """As its user, with its words; the others start when it has ended."""
    station, out = make_serviced("startup_script", f'sleep 1; echo "$(id -un) $*" > {OUT}/ran; ip -br addr > {OUT}/addresses')
    station.start()
    station.running.log.wait("startup script script succeeded", 6)
    station.wait_master(6)
    assert (out / "ran").read_text() == "nobody word\n"
    assert station.router.mode.floating not in (out / "addresses").read_text()
    texts = [line.text for line in station.running.log.find("startup script script succeeded|Starting VRRP child")]
    assert "succeeded" in texts[0] and "Starting VRRP" in texts[1]


def test_startup_script_that_fails_changes_nothing(make_serviced: Callable[..., tuple[Station, Path]]) -> None:
    """keepalived goes on whatever its script says."""
    station, _ = make_serviced("startup_script", "exit 3")
    station.start()
    station.running.log.wait("startup script script failed, status 3", 5)
    station.wait_master(6)


def test_startup_script_that_hangs_is_ended(make_serviced: Callable[..., tuple[Station, Path]]) -> None:
    """At its limit, also where it ignores TERM: it delays the start and does not stop it."""
    station, out = make_serviced("startup_script", f"trap '' TERM; echo $$ > {OUT}/pid; while :; do sleep 1; done",
                                 "startup_script_timeout 1")
    begun = time.monotonic()
    station.start()
    station.running.log.wait("startup script timed out", 7)
    station.wait_master(8)
    assert time.monotonic() - begun > 2
    pid = (out / "pid").read_text().strip()
    wait_until(lambda: not station.node.path(f"/proc/{pid}").exists(), 3, "the script is gone")


@pytest.mark.holdfast_only("keepalived does not hear the signal before its script has ended")
def test_stop_does_not_wait_for_the_startup_script(make_serviced: Callable[..., tuple[Station, Path]]) -> None:
    """TERM while it runs ends it too."""
    station, out = make_serviced("startup_script", f"echo $$ > {OUT}/pid; sleep 100", "startup_script_timeout 60")
    station.start()
    wait_until(lambda: (out / "pid").exists(), 5, "it runs")
    assert station.running.stop(5) == 0
    assert not station.node.path(f"/proc/{(out / 'pid').read_text().strip()}").exists()


def test_shutdown_script_runs_after_the_addresses_are_gone(
        make_serviced: Callable[..., tuple[Station, Path]]) -> None:
    """As its user, and the daemon ends after it."""
    station, out = make_serviced("shutdown_script", f'ip -br addr > {OUT}/addresses; echo "$(id -un) $*" > {OUT}/ran')
    station.start()
    station.wait_master(6)
    assert not (out / "ran").exists()
    assert station.running.stop() == 0
    assert (out / "ran").read_text() == "nobody word\n"
    assert station.router.mode.floating not in (out / "addresses").read_text()


def test_shutdown_script_that_hangs_is_ended(make_serviced: Callable[..., tuple[Station, Path]]) -> None:
    """The end of the daemon waits for its limit, and no longer."""
    station, _ = make_serviced("shutdown_script", "sleep 100", "shutdown_script_timeout 1")
    station.start()
    station.wait_master(6)
    assert station.running.stop(8) == 0
    station.running.log.wait("shutdown script timed out", 1)
