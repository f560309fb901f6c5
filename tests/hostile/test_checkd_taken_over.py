"""Invariant 2: a checkd that was taken over completely puts nothing into IPVS but the configured
servers, runs no script but the configured ones, and has no other process ended."""

import errno
import os
import signal
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest

from harness.ipvs import Destination, StandInIpvs
from harness.node import Network, Node
from harness.wait import holds_for, wait_until

import victim as victims
from broker import INTERFACE, VIRTUAL
from messages import (BrokerRequest, ControlEvent, ControlEventKind, ControlRequest, LvsEvent, LvsEventKind, LvsRequest,
                      LvsVerb, Peer, ScriptEvent, ScriptRequest, ScriptVerb, State, Verb, WatchRequest, log_line,
                      malformed)
from puppet import CONTROL, LOG, Died, Pointer, system_call_number
from victim import DYNAMIC, HOOK_RUNS, OWNER, SCRIPT_USER, Victim, prepare, victim

SERVICE = "10.0.0.100"
SERVERS = (("10.0.0.11", 80), ("10.0.0.12", 80))
SORRY = ("10.0.0.19", 80)
MARK = 7
LVS_CHECK = "/opt/lvs-check.sh"
LOW_PORT = 777

# Real server 0 of virtual server 0 has a check that takes a socket of privd's, and a script.
BALANCING = f"""
virtual_server {SERVICE} 80 {{
    protocol TCP
    lvs_sched rr
    lvs_method NAT
    sorry_server {SORRY[0]} {SORRY[1]}
    real_server {SERVERS[0][0]} {SERVERS[0][1]} {{
        notify_up "/opt/hook.sh up"
        TCP_CHECK {{
            fwmark {MARK}
        }}
        MISC_CHECK {{
            misc_path {LVS_CHECK}
        }}
    }}
    real_server {SERVERS[1][0]} {SERVERS[1][1]} {{
        TCP_CHECK {{
        }}
    }}
}}
"""


@pytest.fixture(params=["root", "dynamic"])
def checkd(network: Network, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Victim]:
    """A daemon, started in both ways, whose checkd is the test's to move. `ipvs` is what its kernel was told."""
    def with_ipvs(made: Network) -> Node:
        node = prepare(made)
        node.write(LVS_CHECK, f'#!/bin/sh\necho check >> {HOOK_RUNS}\n', 0o755)
        ipvs.append(StandInIpvs(node))
        return node

    ipvs: list[StandInIpvs] = []
    monkeypatch.setattr(victims, "prepare", with_ipvs)
    prefix = DYNAMIC if request.param == "dynamic" else []
    with victim(network, "holdfast-checkd", OWNER + BALANCING, prefix) as made:
        made.ipvs = ipvs[0]
        yield made


def privd_of(taken: Victim) -> int:
    """The puppet's descriptor of its channel to privd."""
    return taken.joined.channels[Peer.PRIVD, 0]


def scriptd_of(taken: Victim) -> int:
    """The puppet's descriptor of its channel to the scriptd of the only identity."""
    return taken.joined.channels[Peer.SCRIPTD, 0]


def ask(taken: Victim, request: LvsRequest, kind: LvsEventKind) -> tuple[LvsEvent, list[int]]:
    """Asks privd and waits for the answer; the descriptors are the puppet's."""
    taken.puppet.send(privd_of(taken), bytes(request))
    while True:
        data, descriptors = taken.puppet.await_message(privd_of(taken))
        event = LvsEvent.parse(data)
        if event.kind == kind:
            return event, descriptors


def works(taken: Victim) -> None:
    """privd and scriptd answer the present life."""
    ask(taken, LvsRequest(LvsVerb.HELLO), LvsEventKind.HELLO_END)
    taken.puppet.send(scriptd_of(taken), bytes(ScriptRequest(ScriptVerb.CHECK, sequence=5)))
    data, _ = taken.puppet.await_message(scriptd_of(taken))
    assert ScriptEvent.parse(data).sequence == 5


