"""A confd that was taken over, by the file that it read: it can have the daemon not start, or not reload.
What is in force stays in force."""

import signal
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from harness.daemon import HOLDFAST, Daemon
from harness.node import Network
from harness.wait import holds_for, wait_until

import broker
from messages import FEW, CompilerEvent, log_line, malformed
from puppet import CONTROL, LOG, Died, Pointer, Puppet, Stage, system_call_number
from sealed import ALL_SEALS, F_ADD_SEALS, F_SEAL_WRITE, encode
from victim import CONFIGURATION, OWNER, Victim, prepare, victim

SEALED, VERDICT = 0, 1
SUPERVISOR, PRIVD, VRRPD, SCRIPTD = range(4)
MFD_ALLOW_SEALING = 2

SUPERVISOR_CONFIG = """(startVrrp = true, scriptSecurity = true,
    identities = [(userName = "nobody", groupName = "nogroup", uid = 65534, gid = 65534)])"""
VRRPD_CONFIG = f"""(interfaces = ["{broker.INTERFACE}"])"""
SCRIPTD_CONFIG = """(userName = "nobody", uid = 65534, gid = 65534)"""


@dataclass(frozen=True)
class Message:
    """A compiler event and what is in the memfd beside it."""

    event: bytes
    data: bytes
    seals: int = ALL_SEALS
    size: int = 0
    """What the memfd is stretched to."""


def good() -> dict[str, Message]:
    """What an honest confd could send."""
    return {
        "supervisor": Message(bytes(CompilerEvent(SEALED, SUPERVISOR)), encode("SupervisorConfig", SUPERVISOR_CONFIG)),
        "privd": Message(bytes(CompilerEvent(SEALED, PRIVD)), encode("BrokerConfig", broker.CONFIG)),
        "vrrpd": Message(bytes(CompilerEvent(SEALED, VRRPD)), encode("VrrpConfig", VRRPD_CONFIG)),
        "scriptd": Message(bytes(CompilerEvent(SEALED, SCRIPTD)), encode("ScriptConfig", SCRIPTD_CONFIG)),
    }


def memfd(puppet: Puppet, message: Message) -> int:
    """Makes the puppet make and seal the memfd."""
    made = puppet.call(system_call_number("memfd_create"), Pointer(0), MFD_ALLOW_SEALING, memory=b"config\0")
    assert made.error == 0
    if message.size:
        puppet.call(system_call_number("ftruncate"), made.result, message.size)
    if message.data:
        puppet.call(system_call_number("write"), made.result, Pointer(0), len(message.data), memory=message.data)
    assert puppet.call(system_call_number("fcntl"), made.result, F_ADD_SEALS, message.seals).error == 0
    return made.result


def say(puppet: Puppet, *messages: Message) -> None:
    """Sends the messages, then a clean verdict, then ends as if all were well."""
    try:
        for message in messages:
            puppet.send_with_descriptors(CONTROL, message.event, [memfd(puppet, message)])
        puppet.send(CONTROL, bytes(CompilerEvent(VERDICT)))
        puppet.call(system_call_number("exit_group"), 0)
    except Died:
        pass


Attack = Callable[[Puppet], None]


def instead(of: str, **changes: object) -> Attack:
    """All is well but for one message."""
    def attack(puppet: Puppet) -> None:
        messages = good()
        told = messages[of].__dict__ | changes
        say(puppet, *(messages | {of: Message(**told)}).values())  # type: ignore[arg-type]
    return attack


def without(left_out: str) -> Attack:
    """All is well, but somebody gets nothing."""
    return lambda puppet: say(puppet, *(message for name, message in good().items() if name != left_out))


def first(data: bytes) -> Attack:
    """A datagram, and then all is well."""
    def attack(puppet: Puppet) -> None:
        puppet.provoke(CONTROL, data)
        say(puppet, *good().values())
    return attack


def no_verdict(puppet: Puppet) -> None:
    """Ends without a word."""
    try:
        for message in good().values():
            puppet.send_with_descriptors(CONTROL, message.event, [memfd(puppet, message)])
        puppet.call(system_call_number("exit_group"), 0)
    except Died:
        pass


def killed(puppet: Puppet) -> None:
    """Does what its sandbox forbids."""
    with pytest.raises(Died):
        puppet.call(system_call_number("socket"), socket.AF_INET, socket.SOCK_STREAM, 0)


