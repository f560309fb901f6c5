"""A scriptd that was taken over, or a script that it runs, which can do the same: nothing is changed
beside what its scripts can say anyway, and no other process is ended."""

import errno
import os
import resource
import signal
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.node import Network
from harness.proc import Process
from harness.wait import holds_for, wait_until

from broker import VIRTUAL
from messages import (FEW, BrokerRequest, ControlEvent, ControlEventKind, Peer, ScriptEvent, ScriptEventKind, ScriptRequest,
                      ScriptVerb, Verb, log_line, malformed)
from puppet import CONTROL, LOG, Pointer, system_call_number
from victim import DYNAMIC, OWNER, Victim, victim


@pytest.fixture
def scriptd(network: Network) -> Iterator[Victim]:
    """A daemon, started by root, whose scriptd is the test's to move; its vrrpd is master of everything."""
    with victim(network, "holdfast-scriptd", OWNER) as made:
        yield made


@pytest.fixture(params=["root", "dynamic"])
def any_scriptd(network: Network, request: pytest.FixtureRequest) -> Iterator[Victim]:
    """The same, in both ways of starting. In the second one all processes share one user."""
    prefix = DYNAMIC if request.param == "dynamic" else []
    with victim(network, "holdfast-scriptd", OWNER, prefix) as made:
        yield made


@pytest.fixture
def shared_scriptd(network: Network) -> Iterator[Victim]:
    """The same, where all processes share one user."""
    with victim(network, "holdfast-scriptd", OWNER, DYNAMIC) as made:
        yield made


def vrrpd_of(taken: Victim) -> int:
    """The puppet's descriptor of its channel to vrrpd."""
    return taken.joined.channels[Peer.VRRPD, 0]


def works(taken: Victim) -> None:
    """vrrpd says hello to the present life, and listens to it."""
    data, _ = taken.puppet.await_message(vrrpd_of(taken))
    assert data[:12] == bytes(ScriptRequest(ScriptVerb.HELLO))[:12]
    mark = taken.daemon.log.mark()
    taken.puppet.send(vrrpd_of(taken), bytes(ScriptEvent(ScriptEventKind.RESULT, status=1)))
    taken.daemon.log.wait(r"VRRP_Script\(check\) failed", 5, mark)


# Messages whose script is another one than its own are well-formed, and say nothing.
IGNORED = {
    "a script after the last": bytes(ScriptEvent(ScriptEventKind.RESULT, script=1)),
    "a script that is far off": bytes(ScriptEvent(ScriptEventKind.RESULT, script=0xFFFFFFFF)),
    "another generation": bytes(ScriptEvent(ScriptEventKind.RESULT, generation=2, status=1)),
    "hello ends for ever": bytes(ScriptEvent(ScriptEventKind.HELLO_END)),
}

TO_VRRPD = {
    **malformed(bytes(ScriptEvent(ScriptEventKind.RESULT))),
    "a request to privd": bytes(BrokerRequest(Verb.TAKE)),
}


@pytest.mark.parametrize("what", ["an unknown kind", "an unknown outcome", "a request to privd", *FEW])
def test_nonsense_to_vrrpd_is_its_end(scriptd: Victim, what: str) -> None:
    attacks = TO_VRRPD | {
        "an unknown kind": bytes(ScriptEvent(2)),
        "an unknown outcome": bytes(ScriptEvent(ScriptEventKind.RESULT, outcome=4)),
    }
    scriptd.puppet.provoke(vrrpd_of(scriptd), attacks[what])
    scriptd.restarted()
    works(scriptd)
    scriptd.contained()


@pytest.mark.parametrize("what", IGNORED)
def test_what_is_not_about_its_scripts_is_left_out(scriptd: Victim, what: str) -> None:
    mark = scriptd.daemon.log.mark()
    for _ in range(1000):
        scriptd.puppet.send(vrrpd_of(scriptd), IGNORED[what])
    works(scriptd)
    assert len(scriptd.daemon.log.find("VRRP_Script", mark)) == 1
    scriptd.contained()