def runs(taken: Victim) -> list[str]:
    """The runs of scripts that are checkd's."""
    return [run for run in taken.hook_runs() if not run.startswith("INSTANCE")]


def contained(taken: Victim) -> None:
    """As for every worker; and IPVS was told of nothing but what is configured."""
    taken.contained()
    for said in taken.ipvs.destinations():
        assert said.service == SERVICE and (said.address, said.port) in (*SERVERS, SORRY), said


# ---------------------------------------------------------------------------------------- to privd


def test_all_that_it_may_do_is_what_is_configured(checkd: Victim) -> None:
    ask(checkd, LvsRequest(LvsVerb.HELLO), LvsEventKind.HELLO_END)
    for weight in (0, 1, 65535):
        for server in (0, 1):
            checkd.puppet.send(privd_of(checkd), bytes(LvsRequest(LvsVerb.SET_DESTINATION, real_server=server,
                                                                  weight=weight, is_in=1)))
        wait_until(lambda: checkd.ipvs.table() == dict.fromkeys(SERVERS, weight), 5, f"both with weight {weight}")
    checkd.puppet.send(privd_of(checkd), bytes(LvsRequest(LvsVerb.SET_SORRY, is_in=1, weight=1)))
    wait_until(lambda: SORRY in checkd.ipvs.table(), 5, "the sorry server")
    checkd.puppet.send(privd_of(checkd), bytes(LvsRequest(LvsVerb.HELLO)))
    checkd.puppet.send(privd_of(checkd), bytes(LvsRequest(LvsVerb.COMPLETE)))
    wait_until(lambda: not checkd.ipvs.table(), 5, "what was not named again is out")
    contained(checkd)


ILLEGAL = {
    "an unknown verb": LvsRequest(6),
    "a verb that is far off": LvsRequest(0xFFFF),
    "the next generation": LvsRequest(LvsVerb.HELLO, generation=2),
    "generation 0": LvsRequest(LvsVerb.COMPLETE, generation=0),
    "a generation that is far off": LvsRequest(LvsVerb.SET_SORRY, generation=0xFFFFFFFF),
    "a virtual server after the last": LvsRequest(LvsVerb.SET_DESTINATION, virtual_server=1, is_in=1),
    "a virtual server that is far off": LvsRequest(LvsVerb.SET_SORRY, virtual_server=0xFFFFFFFF, is_in=1),
    "a real server after the last": LvsRequest(LvsVerb.SET_DESTINATION, real_server=2, is_in=1),
    "a real server that is far off": LvsRequest(LvsVerb.SET_DESTINATION, real_server=0xFFFFFFFF, is_in=1),
    "a socket after the last": LvsRequest(LvsVerb.OPEN_CHECK_SOCKET, socket=1),
    "a socket that is far off": LvsRequest(LvsVerb.OPEN_CHECK_SOCKET, socket=0xFFFFFFFF),
    "statistics of what is not": LvsRequest(LvsVerb.READ_STATISTICS, virtual_server=1),
    "a request of vrrpd's": BrokerRequest(Verb.TAKE),
    "vrrpd's hello": BrokerRequest(Verb.HELLO),
    "a request to watchd": WatchRequest(),
    "a request of the supervisor's": ControlRequest(0),
    **{f"malformed: {what}": data for what, data in malformed(bytes(LvsRequest(LvsVerb.HELLO))).items()
       if what != "all zeros"},
}


def by_threes(attacks: dict[str, Any]) -> list[Any]:
    """Some for each daemon: restarts become rarer with their number."""
    names = list(attacks)
    return [pytest.param(names[at:at + 3], id=names[at]) for at in range(0, len(names), 3)]


