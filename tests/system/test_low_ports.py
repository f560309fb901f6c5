"""bind_port below 1024: privd has the capability that it takes, where a check needs it and not elsewhere."""

import socket
from collections.abc import Iterator

import pytest

from harness.daemon import CONFIGURATION, HOLDFAST, Daemon
from harness.ipvs import StandInIpvs
from harness.node import Network, Node
from harness.wait import wait_until

pytestmark = pytest.mark.holdfast_only("keepalived keeps every capability")

NET_ADMIN, NET_RAW, NET_BIND_SERVICE = 12, 13, 10
LOW, SERVER = 777, 8080


def balanced(check: str) -> str:
    """One virtual server with one real server."""
    return ("virtual_server 10.9.9.1 80 {\nlvs_sched rr\nlvs_method NAT\nprotocol TCP\ndelay_loop 1\n"
            f"real_server 127.0.0.1 {SERVER} {{\nTCP_CHECK {{\n{check}\n}}\n}}\n}}\n")


def capabilities(*numbers: int) -> int:
    """As /proc writes a set."""
    return sum(1 << number for number in numbers)


@pytest.fixture
def node(network: Network) -> Iterator[tuple[Node, socket.socket]]:
    """A host with IPVS and one server, which listens."""
    made = network.add("balancer", "eth0")
    StandInIpvs(made)
    server = made.in_network(lambda: socket.create_server(("127.0.0.1", SERVER)))
    server.settimeout(10)
    with server:
        yield made, server


def peer(server: socket.socket) -> int:
    """The port of whoever connects next."""
    connection, (_, port) = server.accept()
    connection.close()
    return int(port)


def privd_of(daemon: Daemon) -> int:
    """What privd may do."""
    return daemon.process("holdfast-privd").capabilities("Prm")


def test_a_check_from_a_low_port(node: tuple[Node, socket.socket]) -> None:
    """Also by a privd that comes later."""
    daemon = Daemon(node[0], HOLDFAST, balanced(f"bind_port {LOW}"))
    assert [peer(node[1]), peer(node[1])] == [LOW, LOW]
    assert privd_of(daemon) == capabilities(NET_ADMIN, NET_RAW, NET_BIND_SERVICE)
    first = daemon.process("holdfast-privd")
    first.kill()
    wait_until(lambda: daemon.process("holdfast-privd").pid != first.pid, 10, "another privd")
    assert peer(node[1]) == LOW
    assert daemon.stop() == 0


def test_no_other_configuration_has_the_capability(node: tuple[Node, socket.socket]) -> None:
    """And a reload does not get it."""
    daemon = Daemon(node[0], HOLDFAST, balanced("bind_port 2048"))
    assert peer(node[1]) == 2048
    assert privd_of(daemon) == capabilities(NET_ADMIN, NET_RAW)
    node[0].write(CONFIGURATION, balanced(f"bind_port {LOW}"))
    mark = daemon.log.mark()
    daemon.signal(1)
    daemon.log.wait("Cannot begin to bind checks to ports below 1024 .* please restart. The old configuration", 10, mark)
    assert privd_of(daemon) == capabilities(NET_ADMIN, NET_RAW)
    assert daemon.stop() == 0


def test_a_marked_check_from_an_address(node: tuple[Node, socket.socket]) -> None:
    """privd binds that socket too, since it alone may mark it."""
    daemon = Daemon(node[0], HOLDFAST, balanced("fwmark 7\nbindto 127.0.0.2"))
    connection, (address, _) = node[1].accept()
    connection.close()
    assert address == "127.0.0.2"
    assert daemon.stop() == 0
