"""Who runs as whom and may do what, read from /proc: nothing here trusts what the product says of itself."""

import pwd
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.proc import Process
from harness.router import Mode, Station

pytestmark = pytest.mark.holdfast_only("keepalived has no separated privileges")

CAP_DAC_READ_SEARCH, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP = 2, 5, 6, 7, 8
CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_NICE = 12, 13, 23
SETS = ("Inh", "Prm", "Eff", "Bnd", "Amb")

WORKERS = {"holdfast-privd": "holdfast-privd", "holdfast-vrrpd": "holdfast-vrrpd", "holdfast-scriptd": "nobody"}


def mask(*capabilities: int) -> int:
    """A set of capabilities, as /proc writes it."""
    return sum(1 << capability for capability in capabilities)


@pytest.fixture
def station(make_station: Callable[..., Station]) -> Iterator[Station]:
    """A master whose script has run."""
    made = make_station(script_weight=1)
    made.start()
    made.wait_master(5)
    made.running.log.wait(r"VRRP_Script\(chk\) succeeded", 5)
    yield made


def test_processes_are_the_table_and_no_more(station: Station) -> None:
    """Supervisor, privd, vrrpd and the scriptd of nobody; the compiler has gone."""
    lasting = [process.program for process in station.running.processes() if process.program.startswith("holdfast")]
    assert sorted(lasting) == ["holdfast", *sorted(WORKERS)]


@pytest.mark.parametrize("program_name", WORKERS)
def test_identity(station: Station, program_name: str) -> None:
    """Real, effective, saved and file system ids are the daemon's own, and it is in no other group."""
    process = station.running.process(program_name)
    user = pwd.getpwnam(WORKERS[program_name])
    assert set(process.numbers("Uid")) == {user.pw_uid}
    assert set(process.numbers("Gid")) == {user.pw_gid}
    assert set(process.numbers("Groups")) <= {user.pw_gid}


@pytest.mark.parametrize(("program_name", "expected"), [
    ("holdfast-privd", {"Inh": 0, "Prm": mask(CAP_NET_ADMIN, CAP_NET_RAW), "Eff": mask(CAP_NET_ADMIN, CAP_NET_RAW),
                        "Bnd": 0, "Amb": 0}),
    ("holdfast-vrrpd", dict.fromkeys(SETS, 0)),
    # Its bounding set stays: a script may run sudo.
    ("holdfast-scriptd", {"Inh": 0, "Prm": 0, "Eff": 0, "Amb": 0}),
])
def test_capabilities(station: Station, program_name: str, expected: dict[str, int]) -> None:
    """Exactly the table: NET_ADMIN and NET_RAW for privd, none for anybody else but the supervisor."""
    process = station.running.process(program_name)
    assert {name: process.capabilities(name) for name in expected} == expected


def test_scripts_that_may_gain_nothing(make_station: Callable[..., Station]) -> None:
    """With script_no_new_privs the bounding set is empty and no_new_privs set, for scriptd and so its scripts."""
    station = make_station(script_weight=1, global_lines=("script_no_new_privs",))
    station.start()
    station.running.log.wait(r"VRRP_Script\(chk\) succeeded", 8)
    scriptd = station.running.process("holdfast-scriptd")
    assert {scriptd.capabilities(name) for name in SETS} == {0}
    assert scriptd.status["NoNewPrivs"] == "1"


def test_capabilities_of_the_supervisor(station: Station) -> None:
    """It can become others, end them and look at the paths of their scripts; it cannot touch the network
    or write what it may not."""
    supervisor = station.running.process("holdfast")
    allowed = mask(CAP_DAC_READ_SEARCH, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_SYS_NICE)
    assert supervisor.capabilities("Eff") & ~allowed == 0
    assert supervisor.capabilities("Amb") == 0


def test_seccomp_and_no_new_privileges(station: Station) -> None:
    """A filter on every process; no_new_privs on all but scriptd, whose scripts may need setuid programs."""
    for process in station.running.processes():
        if process.program.startswith("holdfast"):
            assert process.status["Seccomp"] == "2", process.program
            assert int(process.status["Seccomp_filters"]) >= 1, process.program
    for name in ("holdfast-privd", "holdfast-vrrpd"):
        assert station.running.process(name).status["NoNewPrivs"] == "1"


