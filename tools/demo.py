"""Two mail gateways, one address: stops Postfix on its holder and prints what happens, as it does."""

import argparse
import os
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "system"))

from harness.capture import Capture  # noqa: E402
from harness.daemon import HOLDFAST, Daemon  # noqa: E402
from harness.mail import FLOATING, MailClient, MailGateway, add_client  # noqa: E402
from harness.node import Network  # noqa: E402
from harness.wait import Timeout, holds_for  # noqa: E402

BOLD, GREEN, RED, YELLOW = "1", "32", "31", "33"


class Timeline:
    """Prints events with the seconds since a moment of origin."""

    def __init__(self) -> None:
        self._coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.origin = time.time()

    def colour(self, text: str, code: str) -> str:
        """The text in a colour, on a terminal."""
        return f"\033[{code}m{text}\033[0m" if self._coloured else text

    def chapter(self, title: str) -> None:
        """Begins a part; its times count from now."""
        self.origin = time.time()
        print(f"\n{self.colour(title, BOLD)}", flush=True)

    def event(self, who: str, text: str, at: float | None = None, code: str = "") -> None:
        """One line; `at` is when it happened, otherwise now."""
        seconds = (time.time() if at is None else at) - self.origin
        print(f"  {max(seconds, 0):6.2f} s  {who:<9} {self.colour(text, code) if code else text}", flush=True)


def show_script_effect(timeline: Timeline, daemon: Daemon, since: int, verdict: str, code: str) -> None:
    """The check's new verdict, and the priority that follows from it."""
    name = daemon.node.name
    line = daemon.log.wait(rf"VRRP_Script\(chk_service\) {verdict}", 15, since)
    timeline.event(name, f"check script {verdict}", line.time, code)
    line = daemon.log.wait(r"Changing effective priority", 5, since)
    old, _, new = line.text.rpartition("from ")[2].partition(" to ")
    timeline.event(name, f"priority {old} → {new}", line.time)


def bring_up(timeline: Timeline, program: Path, stack: ExitStack
             ) -> tuple[Capture, MailClient, list[MailGateway], list[Daemon]]:
    """Both gateways and the client, with the address on gateway 1."""
    timeline.chapter("Two gateways with a Postfix each, and a client")
    network = stack.enter_context(Network())
    wire = stack.enter_context(Capture(network))
    gateways = []
    for number in (1, 2):
        gateways.append(MailGateway(network, number, program))
        timeline.event(f"gateway{number}", "up, Postfix greets")
    daemons = [gateways[0].start()]
    line = daemons[0].log.wait("Entering MASTER STATE", 15)
    timeline.event("gateway1", f"MASTER, holds {FLOATING}", line.time, GREEN)
    daemons.append(gateways[1].start())
    line = daemons[1].log.wait("Entering BACKUP STATE", 10)
    daemons[1].log.wait("Changing effective priority from 100 to 200", 10)
    timeline.event("gateway2", "BACKUP, hears gateway 1", line.time)
    client = stack.enter_context(MailClient(add_client(network)))
    delivery = client.wait_accepted("gateway1", 10)
    timeline.event("client", f"mail to {FLOATING} accepted by gateway1", delivery.time, GREEN)
    return wire, client, gateways, daemons


def fail_over(timeline: Timeline, wire: Capture, client: MailClient, gateways: list[MailGateway],
              daemons: list[Daemon]) -> None:
    """Stops Postfix on gateway 1 and follows the address to gateway 2."""
    timeline.chapter("Postfix stops on gateway 1")
    marks = [daemon.log.mark() for daemon in daemons]
    on_wire = wire.mark()
    stopped = time.time()
    gateways[0].postfix.stop()
    timeline.event("gateway1", "Postfix stopped", code=YELLOW)
    show_script_effect(timeline, daemons[0], marks[0], "failed", RED)
    line = daemons[1].log.wait("Entering MASTER STATE", 15, marks[1])
    timeline.event("gateway2", f"MASTER, takes {FLOATING}", line.time, GREEN)
    frame = wire.wait_announcement(gateways[1].node, FLOATING, 5, on_wire)
    mac = frame.source_mac.hex(":")
    timeline.event("the wire", f"gratuitous ARP: {FLOATING} is at {mac}", frame.time)
    line = daemons[0].log.wait("Entering BACKUP STATE", 5, marks[0])
    timeline.event("gateway1", f"BACKUP, {FLOATING} removed", line.time)
    first = client.wait_accepted("gateway2", 10, stopped)
    timeline.event("client", "first mail accepted by gateway2", first.time, GREEN)
    failures = [attempt for attempt in client.deliveries(stopped)
                if attempt.gateway is None and attempt.time < first.time]
    gap = first.time - (failures[0].time if failures else first.time)
    timeline.event("client", f"{len(failures)} messages refused in between, over {gap:.1f} s", code=YELLOW)


def come_back(timeline: Timeline, client: MailClient, gateways: list[MailGateway], daemons: list[Daemon]) -> None:
    """Starts Postfix on gateway 1 again; an equal priority takes nothing back."""
    timeline.chapter("Postfix starts on gateway 1 again")
    mark = daemons[0].log.mark()
    gateways[0].postfix.start()
    timeline.event("gateway1", "Postfix greets", code=YELLOW)
    show_script_effect(timeline, daemons[0], mark, "succeeded", GREEN)
    holds_for(lambda: gateways[1].node.holds(FLOATING) and not gateways[0].node.holds(FLOATING), 4,
              f"{FLOATING} stays on gateway2")
    timeline.event("gateway2", f"still MASTER: both have 200, so {FLOATING} stays", code=GREEN)
    client.wait_accepted("gateway2", 5, time.time())
    timeline.event("client", "mail accepted by gateway2", code=GREEN)


def run(program: Path, timeline: Timeline) -> int:
    """The whole demonstration; its exit status."""
    daemons: list[Daemon] = []
    with ExitStack() as stack:
        try:
            wire, client, gateways, daemons = bring_up(timeline, program, stack)
            fail_over(timeline, wire, client, gateways, daemons)
            come_back(timeline, client, gateways, daemons)
            timeline.chapter("Everything stops")
            for daemon in reversed(daemons):
                timeline.event(daemon.node.name, f"{program.name} stopped, exit status {daemon.stop()}")
            return 0
        except Timeout as failure:
            print(timeline.colour(f"\nThis did not go as it should: {failure}", RED), file=sys.stderr)
            for daemon in daemons:
                print(f"\nLog of {daemon.node.name}:", file=sys.stderr)
                for line in daemon.log.lines():
                    print(f"  {line.text}", file=sys.stderr)
            return 1


def main() -> int:
    """Reads the command line, and makes sure that a signal unwinds as an error would."""
    parser = argparse.ArgumentParser(prog="tools/demo", description=__doc__)
    parser.add_argument("--daemon", type=Path, default=HOLDFAST,
                        help="another program to show, such as /usr/sbin/keepalived")
    program: Path = parser.parse_args().daemon

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    return run(program, Timeline())


if __name__ == "__main__":
    sys.exit(main())