def several_descriptors(puppet: Puppet) -> None:
    """Two descriptors beside a message."""
    descriptor = memfd(puppet, good()["privd"])
    try:
        puppet.send_with_descriptors(CONTROL, good()["privd"].event, [descriptor, descriptor])
    except Died:
        return
    say(puppet, *good().values())


def not_a_memfd(puppet: Puppet) -> None:
    """Its own end of the log in place of a configuration."""
    try:
        puppet.send_with_descriptors(CONTROL, good()["privd"].event, [LOG])
    except Died:
        return
    say(puppet, *(message for name, message in good().items() if name != "privd"))


def not_a_log_line(puppet: Puppet) -> None:
    """Nonsense to the log, and then all is well."""
    puppet.provoke(LOG, b"\xff" * 24)
    say(puppet, *good().values())


RAMBLING = struct.pack("<II", 0, 4) + struct.pack("<Q", 0xfffffffc | 9 << 48) * 4
"""A root that points to itself."""

ATTACKS: dict[str, Attack] = {
    **{what: first(malformed(bytes(CompilerEvent(VERDICT)))[what]) for what in FEW},
    "an unknown kind": first(bytes(CompilerEvent(2))),
    "an unknown addressee": first(bytes(CompilerEvent(SEALED, 4))),
    "nothing sealed beside it": first(bytes(CompilerEvent(SEALED, PRIVD))),
    "an identity that is far off": instead("scriptd", event=bytes(CompilerEvent(SEALED, SCRIPTD, 0xFFFFFFFF))),
    "an identity after the last": instead("scriptd", event=bytes(CompilerEvent(SEALED, SCRIPTD, 1))),
    "nothing for a scriptd": without("scriptd"),
    "nothing for privd": without("privd"),
    "nothing for the supervisor": without("supervisor"),
    "not sealed": instead("privd", seals=0),
    "not sealed against writing": instead("privd", seals=ALL_SEALS & ~F_SEAL_WRITE),
    "for the supervisor, not sealed": instead("supervisor", seals=ALL_SEALS & ~F_SEAL_WRITE),
    "empty": instead("privd", data=b""),
    "too large": instead("supervisor", size=(1 << 30) + 8),
    "large and empty": instead("supervisor", data=b"", size=1 << 30),
    "not a multiple of a word": instead("supervisor", data=b"abc"),
    "random": instead("supervisor", data=bytes(range(256)) * 8),
    "points to itself": instead("supervisor", data=RAMBLING),
    "cut off": instead("supervisor", data=good()["supervisor"].data[:-8]),
    "of another kind for the supervisor": instead("supervisor", data=encode("BrokerConfig", broker.CONFIG)),
    "random for privd": instead("privd", data=bytes(range(256)) * 8),
    "points to itself for privd": instead("privd", data=RAMBLING),
    "an interface that is a path": instead("privd", data=encode("BrokerConfig", broker.CONFIG.replace("ens160", "../all"))),
    "a prefix that is too long": instead("privd", data=encode("BrokerConfig", broker.CONFIG.replace(
        "prefixLength = 32", "prefixLength = 33"))),
    "a multicast virtual address": instead("privd", data=encode("BrokerConfig", broker.CONFIG.replace(
        "low = 167772261", "low = 3758096402"))),
    "an index after the last": instead("privd", data=encode("BrokerConfig", broker.CONFIG.replace(
        "interface = 0", "interface = 1"))),
    "a user that is nobody": instead("supervisor", data=encode("SupervisorConfig", SUPERVISOR_CONFIG.replace(
        "uid = 65534", "uid = 4294967295"))),
    "an instance whose name is a path": instead("supervisor", data=encode("SupervisorConfig", SUPERVISOR_CONFIG.replace(
        "startVrrp", 'instanceName = "x/../../etc/y", startVrrp'))),
    "no verdict": no_verdict,
    "what its sandbox forbids": killed,
    "several descriptors": several_descriptors,
    "not a memfd": not_a_memfd,
    "not a log line": not_a_log_line,
}


