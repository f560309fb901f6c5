"""From the exec of the daemon to its first sign of life."""

from contextlib import ExitStack

from harness.capture import Capture
from harness.node import Network

from account import Account
from metric import Metric, Subject, Values
from router import INSTANCE, Instance, Station

ROUNDS = 3

METRICS = [
    Metric("startup_advert", "exec → first advertisement, priority 255", "ms", 1),
    Metric("startup_backup", "exec → listening as a backup", "ms", 1),
    Metric("startup_cpu", "processor time of all processes until the first advertisement", "ms", 1),
]

# Joins the control group, notes the time in the node's /run, and becomes the daemon, logging no
# details: nothing runs between.
_NOTE = """import os, sys, time
with open(sys.argv[1], "w") as group:
    group.write("0")
with open("/run/started", "w") as file:
    file.write(repr(time.time()))
os.execv(sys.argv[2], [word for word in sys.argv[2:] if word != "-D"])"""


def measure(subject: Subject) -> Values:
    """Some starts of each kind."""
    values: Values = {metric.key: [] for metric in METRICS}
    with ExitStack() as stack:
        account = stack.enter_context(Account())
        network = stack.enter_context(Network())
        wire = stack.enter_context(Capture(network))
        owner = Station(network, 1, Instance(255), subject.program)
        backup = Station(network, 2, Instance(100, interval=10), subject.program)
        prefix = ["/usr/bin/python3", "-I", "-S", "-c", _NOTE, str(account.members)]
        for _ in range(ROUNDS):
            mark, before = wire.mark(), account.seconds()
            daemon = owner.start(prefix, detail=True)
            seen = wire.wait_advert(owner.node, 10, mark).time
            values["startup_cpu"].append((account.seconds() - before) * 1e3)
            values["startup_advert"].append((seen - _started(owner)) * 1e3)
            daemon.stop()
            daemon = backup.start(prefix, detail=True)
            seen = daemon.log.wait(f"{INSTANCE}. Entering BACKUP STATE", 10).time
            values["startup_backup"].append((seen - _started(backup)) * 1e3)
            daemon.stop()
    return values


def _started(station: Station) -> float:
    return float(station.node.path("/run/started").read_text())
