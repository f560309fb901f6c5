"""Files and processes that count for a router: track_file, vrrp_track_process."""

import os
import signal
import subprocess
from collections.abc import Callable

import pytest

from harness import proc
from harness.daemon import Daemon
from harness.router import INSTANCE, Pair, Station
from harness.wait import holds_for, wait_until

MakeStation = Callable[..., Station]
MakePair = Callable[..., Pair]

FILE = "/run/tracked/number"
PROGRAM = "/opt/hf-tracked"
"""A copy of sleep."""


class Tracking:
    """A station that tracks something, by what stands in its configuration before the instance."""

    def __init__(self, station: Station, blocks: str) -> None:
        self.station = station
        self.text = blocks + station.router.text()

    def start(self) -> Daemon:
        """Starts the daemon with that."""
        self.station.daemon = Daemon(self.station.node, self.station.program, self.text)
        return self.station.daemon


def file_block(weight: int | str = 1, init: str = "", path: str = FILE) -> str:
    """A track_file called tf."""
    return f'track_file tf {{\nfile "{path}"\nweight {weight}\n{init}\n}}\n'


def process_block(settings: str = "weight 0", command: str = "hf-tracked") -> str:
    """A vrrp_track_process called tp."""
    return f"vrrp_track_process tp {{\nprocess {command}\n{settings}\n}}\n"


TRACK_FILE = ("track_file {", "tf", "}")
TRACK_PROCESS = ("track_process {", "tp", "}")


def write(station: Station, text: str, path: str = FILE) -> None:
    """What a script of the administrator's does."""
    station.node.write(path, text)


def priority(station: Station, number: int, since: int) -> None:
    """Waits until the router says that its priority is this."""
    station.running.log.wait(rf"\({INSTANCE}\) Changing effective priority from \d+ to {number}$", 5, since)


def test_a_file_moves_the_master(make_pair: MakePair) -> None:
    """A number that goes down on the master lets the backup take over, and one that goes up again lets it come back."""
    pair = make_pair(lines=TRACK_FILE)
    for station in (pair.first, pair.second):
        write(station, "0\n")
    Tracking(pair.first, file_block()).start()
    pair.first.wait_master(10)
    Tracking(pair.second, file_block()).start().log.wait("Entering BACKUP STATE", 5)
    mark = pair.second.running.log.mark()
    write(pair.first, "-100\n")
    pair.second.wait_master(10, mark)
    pair.first.wait_backup(5)
    mark = pair.first.running.log.mark()
    write(pair.first, "0\n")
    pair.first.wait_master(10, mark)


def test_a_file_counts_however_it_changes(make_station: MakeStation) -> None:
    """Written, replaced by rename, removed, made again; in a directory that is made late."""
    station = make_station(priority=100, lines=TRACK_FILE)
    tracking = Tracking(station, file_block())
    station.node.path("/run/tracked").mkdir()
    log = tracking.start().log
    log.wait("Startup complete", 5)
    for number, change in ((7, lambda: station.node.path(FILE).write_text("7\n")),
                           (12, lambda: (write(station, "12\n", "/run/tracked/new"),
                                         station.node.path("/run/tracked/new").rename(station.node.path(FILE)))),
                           (0, lambda: station.node.path(FILE).unlink()),
                           (33, lambda: write(station, "0x21")),
                           (0, lambda: write(station, "nothing that is a number"))):
        mark = log.mark()
        change()
        priority(station, 100 + number, mark)
    mark = log.mark()
    write(station, "99999999999999999999\n")
    log.wait("Invalid number .*read from", 5, mark)
    write(station, "5")
    priority(station, 105, mark)


@pytest.mark.holdfast_only("keepalived gives a file up whose directory is not there")
def test_a_directory_may_come_late_and_again(make_station: MakeStation) -> None:
    station = make_station(priority=100, lines=TRACK_FILE)
    log = Tracking(station, file_block()).start().log
    log.wait("Startup complete", 5)
    for number in (4, 5):
        mark = log.mark()
        write(station, str(number))
        priority(station, 100 + number, mark)
        mark = log.mark()
        station.node.run(["rm", "-r", "/run/tracked"])
        priority(station, 100, mark)


def test_without_a_weight_a_number_is_a_fault(make_station: MakeStation) -> None:
    station = make_station(priority=100, lines=TRACK_FILE)
    write(station, "1")
    log = Tracking(station, file_block(0)).start().log
    log.wait(rf"\({INSTANCE}\) [Ee]ntering FAULT", 5)
    mark = log.mark()
    write(station, "0")
    log.wait(rf"\({INSTANCE}\): tracked file tf leaving FAULT state", 5, mark)
    station.wait_master(5, mark)
    mark = log.mark()
    write(station, "1")
    log.wait(rf"\({INSTANCE}\): tracked file tf now FAULT state", 5, mark)
    log.wait(rf"\({INSTANCE}\) Entering FAULT STATE", 5, mark)
    station.node.wait_lacks(station.router.mode.floating, 2)


def test_init_file(make_station: MakeStation) -> None:
    """Made where it is not there, left or overwritten where it is, and not written again at a reload."""
    station = make_station(priority=100, lines=("track_file {", "tf", "tg", "th", "}"))
    blocks = "".join(f'track_file t{name} {{\nfile "/run/tracked/{name}"\nweight 1\ninit_file {init}\n}}\n'
                     for name, init in (("f", "7"), ("g", "5"), ("h", "3 overwrite")))
    for name in ("g", "h"):
        write(station, "20\n", f"/run/tracked/{name}")
    log = Tracking(station, blocks).start().log
    log.wait(rf"\({INSTANCE}\) Changing effective priority from \d+ to 130", 5)
    assert [station.node.path(f"/run/tracked/{name}").read_text().strip() for name in "fgh"] == ["7", "20", "3"]
    mark = log.mark()
    write(station, "9\n", "/run/tracked/h")
    priority(station, 136, mark)
    mark = log.mark()
    station.running.signal(signal.SIGHUP)
    log.wait("Reload complete", 15, mark)
    assert station.node.path("/run/tracked/h").read_text() == "9\n"