@pytest.mark.parametrize("names", by_threes(ILLEGAL))
@pytest.mark.parametrize("checkd", ["root"], indirect=True)
def test_whatever_else_it_asks_for_is_its_end(checkd: Victim, names: list[str]) -> None:
    for what in names:
        mark = checkd.daemon.log.mark()
        checkd.puppet.provoke(privd_of(checkd), bytes(ILLEGAL[what]))
        checkd.restarted()
        checkd.daemon.log.wait("Healthcheck broke the rules", 5, mark)
        assert not checkd.ipvs.table(), what
    works(checkd)
    contained(checkd)


def test_a_request_with_a_descriptor_is_its_end(checkd: Victim) -> None:
    with pytest.raises(Died):
        checkd.puppet.send_with_descriptors(privd_of(checkd), bytes(LvsRequest(LvsVerb.HELLO)), [LOG])
    checkd.restarted()
    works(checkd)
    contained(checkd)


def test_sockets_for_checks_are_finished(checkd: Victim) -> None:
    """Marked as configured: nothing else can be made of one."""
    event, descriptors = ask(checkd, LvsRequest(LvsVerb.OPEN_CHECK_SOCKET), LvsEventKind.SOCKET)
    assert event.result == 0, os.strerror(event.result)
    (descriptor,) = descriptors
    name = bytes(16)
    number = system_call_number("getsockname")
    with pytest.raises(Died):
        checkd.puppet.call(number, descriptor, Pointer(0), Pointer(16), memory=name + struct.pack("=I", 16))
    checkd.restarted()
    _, (descriptor,) = ask(checkd, LvsRequest(LvsVerb.OPEN_CHECK_SOCKET), LvsEventKind.SOCKET)
    mark = struct.pack("=I", MARK + 1)
    with pytest.raises(Died):
        checkd.puppet.call(system_call_number("setsockopt"), descriptor, socket.SOL_SOCKET, 36, Pointer(0), 4, memory=mark)
    checkd.restarted()
    contained(checkd)


def test_a_flood_of_requests_holds_nobody_up(checkd: Victim) -> None:
    """privd serves vrrpd, and does not grow; the table ends as it was said last."""
    ask(checkd, LvsRequest(LvsVerb.HELLO), LvsEventKind.HELLO_END)
    checkd.puppet.flood(privd_of(checkd), bytes(LvsRequest(LvsVerb.OPEN_CHECK_SOCKET)))
    vrrpd = checkd.daemon.process("holdfast-vrrpd")
    vrrpd.kill()
    wait_until(lambda: checkd.daemon.process("holdfast-vrrpd").pid != vrrpd.pid, 5, "vrrpd started again")
    for address in VIRTUAL:
        checkd.node.wait_holds(address, 5)
    taken = checkd.before.vitals["holdfast-privd"]
    holds_for(lambda: checkd.daemon.process("holdfast-privd").pid == taken.pid, 2, "privd goes on")
    checkd.contained(but=["holdfast-vrrpd"])


def test_what_it_does_not_read_does_not_make_privd_grow(checkd: Victim) -> None:
    request = bytes(LvsRequest(LvsVerb.READ_STATISTICS))
    for _ in range(50):
        checkd.puppet.send(privd_of(checkd), request, repeat=200)
    contained(checkd)


# ------------------------------------------------------------------------------------- to scriptd

SCRIPT_ATTACKS = {
    "an unknown verb": ScriptRequest(4),
    "a check after the last": ScriptRequest(ScriptVerb.CHECK, script=1),
    "a check that is far off": ScriptRequest(ScriptVerb.CHECK, script=0xFFFFFFFF),
    "a notifier after the last": ScriptRequest(ScriptVerb.NOTIFY_SERVER, script=1),
    "a hook of vrrpd's": ScriptRequest(ScriptVerb.NOTIFY, state=State.MASTER, priority=255),
    "vrrpd's hello": ScriptRequest(ScriptVerb.HELLO),
    "nonsense": b"\xff" * 32,
}


