"""How long the mail gateway's address takes to move when the service behind it is no longer well: from
the end of the first check that failed to the other gateway's first gratuitous ARP.

Holdfast is measured with its own keyword `fast_handover` too, and keepalived, which has no such
thing, with the same file as before.
"""

from collections.abc import Iterator
from contextlib import ExitStack

from harness import mail
from harness.capture import Capture
from harness.daemon import HOLDFAST
from harness.node import Network
from harness.wait import wait_until

from metric import Metric, Subject, Values
from router import start

ROUNDS = 3
_WELL, _FAILED = "/run/well", "/run/failed"
_CHECK = f"#!/bin/sh\n[ -e {_WELL} ] && exit 0\ndate +%s.%N >> {_FAILED}\nexit 1\n"

METRICS = [
    Metric("handover", "a check failed → gratuitous ARP of the other one", "s"),
    Metric("handover_fast", "the same with fast_handover, which is Holdfast's", "s"),
]


def measure(subject: Subject) -> Values:
    """The operator's files, with advertisements each second."""
    fast = "fast_handover\n" if subject.program.name == HOLDFAST.name else ""
    return {"handover": list(_handovers(subject, "")), "handover_fast": list(_handovers(subject, fast))}


def _handovers(subject: Subject, keyword: str) -> Iterator[float]:
    with ExitStack() as stack:
        network = stack.enter_context(Network())
        wire = stack.enter_context(Capture(network))
        gateways = []
        for number in (1, 2):
            gateway = _Gateway(network, number, subject, keyword)
            gateway.daemon.log.wait("Changing effective priority from 100 to 200", 20)
            if number == 1:
                gateway.daemon.log.wait("Entering MASTER STATE", 20)
            gateways.append(gateway)
        for _ in range(ROUNDS):
            holder, other = gateways
            wire.wait_advert(holder.node, 5, wire.mark(), 200)
            mark, line = wire.mark(), other.daemon.log.mark()
            failed = holder.fail()
            moved = wire.wait_announcement(other.node, mail.FLOATING, 10, mark)
            yield moved.time - failed
            other.daemon.log.wait("Entering MASTER STATE", 5, line)
            holder.heal()
            gateways.reverse()
        for gateway in gateways:
            gateway.daemon.stop()


class _Gateway:
    """One of the two, with a check in place of Postfix's."""

    def __init__(self, network: Network, number: int, subject: Subject, keyword: str) -> None:
        self.node = network.add(f"gateway{number}", mail.INTERFACE, f"10.12.49.{34 + number}/24")
        self.node.write("/opt/postfix.check.sh", _CHECK, 0o755)
        self.node.write(_WELL, "")
        self.node.write(_FAILED, "", 0o666)
        text = (mail.FILES / f"node{number}.conf").read_text()
        self.daemon = start(self.node, subject.program, text.replace("state ", keyword + "state ", 1))

    def fail(self) -> float:
        """From now on the check fails; when it did so first."""
        failed = self.node.path(_FAILED)
        self.node.path(_WELL).unlink()
        return float(wait_until(lambda: failed.read_text().split(), 10, "a check that failed")[0])

    def heal(self) -> None:
        """The check succeeds again, and has said so when this returns."""
        line = self.daemon.log.mark()
        self.node.write(_WELL, "")
        self.daemon.log.wait("Changing effective priority from 100 to 200", 10, line)
        self.node.write(_FAILED, "", 0o666)