@pytest.mark.parametrize("what", ATTACKS)
def test_a_daemon_does_not_start(network: Network, what: str) -> None:
    node = prepare(network)
    stage = Stage(node, "holdfast-confd")
    daemon = Daemon(node, HOLDFAST, CONFIGURATION)
    puppet = stage.next()
    ATTACKS[what](puppet)
    assert daemon.wait(15) not in (0, -signal.SIGSEGV, -signal.SIGABRT, 128 + signal.SIGABRT, 128 + signal.SIGSEGV)
    assert all(line.text.isascii() and line.text.isprintable() for line in daemon.log.lines())
    wait_until(lambda: [process for process in node.processes() if process.program.startswith("holdfast")] == [], 5,
               "nobody of the daemon is left")
    stage.close()


NARROW = {
    "another address": ("addresses 192.0.2.0/24", r"audit: supervisor load .*: refused: .*not permitted"),
    "another interface": ("interfaces lo", r"audit: supervisor load .*: refused: .*not permitted"),
    "another virtual router": ("virtual_routers 200-255", r"audit: supervisor load .*: refused: .*not permitted"),
    "another script user": ("script_users postfix", r"script user nobody is not permitted"),
    "another directory": ("script_directories /usr/libexec/site", r"script .* is not permitted"),
}


@pytest.mark.parametrize("what", NARROW)
def test_it_gets_nothing_that_the_site_does_not_permit(network: Network, what: str) -> None:
    """The policy is read by the supervisor, and holds where confd says nothing about it."""
    node = prepare(network)
    node.own_etc()
    policy, said = NARROW[what]
    node.write("/etc/holdfast/policy", policy + "\n")
    stage = Stage(node, "holdfast-confd")
    daemon = Daemon(node, HOLDFAST, CONFIGURATION)
    scripts = SUPERVISOR_CONFIG.replace("gid = 65534", 'gid = 65534, scripts = [(path = "/bin/true", usedBy = "x")]')
    instead("supervisor", data=encode("SupervisorConfig", scripts))(stage.next())
    assert daemon.wait(15) != 0
    daemon.log.wait(said, 5)
    assert not set(broker.VIRTUAL) & node.addresses()
    stage.close()


@pytest.fixture
def reloaded(network: Network) -> Iterator[Victim]:
    """A daemon that runs, and reloads with a confd that is the test's to move."""
    with victim(network, "holdfast-confd", OWNER, late=True) as made:
        made.daemon.signal(signal.SIGHUP)
        made.puppet = made.stage.next()
        yield made


@pytest.mark.parametrize("what", ATTACKS)
def test_what_runs_stays_as_it_is(reloaded: Victim, what: str) -> None:
    mark = reloaded.daemon.log.mark()
    ATTACKS[what](reloaded.puppet)
    reloaded.daemon.log.wait("The old configuration stays in force", 10, mark)
    reloaded.contained()


@pytest.mark.parametrize("descriptor,data", [
    pytest.param(CONTROL, bytes(CompilerEvent(SEALED, PRIVD)), id="control"),
    pytest.param(CONTROL, bytes(CompilerEvent(VERDICT)), id="verdicts"),
    pytest.param(LOG, log_line(b"flood " * 100), id="log"),
])
def test_a_flood_holds_nobody_up(reloaded: Victim, descriptor: int, data: bytes) -> None:
    try:
        reloaded.puppet.flood(descriptor, data)
    except Died:
        pass
    scriptd = reloaded.daemon.process("holdfast-scriptd")
    scriptd.kill()
    wait_until(lambda: reloaded.daemon.process("holdfast-scriptd").pid != scriptd.pid, 5, "scriptd started again")
    holds_for(lambda: set(broker.VIRTUAL) <= reloaded.node.addresses(), 0.5, "all addresses are there")
    started = time.monotonic()
    assert reloaded.daemon.stop(15) == 0
    assert time.monotonic() - started < 9


@pytest.mark.parametrize("attempt", ["openat", "connect", "execve", "kill", "ptrace", "unlink", "fork"])
def test_it_can_read_and_nothing_more(reloaded: Victim, attempt: str) -> None:
    memory = b"/tmp/attack\0" + bytes(64)
    arguments = {"openat": (-100, Pointer(0), 0o101, 0o644), "unlink": (Pointer(0),), "execve": (Pointer(0), 0, 0),
                 "kill": (-1, 9), "ptrace": (16, 1, 0, 0)}.get(attempt, (0, 0, 0))
    with pytest.raises(Died):
        reloaded.puppet.call(system_call_number(attempt), *arguments, memory=memory)
    reloaded.daemon.log.wait("The old configuration stays in force", 10)
    reloaded.contained()
    assert not reloaded.node.path("/tmp/attack").exists()
