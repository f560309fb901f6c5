"""Invariant 3: what a worker has no use for is its end, whoever asks the kernel for it. The takeover has
the worker's own sandbox, and a living process of the same user beside it."""

import errno
import fcntl
import mmap
import os
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from harness import proc
from harness.node import Network, Node
from harness.wait import wait_until

from broker import OWN, make_gateway
from messages import Peer
from puppet import Died, Pointer, Puppet, Stage, system_call_number
from worker import Worker

SO_BINDTODEVICE, SO_DETACH_FILTER, IP_HDRINCL = 25, 27, 3
X32 = 0x40000000
PATH = b"/tmp/attack\0"


@dataclass(frozen=True)
class Attempt:
    """A system call, its arguments by name or number, and the memory that goes with it."""

    name: str
    arguments: tuple[int | str | Pointer, ...] = ()
    memory: bytes = bytes(64)
    number_bits: int = field(default=0, kw_only=True)


def address_of(host: str) -> bytes:
    """A sockaddr_in."""
    return struct.pack("=HH", socket.AF_INET, 0) + socket.inet_aton(host) + bytes(8)


def value(number: int) -> bytes:
    """An int, as setsockopt takes it."""
    return struct.pack("=i", number)


# "sibling" is the pid of another process of the same user, "socket" a socket to send advertisements with.
ANYBODY: Mapping[str, Attempt] = {
    "open a file": Attempt("openat", (-100, Pointer(0), 0), b"/etc/passwd\0"),
    "open a file, the old way": Attempt("open", (Pointer(0), 0), b"/etc/passwd\0"),
    "write a file": Attempt("openat", (-100, Pointer(0), os.O_WRONLY | os.O_CREAT, 0o644), PATH),
    "memory of the sibling": Attempt("openat", (-100, Pointer(0), os.O_RDWR), b"/proc/SIBLING/mem\0"),
    "remove a file": Attempt("unlink", (Pointer(0),), PATH),
    "link a file": Attempt("symlink", (Pointer(0), Pointer(0)), PATH),
    "rename a file": Attempt("rename", (Pointer(0), Pointer(0)), PATH),
    "make a directory": Attempt("mkdir", (Pointer(0), 0o755), PATH),
    "execve": Attempt("execve", (Pointer(0), 0, 0), b"/bin/sh\0"),
    "execveat": Attempt("execveat", (-100, Pointer(0), 0, 0, 0), b"/bin/sh\0"),
    "fork": Attempt("fork"),
    "vfork": Attempt("vfork"),
    "clone": Attempt("clone", (signal.SIGCHLD, 0, 0, 0, 0)),
    "a user namespace": Attempt("unshare", (0x10000000,)),
    "join a namespace": Attempt("setns", (3, 0)),
    "ptrace the sibling": Attempt("ptrace", (16, "sibling", 0, 0)),
    "ptrace be traced": Attempt("ptrace", (0, 0, 0, 0)),
    "read the sibling's memory": Attempt("process_vm_readv", ("sibling", Pointer(0), 1, Pointer(16), 1, 0)),
    "write the sibling's memory": Attempt("process_vm_writev", ("sibling", Pointer(0), 1, Pointer(16), 1, 0)),
    "is the sibling there": Attempt("kill", ("sibling", 0)),
    "kill the sibling": Attempt("kill", ("sibling", signal.SIGKILL)),
    "kill everybody": Attempt("kill", (-1, signal.SIGKILL)),
    "kill a thread of the sibling": Attempt("tgkill", ("sibling", "sibling", signal.SIGKILL)),
    "kill a thread, the old way": Attempt("tkill", ("sibling", signal.SIGKILL)),
    "queue a signal": Attempt("rt_sigqueueinfo", ("sibling", signal.SIGTERM, Pointer(0))),
    "a pidfd of the sibling": Attempt("pidfd_open", ("sibling", 0)),
    "the sibling's descriptors": Attempt("pidfd_getfd", (3, 0, 0)),
    "compare with the sibling": Attempt("kcmp", ("sibling", "sibling", 0, 0, 0)),
    "the sibling's limits": Attempt("prlimit64", ("sibling", 7, Pointer(0), 0), struct.pack("=QQ", 3, 3)),
    "the sibling's processor": Attempt("sched_setaffinity", ("sibling", 8, Pointer(0)), value(1)),
    "the sibling's priority": Attempt("setpriority", (0, "sibling", 19)),
    "become root": Attempt("setresuid", (0, 0, 0)),
    "become root's group": Attempt("setresgid", (0, 0, 0)),
    "other groups": Attempt("setgroups", (0, 0)),
    "capabilities": Attempt("capset", (Pointer(0), Pointer(8)), struct.pack("=IiIII", 0x20080522, 0, 1 << 12, 1 << 12, 0)),
    "a TCP socket": Attempt("socket", (socket.AF_INET, socket.SOCK_STREAM, 0)),
    "a UDP socket": Attempt("socket", (socket.AF_INET, socket.SOCK_DGRAM, 0)),
    "a local socket": Attempt("socket", (socket.AF_UNIX, socket.SOCK_STREAM, 0)),
    "a pair of sockets": Attempt("socketpair", (socket.AF_UNIX, socket.SOCK_STREAM, 0, Pointer(0))),
    "a raw socket of another protocol": Attempt("socket", (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)),
    "a raw socket of any protocol": Attempt("socket", (socket.AF_INET, socket.SOCK_RAW, 255)),
    "the audit log": Attempt("socket", (socket.AF_NETLINK, socket.SOCK_RAW, 9)),
    "a virtual machine's socket": Attempt("socket", (socket.AF_VSOCK, socket.SOCK_STREAM, 0)),
    "listen": Attempt("listen", ("socket", 1)),
    "accept": Attempt("accept4", ("socket", 0, 0, 0)),
    "several messages at once": Attempt("sendmmsg", ("socket", Pointer(0), 1, 0)),
    "code in new memory": Attempt("mmap", (0, 4096, mmap.PROT_READ | mmap.PROT_EXEC, 0x22, -1, 0)),
    "code in memory": Attempt("mprotect", (0, 4096, mmap.PROT_READ | mmap.PROT_EXEC)),
    "code in keyed memory": Attempt("pkey_mprotect", (0, 4096, mmap.PROT_EXEC, -1)),
    "mount": Attempt("mount", (Pointer(0), Pointer(0), Pointer(0), 0, 0), b"/tmp\0"),
    "change the root": Attempt("chroot", (Pointer(0),), b"/tmp\0"),
    "a program in the kernel": Attempt("bpf", (0, Pointer(0), 64)),
    "performance counters": Attempt("perf_event_open", (Pointer(0), 0, -1, -1, 0)),
    "io_uring": Attempt("io_uring_setup", (1, Pointer(0)), bytes(128)),
    "userfaultfd": Attempt("userfaultfd", (0,)),
    "a kernel module": Attempt("finit_module", (3, Pointer(0), 0)),
    "another kernel": Attempt("kexec_load", (0, 0, 0, 0)),
    "restart": Attempt("reboot", (0xfee1dead, 672274793, 0, 0)),
    "the clock": Attempt("clock_settime", (0, Pointer(0))),
    "the keyring": Attempt("keyctl", (0, -3, 0)),
    "shared memory": Attempt("shmget", (0, 4096, 0o1777)),
    "watch the file system": Attempt("inotify_init1", (0,)),
    "another filter": Attempt("seccomp", (1, 0, Pointer(0))),
    "the terminal": Attempt("ioctl", (0, 0x5412, Pointer(0))),
    "the other ABI": Attempt("getpid", number_bits=X32),
}

