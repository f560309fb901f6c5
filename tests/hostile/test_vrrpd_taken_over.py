"""Invariant 2: a vrrpd that was taken over completely changes nothing outside of the configuration,
and has no other process ended."""

import errno
import os
import signal
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.capture import send_frames
from harness.node import Network
from harness.packets import GROUP_IPV4, GROUP_IPV6, Craft
from harness.wait import holds_for, wait_until

from broker import GROUP, INTERFACE, LINK_LOCAL, OTHER, OWN, PEERS, SIX, VIRTUAL
from messages import (FEW, BrokerEvent, BrokerEventKind, BrokerRequest, ControlEvent, ControlEventKind,
                      ControlRequest, ControlVerb, Peer, ScriptRequest, ScriptVerb, State, Verb, log_line, malformed)
from observe import raw_sockets
from puppet import CONTROL, LOG, Died, Pointer, Puppet, system_call_number
from victim import CONFIGURATION, Victim, victim


@pytest.fixture
def vrrpd(network: Network) -> Iterator[Victim]:
    """A daemon whose vrrpd is the test's to move."""
    with victim(network, "holdfast-vrrpd") as made:
        yield made


def privd_of(taken: Victim) -> int:
    """The puppet's descriptor of its channel to privd."""
    return taken.joined.channels[Peer.PRIVD, 0]


def scriptd_of(taken: Victim) -> int:
    """The puppet's descriptor of its channel to the scriptd of the only identity."""
    return taken.joined.channels[Peer.SCRIPTD, 0]


def ask(taken: Victim, request: BrokerRequest, kind: BrokerEventKind) -> tuple[BrokerEvent, list[int]]:
    """Asks privd and waits for the answer; the descriptors are the puppet's."""
    taken.puppet.send(privd_of(taken), bytes(request))
    while True:
        data, descriptors = taken.puppet.await_message(privd_of(taken))
        event = BrokerEvent.parse(data)
        if event.kind == kind:
            return event, descriptors


def works(taken: Victim) -> None:
    """privd and scriptd answer the present life."""
    ask(taken, BrokerRequest(Verb.HELLO), BrokerEventKind.HELLO_END)
    taken.puppet.send(scriptd_of(taken), bytes(ScriptRequest(ScriptVerb.HELLO)))
    taken.puppet.await_message(scriptd_of(taken))


# --------------------------------------------------------------------------------- to privd


def test_illegal_requests_lead_to_restarts_that_become_rarer(vrrpd: Victim) -> None:
    for shortest in (0, 0.9, 1.9):
        mark = vrrpd.daemon.log.mark()
        vrrpd.puppet.provoke(privd_of(vrrpd), bytes(BrokerRequest(Verb.TAKE, instance=3)))
        vrrpd.puppet.await_death()
        died = time.monotonic()
        vrrpd.restarted()
        assert time.monotonic() - died >= shortest
        vrrpd.daemon.log.wait("VRRP broke the rules", 5, mark)
        works(vrrpd)
        vrrpd.contained()


def test_addresses_stay_while_a_misbehaving_vrrpd_is_restarted(vrrpd: Victim) -> None:
    note = BrokerRequest(Verb.NOTE_STATE, instance=GROUP, state=State.MASTER, priority=123)
    vrrpd.puppet.send(privd_of(vrrpd), bytes(note))
    ask(vrrpd, BrokerRequest(Verb.TAKE, instance=GROUP), BrokerEventKind.TAKEN)
    vrrpd.puppet.provoke(privd_of(vrrpd), b"\xff" * 24)
    vrrpd.restarted()
    assert set(VIRTUAL[:2]) <= vrrpd.node.addresses()
    noted, _ = ask(vrrpd, BrokerRequest(Verb.HELLO), BrokerEventKind.NOTED)
    assert (noted.instance, noted.state, noted.priority) == (GROUP, State.MASTER, 123)
    ask(vrrpd, BrokerRequest(Verb.YIELD, instance=GROUP), BrokerEventKind.YIELDED)
    vrrpd.contained()


def test_all_that_it_may_ask_for_is_what_is_configured(vrrpd: Victim) -> None:
    for instance, addresses in ((GROUP, VIRTUAL[:2]), (PEERS, VIRTUAL[2:3]), (SIX, VIRTUAL[3:])):
        before = vrrpd.node.addresses()
        ask(vrrpd, BrokerRequest(Verb.TAKE, instance=instance), BrokerEventKind.TAKEN)
        assert vrrpd.node.addresses() - before == set(addresses)
        for announcement in range(3):
            vrrpd.puppet.send(privd_of(vrrpd), bytes(BrokerRequest(Verb.ANNOUNCE, instance=instance,
                                                                   announcement=announcement)))
        ask(vrrpd, BrokerRequest(Verb.YIELD, instance=instance), BrokerEventKind.YIELDED)
        assert vrrpd.node.addresses() == before
    vrrpd.contained()


