"""What a vrrpd that was taken over can ask of privd: over the real socket, of the real process in its
sandbox. Whatever is outside of the vocabulary closes the channel and changes nothing."""

import itertools
import os
import random
import time
from collections.abc import Iterator

import pytest

from harness.wait import wait_until

from broker import DESTINATIONS, GROUP, INTERFACE, PEERS, SIX, VIRTUAL, Gateway
from messages import BrokerEventKind, BrokerRequest, ControlEventKind, ControlVerb, State, Verb, malformed
from observe import changed, network_state, raw_sockets, vitals
from sealed import encode, memory_file

VERBS = [*Verb, 7, 8, 255, 256, 0x8000, 0xFFFF]
GENERATIONS = [1, 0, 2, 0x80000001, 0xFFFFFFFF]
INSTANCES = [GROUP, PEERS, SIX, 3, 4, 0x10000, 0x7FFFFFFF, 0xFFFFFFFF]
PEER_IDS = [0, 1, 2, 0x100, 0xFFFF]
STATES = [*State, 6, 0x100, 0xFFFF]
PRIORITIES = [0, 1, 255]
ANNOUNCEMENTS = [0, 1, 2, 3, 128, 255]


def all_requests() -> Iterator[BrokerRequest]:
    """Every verb with every kind of wrong name, and every verb with every kind of wrong value."""
    for verb, generation, instance, peer in itertools.product(VERBS, GENERATIONS, INSTANCES, PEER_IDS):
        yield BrokerRequest(verb, generation, instance, peer, State.BACKUP, 100)
    for verb, state, priority, announcement in itertools.product(VERBS, STATES, PRIORITIES, ANNOUNCEMENTS):
        yield BrokerRequest(verb, 1, GROUP, 0, state, priority, announcement)


def legal(request: BrokerRequest) -> bool:
    """Whether the request is in the vocabulary, for a vrrpd that holds no address."""
    if request.generation != 1 or request.verb not in list(Verb):
        return False
    if request.verb == Verb.HELLO:
        return True
    if request.instance >= len(DESTINATIONS) or request.verb == Verb.ANNOUNCE:
        return False
    if request.verb == Verb.OPEN_SEND_SOCKET:
        return request.peer < DESTINATIONS[request.instance]
    if request.verb == Verb.NOTE_STATE:
        return request.state <= State.FAULT and request.priority != 0
    return True


ANSWERS = {
    Verb.HELLO: BrokerEventKind.HELLO_END,
    Verb.TAKE: BrokerEventKind.TAKEN,
    Verb.YIELD: BrokerEventKind.YIELDED,
    Verb.OPEN_RECEIVE_SOCKET: BrokerEventKind.SOCKET,
    Verb.OPEN_SEND_SOCKET: BrokerEventKind.SOCKET,
}


def test_every_illegal_request_closes_the_channel_and_changes_nothing(gateway: Gateway) -> None:
    gateway.answers()
    before = gateway.vitals()
    illegal = [request for request in all_requests() if not legal(request)]
    assert len(illegal) > 2000
    for request in illegal:
        gateway.attach()
        gateway.ask(request)
        gateway.refused()
    gateway.answers()
    gateway.untouched()
    assert gateway.vitals().pid == before.pid
    assert gateway.vitals().descriptors == before.descriptors


def test_every_legal_request_does_what_it_names_and_no_more(gateway: Gateway) -> None:
    before = gateway.vitals()
    for request in filter(legal, all_requests()):
        gateway.ask(request)
        if request.verb in ANSWERS:
            event, descriptors = gateway.event(ANSWERS[Verb(request.verb)])
            assert event.result == 0
            assert len(descriptors) == (request.verb in (Verb.OPEN_RECEIVE_SOCKET, Verb.OPEN_SEND_SOCKET))
            for descriptor in descriptors:
                os.close(descriptor)
        if request.verb == Verb.TAKE:
            taken = {GROUP: VIRTUAL[:2], PEERS: VIRTUAL[2:3], SIX: VIRTUAL[3:]}[request.instance]
            assert gateway.node.addresses() & set(VIRTUAL) == set(taken)
            gateway.ask(BrokerRequest(Verb.YIELD, instance=request.instance))
            gateway.event(BrokerEventKind.YIELDED)
    gateway.yield_everything()
    gateway.untouched()
    assert gateway.vitals().descriptors <= before.descriptors


def test_announcing_what_is_not_held_is_refused(gateway: Gateway) -> None:
    for instance, announcement in itertools.product((GROUP, PEERS, SIX), ANNOUNCEMENTS):
        gateway.attach()
        gateway.ask(BrokerRequest(Verb.ANNOUNCE, instance=instance, announcement=announcement))
        gateway.refused()
    gateway.untouched()
    assert not any(frame[12:14] == b"\x08\x06" and frame[28:32] == frame[38:42] for frame in gateway.wire.frames())


