"""Notify FIFOs: what is written to them, by whom they are made and read, and what they survive."""

import os
import re
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.router import INSTANCE, Mode, Station
from harness.wait import holds_for, wait_until

MakeStation = Callable[..., Station]
QUICK = Mode(3, 4, False)
FIFO = "/run/fifo"
OUT = "/run/out"


class Reader:
    """Reads a FIFO of the node from outside of it, line by line."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._text = ""

    def lines(self) -> list[str]:
        """All that has been read by now."""
        while True:
            try:
                data = os.read(self._fd, 1 << 16)
            except BlockingIOError:
                break
            if not data:
                break
            self._text += data.decode()
        return self._text.splitlines()

    def wait(self, expected: list[str], timeout: float = 6) -> None:
        """Waits until these are all the lines."""
        wait_until(lambda: self.lines() == expected, timeout, f"{expected}, not {self.lines()}")

    def close(self) -> None:
        """Nobody reads any more."""
        os.close(self._fd)


@contextmanager
def reading(station: Station, path: str = FIFO) -> Iterator[Reader]:
    """A reader of that FIFO, which need not be there yet."""
    wait_until(lambda: station.node.path(path).exists(), 5, f"{path} made")
    reader = Reader(station.node.path(path))
    try:
        yield reader
    finally:
        reader.close()


def line(state: str, priority: int = 200) -> str:
    """What the FIFO says of the instance."""
    return f'INSTANCE "{INSTANCE}" {state} {priority}'


def fill(station: Station) -> None:
    """Leaves no room for another line."""
    writer = os.open(station.node.path(FIFO), os.O_WRONLY | os.O_NONBLOCK)
    for size in (4096, 1):
        try:
            while True:
                os.write(writer, b"x" * (size - 1) + b"\n")
        except BlockingIOError:
            pass
    os.close(writer)


def ready_made(station: Station) -> None:
    """A FIFO that is there before the daemon, as keepalived keeps it over a reload."""
    os.mkfifo(station.node.path(FIFO), 0o600)


def test_every_transition_is_written(make_station: MakeStation) -> None:
    """To both FIFOs, which are made for their owner and removed at the end."""
    station = make_station(QUICK, priority=200, global_lines=(f"notify_fifo {FIFO} root", f"vrrp_notify_fifo {FIFO}2 nobody"))
    station.start()
    with reading(station) as every, reading(station, f"{FIFO}2") as vrrp:
        made = station.node.path(f"{FIFO}2").stat()
        assert stat.S_IMODE(made.st_mode) == 0o600 and made.st_uid == 65534
        station.wait_master(5)
        for reader in (every, vrrp):
            reader.wait([line("BACKUP"), line("MASTER")])
        assert station.running.stop() == 0
        for reader in (every, vrrp):
            reader.wait([line("BACKUP"), line("MASTER"), line("STOP")])
    assert not station.node.path(FIFO).exists() and not station.node.path(f"{FIFO}2").exists()


@pytest.mark.parametrize("tell", [True, False])
def test_changes_of_priority(make_station: MakeStation, tell: bool) -> None:
    """They are written where that is asked for."""
    told = ("vrrp_notify_priority_changes",) if tell else ()
    station = make_station(QUICK, priority=100, script_weight=50, global_lines=(f"notify_fifo {FIFO} root", *told))
    station.sicken()
    ready_made(station)
    with reading(station) as reader:
        station.start()
        station.wait_master(8)
        station.heal()
        station.running.log.wait("Changing effective priority from 100 to 150", 5)
        station.sicken()
        station.running.log.wait("Changing effective priority from 150 to 100", 5)
        changes = [line("MASTER_PRIORITY", 150), line("MASTER_PRIORITY", 100)] if tell else []
        reader.wait([line("BACKUP", 100), line("MASTER", 100), *changes])


def test_reload_that_changes_nothing_writes_nothing(make_station: MakeStation) -> None:
    """The FIFO is the same, and its reader sees what follows."""
    station = make_station(QUICK, priority=200, global_lines=(f"vrrp_notify_fifo {FIFO} root",))
    ready_made(station)
    with reading(station) as reader:
        station.start()
        station.wait_master(5)
        before = [line("BACKUP"), line("MASTER")]
        reader.wait(before)
        mark = station.running.log.mark()
        station.running.signal(signal.SIGHUP)
        station.running.log.wait("Reload complete", 5, mark)
        holds_for(lambda: reader.lines() == before, 1, "nothing written")
        assert station.running.stop() == 0
        reader.wait([*before, line("STOP")])
    assert station.node.path(FIFO).exists()


@pytest.mark.holdfast_only("keepalived 2.2.7 writes the groups alone, and removes the FIFO that it made")
def test_reload_writes_the_states_where_asked(make_station: MakeStation) -> None:
    """fifo_write_vrrp_states_on_reload: each state once; a crash of vrrpd is no reload."""
    lines = (f"vrrp_notify_fifo {FIFO} root", "fifo_write_vrrp_states_on_reload")
    station = make_station(QUICK, priority=200, global_lines=lines)
    station.start()
    with reading(station) as reader:
        station.wait_master(5)
        mark = station.running.log.mark()
        station.running.signal(signal.SIGHUP)
        station.running.log.wait("Carrying on in MASTER STATE", 5, mark)
        expected = [line("BACKUP"), line("MASTER"), line("MASTER")]
        reader.wait(expected)
        station.running.log.wait("Reload complete", 5, mark)
        mark = station.running.log.mark()
        station.running.process("holdfast-vrrpd").kill()
        station.running.log.wait("Carrying on in MASTER STATE", 5, mark)
        holds_for(lambda: reader.lines() == expected, 1, "nothing written")


@pytest.mark.holdfast_only("keepalived drops what does not fit, and does not say so")
def test_reader_that_does_not_read(make_station: MakeStation) -> None:
    """What does not fit is lost, which is said; the state follows as soon as there is room."""
    station = make_station(QUICK, priority=200, script_weight=0, global_lines=(f"notify_fifo {FIFO} root",))
    station.start()
    with reading(station) as reader:
        station.wait_master(8)
        wait_until(lambda: line("MASTER") in reader.lines(), 5, "MASTER written")
        fill(station)
        station.sicken()
        station.running.log.wait("notify_fifo: the FIFO is full", 5)
        station.heal()
        mark = station.running.log.mark()
        station.wait_master(8, mark)
        station.sicken()
        station.running.log.wait("Entering FAULT STATE", 5, mark)
        assert len(station.running.log.find("the FIFO is full")) == 1
        wait_until(lambda: reader.lines()[-1] == line("FAULT"), 5, "the state that it has now")
        mark = station.running.log.mark()
        station.heal()
        station.wait_master(8, mark)
        wait_until(lambda: reader.lines()[-2:] == [line("BACKUP"), line("MASTER")], 5, "what follows is written")


@pytest.mark.holdfast_only("keepalived drops what does not fit, and does not say so")
def test_vrrpd_that_dies_while_nobody_reads(make_station: MakeStation) -> None:
    """What it owed its successor writes, and once."""
    station = make_station(QUICK, priority=200, script_weight=0, global_lines=(f"notify_fifo {FIFO} root",))
    station.start()
    with reading(station) as reader:
        station.wait_master(8)
        wait_until(lambda: line("MASTER") in reader.lines(), 5, "MASTER written")
        fill(station)
        station.sicken()
        station.running.log.wait("notify_fifo: the FIFO is full", 5)
        mark = station.running.log.mark()
        victim = station.running.process("holdfast-vrrpd")
        victim.kill(signal.SIGSTOP)
        reader.lines()
        victim.kill()
        station.running.log.wait("Starting VRRP", 5, mark)
        wait_until(lambda: reader.lines()[-1] == line("FAULT"), 5, "the state that it has now")
        before = len(reader.lines())
        mark = station.running.log.mark()
        station.running.process("holdfast-vrrpd").kill()
        station.running.log.wait("[Ee]ntering FAULT", 5, mark)
        holds_for(lambda: len(reader.lines()) == before, 1, "nothing written")


@pytest.mark.holdfast_only("keepalived is one process for all of it")
def test_who_holds_it(make_station: MakeStation) -> None:
    """vrrpd, which reads packets, can write to it and nothing else; no other worker has it at all."""
    station = make_station(QUICK, priority=255, script_weight=1, global_lines=(f"notify_fifo {FIFO} nobody",))
    station.start()
    station.running.log.wait("Startup complete", 5)
    ways = {}
    for program in ("holdfast-vrrpd", "holdfast-privd", "holdfast-scriptd"):
        process = station.running.process(program)
        held = [fd for fd, target in process.descriptors().items() if target == FIFO]
        flags = [re.search(r"flags:\t(\d+)", Path(f"/proc/{process.pid}/fdinfo/{fd}").read_text()) for fd in held]
        ways[program] = [int(found[1], 8) & os.O_ACCMODE for found in flags if found]
    assert ways == {"holdfast-vrrpd": [os.O_WRONLY], "holdfast-privd": [], "holdfast-scriptd": []}


@pytest.mark.holdfast_only("keepalived follows links, and writes to anybody's FIFO")
@pytest.mark.parametrize("prepare", [
    f"touch {FIFO}", f"ln -s /run/target {FIFO}", f"mkfifo {FIFO}; chown mail {FIFO}",
    f"chmod 777 /run; mkfifo {FIFO}"], ids=["file", "link", "of another user", "in a directory of everybody"])
def test_what_is_not_ours_is_not_written_to(make_station: MakeStation, prepare: str) -> None:
    """The FIFO is left alone and the log names it; the addresses do not depend on it."""
    station = make_station(QUICK, priority=255, global_lines=(f"notify_fifo {FIFO} nobody",))
    station.node.run(["bash", "-c", f"mkfifo /run/target; {prepare}"])
    before = station.node.path(FIFO).lstat()
    station.start()
    station.running.log.wait("Unable to use notify FIFO", 5)
    station.wait_master(5)
    after = station.node.path(FIFO).lstat()
    assert (before.st_mode, before.st_uid, before.st_size) == (after.st_mode, after.st_uid, after.st_size)
    assert station.running.stop() == 0
    assert station.node.path(FIFO).lstat()


def reading_script(station: Station) -> Path:
    """A reader that the daemon runs as nobody, and the file that it copies the lines to."""
    station.node.run(["install", "-d", "-o", "nobody", OUT])
    station.node.write("/opt/reader.sh", f"""#!/bin/bash
