"""How late a backup is when its master has gone: from the moment at which the protocol's
Active_Down_Timer expires to the frames that say that it is master.

The timer starts with the last advertisement of the master, whose time on the wire is the kernel's; so
are the times of the frames that follow. What the backup adds to the timer is the difference. The
least that any program can add is measured too.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from harness.capture import Capture
from harness.daemon import Daemon
from harness.node import Network
from harness.packets import Advert, Announcement
from harness.wait import Timeout, wait_until

from build import program
from metric import Metric, Subject, Values
from router import INSTANCE, INTERFACE, Instance, Station

MANY = 64
ROUNDS = 5


@dataclass(frozen=True)
class Departure:
    """How a master goes."""

    interval: float
    addresses: int = 1
    detail: bool = False
    graceful: bool = False


@dataclass(frozen=True)
class Takeover:
    """Milliseconds from the expiry of the timer."""

    advert: float
    first: float
    """The first announcement."""
    last: float
    """The first announcement of the address that was announced last."""


SECOND, TENTH, HUNDREDTH = Departure(1), Departure(0.1), Departure(0.01)
GRACEFUL = Departure(0.1, graceful=True)
CROWD, TALKATIVE = Departure(0.3, MANY), Departure(0.3, MANY, detail=True)

METRICS = [
    Metric("takeover_floor", "a timer → a frame, by a program that does nothing else", "ms"),
    Metric("takeover_advert", "timer expired → first advertisement (100 ms)", "ms"),
    Metric("takeover_arp", "timer expired → first gratuitous ARP (100 ms)", "ms"),
    Metric("takeover_arp_10ms", "the same at 10 ms", "ms"),
    Metric("takeover_arp_1s", "the same at 1 s", "ms"),
    Metric("takeover_arp_stop", "the same after a graceful stop (100 ms)", "ms"),
    Metric("takeover_many_first", f"the same with {MANY} addresses", "ms"),
    Metric("takeover_many_all", f"timer expired → all {MANY} addresses announced", "ms"),
    Metric("takeover_detail_all", "the same while logging in detail (-D)", "ms"),
]


def measure(subject: Subject) -> Values:
    """Several takeovers of each kind."""
    tenth, crowd = list(_takeovers(subject, TENTH)), list(_takeovers(subject, CROWD))
    return {
        "takeover_floor": _floor(),
        "takeover_advert": [takeover.advert for takeover in tenth],
        "takeover_arp": [takeover.first for takeover in tenth],
        "takeover_arp_10ms": [takeover.first for takeover in _takeovers(subject, HUNDREDTH)],
        "takeover_arp_1s": [takeover.first for takeover in _takeovers(subject, SECOND)],
        "takeover_arp_stop": [takeover.first for takeover in _takeovers(subject, GRACEFUL)],
        "takeover_many_first": [takeover.first for takeover in crowd],
        "takeover_many_all": [takeover.last for takeover in crowd],
        "takeover_detail_all": [takeover.last for takeover in _takeovers(subject, TALKATIVE)],
    }


def _floor() -> list[float]:
    with Network() as network:
        bare = network.add("bare", INTERFACE, "10.77.0.3/16")
        said = bare.run([str(program("timer_to_frame")), INTERFACE, str(ROUNDS)]).stdout
    return [float(word) for word in said.split()]


def _takeovers(subject: Subject, departure: Departure) -> Iterator[Takeover]:
    with ExitStack() as stack:
        network = stack.enter_context(Network())
        wire = stack.enter_context(Capture(network))
        master, backup = (Station(network, number, Instance(priority, departure.interval, departure.addresses),
                                  subject.program) for number, priority in ((1, 200), (2, 100)))
        waiting = backup.start(detail=departure.detail)
        waiting.log.wait(f"{INSTANCE}. Entering MASTER STATE", 10)
        done = disturbed = 0
        while done < ROUNDS:
            found = _takeover(wire, master, backup, waiting, departure.graceful)
            if found is None:
                disturbed += 1
                if disturbed > ROUNDS:
                    raise Timeout("the backup takes over from a living master: this machine is too busy")
            else:
                done += 1
                yield found
        waiting.stop()


def _takeover(wire: Capture, master: Station, backup: Station, waiting: Daemon, graceful: bool) -> Takeover | None:
    """The master takes its addresses back, announces them, and goes. Nothing is found where it was so
    late with its advertisements that the backup was not a backup then."""
    floating = set(backup.instance.floating())
    mark, line = wire.mark(), waiting.log.mark()
    daemon = master.start()
    waiting.log.wait(f"{INSTANCE}. Entering BACKUP STATE", 10, line)
    for address in floating:
        wire.wait_announcement(master.node, address, 10, mark)
    # The backup has long since heard the first of these.
    wait_until(lambda: len(wire.adverts(master.node, mark)) > 5, 15, "the master's advertisements")
    if graceful:
        daemon.stop()
    else:
        daemon.crash()
    silent, said = wire.adverts(master.node, mark)[-1]
    assert said.priority == (0 if graceful else master.instance.priority), "the wrong last words"
    expiry = silent + (backup.instance.skew() if graceful else backup.instance.master_down())

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
    if min(advert, *times) < expiry - backup.instance.skew():
        return None
    return Takeover((advert - expiry) * 1e3, (min(times) - expiry) * 1e3, (max(times) - expiry) * 1e3)