# ---------------------------------------------------------------------------------- on the wire


def sockets_of(taken: Victim) -> dict[tuple[int, Verb], int]:
    """Every socket that privd gives away, by instance and direction."""
    found = {}
    for instance in (GROUP, PEERS, SIX):
        for verb in (Verb.OPEN_SEND_SOCKET, Verb.OPEN_RECEIVE_SOCKET):
            event, descriptors = ask(taken, BrokerRequest(verb, instance=instance), BrokerEventKind.SOCKET)
            assert event.result == 0
            found[instance, verb] = descriptors[0]
    return found


def test_what_it_sends_goes_to_the_configured_destinations_only(vrrpd: Victim) -> None:
    """It chooses the payload; the destination, the source, the TTL and the protocol are the sockets'."""
    sockets = sockets_of(vrrpd)
    hostile_header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0, 64, socket.IPPROTO_TCP, 0,
                                 socket.inet_aton("192.0.2.1"), socket.inet_aton(OTHER)) + bytes(20)
    number = 0
    for (instance, verb), descriptor in sockets.items():
        for payload in (b"\x21\xff\xff\x00", hostile_header, os.urandom(64), os.urandom(1400), b""):
            sent = vrrpd.puppet.send(descriptor, payload)
            if verb == Verb.OPEN_SEND_SOCKET:
                # The kernel writes an IPv6 checksum, and wants room for it.
                too_short = instance == SIX and len(payload) < 8
                assert sent.error == (errno.EINVAL if too_short else 0)
                number += not too_short
            else:
                assert sent.error == errno.EDESTADDRREQ, "a socket to receive with has no destination"
    wait_until(lambda: len([frame for frame in vrrpd.wire.frames() if 112 in (frame[23], frame[20])]) >= number, 5,
               "all of it on the wire")
    vrrpd.harmless()
    for descriptor in sockets.values():
        vrrpd.puppet.close(descriptor)
    wait_until(lambda: not raw_sockets(vrrpd.node), 5, "nobody else has one of the sockets")
    vrrpd.contained()


def test_it_reads_its_own_routers_advertisements_and_nothing_else(vrrpd: Victim) -> None:
    sockets = sockets_of(vrrpd)
    other = vrrpd.network.nodes["other"]
    mac, target = other.mac(INTERFACE), vrrpd.node.mac(INTERFACE)
    mine = {
        GROUP: Craft(OTHER, str(GROUP_IPV4), 51, 77, VIRTUAL[:2]),
        PEERS: Craft(OTHER, OWN, 52, 77, VIRTUAL[2:3]),
        SIX: Craft("fe80::2", str(GROUP_IPV6), 53, 77, VIRTUAL[3:], version=3, interval=100),
    }
    foreign = [craft.wrong(vrid=99) for craft in mine.values()] + [mine[GROUP].wrong(protocol=socket.IPPROTO_UDP)]
    for craft in [*foreign, *mine.values()]:
        send_frames(other, INTERFACE, craft.frame(mac, target))
    for (instance, verb), descriptor in sockets.items():
        if verb == Verb.OPEN_SEND_SOCKET:
            assert vrrpd.puppet.receive(descriptor) is None, "a socket to send with"
            continue
        data, _ = vrrpd.puppet.await_message(descriptor)
        assert data.endswith(mine[instance].vrrp()[:8][:2] + mine[instance].vrrp()[2:])
        while (more := vrrpd.puppet.receive(descriptor)) is not None:
            # Unicast and multicast instances of one interface hear each other's protocol, not each other's router.
            assert mine[instance].vrrp() in more[0]


# --------------------------------------------------------------------------- to the supervisor

