"""A password is in vrrpd alone: in no other process, no log, no file, and there in memory that is locked."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import proc
from harness.router import Mode, Station
from harness.wait import wait_until

QUICK_V2 = Mode(2, 4, False)
PASSWORD = b"Zq7xK2pW"
AUTHENTICATION = "authentication {{\nauth_type {}\nauth_pass " + PASSWORD.decode() + "\n}}"


def mappings(process: proc.Process) -> Iterator[tuple[str, str, bytes]]:
    """Name, flags and content of each readable mapping of a process."""
    with open(f"/proc/{process.pid}/mem", "rb", buffering=0) as memory:
        for mapping in re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", Path(f"/proc/{process.pid}/smaps").read_text()):
            head = mapping.split("\n", 1)[0].split(maxsplit=5)
            flags = re.search(r"VmFlags: (.*)", mapping)
            name = head[5] if len(head) > 5 else ""
            if not head[1].startswith("r") or name in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                continue
            start, end = (int(word, 16) for word in head[0].split("-"))
            memory.seek(start)
            yield name, flags[1] if flags else "", memory.read(end - start)


def places(process: proc.Process) -> list[tuple[str, str]]:
    """Where in a process the password is: the mapping's name, and its flags. One that has left holds nothing."""
    try:
        return [(name, flags) for name, flags, content in mappings(process) if PASSWORD in content]
    except (FileNotFoundError, ProcessLookupError):
        return []


@pytest.fixture(params=["PASS", "AH"])
def station(request: pytest.FixtureRequest, make_station: Callable[..., Station]) -> Station:
    """A master that has sent something with the password, and has been reloaded."""
    made = make_station(QUICK_V2, script_weight=-10, lines=(AUTHENTICATION.format(request.param),))
    made.start()
    made.wait_master(QUICK_V2.master_down(150) + 5)
    mark = made.running.log.mark()
    made.running.signal(1)
    made.running.log.wait("Reload complete", 10, mark)
    return made


def test_it_is_in_vrrpd_alone(station: Station, request: pytest.FixtureRequest) -> None:
    """Every other process has never had it; vrrpd has it where it is locked and in no core."""
    processes = station.running.processes()
    assert {"holdfast", "holdfast-privd", "holdfast-vrrpd", "holdfast-scriptd"} <= {
        process.program for process in processes}
    for process in processes:
        if process.program != "holdfast-vrrpd":
            assert places(process) == [], process.program
    # What a reload has replaced wipes itself as it leaves.
    vrrpd = station.running.process("holdfast-vrrpd")
    wait_until(lambda: [flags for name, flags in places(vrrpd) if name != "[stack]"] != [], 2, "the password")
    for name, flags in places(vrrpd):
        # A packet on its way has the password of PASS in it, as the wire has.
        is_packet = name == "[stack]" and "PASS" in request.node.name
        assert is_packet or {"lo", "dd"} <= set(flags.split()), (name, flags)


def test_nothing_that_is_written_shows_it(station: Station) -> None:
    """Neither the log, nor what a dump on a signal leaves, nor anything else in the node's directories."""
    for number in (10, 12, 36):
        station.running.signal(number)
    assert station.running.stop() == 0
    text = PASSWORD.decode()
    assert station.running.log.find(text) == []
    roots = [station.node.path(directory) for directory in ("/run", "/tmp", "/var/log")]
    files = [file for root in roots for file in root.rglob("*") if file.is_file()]
    assert [file for file in files if PASSWORD in file.read_bytes() and not file.name.endswith(".conf")] == []