VRRPD: Mapping[str, Attempt] = {
    "a packet socket": Attempt("socket", (socket.AF_PACKET, socket.SOCK_RAW, 0x300)),
    "a socket like its own": Attempt("socket", (socket.AF_INET, socket.SOCK_RAW, 112)),
    "a route socket": Attempt("socket", (socket.AF_NETLINK, socket.SOCK_RAW, 0)),
    "the firewall": Attempt("socket", (socket.AF_NETLINK, socket.SOCK_RAW, 12)),
    "a destination of its own": Attempt("sendto", ("socket", Pointer(16), 8, 0, Pointer(0), 16), address_of("192.0.2.9") * 2),
    "a descriptor for somebody": Attempt("sendmsg", (3, Pointer(0), 0)),
    "connect to somebody else": Attempt("connect", ("socket", Pointer(0), 16), address_of("192.0.2.9")),
    "disconnect": Attempt("connect", ("socket", Pointer(0), 16), bytes(16)),
    "another source": Attempt("bind", ("socket", Pointer(0), 16), address_of(OWN)),
    "an IP header of its own": Attempt("setsockopt", ("socket", 0, IP_HDRINCL, Pointer(0), 4), value(1)),
    "another device": Attempt("setsockopt", ("socket", socket.SOL_SOCKET, SO_BINDTODEVICE, Pointer(0), 3), b"lo\0"),
    "detach the filter": Attempt("setsockopt", ("socket", socket.SOL_SOCKET, SO_DETACH_FILTER, Pointer(0), 4), value(0)),
    "an option of a socket": Attempt("getsockopt", ("socket", socket.SOL_SOCKET, 3, Pointer(0), Pointer(8)), value(4) * 4),
    "the socket's interface": Attempt("ioctl", ("socket", 0x8913, Pointer(0))),
    "shut the socket down": Attempt("shutdown", ("socket", 2)),
    "duplicate the socket": Attempt("dup", ("socket",)),
    "make the socket block": Attempt("fcntl", ("socket", fcntl.F_SETFL, 0)),
    "who sends signals to the socket's owner": Attempt("fcntl", ("socket", fcntl.F_SETOWN, 1)),
    "memory to share": Attempt("memfd_create", (Pointer(0), 0), PATH),
}