CONTROL_ATTACKS = {
    **{name: malformed(bytes(ControlEvent(ControlEventKind.ALIVE)))[name] for name in FEW},
    "an unknown kind": bytes(ControlEvent(max(ControlEventKind) + 1)),
    "a kind that is far off": bytes(ControlEvent(0xFFFF)),
    "refuses its configuration long after it took it": bytes(ControlEvent(ControlEventKind.LOADED, 1, errno.EINVAL)),
    "refuses a configuration that nobody gave it": bytes(ControlEvent(ControlEventKind.LOADED, 2, errno.EINVAL)),
    "loads twice": bytes(ControlEvent(ControlEventKind.LOADED, 1)),
    "is ready twice": bytes(ControlEvent(ControlEventKind.READY)),
    "answers what nobody asked": bytes(ControlEvent(ControlEventKind.ALIVE)),
    "stops unasked": bytes(ControlEvent(ControlEventKind.STOPPED)),
    "dumps unasked": bytes(ControlEvent(ControlEventKind.DUMPED)),
    "accuses privd": bytes(ControlEvent(ControlEventKind.MISBEHAVED, object=Peer.PRIVD)),
    "accuses nobody": bytes(ControlEvent(ControlEventKind.MISBEHAVED, object=Peer.NONE)),
    "accuses itself": bytes(ControlEvent(ControlEventKind.MISBEHAVED, object=Peer.VRRPD)),
    "accuses what is not": bytes(ControlEvent(ControlEventKind.MISBEHAVED, object=0x10000 | Peer.SCRIPTD)),
    "accuses a scriptd that is not": bytes(ControlEvent(ControlEventKind.MISBEHAVED, result=1, object=Peer.SCRIPTD)),
}


@pytest.mark.parametrize("what", CONTROL_ATTACKS)
def test_nonsense_to_the_supervisor_is_its_end(vrrpd: Victim, what: str) -> None:
    vrrpd.puppet.provoke(CONTROL, CONTROL_ATTACKS[what])
    vrrpd.restarted()
    works(vrrpd)
    vrrpd.contained()


def dump_asked(taken: Victim) -> None:
    """SIGUSR2 has reached the puppet. The supervisor passes it on only once it knows that the puppet works."""
    mark = 0

    def ask() -> None:
        nonlocal mark
        mark = taken.daemon.log.mark()
        taken.daemon.signal(signal.SIGUSR2)

    def asked() -> bool:
        if taken.daemon.log.find("there is no VRRP process at work", mark):
            ask()
        message = taken.puppet.receive(CONTROL)
        return message is not None and ControlRequest.parse(message[0]).verb == ControlVerb.DUMP

    ask()
    wait_until(asked, 5, "a dump asked for")


def test_it_cannot_have_more_written_than_there_is_room_for(vrrpd: Victim) -> None:
    dump_asked(vrrpd)
    vrrpd.puppet.provoke(CONTROL, bytes(ControlEvent(ControlEventKind.DUMPED, object=0xFFFFFFFF)))
    vrrpd.restarted()
    assert not vrrpd.node.path("/run/keepalived.stats").exists()
    works(vrrpd)
    vrrpd.contained()


def test_the_next_one_is_asked_anew(vrrpd: Victim) -> None:
    mark = vrrpd.daemon.log.mark()
    dump_asked(vrrpd)
    vrrpd.puppet.provoke(CONTROL, b"nonsense")
    vrrpd.restarted()
    vrrpd.daemon.log.wait("state asked for by a signal: it is not written", 5, mark)
    dump_asked(vrrpd)
    vrrpd.puppet.send(CONTROL, bytes(ControlEvent(ControlEventKind.DUMPED, object=4)))
    written = vrrpd.node.path("/run/keepalived.stats")
    wait_until(written.exists, 5, "a file")
    assert written.read_text() == "????", "zeros are not printable"
    vrrpd.contained()


def accusation(taken: Victim) -> bytes:
    """That scriptd has broken the rules of the channel that the puppet has now."""
    number = taken.joined.numbers[Peer.SCRIPTD, 0]
    return bytes(ControlEvent(ControlEventKind.MISBEHAVED, number, object=Peer.SCRIPTD))


def test_late_accusation_does_not_hit_the_successor(vrrpd: Victim) -> None:
    """scriptd ends, another one starts, and only then does vrrpd say what the first one did."""
    late, first = accusation(vrrpd), vrrpd.daemon.process("holdfast-scriptd")
    first.kill()

    def next_channel() -> bool:
        data, descriptors = vrrpd.puppet.await_message(CONTROL)
        request = ControlRequest.parse(data)
        if request.verb == ControlVerb.ATTACH:
            vrrpd.joined.take(request, descriptors[0])
        return request.verb == ControlVerb.ATTACH

    wait_until(next_channel, 5, "a channel to the second one")
    second, mark = vrrpd.daemon.process("holdfast-scriptd"), vrrpd.daemon.log.mark()
    assert second.pid != first.pid
    vrrpd.puppet.send(CONTROL, late)
    holds_for(second.alive, 1, "the second one has done nothing")
    assert not vrrpd.daemon.log.find("broke the rules", mark)
    vrrpd.puppet.send(CONTROL, accusation(vrrpd))
    vrrpd.daemon.log.wait("broke the rules of the channel to VRRP", 5, mark)
    wait_until(lambda: not second.alive(), 5, "the second one has")
    vrrpd.contained(but=["holdfast-scriptd"])


