"""Processor time of a quiet day: of the master for each advertisement that it sends, and of its backup
for each that it hears."""

from contextlib import ExitStack

from harness.capture import Capture
from harness.node import Network
from harness.wait import wait_until

from account import Account
from metric import Metric, Subject, Values
from router import INSTANCE, Instance, Station

ADVERTS = 500

METRICS = [
    Metric("advert_sent", "an advertisement sent", "µs of CPU", 1),
    Metric("advert_received", "an advertisement received", "µs of CPU", 1),
]


def measure(subject: Subject) -> Values:
    """The means of many advertisements, a hundred of them a second."""
    with ExitStack() as stack:
        accounts = [stack.enter_context(Account()) for _ in METRICS]
        network = stack.enter_context(Network())
        wire = stack.enter_context(Capture(network))
        master, backup = (Station(network, number, Instance(priority, interval=0.01), subject.program)
                          for number, priority in ((1, 200), (2, 100)))
        sender = master.start(accounts[0].prefix)
        sender.log.wait(f"{INSTANCE}. Entering MASTER STATE", 10)
        listener = backup.start(accounts[1].prefix)
        listener.log.wait("Startup complete", 10)
        # The master announces its address a second time five seconds after the transition.
        wait_until(lambda: len(wire.announcements(master.node, master.instance.floating()[0])) >= 10, 15,
                   "both rounds of announcements")
        mark, before = wire.mark(), [account.seconds() for account in accounts]
        wait_until(lambda: wire.mark() - mark >= ADVERTS, 60, f"{ADVERTS} advertisements")
        after, count = [account.seconds() for account in accounts], len(wire.adverts(master.node, mark))
        listener.stop()
        sender.stop()
        return {metric.key: [(after[index] - before[index]) / count * 1e6]
                for index, metric in enumerate(METRICS)}
