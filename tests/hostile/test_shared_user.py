"""Invariants 1 and 3 where all processes share one user, as systemd's DynamicUser= has it: read from /proc
and from the kernel's tables of sockets."""

from collections.abc import Iterator

import pytest

from harness.daemon import HOLDFAST, Daemon
from harness.node import Network
from harness.proc import Process

from broker import VIRTUAL
from observe import packet_sockets, raw_sockets, socket_inodes
from victim import DYNAMIC, OWNER, prepare

NET_ADMIN_AND_RAW = 1 << 12 | 1 << 13


@pytest.fixture
def processes(network: Network) -> Iterator[dict[str, Process]]:
    """A daemon that holds all its addresses, by the names of its programs."""
    node = prepare(network)
    daemon = Daemon(node, HOLDFAST, OWNER, prefix=DYNAMIC)
    for address in VIRTUAL:
        node.wait_holds(address, 10)
    found = {process.program: process for process in daemon.processes() if process.program.startswith("holdfast")}
    assert sorted(found) == ["holdfast", "holdfast-privd", "holdfast-scriptd", "holdfast-vrrpd"]
    yield found
    assert daemon.stop() == 0


def test_who_holds_a_capability(processes: dict[str, Process]) -> None:
    for name, process in processes.items():
        effective = NET_ADMIN_AND_RAW if name == "holdfast-privd" else 0
        # What the supervisor has to hand to the next privd it holds, and cannot use without another call.
        permitted = NET_ADMIN_AND_RAW if name in ("holdfast", "holdfast-privd") else 0
        assert process.capabilities("Eff") == effective, name
        assert process.capabilities("Prm") == permitted, name
        assert process.capabilities("Amb") == 0, name
        assert process.capabilities("Inh") == 0, name


def test_everybody_is_under_a_filter(processes: dict[str, Process]) -> None:
    for name, process in processes.items():
        assert process.status["Seccomp"] == "2", name
        assert process.status["NoNewPrivs"] == "1", name


def test_nobody_with_a_capability_reads_packets(network: Network, processes: dict[str, Process]) -> None:
    node = network.nodes["gateway"]
    packet = {row["Inode"]: row for row in packet_sockets(node)}
    raw = {row["inode"] for row in raw_sockets(node)}
    owned = {name: socket_inodes(process) for name, process in processes.items()}
    assert len(packet) == 1
    assert all(row["Proto"] == "0000" for row in packet.values()), "a protocol is what packets are delivered by"
    assert set(packet) <= owned["holdfast-privd"]
    assert raw and raw <= owned["holdfast-vrrpd"]
    for name in ("holdfast", "holdfast-privd", "holdfast-scriptd"):
        assert not raw & owned[name], name
    for name in ("holdfast", "holdfast-vrrpd", "holdfast-scriptd"):
        assert not set(packet) & owned[name], name
