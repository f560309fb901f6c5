"""A worker whose loop does not turn is replaced like one that died, and the service manager is told nothing good."""

import signal
import socket
from collections.abc import Callable, Iterator

import pytest

from harness.daemon import CONFIGURATION, Daemon, idle, replaced
from harness.dead_files import dead_files
from harness.node import Node
from harness.router import Station
from harness.wait import holds_for, wait_until

pytestmark = pytest.mark.holdfast_only("keepalived does not look after processes that hang")

HANGS = r"has not answered for 8 seconds: replacing it"
NOTICED = 20
"""Seconds in which it is noticed, on a busy machine."""


@pytest.mark.parametrize("program_name", ["holdfast-vrrpd", "holdfast-privd", "holdfast-scriptd"])
def test_worker_that_hangs_is_replaced(make_station: Callable[..., Station], program_name: str) -> None:
    station = make_station(script_weight=10)
    station.start()
    station.wait_master(10)
    station.running.log.wait("Startup complete", 5)
    mark, victim = station.running.log.mark(), station.running.process(program_name)
    victim.kill(signal.SIGSTOP)
    station.running.log.wait(HANGS, NOTICED, mark)
    wait_until(lambda: station.running.process(program_name).pid != victim.pid, 5, f"another {program_name}")
    assert not victim.alive()
    wait_until(station.holds, 5, "the address is there")
    assert len(station.running.log.find("child process.*died", mark)) == 1


def test_nobody_is_blamed_for_what_the_supervisor_missed(make_station: Callable[..., Station]) -> None:
    """All of it stood still, as on a machine that was suspended."""
    station = make_station(script_weight=10)
    station.start()
    station.wait_master(10)
    processes, mark = station.running.processes(), station.running.log.mark()
    for process in processes:
        process.kill(signal.SIGSTOP)
    holds_for(lambda: all(process.alive() for process in processes), 13, "nobody can end anybody")
    # The supervisor is first to go on.
    for process in processes:
        process.kill(signal.SIGCONT)
    holds_for(lambda: not station.running.log.find("died|has not answered", mark), 6, "nobody is replaced")


class Manager:
    """Stands in for the service manager: what is sent to its socket."""

    def __init__(self, node: Node) -> None:
        self.path = "/run/test/notify"
        node.write(self.path, "")
        node.path(self.path).unlink()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(node.path(self.path)))

    def close(self) -> None:
        """Takes no more messages."""
        self._socket.close()

    def next(self, timeout: float) -> str | None:
        """The next message, or None when none comes in time."""
        self._socket.settimeout(timeout)
        try:
            return self._socket.recv(4096).decode()
        except TimeoutError:
            return None

    def wait(self, text: str, timeout: float) -> None:
        """Waits for a message that begins so."""
        wait_until(lambda: (self.next(0.1) or "").startswith(text), timeout, text)


@pytest.fixture
def managed(make_station: Callable[..., Station]) -> Iterator[tuple[Manager, Daemon]]:
    """A daemon whose service manager wants a sign of life every 2 seconds."""
    station = make_station()
    manager = Manager(station.node)
    environment = ["env", f"NOTIFY_SOCKET={manager.path}", "WATCHDOG_USEC=2000000"]
    daemon = Daemon(station.node, station.program, station.router.text(), prefix=environment)
    yield manager, daemon
    manager.close()


def test_service_manager_hears_while_everybody_answers(managed: tuple[Manager, Daemon]) -> None:
    manager, daemon = managed
    manager.wait("READY=1", 10)
    for _ in range(3):
        assert manager.next(2) == "WATCHDOG=1"
    mark = daemon.log.mark()
    daemon.process("holdfast-vrrpd").kill(signal.SIGSTOP)
    # One question may have been answered before.
    while manager.next(2.5):
        assert not daemon.log.find(HANGS, mark)
    daemon.log.wait(HANGS, NOTICED, mark)
    manager.wait("WATCHDOG=1", 10)


def test_start_without_a_worker_that_works_fails(make_station: Callable[..., Station]) -> None:
    """A vrrpd that does nothing at all is not waited for for ever."""
    station = make_station()
    with replaced(station.node, "holdfast-vrrpd", idle(station.node)):
        daemon = station.start()
        daemon.log.wait(r"not ready within 10 seconds: VRRP\. Terminating", 20)
        assert daemon.wait(15) == 1


DEAD = "/run/test/dead"


def with_dead_script(station: Station) -> str:
    """The router's configuration, with a check script that whoever looks at it waits for."""
    script = f"vrrp_script dead {{\nscript {DEAD}/check.sh\ninterval 1\nweight 1\nuser nobody\n}}\n"
    return script + station.router.text().replace("chk\n", "chk\ndead\n")


def test_reload_does_not_wait_for_a_script_that_nobody_can_look_at(make_station: Callable[..., Station]) -> None:
    station = make_station(script_weight=10)
    daemon = station.start()
    station.wait_master(10)
    daemon.log.wait("Startup complete", 5)
    with dead_files(station.node, DEAD):
        station.node.write(CONFIGURATION, with_dead_script(station))
        mark = daemon.log.mark()
        daemon.signal(signal.SIGHUP)
        daemon.log.wait("Reload complete", 8, mark)
        daemon.log.wait("The scripts could not be checked within 10 seconds", NOTICED, mark)
        assert station.holds()
        assert daemon.stop(15) == 0


def test_start_does_not_wait_for_a_script_that_nobody_can_look_at(make_station: Callable[..., Station]) -> None:
    station = make_station(script_weight=10)
    with dead_files(station.node, DEAD):
        daemon = Daemon(station.node, station.program, with_dead_script(station))
        daemon.log.wait("Startup complete", 8)
        daemon.log.wait("The scripts could not be checked within 10 seconds", NOTICED)
        assert daemon.stop(15) == 0