@pytest.mark.parametrize("count", [1, 2, 3, 200])
def test_descriptors_that_nobody_asked_for_are_its_end(scriptd: Victim, count: int) -> None:
    for descriptor, data in ((vrrpd_of(scriptd), bytes(ScriptEvent(ScriptEventKind.HELLO_END))),
                             (CONTROL, bytes(ControlEvent(ControlEventKind.ALIVE))), (LOG, log_line(b"with a present"))):
        try:
            scriptd.puppet.send_with_descriptors(descriptor, data, [CONTROL] * count)
        except AssertionError:
            pass
        scriptd.restarted()
        if descriptor == vrrpd_of(scriptd):
            works(scriptd)
    scriptd.contained()


@pytest.mark.parametrize("what", ["an unknown kind", "refuses its configuration", "accuses privd", "accuses vrrpd",
                                  "accuses itself", *FEW])
def test_nonsense_to_the_supervisor_is_its_end(scriptd: Victim, what: str) -> None:
    attacks = malformed(bytes(ControlEvent(ControlEventKind.ALIVE))) | {
        "an unknown kind": bytes(ControlEvent(5)),
        "refuses its configuration": bytes(ControlEvent(ControlEventKind.LOADED, 1, errno.EINVAL)),
        "accuses privd": bytes(ControlEvent(ControlEventKind.MISBEHAVED, object=Peer.PRIVD)),
        "accuses vrrpd": bytes(ControlEvent(ControlEventKind.MISBEHAVED, scriptd.joined.numbers[Peer.VRRPD, 0],
                                            object=Peer.VRRPD)),
        "accuses itself": bytes(ControlEvent(ControlEventKind.MISBEHAVED, object=Peer.SCRIPTD)),
    }
    scriptd.puppet.provoke(CONTROL, attacks[what])
    scriptd.restarted()
    works(scriptd)
    scriptd.contained()


def test_floods_do_not_hold_vrrpd_up(scriptd: Victim) -> None:
    """vrrpd goes on advertising once a second, and stays the process that it is."""
    scriptd.puppet.flood(vrrpd_of(scriptd), bytes(ScriptEvent(ScriptEventKind.RESULT, script=1)))
    before = len(scriptd.wire.frames())
    wait_until(lambda: len(scriptd.wire.frames()) >= before + 12, 8, "four rounds of three advertisements")
    scriptd.contained()
    assert scriptd.daemon.stop(15) == 0


def pid_in(taken: Victim, name: str) -> int:
    """The pid of another process of the daemon, as the puppet sees it."""
    pid = taken.daemon.pid if name == "holdfast" else taken.daemon.process(name).pid
    return Process(pid).numbers("NSpid")[-1]


OTHERS = ("holdfast", "holdfast-privd", "holdfast-vrrpd")


@pytest.mark.parametrize("name", OTHERS)
def test_it_cannot_look_into_the_other_processes(any_scriptd: Victim, name: str) -> None:
    puppet, pid = any_scriptd.puppet, pid_in(any_scriptd, name)
    refused = (errno.EPERM, errno.EACCES)
    for file in ("mem", "environ", "maps", "auxv", "syscall"):
        opened = puppet.call(system_call_number("openat"), -100, Pointer(0), os.O_RDONLY,
                             memory=f"/proc/{pid}/{file}".encode() + b"\0")
        assert opened.error in refused, f"{file}: {opened}"
    for descriptor in range(8):
        opened = puppet.call(system_call_number("openat"), -100, Pointer(0), os.O_RDONLY,
                             memory=f"/proc/{pid}/fd/{descriptor}".encode() + b"\0")
        assert opened.error in (*refused, errno.ENOENT), f"fd/{descriptor}: {opened}"
    vector = struct.pack("=QQ", 0, 8)
    assert puppet.call(system_call_number("ptrace"), 16, pid, 0, 0).error == errno.EPERM
    assert puppet.call(system_call_number("ptrace"), 0x4206, pid, 0, 0).error == errno.EPERM
    for name_of_call in ("process_vm_readv", "process_vm_writev"):
        assert puppet.call(system_call_number(name_of_call), pid, Pointer(0), 1, Pointer(0), 1, 0,
                           memory=vector).error == errno.EPERM
    pidfd = puppet.call(system_call_number("pidfd_open"), pid, 0)
    assert pidfd.error == 0
    for descriptor in range(8):
        assert puppet.call(system_call_number("pidfd_getfd"), pidfd.result, descriptor, 0).error == errno.EPERM
    assert puppet.call(system_call_number("kcmp"), pid, pid, 0, 0, 0).error == errno.EPERM
    any_scriptd.contained()