@pytest.mark.parametrize("what", SCRIPT_ATTACKS)
@pytest.mark.parametrize("checkd", ["root"], indirect=True)
def test_nonsense_to_scriptd_runs_no_script(checkd: Victim, what: str) -> None:
    checkd.puppet.provoke(scriptd_of(checkd), bytes(SCRIPT_ATTACKS[what]))
    checkd.daemon.log.wait("checkd sent", 5)
    assert runs(checkd) == []
    checkd.contained(but=["holdfast-scriptd"])


def test_scripts_run_with_their_words_and_one_at_a_time(checkd: Victim) -> None:
    """A flood of checks is answered for what runs already, and starts nothing beside it."""
    works(checkd)
    checkd.puppet.send(scriptd_of(checkd), bytes(ScriptRequest(ScriptVerb.NOTIFY_SERVER, instance=0xFFFFFFFF)))
    wait_until(lambda: runs(checkd) == ["check", "up"], 5, "a check and a notification")
    for _ in range(20):
        checkd.puppet.send(scriptd_of(checkd), bytes(ScriptRequest(ScriptVerb.CHECK)), repeat=100)
    wait_until(checkd.puppet.alive, 1, "alive, or ended and restarted") if checkd.puppet.alive() else checkd.next_life()
    assert set(runs(checkd)) == {"check", "up"}
    checkd.contained(but=["holdfast-scriptd"])


# ----------------------------------------------------------------------------------- to the kernel

FATAL = {
    "open a file": ("openat", (-100, Pointer(0), os.O_RDONLY, 0), b"/etc/passwd\0"),
    "make a file": ("openat", (-100, Pointer(0), os.O_RDWR | os.O_CREAT, 0o644), b"/run/test/new\0"),
    "execve": ("execve", (Pointer(0), 0, 0), b"/bin/sh\0"),
    "fork": ("fork", (), b""),
    "a packet socket": ("socket", (socket.AF_PACKET, socket.SOCK_RAW, 0), b""),
    "a raw socket": ("socket", (socket.AF_INET, socket.SOCK_RAW, 112), b""),
    "raw ICMP": ("socket", (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP), b""),
    "a netlink socket": ("socket", (socket.AF_NETLINK, socket.SOCK_RAW, 0), b""),
    "a Unix socket": ("socket", (socket.AF_UNIX, socket.SOCK_STREAM, 0), b""),
    "a socket of another family": ("socket", (socket.AF_INET, socket.SOCK_STREAM, 132), b""),
    "listen": ("listen", (3, 1), b""),
    "accept": ("accept4", (3, 0, 0, 0), b""),
    "a mark": ("setsockopt", (3, socket.SOL_SOCKET, 36, Pointer(0), 4), bytes(4)),
    "IP_TRANSPARENT": ("setsockopt", (3, socket.IPPROTO_IP, 19, Pointer(0), 4), bytes(4)),
    "a datagram to whom it likes": ("sendto", (3, Pointer(0), 1, 0, Pointer(0), 16), bytes(16)),
    "ioctl": ("ioctl", (3, 0x8901, Pointer(0)), bytes(8)),
    "a signal": ("kill", (1, 0), b""),
    "a signal by pidfd": ("pidfd_send_signal", (3, 0, 0, 0), b""),
    "ptrace": ("ptrace", (0, 0, 0, 0), b""),
    "another user": ("setresuid", (0, 0, 0), b""),
    "a mount": ("mount", (0, Pointer(0), 0, 0, 0), b"/\0"),
    "a namespace": ("unshare", (0x10000000,), b""),
    "a program in the kernel": ("bpf", (0, Pointer(0), 8), bytes(8)),
}


@pytest.mark.parametrize("names", by_threes(FATAL))
@pytest.mark.parametrize("checkd", ["root"], indirect=True)
def test_system_calls_that_it_does_not_need_are_its_end(checkd: Victim, names: list[str]) -> None:
    for what in names:
        name, arguments, memory = FATAL[what]
        with pytest.raises(Died):
            outcome = checkd.puppet.call(system_call_number(name), *arguments, memory=memory)
            pytest.fail(f"{what}: {outcome}")
        checkd.restarted()
    assert not checkd.node.path("/run/test/new").exists()
    works(checkd)
    contained(checkd)