NOT_THERE = {
    "clone3": Attempt("clone3", (Pointer(0), 64)),
    "prctl": Attempt("prctl", (4, 1, 0, 0, 0)),
    "getrandom": Attempt("getrandom", (Pointer(0), 8, 0)),
    "statx": Attempt("statx", (-100, Pointer(0), 0, 0, Pointer(16)), b"/\0" + bytes(300)),
    "rseq": Attempt("rseq", (Pointer(0), 32, 0, 0)),
}


@dataclass
class Stand:
    """Where a worker's takeover comes on, beside a sibling."""

    node: Node
    program: str
    user: str
    stage: Stage
    sibling: int
    """Its pid in the node."""


@pytest.fixture(scope="module")
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    """A node in which one takeover after the other is started in the worker's place."""
    program = user = f"holdfast-{request.param}"
    with Network() as network:
        node = make_gateway(network)
        sleeper = node.spawn(["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "sleep", "1000"],
                             stdin=subprocess.DEVNULL)
        pid = wait_until(lambda: proc.children(sleeper.pid), 5, "the sibling started")[0]
        wait_until(lambda: proc.Process(pid).program == "sleep", 5, "the sibling sleeps")
        stage = Stage(node, program)
        yield Stand(node, program, user, stage, proc.Process(pid).numbers("NSpid")[-1])
        assert proc.is_alive(pid)
        stage.close()


def raw_socket(node: Node) -> socket.socket:
    """A socket as privd gives it to vrrpd."""
    made = node.in_network(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 112))
    made.bind((OWN, 0))
    made.connect(("10.0.0.2", 0))
    return made


def give(worker: Worker, puppet: Puppet, given: socket.socket) -> int:
    """Hands the puppet a socket; its number there."""
    channel = worker.attach(Peer.PRIVD)
    _, own = puppet.await_message(3)
    channel.send(bytes(8), [given.fileno()])
    _, descriptors = puppet.await_message(own[0])
    return descriptors[0]


def attempt(stand: Stand, tried: Attempt) -> int | None:
    """Makes the attempt: the errno that it gave, or None where it was the end."""
    with (Worker(stand.node, stand.program, stand.user) as worker, raw_socket(stand.node) as given,
          stand.stage.next() as puppet):
        names = {"sibling": stand.sibling}
        if "socket" in tried.arguments:
            names["socket"] = give(worker, puppet, given)
        arguments = [names[word] if isinstance(word, str) else word for word in tried.arguments]
        memory = tried.memory.replace(b"SIBLING", str(stand.sibling).encode())
        number = system_call_number(tried.name) | tried.number_bits
        try:
            return puppet.call(number, *arguments, memory=memory + bytes(64)).error
        except Died:
            assert worker.wait() == -signal.SIGSYS
            return None


BOTH = pytest.mark.parametrize("stand", ["vrrpd", "privd"], indirect=True)


@BOTH
@pytest.mark.parametrize("what", ANYBODY)
def test_is_the_end(stand: Stand, what: str) -> None:
    assert attempt(stand, ANYBODY[what]) is None, "it lives"
    assert not stand.node.path("/tmp/attack").exists()


@pytest.mark.parametrize("stand", ["vrrpd"], indirect=True)
@pytest.mark.parametrize("what", VRRPD)
def test_is_the_end_of_vrrpd(stand: Stand, what: str) -> None:
    assert attempt(stand, VRRPD[what]) is None, "it lives"


@BOTH
@pytest.mark.parametrize("what", NOT_THERE)
def test_is_not_there(stand: Stand, what: str) -> None:
    """What a newer C library may try first, and can do without."""
    assert attempt(stand, NOT_THERE[what]) == errno.ENOSYS