def test_it_accuses_once_for_each_channel(vrrpd: Victim) -> None:
    late = ControlEvent(ControlEventKind.MISBEHAVED, 0xFFFF, object=Peer.SCRIPTD)
    for _ in range(3):
        vrrpd.puppet.provoke(CONTROL, bytes(late))
    vrrpd.restarted()
    works(vrrpd)
    vrrpd.contained()


def test_it_cannot_hide_from_the_supervisor(vrrpd: Victim) -> None:
    try:
        vrrpd.puppet.close(CONTROL)
    except Died:
        pass
    vrrpd.restarted()
    works(vrrpd)
    vrrpd.contained()


# ------------------------------------------------------------------------------- to scriptd


SCRIPT_ATTACKS = {
    "an unknown verb": bytes(ScriptRequest(2)),
    "a verb that is far off": bytes(ScriptRequest(0xFFFF)),
    "a hook after the last": bytes(ScriptRequest(ScriptVerb.NOTIFY, script=1)),
    "a hook that is far off": bytes(ScriptRequest(ScriptVerb.NOTIFY, script=0xFFFFFFFF)),
    "an unknown state": bytes(ScriptRequest(ScriptVerb.NOTIFY, state=6)),
    **{name: malformed(bytes(ScriptRequest(ScriptVerb.NOTIFY)))[name] for name in FEW},
}


@pytest.mark.parametrize("what", SCRIPT_ATTACKS)
def test_nonsense_to_scriptd_runs_no_script(vrrpd: Victim, what: str) -> None:
    vrrpd.puppet.provoke(scriptd_of(vrrpd), SCRIPT_ATTACKS[what])
    vrrpd.daemon.log.wait("vrrpd sent", 5)
    assert vrrpd.hook_runs() == []
    vrrpd.contained(but=["holdfast-scriptd"])


def test_only_the_configured_hook_runs_with_the_configured_words(vrrpd: Victim) -> None:
    for state in State:
        vrrpd.puppet.send(scriptd_of(vrrpd), bytes(ScriptRequest(ScriptVerb.NOTIFY, instance=0xFFFF, state=state,
                                                                 priority=255, sequence=state + 1)))
        wait_until(lambda: len(vrrpd.hook_runs()) == state + 1, 5, f"the hook has run for {state.name}")
    assert vrrpd.hook_runs() == [f"INSTANCE VI_GROUP {state.name} 255" for state in State]
    vrrpd.contained()


# ------------------------------------------------------------------------------- to a notify FIFO

FIFO = "/run/fifo"
WITH_FIFO = CONFIGURATION.replace("global_defs {", f"global_defs {{\nnotify_fifo {FIFO} root")


def test_a_fifo_can_be_written_to_and_nothing_else(network: Network) -> None:
    """Its reader gets nonsense. What others write cannot be read, and the supervisor never waits for it."""
    with victim(network, "holdfast-vrrpd", WITH_FIFO) as taken:
        (fifo,) = taken.joined.fifos
        nonsense = b"INSTANCE \"VI_GROUP\" MASTER 255\n" * 100
        write, read = system_call_number("write"), system_call_number("read")
        reader = os.open(taken.node.path(FIFO), os.O_RDONLY | os.O_NONBLOCK)
        try:
            written = taken.puppet.call(write, fifo, Pointer(0), len(nonsense), memory=nonsense)
            assert written.result == len(nonsense) and os.read(reader, 1 << 16) == nonsense
        finally:
            os.close(reader)
        taken.puppet.call(write, fifo, Pointer(0), len(nonsense), memory=nonsense, repeat=1000)
        assert taken.puppet.call(read, fifo, Pointer(0), 16, memory=bytes(16)).error == errno.EBADF
        taken.contained()
        with pytest.raises(Died):
            path = f"/proc/self/fd/{fifo}\0".encode()
            taken.puppet.call(system_call_number("openat"), -1, Pointer(0), os.O_RDONLY, memory=path)
        taken.restarted()
        assert len(taken.joined.fifos) == 1
        taken.contained()


# --------------------------------------------------------------------------------- to the log