echo "$$ $(id -un) $*" >> {OUT}/runs
while read -r line; do echo "$line" >> {OUT}/lines; done < "$2"
""", 0o755)
    return station.node.path(OUT)


def content(path: Path) -> list[str]:
    """A file's lines, none where there is none yet."""
    return path.read_text().splitlines() if path.exists() else []


def test_script_that_reads_it(make_station: MakeStation) -> None:
    """It gets the path as its last word, and runs as its user."""
    station = make_station(QUICK, priority=200, global_lines=(
        f"vrrp_notify_fifo {FIFO} nobody", 'vrrp_notify_fifo_script "/opt/reader.sh first" nobody'))
    out = reading_script(station)
    station.start()
    station.wait_master(5)
    wait_until(lambda: content(out / "lines") == [line("BACKUP"), line("MASTER")], 5, "lines read")
    assert [run.split()[1:] for run in content(out / "runs")] == [["nobody", "first", FIFO]]


@pytest.mark.holdfast_only("keepalived ends it at once")
def test_script_reads_the_last_line(make_station: MakeStation) -> None:
    """At a stop it has the time to read what there is, and no longer than that takes."""
    station = make_station(QUICK, priority=200, global_lines=(
        f"vrrp_notify_fifo {FIFO} nobody", 'vrrp_notify_fifo_script "/opt/reader.sh first" nobody'))
    out = reading_script(station)
    station.start()
    station.wait_master(5)
    wait_until(lambda: content(out / "lines") == [line("BACKUP"), line("MASTER")], 5, "lines read")
    assert station.running.stop() == 0
    assert content(out / "lines") == [line("BACKUP"), line("MASTER"), line("STOP")]


@pytest.mark.holdfast_only("keepalived does not start it again")
def test_script_that_dies_is_started_again(make_station: MakeStation) -> None:
    """What is written meanwhile waits for it; a reload and a crash of its scriptd are no loss either."""
    station = make_station(QUICK, priority=200, script_weight=0, global_lines=(
        f"vrrp_notify_fifo {FIFO} nobody", 'vrrp_notify_fifo_script "/opt/reader.sh first" nobody'))
    out = reading_script(station)
    station.start()
    station.wait_master(8)
    expected = [line("BACKUP"), line("MASTER")]
    wait_until(lambda: content(out / "lines")[-2:] == expected, 5, "lines read")
    for disturb in ("script", "scriptd", "reload"):
        runs = len(content(out / "runs"))
        if disturb == "script":
            station.node.run(["kill", "-9", content(out / "runs")[-1].split()[0]])
        elif disturb == "scriptd":
            station.running.process("holdfast-scriptd").kill()
        else:
            station.running.signal(signal.SIGHUP)
        wait_until(lambda: len(content(out / "runs")) == runs + 1, 8, f"a reader after the {disturb}")
    station.sicken()
    wait_until(lambda: content(out / "lines")[-3:] == [*expected, line("FAULT")], 8, "the next line, and no other")