def test_not_dumpable(station: Station) -> None:
    """/proc of a process that is not dumpable belongs to root, whatever its user is."""
    for name in WORKERS:
        process = station.running.process(name)
        assert station.node.path(f"/proc/{process.numbers('NSpid')[-1]}/mem").stat().st_uid == 0, name


def test_descriptors(station: Station) -> None:
    """Sockets, the event loop, sealed memory, /dev/null, and scriptd's pipes from running scripts: no file,
    no directory, no terminal."""
    always = r"/dev/null$|socket:|anon_inode:\[(eventpoll|timerfd|signalfd|pidfd|eventfd)\]$|/memfd:"
    for name in WORKERS:
        allowed = always + ("|pipe:" if name == "holdfast-scriptd" else "")
        for number, target in station.running.process(name).descriptors().items():
            assert re.match(allowed, target), f"{name}: {number} is {target}"


def sockets(process: Process, table: str) -> set[str]:
    """The inodes of the process's sockets that /proc/PID/net/TABLE lists."""
    with open(f"/proc/{process.pid}/net/{table}") as lines:
        listed = {word for line in lines for word in line.split()}
    own = {target[8:-1] for target in process.descriptors().values() if target.startswith("socket:[")}
    return own & listed


def test_sockets(station: Station) -> None:
    """Only privd has a packet or a netlink socket; vrrpd's are raw sockets; the supervisor and scriptd have
    none that reach the network."""
    network_tables = ("raw", "raw6", "packet", "netlink", "tcp", "tcp6", "udp", "udp6")
    for name in ("holdfast", "holdfast-scriptd"):
        process = station.running.process(name)
        assert not [table for table in network_tables if sockets(process, table)], name
    vrrpd = station.running.process("holdfast-vrrpd")
    assert [table for table in network_tables if sockets(vrrpd, table)] == ["raw"]
    privd = station.running.process("holdfast-privd")
    assert sockets(privd, "netlink") and not sockets(privd, "tcp") and not sockets(privd, "udp")


def test_posture_command_agrees(station: Station) -> None:
    """`holdfast posture` finds nothing wrong with these processes and names them all."""
    told = station.node.run([str(station.program), "posture"])
    for name in ("privd", "vrrpd", "scriptd", "supervisor"):
        assert name in told.stdout


PASSWORD = ("authentication {", "auth_type AH", "auth_pass secret99", "}")


@pytest.mark.parametrize("changes", [
    {"mode": Mode(2, 4, False), "lines": PASSWORD},
    {"lines": ("no_accept",), "priority": 200},
    {"global_lines": ("notify_fifo /run/fifo root",)},
], ids=["authentication header", "firewall", "notify FIFO"])
def test_posture_command_knows_what_a_configuration_needs(make_station: Callable[..., Station],
                                                          changes: dict[str, Any]) -> None:
    """A socket of another protocol, one to the firewall, the end of a FIFO: as promised."""
    station = make_station(**changes)
    station.start()
    station.wait_master(8)
    assert "Every process is as promised." in station.node.run([str(station.program), "posture"]).stdout


@pytest.mark.parametrize("arguments", [["--pid-file=/run/keepalived.pid"], ["--pid-file", "/run/keepalived.pid"],
                                       ["--pid", "PID"], ["--pid=PID"]], ids=" ".join)
def test_posture_command_takes_its_options_as_the_daemon_does(station: Station, arguments: list[str]) -> None:
    """A value behind = or in a word of its own."""
    pid = station.node.path("/run/keepalived.pid").read_text().strip()
    station.node.run([str(station.program), "posture", *(word.replace("PID", pid) for word in arguments)])


@pytest.mark.parametrize("arguments", [["--pid-file"], ["--pid=x"], ["--pid", "-1"], ["-x"], ["more"]], ids=" ".join)
def test_posture_command_refuses_what_it_does_not_know(make_station: Callable[..., Station],
                                                       arguments: list[str]) -> None:
    station = make_station()
    refused = station.node.run([str(station.program), "posture", *arguments], check=False)
    assert refused.returncode == 2 and "Usage" in refused.stderr