LOG_ATTACKS = {
    **{name: malformed(log_line(b"x" * 7))[name] for name in ("one byte", "a word less", "64 KiB", "all ones")},
    "text without an end": log_line(b"x" * 8)[:-8],
    "text that is longer than the message": log_line(b"x" * 8).replace(struct.pack("<Q", 1 | 2 << 32 | 9 << 35),
                                                                       struct.pack("<Q", 1 | 2 << 32 | 999 << 35)),
    "a far pointer": struct.pack("<QQQ", 1 << 32 | 1 << 48, 6, 2 | 5 << 32),
    "text that is a struct": struct.pack("<QQQ", 1 << 32 | 1 << 48, 6, 0xfffffffc),
}


@pytest.mark.parametrize("what", LOG_ATTACKS)
def test_what_is_no_log_line_is_its_end(vrrpd: Victim, what: str) -> None:
    vrrpd.puppet.provoke(LOG, LOG_ATTACKS[what])
    vrrpd.restarted()
    works(vrrpd)
    vrrpd.contained()


def test_log_lines_are_printable_and_bounded(vrrpd: Victim) -> None:
    mark = vrrpd.daemon.log.mark()
    for text in (bytes(range(1, 256)), b"\x1b[2J\x1b]0;owned\x07\r\n<0>kernel: forged", b"%s%n%s%n", b"y" * 4000):
        vrrpd.puppet.send(LOG, log_line(text, severity=0))
    vrrpd.puppet.send(LOG, log_line(b"the last one", severity=0xFFFF, detail=0))
    vrrpd.daemon.log.wait("the last one", 5, mark)
    for line in vrrpd.daemon.log.lines(mark):
        assert line.text.isascii() and line.text.isprintable()
        assert len(line.text) < 1100
    vrrpd.contained()


@pytest.mark.parametrize("descriptor,line", [
    pytest.param(LOG, log_line(b"flood " * 100), id="log"),
    pytest.param(LOG, log_line(b"flood", detail=2), id="log that nobody wants"),
])
def test_a_flood_does_not_hold_up_the_supervisor(vrrpd: Victim, descriptor: int, line: bytes) -> None:
    vrrpd.puppet.flood(descriptor, line)
    # In the middle of the flood another worker ends, and is started again.
    scriptd = vrrpd.daemon.process("holdfast-scriptd")
    scriptd.kill()
    wait_until(lambda: vrrpd.daemon.process("holdfast-scriptd").pid != scriptd.pid, 3, "scriptd started again")
    vrrpd.contained(but=["holdfast-scriptd"])
    # The flood goes on, and the puppet does not leave when it is told to: five seconds, then SIGKILL.
    started = time.monotonic()
    assert vrrpd.daemon.stop(15) == 0
    assert time.monotonic() - started < 9


def test_a_flood_of_log_lines_is_cut_short_and_counted(vrrpd: Victim) -> None:
    """A burst of 5,000 lines, then 50 in a second, and their number; errors are no exception."""
    mark, supervisor = vrrpd.daemon.log.mark(), vrrpd.daemon.pid
    vrrpd.puppet.flood(LOG, log_line(b"flood", severity=3))
    wait_until(lambda: len(vrrpd.daemon.log.find("flood", mark)) >= 5000, 20, "the burst")
    used = processor_seconds(supervisor)
    holds_for(lambda: len(vrrpd.daemon.log.find("flood", mark)) < 6000, 4, "the log does not grow")
    assert processor_seconds(supervisor) - used < 1, "it is not read as fast as it can be written"
    # Who does nothing but write is silent where it is asked.
    vrrpd.restarted(20)
    line = vrrpd.daemon.log.wait(r"\d+ lines of Keepalived_vrrp suppressed: more than 50 a second", 5, mark)
    assert int(line.text.split(" lines of")[0].split()[-1]) > 100
    vrrpd.contained()


def processor_seconds(pid: int) -> float:
    """What the process has used up so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_vrrpd_that_reads_nothing_is_replaced_and_holds_nobody_up(vrrpd: Victim) -> None:
    """Every restart of a scriptd sends it two channels: one that never reads fills its own socket."""
    puppet: Puppet = vrrpd.puppet
    for _ in range(3):
        before = vrrpd.daemon.process("holdfast-scriptd")
        before.kill()
        wait_until(lambda: vrrpd.daemon.process("holdfast-scriptd").pid != before.pid, 10, "scriptd started again")
    assert puppet.alive()
    vrrpd.contained(but=["holdfast-scriptd"])
    assert LINK_LOCAL in vrrpd.node.addresses()
