"""Processor time of a script run: the daemon's, and that of the run itself, which is the same for all.

Every run appends a byte to a file, so what is counted is runs that really happened.
"""

from harness.node import Network
from harness.wait import wait_until

from account import Account
from metric import Metric, Subject, Values
from router import Instance, Station

SCRIPTS = 25
RUNS = 250
COUNT = "/run/count"

METRICS = [
    Metric("script_shell", "a run of a #!/bin/sh script, all processes", "ms of CPU", 3),
    Metric("script_elf", "a run of an ELF program (dd), all processes", "ms of CPU", 3),
]

_KINDS = {
    "script_shell": "/opt/check.sh",
    "script_elf": f"/usr/bin/dd if=/dev/zero of={COUNT} bs=1 count=1 oflag=append conv=notrunc status=none",
}


def measure(subject: Subject) -> Values:
    """The mean of many runs, for each kind of script."""
    return {key: [_mean(subject, command)] for key, command in _KINDS.items()}


def _mean(subject: Subject, command: str) -> float:
    with Account() as account, Network() as network:
        # It stays a backup, and is silent, for longer than this takes.
        station = Station(network, 1, Instance(10, interval=20, scripts=[command] * SCRIPTS), subject.program)
        station.node.write("/opt/check.sh", f"#!/bin/sh\nprintf x >> {COUNT}\n", 0o755)
        station.node.write(COUNT, "", 0o666)
        counter = station.node.path(COUNT)

        def runs() -> int:
            return counter.stat().st_size

        daemon = station.start(account.prefix)
        wait_until(lambda: runs() >= 2 * SCRIPTS, 20, "every script has run twice")
        first, before = runs(), account.seconds()
        wait_until(lambda: runs() >= first + RUNS, 60, f"{RUNS} runs")
        last, after = runs(), account.seconds()
        daemon.stop()
        return (after - before) / (last - first) * 1e3
