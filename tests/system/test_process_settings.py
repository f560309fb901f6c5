"""What the configuration says of the processes themselves, looked at in /proc."""

import ctypes
import os
import re
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.daemon import CONFIGURATION, Daemon
from harness.proc import Process
from harness.router import Station

MakeStation = Callable[..., Station]

SCHED_RR, SCHED_RESET_ON_FORK = 2, 0x40000000
PIDFD_GETFD = 438


def vrrp(daemon: Daemon) -> Process:
    """The VRRP process of Holdfast, or of keepalived."""
    first = daemon.process("holdfast").pid if "holdfast" in str(daemon.program) else daemon.pid
    if "holdfast" in str(daemon.program):
        return daemon.process("holdfast-vrrpd")
    return next(process for process in daemon.processes() if process.pid != first)


def name_of(process: Process) -> str:
    """As ps -o comm shows it."""
    return Path(f"/proc/{process.pid}/comm").read_text().rstrip("\n")


def limits_of(process: Process, name: str) -> list[str]:
    """Soft and hard limit."""
    line = next(line for line in Path(f"/proc/{process.pid}/limits").read_text().splitlines() if line.startswith(name))
    return re.split(r"\s{2,}", line)[1:3]


def started(make_station: MakeStation, *lines: str) -> Station:
    """A master with these settings."""
    station = make_station(global_lines=lines)
    station.start()
    station.wait_master(5)
    station.running.log.wait("Startup complete", 5)
    return station


def test_names(make_station: MakeStation) -> None:
    """Of the first process and the VRRP process; a reload gives others."""
    station = started(make_station, "process_name main_one", "vrrp_process_name vrrp_one")
    assert name_of(Process(station.running.pid)) == "main_one"
    assert name_of(vrrp(station.running)) == "vrrp_one"


def test_usual_names(make_station: MakeStation) -> None:
    """process_names."""
    station = started(make_station, "process_names")
    assert name_of(Process(station.running.pid)) == "keepalived"
    assert name_of(vrrp(station.running)) == "keepalived_vrrp"


@pytest.mark.holdfast_only("keepalived's VRRP process keeps its name")
def test_a_reload_gives_other_names(make_station: MakeStation) -> None:
    """And takes them away again."""
    station = started(make_station, "process_names")
    station.node.write(CONFIGURATION, station.router.changed(global_lines=["vrrp_process_name other"]).text())
    mark = station.running.log.mark()
    station.running.signal(signal.SIGHUP)
    station.running.log.wait("Reload complete", 10, mark)
    assert name_of(Process(station.running.pid)) == "holdfast"
    assert name_of(vrrp(station.running)) == "other"


def test_priority(make_station: MakeStation) -> None:
    """vrrp_priority: of the VRRP process alone."""
    station = started(make_station, "vrrp_priority -7")
    process = vrrp(station.running)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == -7
    assert os.getpriority(os.PRIO_PROCESS, station.running.pid) == 0


def test_realtime(make_station: MakeStation) -> None:
    """vrrp_rt_priority, with its limit: of the VRRP process, and not of what that starts."""
    station = started(make_station, "vrrp_rt_priority 5", "vrrp_rlimit_rttime 20000")
    process = vrrp(station.running)
    assert os.sched_getscheduler(process.pid) & ~SCHED_RESET_ON_FORK == SCHED_RR
    assert os.sched_getparam(process.pid).sched_priority == 5
    assert limits_of(process, "Max realtime timeout")[1] == "20000"
    assert os.sched_getscheduler(station.running.pid) == os.SCHED_OTHER


def test_processors(make_station: MakeStation) -> None:
    """vrrp_cpu_affinity."""
    station = started(make_station, "vrrp_cpu_affinity 0")
    assert os.sched_getaffinity(vrrp(station.running).pid) == {0}
    assert len(os.sched_getaffinity(station.running.pid)) == os.cpu_count()


def test_no_swap(make_station: MakeStation) -> None:
    """vrrp_no_swap: all of it is locked."""
    station = started(make_station, "vrrp_no_swap")
    process = vrrp(station.running)
    assert int(process.status["VmLck"].split()[0]) > 1000
    assert not station.running.log.find("vrrp_no_swap")


@pytest.mark.holdfast_only("keepalived is root, and may lock what it likes")
def test_nobody_else_may_lock_memory(make_station: MakeStation) -> None:
    """The limit of the others stays what it was at the start."""
    station = make_station(script_weight=1, global_lines=["vrrp_no_swap"])
    station.start()
    station.running.log.wait("Startup complete", 5)
    usual = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    for program in ("holdfast-privd", "holdfast-scriptd"):
        assert limits_of(station.running.process(program), "Max locked memory") == [str(usual), str(usual)]


@pytest.mark.holdfast_only("the keyword is of later versions")
def test_delay_after_boot(make_station: MakeStation) -> None:
    """vrrp_delay_after_boot: nothing happens before the host has run for so long; it has, or not."""
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    station = started(make_station, f"vrrp_delay_after_boot {int(uptime)}")
    assert not station.running.log.find("Delaying startup")
    station.running.stop()
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    station.router = station.router.changed(global_lines=[f"vrrp_delay_after_boot {int(uptime) + 15}"])
    station.start()
    station.running.log.wait(r"Delaying startup for \d+ seconds", 10)
    assert not station.holds()
    station.wait_master(25)


def receive_buffers(process: Process, family: int = socket.AF_INET) -> set[int]:
    """SO_RCVBUF of its raw sockets of one family, in the bytes that were asked for."""
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = os.pidfd_open(process.pid)
    found = set()
    for number, target in process.descriptors().items():
        if target.startswith("socket:"):
            with socket.socket(fileno=libc.syscall(PIDFD_GETFD, pidfd, number, 0)) as copy:
                if (copy.family, copy.type) == (family, socket.SOCK_RAW):
                    found.add(copy.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2)
    os.close(pidfd)
    return found


@pytest.mark.parametrize(("lines", "expected"), [
    (["vrrp_rx_bufs_policy MTU", "vrrp_rx_bufs_multiplier 4"], 4 * 1500),
    (["vrrp_rx_bufs_policy 70000"], 70000),
    (["vrrp_rx_bufs_policy ADVERT", "vrrp_rx_bufs_multiplier 1000"], 1000 * 32),
])
def test_receive_buffers(make_station: MakeStation, lines: list[str], expected: int) -> None:
    """vrrp_rx_bufs_policy: in MTUs, in advertisements of one IPv4 address, or in bytes."""
    station = started(make_station, *lines)
    assert expected in receive_buffers(vrrp(station.running))


@pytest.mark.parametrize("lines", [
    ["vrrp_netlink_monitor_rcv_bufs 3000000", "vrrp_netlink_monitor_rcv_bufs_force on"],
    ["vrrp_netlink_monitor_rcv_bufs 5000", "lvs_netlink_monitor_rcv_bufs 3000000", "lvs_netlink_monitor_rcv_bufs_force on"],
    [],
])
@pytest.mark.holdfast_only("one socket hears for both, and has the larger buffer")
def test_buffer_for_news_of_netlink(make_station: MakeStation, lines: list[str]) -> None:
    """As large as configured, and never small."""
    station = started(make_station, *lines)
    sizes = receive_buffers(station.running.process("holdfast-privd"), socket.AF_NETLINK)
    assert max(sizes) == (3000000 if lines else 1 << 20)
