"""checkd, end to end: real servers, good and hostile, on a kernel whose IPVS is played by a library."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.daemon import CONFIGURATION, HOLDFAST, Daemon
from harness.ipvs import StandInIpvs
from harness.node import Network, Node
from harness.wait import holds_for, wait_until

pytestmark = pytest.mark.holdfast_only("keepalived needs a real IPVS")

GOOD, BAD = 8001, 8002
SERVER = '''
import socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(50)
while True:
    listener.accept()[0].close()
'''
HOSTILE = '''
import itertools, os, socket, struct, sys, threading, time
kind, port = sys.argv[1], int(sys.argv[2])

def forever(connection, head, part, pause=0):
    connection.sendall(head)
    while True:
        connection.sendall(part)
        time.sleep(pause)

def reset(connection, after):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\n12345"[:after])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

resets = itertools.cycle((0, 1, 8, 12, 15, 17, 30, 40))
SERVE = {
    "endless headers": lambda c: forever(c, b"HTTP/1.1 200 OK\\r\\n", b"X: y\\r\\n" * 1000),
    "an endless header": lambda c: forever(c, b"HTTP/1.1 200 OK\\r\\nX: ", b"y" * 10000),
    "an endless status line": lambda c: forever(c, b"HTTP/1.1 200 ", b"O" * 100_000),
    "an endless body": lambda c: forever(c, b"HTTP/1.1 200 OK\\r\\n\\r\\n", b"y" * 65536),
    "endless chunks": lambda c: forever(c, b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n", b"1\\r\\ny\\r\\n" * 1000),
    "a chunk without an end": lambda c: forever(c, b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n", b"f" * 1000),
    "a byte at a time": lambda c: forever(c, b"", b"H", 0.3),
    "garbage": lambda c: forever(c, b"", os.urandom(4096)),
    "a reset at every point": lambda c: reset(c, next(resets)),
    "an endless greeting": lambda c: forever(c, b"220-", b"x" * 65536),
    "endless lines": lambda c: forever(c, b"", b"220-hello\\r\\n" * 1000),
}

def serve(connection):
    try:
        SERVE[kind](connection)
    except OSError:
        pass
    connection.close()

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", port))
listener.listen(50)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
'''
NAMES = '''
import os, socket, sys
LOOPS = b"\\0\\1\\xff\\xff\\0\\0\\0\\0" + b"\\xc0\\x0c" * 20000
ANSWERS = {
    "a loop that passes": lambda query: query[:2] + b"\\x81\\x80" + LOOPS,
    "a loop that fails": lambda query: query[:2] + b"\\x81\\x82" + LOOPS,
    "a head without an end": lambda query: query[:5],
    "nothing": lambda query: b"",
    "noise": lambda query: os.urandom(60000),
    "a flood": lambda query: query[:2] + b"\\x81\\x83" + query[4:],
}
server = socket.socket(type=socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[2])))
while True:
    query, client = server.recvfrom(4096)
    for _ in range(1000 if sys.argv[1] == "a flood" else 0):
        server.sendto(b"\\xff" * 512, client)
    server.sendto(ANSWERS[sys.argv[1]](query), client)
'''
KINDS = ("endless headers", "an endless header", "an endless status line", "an endless body", "endless chunks",
         "a chunk without an end", "a byte at a time", "garbage", "a reset at every point")
TLS_KINDS = ("an endless body", "a byte at a time", "garbage", "a reset at every point")
MAIL_KINDS = ("an endless greeting", "endless lines", "a byte at a time", "garbage", "a reset at every point")
NAME_KINDS = ("a loop that fails", "a head without an end", "nothing", "noise", "a flood")
URL = "url {\npath /\ndigest 00000000000000000000000000000000\n}"
MIB = 1 << 20
NOTE, NOTES = "/run/test/note", "/run/test/notes"


def real_server(port: int, check: str) -> str:
    """Checked often, and at once."""
    return (f"real_server 127.0.0.1 {port} {{\ndelay_loop 0.3\nretry 1\ndelay_before_retry 0.1\nwarmup 0\n"
            f"connect_timeout 1\n{check}\n}}\n")


def configuration(*servers: str, globals_: str = "") -> str:
    """One virtual server of these."""
    return (f"global_defs {{\nscript_user nobody\n{globals_}\n}}\nvirtual_server 10.9.9.1 80 {{\nprotocol TCP\nlvs_sched rr\n"
            f"lvs_method NAT\n{''.join(servers)}}}\n")


def serve(node: Node, port: int, program: str = "good", *arguments: str) -> None:
    """A server, which listens when this returns."""
    node.spawn(["python3", f"/run/test/{program}.py", *arguments, str(port)])
    wait_until(lambda: f":{port} " in node.run("ss -Hlntu").stdout, 10, f"a server on {port}")


@pytest.fixture
def node(network: Network) -> Node:
    """Where the servers and the load balancer are."""
    made = network.add("balancer", "e0", "10.9.9.2/24")
    for name, program in (("good", SERVER), ("hostile", HOSTILE), ("names", NAMES)):
        made.write(f"/run/test/{name}.py", program)
    serve(made, GOOD)
    return made


@contextmanager
def balancer(node: Node, text: str) -> Iterator[tuple[Daemon, StandInIpvs]]:
    """The daemon at work, and what it has told IPVS."""
    ipvs = StandInIpvs(node)
    daemon = Daemon(node, HOLDFAST, text)
    try:
        daemon.log.wait("Startup complete", 10)
        yield daemon, ipvs
    finally:
        if daemon.running():
            daemon.stop(15)


def resident(daemon: Daemon) -> int:
    """The memory of checkd, in bytes."""
    return int(daemon.process("holdfast-checkd").status["VmRSS"].split()[0]) * 1024


def withstands(node: Node, check: str, program: str, kind: str, is_in: bool = False) -> None:
    """A server of that kind is found to be what it is, again and again, in bounded time and memory; the
    other one stays in, and checkd is the process that it was."""
    serve(node, BAD, program, kind)
    text = configuration(real_server(GOOD, "TCP_CHECK {\n}"), real_server(BAD, check))
    expected = {("127.0.0.1", GOOD): 1} | ({("127.0.0.1", BAD): 1} if is_in else {})
    with balancer(node, text) as (daemon, ipvs):
        process = daemon.process("holdfast-checkd")
        wait_until(lambda: ipvs.table() == expected, 20, f"{kind}: {expected}")
        before = resident(daemon)
        holds_for(lambda: ipvs.table() == expected, 3, "it stays so")
        assert daemon.process("holdfast-checkd").pid == process.pid
        assert resident(daemon) < before + MIB and before < 32 * MIB
        assert not daemon.log.find("broke the rules|died")


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_web_servers(node: Node, kind: str) -> None:
    """Of those that send for ever, the end comes with the time for the whole check."""
    withstands(node, f"HTTP_GET {{\n{URL}\n}}", "hostile", kind)


@pytest.mark.parametrize("kind", TLS_KINDS)
def test_what_is_no_tls(node: Node, kind: str) -> None:
    withstands(node, f"SSL_GET {{\n{URL}\n}}", "hostile", kind)


@pytest.mark.parametrize("kind", MAIL_KINDS)
def test_hostile_mail_servers(node: Node, kind: str) -> None:
    withstands(node, "SMTP_CHECK {\n}", "hostile", kind)


@pytest.mark.parametrize("kind", NAME_KINDS)
def test_hostile_name_servers(node: Node, kind: str) -> None:
    withstands(node, "DNS_CHECK {\nname example.com\n}", "names", kind)


def test_names_are_not_followed(node: Node) -> None:
    """An answer without an error is one, whatever else is in it."""
    withstands(node, "DNS_CHECK {\nname example.com\n}", "names", "a loop that passes", is_in=True)


def test_no_swap(node: Node) -> None:
    """checker_no_swap: all of checkd is locked; where that is not permitted it is said, and checks go on."""
    is_permitted = subprocess.run(["prlimit", "--memlock=unlimited:unlimited", "true"], check=False, capture_output=True).returncode == 0
    with balancer(node, configuration(real_server(GOOD, "TCP_CHECK {\n}"), globals_="checker_no_swap")) as (daemon, ipvs):
        if is_permitted:
            wait_until(lambda: int(daemon.process("holdfast-checkd").status["VmLck"].split()[0]) > 1000, 5, "locked")
            assert not daemon.log.find("no_swap")
        else:
            daemon.log.wait("checker_no_swap: mlockall: Cannot allocate memory", 5)
        wait_until(lambda: ipvs.table() == {("127.0.0.1", GOOD): 1}, 5, "in")


def test_a_reload_that_removes_servers(node: Node) -> None:
    """Who is told that they are down is known to the configuration that goes; the others hear nothing."""
    node.write(NOTE, f'#!/bin/sh\necho "$@" >> {NOTES}\n', 0o755)
    node.write(NOTES, "", 0o666)
    serve(node, BAD)
    told = f'TCP_CHECK {{{{\n}}}}\nnotify_down "{NOTE} {{}}"\n'
    first, second = (real_server(port, told.format(port)) for port in (GOOD, BAD))
    with balancer(node, configuration(first, second)) as (daemon, ipvs):
        wait_until(lambda: len(ipvs.table()) == 2, 5, "both are in")
        node.write(CONFIGURATION, configuration(first))
        daemon.signal(signal.SIGHUP)
        daemon.log.wait("Reload complete", 10)
        wait_until(lambda: ipvs.table() == {("127.0.0.1", GOOD): 1}, 5, "removed")
        wait_until(lambda: node.path(NOTES).read_text() == f"{BAD}\n", 5, "told once")
        since = daemon.log.mark()
        daemon.signal(signal.SIGHUP)
        daemon.log.wait("Reload complete", 10, since)
        assert node.path(NOTES).read_text() == f"{BAD}\n"
        assert not daemon.log.find("died")


def test_a_reload_does_not_wait_for_a_checkd_that_hangs(node: Node) -> None:
    """Who should be told is not, but the new configuration comes into force."""
    serve(node, BAD)
    first, second = (real_server(port, "TCP_CHECK {\n}") for port in (GOOD, BAD))
    with balancer(node, configuration(first, second)) as (daemon, ipvs):
        wait_until(lambda: len(ipvs.table()) == 2, 5, "both are in")
        hanging = daemon.process("holdfast-checkd")
        hanging.kill(signal.SIGSTOP)
        node.write(CONFIGURATION, configuration(first))
        daemon.signal(signal.SIGHUP)
        daemon.log.wait("Reload complete", 7)
        wait_until(lambda: ipvs.table() == {("127.0.0.1", GOOD): 1}, 5, "removed")
        assert daemon.process("holdfast-checkd").pid != hanging.pid
