"""How late a backup is when its master has gone silent: from the moment at which the protocol's
Active_Down_Timer expires to the frames that say that it is master.

The timer starts with the last advertisement of the master, whose time on the wire is the kernel's; so
are the times of the frames that follow. What the backup adds to the timer is the difference.
"""

from collections.abc import Iterator
from contextlib import ExitStack

from harness.capture import Capture
from harness.daemon import Daemon
from harness.node import Network
from harness.packets import Advert, Announcement
from harness.wait import Timeout, wait_until

from metric import Metric, Subject, Values
from router import INSTANCE, Instance, Station

MANY = 64
ROUNDS = 5

METRICS = [
    Metric("takeover_advert", "timer expired → first advertisement", "ms"),
    Metric("takeover_arp", "timer expired → first gratuitous ARP", "ms"),
    Metric("takeover_many_first", f"the same with {MANY} addresses", "ms"),
    Metric("takeover_many_all", f"timer expired → all {MANY} addresses announced", "ms"),
    Metric("takeover_detail_all", "the same while logging in detail (-D)", "ms"),
]


def measure(subject: Subject) -> Values:
    """Several takeovers of one address, and of many."""
    values: Values = {metric.key: [] for metric in METRICS}
    for advert, first, _ in _takeovers(subject, addresses=1, interval=0.1):
        values["takeover_advert"].append(advert)
        values["takeover_arp"].append(first)
    for _, first, every in _takeovers(subject, addresses=MANY, interval=0.3):
        values["takeover_many_first"].append(first)
        values["takeover_many_all"].append(every)
    for _, _, every in _takeovers(subject, addresses=MANY, interval=0.3, detail=True):
        values["takeover_detail_all"].append(every)
    return values


def _takeovers(subject: Subject, addresses: int, interval: float, detail: bool = False
               ) -> Iterator[tuple[float, float, float]]:
    """For each: milliseconds to the first advertisement, to the first announcement, and to the first
    one of the address that was announced last."""
    with ExitStack() as stack:
        network = stack.enter_context(Network())
        wire = stack.enter_context(Capture(network))
        master, backup = (Station(network, number, Instance(priority, interval, addresses), subject.program)
                          for number, priority in ((1, 200), (2, 100)))
        waiting = backup.start(detail=detail)
        waiting.log.wait(f"{INSTANCE}. Entering MASTER STATE", 10)
        done = disturbed = 0
        while done < ROUNDS:
            found = _takeover(wire, master, backup, waiting)
            if found is None:
                disturbed += 1
                if disturbed > ROUNDS:
                    raise Timeout("the backup takes over from a living master: this machine is too busy")
            else:
                done += 1
                yield found
        waiting.stop()


def _takeover(wire: Capture, master: Station, backup: Station, waiting: Daemon) -> tuple[float, float, float] | None:
    """The master takes its addresses back, announces them, and dies. Nothing is found where it was so
    late with its advertisements that the backup was not a backup then."""
    floating = set(backup.instance.floating())
    mark, line = wire.mark(), waiting.log.mark()
    daemon = master.start()
    waiting.log.wait(f"{INSTANCE}. Entering BACKUP STATE", 10, line)
    for address in floating:
        wire.wait_announcement(master.node, address, 10, mark)
    # The backup has long since heard the first of these.
    wait_until(lambda: len(wire.adverts(master.node, mark)) > 5, 15, "the master's advertisements")
    daemon.crash()
    silent, said = wire.adverts(master.node, mark)[-1]
    assert said.priority == master.instance.priority, "the master said goodbye: it did not die"
    expiry = silent + backup.instance.master_down()

    def announced() -> dict[str, float]:
        """When each address was announced first."""
        times: dict[str, float] = {}
        for frame in wire.frames(mark):
            if frame.port == backup.node.name and frame.time > silent and isinstance(frame.payload, Announcement):
                times.setdefault(str(frame.payload.address), frame.time)
        return times

    wait_until(lambda: floating <= announced().keys(), 10, "every address announced by the backup")
    advert = wire.wait(lambda frame: frame.port == backup.node.name and frame.time > silent
                       and isinstance(frame.payload, Advert), 5, mark, "the backup's advertisement").time
    times = announced().values()
    if min(advert, *times) < expiry - backup.instance.interval:
        return None
    return (advert - expiry) * 1e3, (min(times) - expiry) * 1e3, (max(times) - expiry) * 1e3
