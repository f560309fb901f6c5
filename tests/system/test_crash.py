"""Killing any worker of a master loses neither the address nor the mastership."""

import signal
from collections.abc import Callable

import pytest

from harness.address_watch import AddressWatch
from harness.daemon import replaced
from harness.proc import Process
from harness.router import INTERFACE, Mode, Pair, Station
from harness.wait import holds_for, wait_until

pytestmark = pytest.mark.holdfast_only("a crash of keepalived's VRRP process makes it a backup")

MODES = [Mode(2, 4, True), Mode(3, 6, False)]


def serving_pair(make_pair: Callable[..., Pair], mode: Mode) -> Pair:
    """A master with a script that is worth something, and its backup."""
    pair = make_pair(mode, script_weight=-100)
    pair.start()
    return pair


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize(("program_name", "longest_gap"),
                         [("holdfast-vrrpd", 2.1), ("holdfast-privd", 1.2), ("holdfast-scriptd", 1.2)])
def test_worker_is_killed(make_pair: Callable[..., Pair], mode: Mode, program_name: str, longest_gap: float) -> None:
    """The address is never deleted, advertisements go on with their priority, the backup stays one.

    `longest_gap` is in advertisement intervals: a vrrpd that starts again goes on within one interval
    of the advertisement that was due, the death of another worker is not seen on the wire at all.
    """
    pair = serving_pair(make_pair, mode)
    first, mark = pair.first, pair.capture.mark()
    victim = first.running.process(program_name)
    backup_mark = pair.second.running.log.mark()
    with AddressWatch(first.node) as watch:
        victim.kill()
        replacement = wait_until(lambda: _other(first, program_name, victim.pid), 5, f"another {program_name}")
        holds_for(first.holds, 4 * mode.interval, "the master keeps the address")
        assert replacement.alive()
        assert not watch.deleted(mode.floating)
    assert not pair.second.holds() and not pair.second.running.log.find("MASTER", backup_mark)
    adverts = pair.capture.adverts(first.node, mark)
    assert {advert.priority for _, advert in adverts} == {150}
    gaps = [later - sooner for (sooner, _), (later, _) in zip(adverts, adverts[1:])]
    assert max(gaps) < longest_gap * mode.interval + 0.1, gaps


def test_replay_counter_goes_on(make_pair: Callable[..., Pair]) -> None:
    """With authentication headers the backup believes the vrrpd that comes after a crash, or after a reload."""
    mode = MODES[0]
    pair = make_pair(mode, lines=("authentication {", "auth_type AH", "auth_pass secret99", "}"))
    pair.start()
    second = pair.second.running.log.mark()
    victim = pair.first.running.process("holdfast-vrrpd")
    for end in (victim.kill, lambda: pair.first.running.signal(signal.SIGHUP)):
        before = pair.first.running.process("holdfast-vrrpd")
        end()
        wait_until(lambda: _other(pair.first, "holdfast-vrrpd", before.pid), 10, "another vrrpd")
        holds_for(lambda: pair.first.holds() and not pair.second.holds(), 4 * mode.interval, "one master")
    assert not pair.second.running.log.find("MASTER|IPSEC", second)


def _other(station: Station, program_name: str, pid: int) -> Process | None:
    """The process of that program which is not `pid`, if there is one yet."""
    others = (process for process in station.running.processes() if process.pid != pid)
    return next((process for process in others if process.program == program_name), None)


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_everybody_but_the_supervisor_is_killed(make_pair: Callable[..., Pair], mode: Mode) -> None:
    """All workers at once: what privd wrote down outlives it, and the master goes on as one."""
    pair = serving_pair(make_pair, mode)
    mark, wire = pair.second.running.log.mark(), pair.capture.mark()
    own = pair.first.running.log.mark()
    processes = pair.first.running.processes()[1:]
    with AddressWatch(pair.first.node) as watch:
        for process in processes:
            process.kill(signal.SIGSTOP)
        for process in processes:
            process.kill()
        wait_until(lambda: len(pair.first.running.processes()) == 4, 5, "three workers again")
        pair.first.running.log.wait("Carrying on in MASTER STATE", 5, own)
        holds_for(pair.first.holds, 4 * mode.interval, "the master keeps the address")
        assert not watch.deleted(mode.floating)
    assert not pair.second.holds() and not pair.second.running.log.find("MASTER", mark)
    assert {advert.priority for _, advert in pair.capture.adverts(pair.first.node, wire)} == {150}


def test_addresses_are_given_up_where_only_privd_comes_back(make_pair: Callable[..., Pair]) -> None:
    """privd and vrrpd die together, and no vrrpd comes back: the next privd knows whose addresses there are."""
    pair = make_pair()
    pair.start()
    mark, first = pair.second.running.log.mark(), pair.first
    vrrpd = str(first.program.parents[1] / "libexec" / "holdfast" / "holdfast-vrrpd")
    first.node.run(["mount", "--bind", "/bin/false", vrrpd])
    for name in ("holdfast-vrrpd", "holdfast-privd"):
        first.running.process(name).kill()
    pair.second.wait_master(6, mark)
    first.node.wait_lacks(first.router.mode.floating, 3)


