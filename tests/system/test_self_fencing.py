"""Who was held up for so long that a peer may be master listens before it speaks as one: never two masters."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterable

import pytest

from harness.proc import Process
from harness.router import Mode, Pair
from harness.wait import holds_for

pytestmark = pytest.mark.holdfast_only("keepalived goes on as master, and sends before it listens")

MODES = [Mode(2, 4, True), Mode(3, 4, False), Mode(3, 6, False)]


def stopped_pair(make_pair: Callable[..., Pair], mode: Mode, victims: Callable[[Pair], Iterable[Process]],
                 **changes: object) -> tuple[Pair, list[Process]]:
    """A master that was stopped for so long that its backup is master now."""
    pair = make_pair(mode, **changes)
    pair.start()
    mark = pair.second.running.log.mark()
    stopped = list(victims(pair))
    for process in stopped:
        process.kill(signal.SIGSTOP)
    pair.second.wait_master(mode.master_down(100) + 3, mark)
    return pair, stopped


def vrrpd_of(pair: Pair) -> list[Process]:
    return [pair.first.running.process("holdfast-vrrpd")]


def everybody_of(pair: Pair) -> list[Process]:
    """As on a machine that stood still."""
    return pair.first.running.processes()


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("victims", [vrrpd_of, everybody_of])
def test_master_that_was_stopped_gives_way(make_pair: Callable[..., Pair], mode: Mode,
                                           victims: Callable[[Pair], Iterable[Process]]) -> None:
    """Where it may not preempt, it says nothing at all."""
    pair, stopped = stopped_pair(make_pair, mode, victims, lines=["nopreempt"])
    wire, mark = pair.capture.mark(), pair.second.running.log.mark()
    for process in stopped:
        process.kill(signal.SIGCONT)
    pair.first.running.log.wait(r"Held up for \d+ ms, past the peers' master down time", 2)
    pair.first.node.wait_lacks(mode.floating, 2)
    holds_for(lambda: not pair.capture.adverts(pair.first.node, wire), 2 * mode.master_down(150), "it is silent")
    assert not pair.second.running.log.find("BACKUP", mark) and pair.second.holds()


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("victims", [vrrpd_of, everybody_of])
def test_master_that_was_stopped_preempts_after_listening(make_pair: Callable[..., Pair], mode: Mode,
                                                          victims: Callable[[Pair], Iterable[Process]]) -> None:
    pair, stopped = stopped_pair(make_pair, mode, victims)
    wire, goes_on = pair.capture.mark(), time.time()
    for process in stopped:
        process.kill(signal.SIGCONT)
    again = pair.capture.wait_advert(pair.first.node, mode.master_down(150) + 3, wire)
    assert again.time - goes_on > mode.master_down(150) - 0.01
    heard = [at for at, _ in pair.capture.adverts(pair.second.node, wire) if goes_on < at < again.time]
    assert len(heard) >= 2


def test_vrrpd_that_hung_is_not_carried_on_as_master(make_pair: Callable[..., Pair]) -> None:
    """Who hangs dies late: the vrrpd in its place counts from what was sent last, not from that death."""
    mode = MODES[1]
    pair, stopped = stopped_pair(make_pair, mode, vrrpd_of, lines=["nopreempt"])
    wire, mark = pair.capture.mark(), pair.first.running.log.mark()
    pair.first.running.log.wait("has not answered for 8 seconds: replacing it", 20, mark)
    pair.first.running.log.wait("Entering BACKUP STATE", 5, mark)
    holds_for(lambda: not pair.capture.adverts(pair.first.node, wire), 2 * mode.master_down(150), "it is silent")
    assert not pair.first.running.log.find("MASTER", mark) and not stopped[0].alive()
    assert not pair.first.holds() and pair.second.holds()


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_vrrpd_that_died_while_all_stood_still(make_pair: Callable[..., Pair], mode: Mode) -> None:
    """Nobody saw when it died."""
    pair, stopped = stopped_pair(make_pair, mode, everybody_of, lines=["nopreempt"])
    wire, mark = pair.capture.mark(), pair.first.running.log.mark()
    pair.first.running.process("holdfast-vrrpd").kill()
    for process in stopped:
        with contextlib.suppress(ProcessLookupError):
            process.kill(signal.SIGCONT)
    pair.first.running.log.wait("Entering BACKUP STATE", 5, mark)
    holds_for(lambda: not pair.capture.adverts(pair.first.node, wire), 2 * mode.master_down(150), "it is silent")
    assert not pair.first.running.log.find("MASTER", mark) and not pair.first.holds()
