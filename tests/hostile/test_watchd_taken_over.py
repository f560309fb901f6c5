"""A watchd that was taken over: it can read what it reads anyway, say numbers of the files and processes
that are configured, and nothing else."""

import errno
import os
import signal
from collections.abc import Iterator

import pytest

from harness.node import Network

from broker import INTERFACE
from messages import (FEW, BrokerRequest, ControlEvent, ControlEventKind, Peer, ScriptEvent, ScriptEventKind,
                      Verb, WatchEvent, WatchEventKind, WatchRequest,
                      malformed)
from puppet import CONTROL, Died, Pointer, system_call_number
from victim import DYNAMIC, OWNER, Victim, prepare, victim
import victim as victims

WATCHED = "/run/test/watched"
SECRET = "/run/test/secret"
TRACKING = f"""
track_file number {{
    file {WATCHED}/number
    weight 1
}}
vrrp_track_process some {{
    process some-process
    weight 10
}}
vrrp_instance VI_WATCHED {{
    interface {INTERFACE}
    virtual_router_id 54
    priority 100
    advert_int 40
    virtual_ipaddress {{
        10.99.99.99/32
    }}
    track_file {{
        number
    }}
    track_process {{
        some
    }}
}}
"""


@pytest.fixture(params=["root", "dynamic"])
def watchd(network: Network, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Victim]:
    """A daemon, started in both ways, whose watchd is the test's to move."""
    def with_files(made: Network) -> object:
        node = prepare(made)
        node.write(f"{WATCHED}/number", "7\n", 0o644)
        node.write(SECRET, "for nobody else\n", 0o644)
        return node

    monkeypatch.setattr(victims, "prepare", with_files)
    prefix = DYNAMIC if request.param == "dynamic" else []
    with victim(network, "holdfast-watchd", OWNER + TRACKING, prefix) as made:
        yield made


def vrrpd_of(taken: Victim) -> int:
    """The puppet's descriptor of its channel to vrrpd."""
    return taken.joined.channels[Peer.VRRPD, 0]


def works(taken: Victim) -> None:
    """vrrpd says hello to the present life, and listens to it."""
    data, _ = taken.puppet.await_message(vrrpd_of(taken))
    assert data == bytes(WatchRequest())
    mark = taken.daemon.log.mark()
    for number in (20, 10):
        taken.puppet.send(vrrpd_of(taken), bytes(WatchEvent(WatchEventKind.FILE, number)))
        taken.daemon.log.wait(rf"\(VI_WATCHED\) Changing effective priority from \d+ to {100 + number}", 5, mark)


def open_file(taken: Victim, path: str, flags: int = os.O_RDONLY) -> int:
    """0, or the errno of opening a file."""
    return taken.puppet.call(system_call_number("openat"), -100, Pointer(0), flags, 0o644,
                             memory=path.encode() + b"\0").error


def test_it_reads_beneath_its_directories_and_nothing_else(watchd: Victim) -> None:
    assert open_file(watchd, f"{WATCHED}/number") == 0
    assert open_file(watchd, "/proc/1/comm") == 0
    vrrpd = watchd.daemon.process("holdfast-vrrpd").numbers("NSpid")[-1]
    for path in (SECRET, "/etc/passwd", "/run", f"{WATCHED}/../secret", f"/proc/{vrrpd}/environ", f"/proc/{vrrpd}/maps",
                 f"/proc/{vrrpd}/mem", "/proc/1/environ"):
        assert open_file(watchd, path) == errno.EACCES, path
    watchd.contained()


FATAL = {
    "write a tracked file": ("openat", (-100, Pointer(0), os.O_WRONLY, 0), f"{WATCHED}/number\0".encode()),
    "truncate a tracked file": ("openat", (-100, Pointer(0), os.O_RDONLY | os.O_TRUNC, 0), f"{WATCHED}/number\0".encode()),
    "make a file": ("openat", (-100, Pointer(0), os.O_RDONLY | os.O_CREAT, 0o644), f"{WATCHED}/new\0".encode()),
    "remove a tracked file": ("unlink", (Pointer(0),), f"{WATCHED}/number\0".encode()),
    "execve": ("execve", (Pointer(0), 0, 0), b"/bin/sh\0"),
    "fork": ("fork", (), b""),
    "a socket": ("socket", (2, 1, 0), b""),
    "connect": ("connect", (3, Pointer(0), 16), bytes(16)),
    "a signal": ("kill", (1, 0), b""),
    "a signal by pidfd": ("pidfd_send_signal", (3, 0, 0, 0), b""),
    "ptrace": ("ptrace", (0, 0, 0, 0), b""),
    "pass a descriptor on": ("sendmsg", (3, Pointer(0), 0), bytes(64)),
}


@pytest.mark.parametrize("what", FATAL)
def test_whatever_else_it_tries_is_its_end(watchd: Victim, what: str) -> None:
    name, arguments, memory = FATAL[what]
    with pytest.raises(Died):
        watchd.puppet.call(system_call_number(name), *arguments, memory=memory)
    watchd.restarted()
    works(watchd)
    assert watchd.node.path(f"{WATCHED}/number").read_text() == "7\n"
    watchd.contained()


@pytest.mark.parametrize("what", ["an unknown kind", "less than no processes", "a result of a script", *FEW])
def test_nonsense_to_vrrpd_is_its_end(watchd: Victim, what: str) -> None:
    attacks = malformed(bytes(WatchEvent(WatchEventKind.FILE))) | {
        "an unknown kind": bytes(WatchEvent(3)),
        "less than no processes": bytes(WatchEvent(WatchEventKind.PROCESSES, -1)),
        "a result of a script": bytes(ScriptEvent(ScriptEventKind.RESULT)),
    }
    watchd.puppet.provoke(vrrpd_of(watchd), attacks[what])
    watchd.restarted()
    works(watchd)
    watchd.contained()


def test_what_is_not_about_its_objects_is_left_out(watchd: Victim) -> None:
    mark = watchd.daemon.log.mark()
    for event in (WatchEvent(WatchEventKind.FILE, 50, object=1), WatchEvent(WatchEventKind.FILE, 50, object=0xFFFFFFFF),
                  WatchEvent(WatchEventKind.PROCESSES, 50, object=1), WatchEvent(WatchEventKind.FILE, 50, generation=2)):
        for _ in range(100):
            watchd.puppet.send(vrrpd_of(watchd), bytes(event))
    works(watchd)
    assert not watchd.daemon.log.find("to 150", mark)
    watchd.contained()


def test_privd_reads_nothing_of_what_it_says(watchd: Victim) -> None:
    privd = watchd.joined.channels[Peer.PRIVD, 0]
    for _ in range(100):
        outcome = watchd.puppet.send(privd, bytes(BrokerRequest(Verb.TAKE)))
        assert outcome.error == errno.EPIPE, "privd has closed its end once it had said its word"
    watchd.contained()


def test_an_accusation_is_its_own_end(watchd: Victim) -> None:
    for peer in (Peer.VRRPD, Peer.PRIVD):
        number = watchd.joined.numbers[peer, 0]
        watchd.puppet.provoke(CONTROL, bytes(ControlEvent(ControlEventKind.MISBEHAVED, number, object=peer)))
        watchd.restarted()
    works(watchd)
    watchd.contained()


def test_its_death_changes_nothing(watchd: Victim) -> None:
    works(watchd)
    mark = watchd.daemon.log.mark()
    os.kill(watchd.puppet.pid, signal.SIGKILL)
    watchd.restarted()
    assert not watchd.daemon.log.find("effective priority", mark)
    works(watchd)
    watchd.contained()
