"""The operator's own case: the floating address is always on a gateway whose Postfix works."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness import proc
from harness.capture import Capture
from harness.mail import FLOATING, MailClient, MailGateway, add_client
from harness.node import ROOT, Network
from harness.wait import holds_for, wait_until


def test_address_follows_the_postfix_that_works(network: Network, capture: Capture, program: Path) -> None:
    """Stopping Postfix moves the address, mail is accepted again, and starting it moves nothing back."""
    one, two = (MailGateway(network, number, program) for number in (1, 2))
    first = one.start()
    one.node.wait_holds(FLOATING, 10)
    second = two.start()
    second.log.wait("Changing effective priority from 100 to 200", 10)
    with MailClient(add_client(network)) as client:
        client.wait_accepted("gateway1", 10)
        assert not two.node.holds(FLOATING)

        mark, wire, stopped = first.log.mark(), capture.mark(), time.time()
        one.postfix.stop()
        first.log.wait(r"VRRP_Script\(chk_service\) failed \(exited with status 1\)", 8, mark)
        first.log.wait("Changing effective priority from 200 to 100", 2, mark)
        second.log.wait(r"\(VI_postfix\) Entering MASTER STATE", 8)
        first.log.wait(r"\(VI_postfix\) Entering BACKUP STATE", 2, mark)
        capture.wait_announcement(two.node, FLOATING, 2, wire)
        client.wait_accepted("gateway2", 5, stopped)
        one.node.wait_lacks(FLOATING, 2)
        assert two.node.holds(FLOATING)

        mark = first.log.mark()
        one.postfix.start()
        first.log.wait("Changing effective priority from 100 to 200", 8, mark)
        holds_for(lambda: two.node.holds(FLOATING) and not one.node.holds(FLOATING), 4, "the address stays")
        resumed = time.time()
        client.wait_accepted("gateway2", 5, resumed)
        assert all(delivery.gateway == "gateway2" for delivery in client.deliveries(resumed))
    assert first.stop() == 0 and second.stop() == 0


def descendants(pid: int) -> set[int]:
    """All processes below `pid`."""
    found: set[int] = set()
    todo = [pid]
    while todo:
        for child in proc.children(todo.pop()):
            found.add(child)
            todo.append(child)
    return found


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_demo_leaves_nothing_behind_when_it_is_ended(program: Path, ending: signal.Signals) -> None:
    """Ended in the middle, the demo takes all of its processes with it, and so its namespaces."""
    demo = subprocess.Popen([sys.executable, ROOT / "tools" / "demo.py", f"--daemon={program}"],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    seen: set[int] = set()
    assert demo.stdout is not None
    with demo.stdout as output:
        for line in output:
            seen |= descendants(demo.pid)
            if "holds" in line:
                break
        demo.send_signal(ending)
        rest = output.read()
    assert demo.wait(20) == (-ending if ending == signal.SIGKILL else 128 + ending), rest
    assert len(seen) > 10
    wait_until(lambda: not any(proc.is_alive(pid) for pid in seen), 5, "every process of the demo ended")