def test_an_unknown_announcement_of_a_held_address_is_refused(gateway: Gateway) -> None:
    for announcement in range(4, 256):
        gateway.attach()
        gateway.ask(BrokerRequest(Verb.TAKE, instance=GROUP),
                    BrokerRequest(Verb.ANNOUNCE, instance=GROUP, announcement=announcement))
        gateway.refused()
    gateway.yield_everything()
    gateway.untouched()


def test_addresses_stay_when_their_vrrpd_misbehaves(gateway: Gateway) -> None:
    gateway.ask(BrokerRequest(Verb.TAKE, instance=GROUP))
    gateway.event(BrokerEventKind.TAKEN)
    held = network_state(gateway.node)
    assert set(VIRTUAL[:2]) <= gateway.node.addresses()
    gateway.ask(BrokerRequest(99))
    gateway.refused()
    gateway.answers()
    assert changed(held, network_state(gateway.node)) == []
    gateway.yield_everything()
    gateway.untouched()


@pytest.mark.parametrize("verb", list(Verb))
def test_malformed_datagrams(gateway: Gateway, verb: Verb) -> None:
    valid = BrokerRequest(verb, state=State.BACKUP, priority=100)
    for what, datagram in malformed(bytes(valid)).items():
        gateway.attach()
        gateway.vrrpd.send(datagram)
        try:
            gateway.refused()
        except AssertionError as error:
            raise AssertionError(f"{verb.name}, {what}") from error
    gateway.answers()
    gateway.untouched()


def test_an_empty_datagram_ends_the_channel(gateway: Gateway) -> None:
    gateway.vrrpd.send(b"")
    gateway.vrrpd.await_end()
    gateway.answers()
    gateway.untouched()


def test_random_datagrams(gateway: Gateway) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    before = gateway.vitals()
    for _ in range(3000):
        size = chance.choice((8, 16, 24, 24, 24, 24, 32, chance.randrange(1, 6000)))
        datagram = bytearray(chance.randbytes(size))
        if size == 24 and chance.random() < 0.8:
            datagram[:8] = bytes(BrokerRequest(0))[:8]
            datagram[8:10] = chance.randrange(10).to_bytes(2, "little")
            datagram[12:16] = chance.randrange(3).to_bytes(4, "little")
            datagram[16:20] = chance.randrange(5).to_bytes(4, "little")
        gateway.attach()
        gateway.vrrpd.offer(bytes(datagram))
        gateway.vrrpd.close()
    gateway.yield_everything()
    gateway.privd.control.receive_all()
    gateway.untouched()
    assert gateway.vitals().descriptors <= before.descriptors
    assert gateway.vitals().resident < before.resident + (1 << 20)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 253])
def test_descriptors_beside_a_request_are_refused_and_closed(gateway: Gateway, count: int) -> None:
    gateway.answers()
    before = gateway.vitals()
    reader, writer = os.pipe()
    for verb in VERBS:
        gateway.attach()
        gateway.vrrpd.send(bytes(BrokerRequest(verb, state=State.BACKUP, priority=1)), [writer] * count)
        gateway.refused()
    os.close(writer)
    assert os.read(reader, 1) == b"", "somebody still has the descriptor that was sent"
    os.close(reader)
    gateway.answers()
    assert gateway.vitals().descriptors == before.descriptors
    gateway.untouched()


def test_replayed_requests_of_a_generation_that_was_replaced(gateway: Gateway) -> None:
    config = memory_file(encode("BrokerConfig", f"""(interfaces = ["{INTERFACE}"], instances = [
        (name = "VI_ONLY", family = ipv4, virtualRouterId = 60, hasInterface = true, ttl = 255,
         group = (family = ipv4, low = 0xe0000012), addresses = [(address = (low = 0x0a000096), prefixLength = 32)])])"""))
    assert gateway.privd.load(config, generation=2).result == 0
    os.close(config)
    gateway.ask(BrokerRequest(Verb.TAKE, generation=1, instance=SIX))
    gateway.event(BrokerEventKind.TAKEN)
    gateway.privd.request(ControlVerb.RETIRE, generation=1)
    wait_until(lambda: not gateway.node.holds(VIRTUAL[3]), 5, "what only the old configuration held is gone")
    for instance in (GROUP, PEERS, SIX):
        # It crossed with the reload: not done, and not held against vrrpd.
        gateway.ask(BrokerRequest(Verb.TAKE, generation=1, instance=instance),
                    BrokerRequest(Verb.OPEN_SEND_SOCKET, generation=1, instance=instance))
    gateway.ask(BrokerRequest(Verb.HELLO, generation=2))
    gateway.event(BrokerEventKind.HELLO_END)
    assert not set(VIRTUAL) & gateway.node.addresses()
    for request in (BrokerRequest(Verb.TAKE, generation=2, instance=PEERS),
                    BrokerRequest(Verb.TAKE, generation=3), BrokerRequest(Verb.TAKE, generation=0)):
        gateway.attach()
        gateway.ask(request)
        gateway.refused()
    gateway.untouched()