@pytest.mark.holdfast_only("keepalived puts a file in the place of a dangling link")
def test_init_file_follows_no_link(make_station: MakeStation) -> None:
    station = make_station(priority=100, lines=TRACK_FILE)
    write(station, "", "/run/tracked/other")
    station.node.run(["ln", "-s", "/run/owned", FILE])
    log = Tracking(station, file_block(1, "init_file 7 overwrite")).start().log
    log.wait("init_file of .*number: ", 5)
    assert not station.node.path("/run/owned").exists()


@pytest.mark.holdfast_only("keepalived has no watchd")
def test_a_crash_of_watchd_changes_nothing(make_station: MakeStation) -> None:
    """The number stands while it is gone; what has changed meanwhile is seen when it is back."""
    station = make_station(priority=100, lines=TRACK_FILE)
    write(station, "50\n")
    log = Tracking(station, file_block(1, "init_file 3 overwrite")).start().log
    station.wait_master(5)
    write(station, "50\n")
    priority(station, 150, 0)
    mark = log.mark()
    watchd = station.running.process("holdfast-watchd")
    watchd.kill()
    log.wait("watchd child process.*died: Respawning", 5, mark)
    wait_until(lambda: station.running.process("holdfast-watchd").pid != watchd.pid, 5, "a new watchd")
    holds_for(station.holds, 1, "the address stays")
    assert not log.find("effective priority|BACKUP|FAULT", mark)
    write(station, "60\n")
    priority(station, 160, mark)


class Sleeper:
    """A process of the node that counts."""

    def __init__(self, station: Station, *parameters: str) -> None:
        self._entering = station.node.spawn([PROGRAM, *parameters], stdin=subprocess.DEVNULL)
        wait_until(lambda: proc.children(self._entering.pid), 5, "a process that counts")

    def end(self) -> None:
        """Kills it, and waits until it has gone."""
        for pid in proc.children(self._entering.pid):
            os.kill(pid, signal.SIGKILL)
        self._entering.wait()


def with_program(station: Station) -> Station:
    """Has the program whose processes count."""
    station.node.run(["install", "-D", "-m", "755", "/bin/sleep", PROGRAM])
    return station


@pytest.mark.holdfast_only("the kernel has no process connector for keepalived in this network namespace")
def test_a_process_that_ends_is_a_fault_and_its_restart_the_end_of_it(make_station: MakeStation) -> None:
    """Here by a look at /proc: births are seen within a second, ends at once."""
    station = with_program(make_station(priority=100, lines=TRACK_PROCESS))
    log = Tracking(station, process_block()).start().log
    log.wait(r"\(VI\) entering FAULT state \(tracked process tp quorum not achieved\)", 5)
    log.wait("Processes are tracked by a look at /proc every second, since .*refused", 5)
    for _ in range(2):
        mark = log.mark()
        process = Sleeper(station, "1000")
        log.wait("Quorum gained for tracked process tp", 5, mark)
        station.wait_master(5, mark)
        mark = log.mark()
        process.end()
        log.wait("Quorum lost for tracked process tp", 0.9, mark)
        station.node.wait_lacks(station.router.mode.floating, 2)


@pytest.mark.holdfast_only("the kernel has no process connector for keepalived in this network namespace")
def test_quorum_and_its_maximum(make_station: MakeStation) -> None:
    station = with_program(make_station(priority=100, lines=TRACK_PROCESS))
    log = Tracking(station, process_block("weight 20\nquorum 2\nquorum_max 2")).start().log
    log.wait("Startup complete", 5)
    processes = []
    for text in (None, "gained", "lost"):
        mark = log.mark()
        processes.append(Sleeper(station, "1000"))
        if text is not None:
            log.wait(f"Quorum {text} for tracked process tp", 5, mark)
            priority(station, 120 if text == "gained" else 100, mark)
    mark = log.mark()
    processes.pop().end()
    log.wait("Quorum gained for tracked process tp", 5, mark)
    for process in processes:
        process.end()


@pytest.mark.holdfast_only("the kernel has no process connector for keepalived in this network namespace")
def test_a_restart_in_time_is_none(make_station: MakeStation) -> None:
    station = with_program(make_station(priority=100, lines=TRACK_PROCESS))
    first = Sleeper(station, "1000")
    log = Tracking(station, process_block("weight 0\nterminate_delay 5")).start().log
    station.wait_master(10)
    mark = log.mark()
    first.end()
    second = Sleeper(station, "1000")
    holds_for(station.holds, 6, "the address stays")
    assert not log.find("Quorum", mark)
    second.end()


@pytest.mark.holdfast_only("keepalived has no posture")
def test_posture_shows_watchd(make_station: MakeStation) -> None:
    """As the starting user, without a capability, under its own filter; and nothing is found that was not promised."""
    station = make_station(priority=100, lines=TRACK_PROCESS)
    Tracking(station, process_block()).start().log.wait("Startup complete", 5)
    watchd = station.running.process("holdfast-watchd")
    assert set(watchd.numbers("Uid")) == {0}
    assert {watchd.capabilities(name) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {0}
    assert watchd.status["NoNewPrivs"] == "1" and watchd.status["Seccomp"] == "2"
    report = station.node.run([str(station.program), "posture"])
    assert "watchd" in report.stdout and "Every process is as promised." in report.stdout
