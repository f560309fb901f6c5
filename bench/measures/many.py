"""A router of many instances: what their advertisements cost on both sides, how evenly they leave, and
how late the backup is for all of them when the master dies.

Processor time is of the whole node, the kernel's work for its sockets included.
"""

import signal
from collections import defaultdict
from contextlib import ExitStack
from itertools import pairwise

from harness.capture import Capture
from harness.node import Network
from harness.packets import Advert, Announcement
from harness.wait import wait_until

from account import Account
from metric import Metric, Subject, Values
from router import INTERFACE, many, start

INSTANCES = 255
INTERVAL = 0.1
ROUNDS = 50
MASTER, BACKUP = 200, 100

METRICS = [
    Metric("many_sent", f"{INSTANCES} instances at 100 ms: an advertisement sent", "µs of CPU", 1),
    Metric("many_received", "an advertisement received", "µs of CPU", 1),
    Metric("many_jitter", "an advertisement too early or late, median", "ms", 3),
    Metric("many_jitter_99", "the same, 99th percentile", "ms", 3),
    Metric("many_reload_gap", "longest silence of an instance over a reload, in intervals", ""),
    Metric("many_takeover", "timer expired → first gratuitous ARP of each, median", "ms"),
    Metric("many_takeover_99", "the same, 99th percentile", "ms"),
]


def measure(subject: Subject) -> Values:
    """One pair of routers."""
    with ExitStack() as stack:
        accounts = [stack.enter_context(Account()) for _ in range(2)]
        network = stack.enter_context(Network())
        wire = stack.enter_context(Capture(network))
        nodes = [network.add(f"router{number}", INTERFACE, f"10.77.0.{number}/16") for number in (1, 2)]
        sender, listener = (start(node, subject.program, many(INSTANCES, priority, INTERVAL), account.prefix)
                            for node, priority, account in zip(nodes, (MASTER, BACKUP), accounts))

        def masters(since: int) -> set[int]:
            return {advert.vrid for _, advert in wire.adverts(nodes[0], since)}

        wait_until(lambda: len(masters(0)) == INSTANCES, 60, "a master of every instance")
        # Addresses are announced a second time five seconds after the transition.
        wait_until(lambda: sum(isinstance(frame.payload, Announcement) for frame in wire.frames())
                   >= 10 * INSTANCES, 30, "both rounds of announcements")
        mark, before = wire.mark(), [account.seconds() for account in accounts]
        wait_until(lambda: wire.mark() - mark >= ROUNDS * INSTANCES, 60, "many advertisements")
        after, adverts = [account.seconds() for account in accounts], wire.adverts(nodes[0], mark)
        late = [abs(silence - INTERVAL) * 1e3 for silence in _silences(adverts)]
        mark = wire.mark()
        sender.signal(signal.SIGHUP)
        wait_until(lambda: wire.mark() - mark >= ROUNDS * INSTANCES, 60, "advertisements after the reload")
        silences = _silences(wire.adverts(nodes[0], mark))
        sender.crash()
        takeovers = _takeovers(wire, nodes[0].name, nodes[1].name, mark)
        listener.stop()
        return {"many_reload_gap": [max(silences) / INTERVAL],
                "many_sent": [(after[0] - before[0]) / len(adverts) * 1e6],
                "many_received": [(after[1] - before[1]) / len(adverts) * 1e6],
                "many_jitter": [_quantile(late, 0.5)], "many_jitter_99": [_quantile(late, 0.99)],
                "many_takeover": [_quantile(takeovers, 0.5)], "many_takeover_99": [_quantile(takeovers, 0.99)]}


def _silences(adverts: list[tuple[float, Advert]]) -> list[float]:
    """Seconds between two advertisements of an instance, for all of them."""
    times: dict[int, list[float]] = defaultdict(list)
    for at, advert in adverts:
        times[advert.vrid].append(at)
    return [later - earlier for of_one in times.values() for earlier, later in pairwise(of_one)]


def _takeovers(wire: Capture, master: str, backup: str, mark: int) -> list[float]:
    """Milliseconds from the expiry of each instance's timer to the first announcement of its address."""
    expiry, announced = {}, {}
    master_down = 3 * INTERVAL + (256 - BACKUP) * INTERVAL / 256

    def all_announced() -> bool:
        for frame in wire.frames(mark):
            if frame.port == master and isinstance(frame.payload, Advert):
                expiry[frame.payload.vrid] = frame.time + master_down
            elif frame.port == backup and isinstance(frame.payload, Announcement):
                announced.setdefault(int(frame.payload.address) & 0xff, frame.time)
        return len(announced) == INSTANCES

    wait_until(all_announced, 20, "every address announced by the backup")
    return [(announced[vrid] - expiry[vrid]) * 1e3 for vrid in announced]


def _quantile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