@pytest.mark.parametrize("name", OTHERS)
def test_it_cannot_signal_the_other_processes(any_scriptd: Victim, name: str) -> None:
    puppet, pid = any_scriptd.puppet, pid_in(any_scriptd, name)
    for number in (0, signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
        assert puppet.call(system_call_number("kill"), pid, number).error == errno.EPERM
    any_scriptd.contained()


def scheduling_of(pid: int) -> tuple[object, ...]:
    """What another process of the same user could be slowed down or starved with."""
    limits = Path(f"/proc/{pid}/limits").read_text()
    return os.sched_getaffinity(pid), os.getpriority(os.PRIO_PROCESS, pid), os.sched_getscheduler(pid), limits


@pytest.mark.parametrize("name", OTHERS)
def test_it_cannot_slow_down_or_starve_the_other_processes(shared_scriptd: Victim, name: str) -> None:
    """The kernel asks only whether the user is the same, and it is. To do it to itself stays possible."""
    puppet, pid = shared_scriptd.puppet, pid_in(shared_scriptd, name)
    outside = shared_scriptd.daemon.pid if name == "holdfast" else shared_scriptd.daemon.process(name).pid
    before = scheduling_of(outside)
    user, group, idle = 2, 1, 5
    memory = struct.pack("=QQ", 1, 1)
    attributes = struct.pack("=IIQiIQQQ", 48, idle, 0, 19, 0, 0, 0, 0)
    attempts = {
        "limits": ("prlimit64", (pid, resource.RLIMIT_NOFILE, Pointer(0), 0), memory),
        "limits, by way of its number's upper half": ("prlimit64", (1 << 32 | pid, 7, Pointer(0), 0), memory),
        "affinity": ("sched_setaffinity", (pid, 8, Pointer(0)), memory),
        "policy": ("sched_setscheduler", (pid, idle, Pointer(0)), bytes(8)),
        "policy's parameter": ("sched_setparam", (pid, Pointer(0)), bytes(8)),
        "policy, the new way": ("sched_setattr", (pid, Pointer(0), 0), attributes),
        "priority": ("setpriority", (0, pid, 19), b""),
        "priority of its group": ("setpriority", (group, pid, 19), b""),
        "priority of the whole user": ("setpriority", (user, 0, 19), b""),
        "disk priority": ("ioprio_set", (1, pid, 3 << 13), b""),
        "disk priority of the whole user": ("ioprio_set", (3, 0, 3 << 13), b""),
        "memory to another node": ("migrate_pages", (pid, 64, Pointer(0), Pointer(8)), memory),
        "pages to another node": ("move_pages", (pid, 0, 0, 0, 0, 0), b""),
    }
    for what, (call, arguments, data) in attempts.items():
        outcome = puppet.call(system_call_number(call), *arguments, memory=data + bytes(64))
        assert outcome.error == errno.EPERM, f"{what}: {outcome}"
    assert scheduling_of(outside) == before
    for call, arguments, data in (("prlimit64", (0, resource.RLIMIT_CORE, Pointer(0), 0), bytes(16)),
                                  ("sched_setaffinity", (0, 8, Pointer(0)), memory),
                                  ("setpriority", (0, 0, 19), b""), ("ioprio_set", (1, 0, 3 << 13), b"")):
        assert puppet.call(system_call_number(call), *arguments, memory=data + bytes(64)).error == 0, call
    shared_scriptd.contained()


def test_it_has_no_privilege_to_use(any_scriptd: Victim) -> None:
    """Whatever it asks the kernel for by itself: no identity, no network, no namespace, no program in the kernel."""
    puppet = any_scriptd.puppet
    no = (errno.EPERM, errno.EACCES)
    attempts = {
        "become root": ("setresuid", (0, 0, 0), b""),
        "become privd": ("setresuid", (1, 1, 1), b""),
        "root's group": ("setresgid", (0, 0, 0), b""),
        "raw socket": ("socket", (socket.AF_INET, socket.SOCK_RAW, 112), b""),
        "packet socket": ("socket", (socket.AF_PACKET, socket.SOCK_RAW, 0), b""),
        "user namespace": ("unshare", (0x10000000,), b""),
        "user namespace in a child": ("clone", (0x10000000 | signal.SIGCHLD, 0, 0, 0, 0), b""),
        "network namespace": ("unshare", (0x40000000,), b""),
        "mount": ("mount", (Pointer(0), Pointer(0), Pointer(0), 0x1000, 0), b"/tmp\0"),
        "program in the kernel": ("bpf", (0, Pointer(0), 64), bytes(64)),
        "performance counters": ("perf_event_open", (Pointer(0), 0, -1, -1, 0), bytes(128)),
        "io_uring": ("io_uring_setup", (1, Pointer(0)), bytes(128)),
        "userfaultfd": ("userfaultfd", (1,), b""),
        "the clock": ("clock_settime", (0, Pointer(0)), bytes(16)),
        "the host's name": ("sethostname", (Pointer(0), 3), b"own"),
        "the terminal": ("ioctl", (0, 0x5412, Pointer(0)), b"x"),
        "capabilities": ("capset", (Pointer(0), Pointer(8)), struct.pack("=IiIIIIII", 0x20080522, 0, 1 << 12, 1 << 12, 0, 0, 0, 0)),
        "write the binary": ("openat", (-100, Pointer(0), os.O_WRONLY), b"/proc/self/exe\0"),
        "write the configuration": ("openat", (-100, Pointer(0), os.O_WRONLY), b"/run/test/keepalived.conf\0"),
    }
    for what, (name, arguments, memory) in attempts.items():
        outcome = puppet.call(system_call_number(name), *arguments, memory=memory + bytes(64))
        assert outcome.error in (*no, errno.ETXTBSY if what == "write the binary" else errno.EPERM), f"{what}: {outcome}"
    route = puppet.call(system_call_number("socket"), socket.AF_NETLINK, socket.SOCK_RAW, 0)
    assert route.error == 0, "whoever may look at the network may open this"
    index = int(any_scriptd.node.run(["cat", "/sys/class/net/lo/ifindex"]).stdout)
    request = struct.pack("=IHHIIBBBBIHH4sHH4s", 40, 20, 0x605, 1, 0, socket.AF_INET, 32, 0, 0, index,
                          8, 2, bytes([192, 0, 2, 66]), 8, 1, bytes([192, 0, 2, 66]))
    puppet.call(system_call_number("sendto"), route.result, Pointer(0), len(request), 0, 0, 0, memory=request)
    assert "192.0.2.66" not in any_scriptd.node.addresses()
    any_scriptd.contained()


def test_the_addresses_stay_whatever_its_end_is(any_scriptd: Victim) -> None:
    any_scriptd.puppet.provoke(LOG, b"\xff" * 16)
    holds_for(lambda: set(VIRTUAL) <= any_scriptd.node.addresses(), 0.5, "all addresses are there")
    any_scriptd.restarted()
    works(any_scriptd)
    any_scriptd.contained()
