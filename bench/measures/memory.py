"""Memory of all processes of a settled mail gateway."""

from pathlib import Path

from harness import mail
from harness.daemon import Daemon
from harness.node import Network
from harness.proc import Process
from harness.wait import wait_until

from metric import Metric, Subject, Values
from pages import resident
from router import start

SAMPLES = 5
_FIELDS = {"memory_pss": "Pss", "memory_anonymous": "Pss_Anon", "memory_private": "Private_Clean Private_Dirty"}

METRICS = [
    Metric("memory_pss", "proportional set size (PSS)", "KiB", 0),
    Metric("memory_anonymous", "the part of it that is in no file", "KiB", 0),
    Metric("memory_resident", "all resident pages, each counted once", "KiB", 0),
    Metric("memory_private", "pages that one process alone has", "KiB", 0),
    Metric("memory_tables", "the kernel's page tables for it", "KiB", 0),
]


def measure(subject: Subject) -> Values:
    """Master of the mail gateway's configuration, with its check script running."""
    with Network() as network:
        node = network.add("gateway1", mail.INTERFACE, "10.12.49.35/24")
        node.write("/opt/postfix.check.sh", "#!/bin/sh\nprintf x >> /run/count\n", 0o755)
        node.write("/run/count", "", 0o666)
        daemon = start(node, subject.program, (mail.FILES / "node1.conf").read_text())
        daemon.log.wait("Entering MASTER STATE", 15)
        counter = node.path("/run/count")
        values: Values = {metric.key: [] for metric in METRICS}
        for _ in range(SAMPLES):
            runs = counter.stat().st_size
            # Just after a script has run, the next is seconds away.
            wait_until(lambda seen=runs: counter.stat().st_size > seen, 10, "a run of the script")  # type: ignore[misc]
            for key, value in _sample(settled(daemon)).items():
                values[key].append(value)
        daemon.stop()
        return values


def settled(daemon: Daemon) -> list[Process]:
    """The daemon's processes, when no script is among them."""
    def search() -> list[Process]:
        found = daemon.processes()
        places = (daemon.program.parent, daemon.program.parent.parent / "libexec")
        programs = [Path(f"/proc/{process.pid}/exe").readlink() for process in found]
        return found if all(program.is_relative_to(places[0]) or program.is_relative_to(places[1])
                            for program in programs) else []
    return wait_until(search, 5, "no script running")


def _sample(processes: list[Process]) -> dict[str, float]:
    sums = {metric.key: 0.0 for metric in METRICS}
    sums["memory_resident"] = resident(process.pid for process in processes)
    for process in processes:
        rollup = {}
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, value, *_ = line.split()
            rollup[name.rstrip(":")] = int(value)
        for key, fields in _FIELDS.items():
            sums[key] += sum(rollup[field] for field in fields.split())
        sums["memory_tables"] += int(process.status["VmPTE"].split()[0])
    return sums