def test_it_cannot_bind_to_a_low_port(checkd: Victim) -> None:
    number = checkd.puppet.call(system_call_number("socket"), socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    name = struct.pack("!H4s8x", LOW_PORT, socket.inet_aton("0.0.0.0"))
    bound = checkd.puppet.call(system_call_number("bind"), number.result, Pointer(0), 16,
                               memory=struct.pack("=H", socket.AF_INET) + name)
    assert bound.error == errno.EACCES
    contained(checkd)


def test_it_cannot_use_up_the_descriptors_of_the_machine(checkd: Victim) -> None:
    made = checkd.puppet.call(system_call_number("socket"), socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP,
                              repeat=200_000)
    assert made.error == errno.EMFILE
    assert len(os.listdir(f"/proc/{checkd.puppet.pid}/fd")) < 100_000
    contained(checkd)


# ----------------------------------------------------------------------------- to the supervisor

CONTROL_ATTACKS = {
    "nonsense": b"\xff" * 24,
    "64 KiB": bytes(65536),
    "an unknown kind": bytes(ControlEvent(max(ControlEventKind) + 1)),
    "loads twice": bytes(ControlEvent(ControlEventKind.LOADED, 1)),
    "loads what nobody gave it": bytes(ControlEvent(ControlEventKind.LOADED, 2)),
    "stops unasked": bytes(ControlEvent(ControlEventKind.STOPPED)),
    "dumps unasked": bytes(ControlEvent(ControlEventKind.DUMPED, object=0xFFFFFFFF)),
    "accuses vrrpd": bytes(ControlEvent(ControlEventKind.MISBEHAVED, object=Peer.VRRPD)),
    "accuses a scriptd that is not": bytes(ControlEvent(ControlEventKind.MISBEHAVED, result=1, object=Peer.SCRIPTD)),
    "ends a service": bytes(ControlEvent(ControlEventKind.SERVICE_ENDED)),
}


@pytest.mark.parametrize("names", by_threes(CONTROL_ATTACKS))
@pytest.mark.parametrize("checkd", ["root"], indirect=True)
def test_nonsense_to_the_supervisor_is_its_end(checkd: Victim, names: list[str]) -> None:
    for what in names:
        checkd.puppet.provoke(CONTROL, CONTROL_ATTACKS[what])
        checkd.restarted()
    works(checkd)
    contained(checkd)


def test_a_flood_of_log_lines_does_not_hold_up_the_supervisor(checkd: Victim) -> None:
    checkd.puppet.flood(LOG, log_line(b"flood " * 100))
    scriptd = checkd.daemon.process("holdfast-scriptd")
    scriptd.kill()
    wait_until(lambda: checkd.daemon.process("holdfast-scriptd").pid != scriptd.pid, 3, "scriptd started again")
    checkd.contained(but=["holdfast-scriptd"])
    started = time.monotonic()
    assert checkd.daemon.stop(15) == 0
    assert time.monotonic() - started < 9


def test_its_death_leaves_ipvs_as_it_is(checkd: Victim) -> None:
    ask(checkd, LvsRequest(LvsVerb.HELLO), LvsEventKind.HELLO_END)
    checkd.puppet.send(privd_of(checkd), bytes(LvsRequest(LvsVerb.SET_DESTINATION, is_in=1, weight=3)))
    wait_until(lambda: checkd.ipvs.table() == {SERVERS[0]: 3}, 5, "the first one")
    said: list[Destination] = checkd.ipvs.destinations()
    for _ in range(2):
        os.kill(checkd.puppet.pid, signal.SIGKILL)
        checkd.restarted()
        ask(checkd, LvsRequest(LvsVerb.HELLO), LvsEventKind.HELLO_END)
    assert checkd.ipvs.destinations() == said
    contained(checkd)
