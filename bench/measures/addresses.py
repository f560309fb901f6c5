"""One instance with very many addresses, at a short interval: how long a takeover takes until each has
been announced once, beside what the kernel alone needs for it; what that does to the advertisements;
and how often the master changes when the better one comes back."""

import signal
from contextlib import ExitStack
from itertools import groupby, pairwise

from harness.capture import Capture
from harness.node import Network
from harness.packets import Advert, Announcement
from harness.wait import wait_until

from build import program
from metric import Metric, Subject, Values
from router import INSTANCE, INTERFACE, crowded, crowd, start

ADDRESSES = 4000
INTERVAL = 0.1
MASTER, BACKUP = 200, 100
MASTER_DOWN = 3 * INTERVAL + (256 - BACKUP) * INTERVAL / 256

METRICS = [
    Metric("addresses_all", f"timer expired → all {ADDRESSES} addresses announced", "ms"),
    Metric("addresses_floor", "the same additions and frames, by a program that does nothing else", "ms"),
    Metric("addresses_gap", "longest silence of the new master, in intervals", "", 2),
    Metric("addresses_reload_gap", "the same of the master over a reload", "", 2),
    Metric("addresses_changes", "changes of master when the better one comes back", ""),
    Metric("addresses_frames", "announcements until then", "", 0),
]


def measure(subject: Subject) -> Values:
    """One takeover, and the way back."""
    with ExitStack() as stack:
        network = stack.enter_context(Network())
        bare = network.add("bare", INTERFACE, "10.77.0.3/16")
        floor = float(bare.run([str(program("put_addresses")), INTERFACE, crowd(1)[0], str(ADDRESSES)]).stdout)
        wire = stack.enter_context(Capture(network))
        nodes = [network.add(f"router{number}", INTERFACE, f"10.77.0.{number}/16") for number in (1, 2)]
        texts = [crowded(ADDRESSES, priority, INTERVAL) for priority in (MASTER, BACKUP)]
        backup = start(nodes[1], subject.program, texts[1])
        backup.log.wait(f"{INSTANCE}. Entering MASTER STATE", 20)
        # It repeats its announcements after five seconds; only then the other comes.
        _wait_settled(wire, nodes[1].name)
        mark = wire.mark()
        master = start(nodes[0], subject.program, texts[0])
        _wait_settled(wire, nodes[0].name, mark)
        changes = len([sender for sender, _ in groupby(_senders(wire, mark))]) - 1
        frames = sum(isinstance(frame.payload, Announcement) for frame in wire.frames(mark))
        mark = wire.mark()
        master.signal(signal.SIGHUP)
        wait_until(lambda: len(wire.adverts(nodes[0], mark)) >= 30, 30, "advertisements after the reload")
        reload_gap = max(_silences(wire.adverts(nodes[0], mark))) / INTERVAL
        mark = wire.mark()
        master.crash()
        wait_until(lambda: wire.adverts(nodes[1], mark), 20, "the backup's advertisement")
        _wait_settled(wire, nodes[1].name, mark)
        backup.stop()
        expiry = wire.adverts(nodes[0], mark - 1000)[-1][0] + MASTER_DOWN
        first: dict[str, float] = {}
        for frame in wire.frames(mark):
            if frame.port == nodes[1].name and isinstance(frame.payload, Announcement):
                first.setdefault(str(frame.payload.address), frame.time)
        return {"addresses_all": [(max(first.values()) - expiry) * 1e3], "addresses_floor": [floor * 1e3],
                "addresses_gap": [max(_silences(wire.adverts(nodes[1], mark))) / INTERVAL],
                "addresses_reload_gap": [reload_gap], "addresses_changes": [float(changes)],
                "addresses_frames": [float(frames)]}


def _silences(adverts: list[tuple[float, Advert]]) -> list[float]:
    """Seconds between one advertisement and the next."""
    return [later - earlier for (earlier, _), (later, _) in pairwise(adverts)]


def _senders(wire: Capture, mark: int) -> list[str]:
    """Who sent each advertisement, a goodbye left out."""
    return [frame.port for frame in wire.frames(mark)
            if isinstance(frame.payload, Advert) and frame.payload.priority != 0]


def _wait_settled(wire: Capture, node: str, mark: int = 0) -> None:
    """Waits until the node has announced each address ten times, which is both rounds."""
    def count() -> int:
        return sum(frame.port == node and isinstance(frame.payload, Announcement) for frame in wire.frames(mark))
    wait_until(lambda: count() >= 10 * ADDRESSES, 120, f"both rounds of announcements of {node}")