def test_setting_is_put_back_after_a_crash(make_station: Callable[..., Station]) -> None:
    """promote_secondaries is as it was before the start, whoever switched it on."""
    station = make_station(lines=["promote_secondaries"])
    setting = f"/proc/sys/net/ipv4/conf/{INTERFACE}/promote_secondaries"

    def value() -> str:
        return station.node.run(["cat", setting]).stdout.strip()

    station.node.run(["sh", "-c", f"echo 0 > {setting}"])
    station.start()
    station.wait_master(5)
    wait_until(lambda: value() == "1", 2, "promote_secondaries is on")
    victim = station.running.process("holdfast-privd")
    mark = station.running.log.mark()
    victim.kill()
    station.running.log.wait("Starting privd", 5, mark)
    wait_until(lambda: _other(station, "holdfast-privd", victim.pid), 5, "another holdfast-privd")
    assert value() == "1"
    assert station.running.stop() == 0
    assert value() == "0" and not station.holds()


def test_worker_that_is_killed_keeps_working(make_pair: Callable[..., Pair]) -> None:
    """After a crash of each worker the master still loses to a failing script, and the peer takes over."""
    mode = Mode(2, 4, True)
    pair = serving_pair(make_pair, mode)
    for name in ("holdfast-vrrpd", "holdfast-privd", "holdfast-scriptd"):
        victim = pair.first.running.process(name)
        victim.kill()
        wait_until(lambda: _other(pair.first, name, victim.pid), 5, f"another {name}")
        pair.capture.wait_advert(pair.first.node, 3, pair.capture.mark(), 150)
    mark = pair.second.running.log.mark()
    pair.first.sicken()
    pair.second.wait_master(3 + mode.master_down(100) + 2, mark)
    pair.first.node.wait_lacks(mode.floating, 3)


def test_supervisor_is_killed(make_pair: Callable[..., Pair]) -> None:
    """Everybody leaves as if told to stop: priority 0, no address, no process."""
    pair = make_pair()
    pair.start()
    processes = pair.first.running.processes()
    wire, mark = pair.capture.mark(), pair.second.running.log.mark()
    processes[0].kill()
    pair.capture.wait_advert(pair.first.node, 2, wire, priority=0)
    pair.second.wait_master(3, mark)
    pair.first.node.wait_lacks(pair.first.router.mode.floating, 2)
    wait_until(lambda: not any(process.alive() for process in processes), 5, "every process ended")


def test_address_is_given_up_where_vrrpd_does_not_come_back(make_pair: Callable[..., Pair]) -> None:
    """Peers take over after their master-down time, and the address must not be in two places."""
    pair = make_pair()
    pair.start()
    mark, first = pair.second.running.log.mark(), pair.first
    with replaced(first.node, "holdfast-vrrpd", "/bin/false"):
        first.running.process("holdfast-vrrpd").kill()
        pair.second.wait_master(6, mark)
        first.node.wait_lacks(first.router.mode.floating, 3)
        first.running.log.wait("nobody has advertised for as long as peers wait: its addresses are removed", 1)
        back = first.running.log.mark()
    first.running.log.wait("Entering (BACKUP|MASTER) STATE", 20, back)


def test_nobody_becomes_master_without_privd(make_pair: Callable[..., Pair]) -> None:
    """Without privd nobody sets the addresses: a backup stays one, and takes over when privd is back."""
    pair = make_pair()
    pair.start()
    second, mode = pair.second, pair.first.router.mode
    privd = str(second.program.parents[1] / "libexec" / "holdfast" / "holdfast-privd")
    second.node.run(["mount", "--bind", "/bin/false", privd])
    second.running.process("holdfast-privd").kill()
    second.running.log.wait("privd is gone", 5)
    wire, mark = pair.capture.mark(), second.running.log.mark()
    assert pair.first.running.stop() == 0
    second.running.log.wait("cannot become MASTER while privd, which sets the addresses, is gone", 5, mark)
    holds_for(lambda: not pair.capture.adverts(second.node, wire), 4 * mode.master_down(100), "it does not advertise")
    assert not second.running.log.find("MASTER STATE", mark) and not second.holds()
    second.node.run(["umount", "--lazy", privd])
    second.wait_master(30, mark)
    pair.capture.wait_announcement(second.node, mode.floating, 5, wire)
    pair.capture.wait_advert(second.node, 3, pair.capture.mark(), 100)


def test_master_that_loses_without_privd_yields_when_it_is_back(make_pair: Callable[..., Pair]) -> None:
    """It goes on as master, gives way to a better one, and is rid of its addresses as soon as that can be."""
    pair = make_pair(script_weight=-100)
    pair.start()
    first, mode = pair.first, pair.first.router.mode
    privd = str(first.program.parents[1] / "libexec" / "holdfast" / "holdfast-privd")
    first.node.run(["mount", "--bind", "/bin/false", privd])
    first.running.process("holdfast-privd").kill()
    first.running.log.wait("privd is gone", 5)
    pair.capture.wait_advert(first.node, 3, pair.capture.mark(), 150)
    mark = pair.second.running.log.mark()
    first.sicken()
    pair.second.wait_master(3 + mode.master_down(100) + 2, mark)
    first.running.log.wait("cannot give its addresses up without privd", 2)
    first.node.run(["umount", "--lazy", privd])
    first.node.wait_lacks(mode.floating, 30)
    assert pair.second.holds()


def test_leftover_address_of_a_crash_is_no_obstacle(make_pair: Callable[..., Pair]) -> None:
    """All processes are killed, so the address stays; the next start takes it away before it is a backup again."""
    pair = make_pair()
    pair.start()
    mark = pair.second.running.log.mark()
    pair.first.running.crash()
    pair.second.wait_master(5, mark)
    assert pair.first.holds(), "nobody was left to remove it"
    pair.first.router = pair.first.router.changed(priority=50)
    pair.first.start().log.wait("Entering BACKUP STATE", 5)
    pair.first.node.wait_lacks(pair.first.router.mode.floating, 2)
    assert pair.second.holds()