@pytest.mark.parametrize("verb", [Verb.HELLO, Verb.TAKE, Verb.YIELD, Verb.OPEN_RECEIVE_SOCKET, Verb.OPEN_SEND_SOCKET,
                                  Verb.NOTE_STATE])
def test_a_flood_from_a_vrrpd_that_reads_nothing(gateway: Gateway, verb: Verb) -> None:
    """privd neither waits for it, nor keeps more for it than the configuration has objects."""
    gateway.answers()
    before = gateway.vitals()
    sent, deadline = 0, time.monotonic() + 1.5
    while time.monotonic() < deadline:
        for instance in range(len(DESTINATIONS)):
            sent += gateway.vrrpd.offer(bytes(BrokerRequest(verb, instance=instance, state=State.MASTER, priority=9)))
    assert sent > 1000
    # The supervisor is answered in the middle of it.
    started = time.monotonic()
    gateway.privd.load(memory_file(b"not a configuration"), generation=7)
    assert time.monotonic() - started < 0.5
    during = gateway.vitals()
    assert during.descriptors <= before.descriptors + 1
    assert during.resident < before.resident + (1 << 20)
    assert len(raw_sockets(gateway.node)) < 1000
    gateway.vrrpd.close()
    gateway.yield_everything()
    gateway.untouched()
    assert gateway.vitals().descriptors <= before.descriptors


def test_a_flood_of_announcements_is_slowed_down(gateway: Gateway) -> None:
    gateway.ask(BrokerRequest(Verb.TAKE, instance=GROUP), BrokerRequest(Verb.TAKE, instance=SIX))
    started = time.monotonic()
    for _ in range(3000):
        gateway.ask(BrokerRequest(Verb.ANNOUNCE, instance=GROUP), BrokerRequest(Verb.ANNOUNCE, instance=SIX))
    gateway.ask(BrokerRequest(Verb.HELLO))
    gateway.event(BrokerEventKind.HELLO_END)
    took = time.monotonic() - started
    # GROUP has two addresses, SIX one: at most 20 bursts a second for each instance.
    frames = gateway.wire.frames()
    assert len(frames) < (took + 2) * 20 * 3 + 100
    # Gratuitous ARP of the first of them, so the capture sees what is sent.
    assert any(frame[12:14] == b"\x08\x06" and frame[28:32] == bytes([10, 0, 0, 100]) for frame in frames)
    gateway.yield_everything()
    gateway.untouched()


def test_privd_keeps_no_socket_that_reads_packets(gateway: Gateway) -> None:
    """Invariant 1: neither its packet socket, which has no protocol, nor one of those that it hands out."""
    for instance in range(len(DESTINATIONS)):
        gateway.ask(BrokerRequest(Verb.OPEN_RECEIVE_SOCKET, instance=instance),
                    BrokerRequest(Verb.OPEN_SEND_SOCKET, instance=instance))
        for _ in range(2):
            _, descriptors = gateway.event(BrokerEventKind.SOCKET)
            assert len(descriptors) == 1
            handed_out = os.readlink(f"/proc/self/fd/{descriptors[0]}")
            # It closes its own copy once the event is sent.
            wait_until(lambda: handed_out not in gateway.privd.process.descriptors().values(), 5, "its copy is closed")
            os.close(descriptors[0])
    gateway.untouched()


def test_privd_ends_without_a_trace_when_the_supervisor_talks_nonsense(gateway: Gateway) -> None:
    gateway.ask(BrokerRequest(Verb.TAKE, instance=GROUP))
    gateway.event(BrokerEventKind.TAKEN)
    gateway.privd.control.send(b"\xff" * 24)
    gateway.vrrpd.close()
    assert gateway.privd.wait() in (0, 1)
    assert changed(gateway.state, network_state(gateway.node)) == []
    gateway.harmless()


def test_events_for_the_supervisor_stay_few(gateway: Gateway) -> None:
    """A vrrpd cannot make privd fill its socket to the supervisor: one accusation for each channel."""
    for _ in range(50):
        gateway.vrrpd.offer(b"\xff" * 24)
    gateway.vrrpd.await_end()
    gateway.privd.event(ControlEventKind.MISBEHAVED)
    gateway.answers()
    assert gateway.privd.control.receive_all() == []
    assert vitals(gateway.privd.process).pid == gateway.privd.pid
