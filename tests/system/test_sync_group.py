"""A sync group moves as a whole: its members are master together or not at all."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.address_watch import AddressWatch
from harness.capture import Capture
from harness.daemon import CONFIGURATION
from harness.group import GROUP, INSIDE, OUTSIDE, GroupPair, GroupRouter, GroupStation, Member
from harness.node import Network
from harness.router import HEALTHY
from harness.wait import holds_for, wait_until

MASTER_DOWN = 3.6
"""Of the second router, in seconds."""

MakePair = Callable[..., GroupPair]


@pytest.fixture
def make_pair(network: Network, capture: Capture, program: Path) -> MakePair:
    """Makes the two routers, not yet started; keyword arguments change both configurations."""
    def make(**changes: object) -> GroupPair:
        first, second = (GroupStation(network, GroupRouter(number, priority).changed(**changes), program)
                         for number, priority in ((1, 150), (2, 100)))
        return GroupPair(capture, first, second)
    return make


def test_interface_of_one_member_goes_down(make_pair: MakePair) -> None:
    """Both members move to the peer, and both come back when it is up again."""
    pair = make_pair()
    pair.start()
    first, second, wire = pair.first.running.log.mark(), pair.second.running.log.mark(), pair.capture.mark()
    pair.first.node.run(["ip", "link", "set", INSIDE.interface, "down"])
    pair.first.wait_all("FAULT", 2, first)
    pair.first.running.log.wait(rf"VRRP_Group\({GROUP}\) Syncing instances to FAULT state", 1, first)
    goodbye = pair.capture.wait_advert(pair.first.node, 1, wire, priority=0)
    assert goodbye.payload.vrid == OUTSIDE.net  # type: ignore[union-attr]
    pair.second.wait_all("MASTER", MASTER_DOWN + 2, second)
    pair.second.running.log.wait(rf"VRRP_Group\({GROUP}\) Syncing instances to MASTER state", 1, second)

    first = pair.first.running.log.mark()
    pair.first.node.run(["ip", "link", "set", INSIDE.interface, "up"])
    pair.first.wait_all("BACKUP", 2, first)
    pair.first.wait_all("MASTER", 6, first)
    wait_until(pair.second.holds_none, 2, "the peer has given both up")


def test_starts_in_fault_as_a_whole(make_pair: MakePair) -> None:
    """One member cannot begin, so nobody does; the log says who."""
    pair = make_pair()
    pair.first.node.run(["ip", "link", "set", INSIDE.interface, "down"])
    log = pair.first.start().log
    log.wait(rf"VRRP_Group\({GROUP}\): Syncing {INSIDE.name} to FAULT state", 5)
    for member in (OUTSIDE, INSIDE):
        log.wait(rf"\({member.name}\) entering FAULT state", 2)
    holds_for(pair.first.holds_none, MASTER_DOWN, "nobody is master")
    assert not log.find("BACKUP") and not pair.capture.adverts(pair.first.node)
    pair.first.node.run(["ip", "link", "set", INSIDE.interface, "up"])
    pair.first.wait_all("MASTER", 8)


def test_member_that_is_preempted_takes_the_other_along(make_pair: MakePair) -> None:
    """A router of higher priority comes; the one that gives way says nothing more."""
    pair = make_pair()
    pair.second.start()
    pair.second.wait_all("MASTER", 8)
    second, wire = pair.second.running.log.mark(), pair.capture.mark()
    pair.first.start()
    pair.first.wait_all("MASTER", 8)
    pair.second.wait_all("BACKUP", 2, second)
    assert 0 not in {advert.priority for _, advert in pair.capture.adverts(pair.second.node, wire)}


def test_script_of_the_group(make_pair: MakePair) -> None:
    """It counts for every member: unweighted, its failure is the fault of all."""
    pair = make_pair(script_weight=0)
    pair.start()
    first, second = pair.first.running.log.mark(), pair.second.running.log.mark()
    pair.first.node.path(HEALTHY).unlink()
    pair.first.wait_all("FAULT", 4, first)
    pair.second.wait_all("MASTER", MASTER_DOWN + 2, second)
    first = pair.first.running.log.mark()
    pair.first.node.write(HEALTHY, "")
    pair.first.wait_all("MASTER", 10, first)


def test_weighted_script_of_the_group(make_pair: MakePair) -> None:
    """It is worth the same to every member."""
    pair = make_pair(script_weight=-100)
    pair.start()
    first, second = pair.first.running.log.mark(), pair.second.running.log.mark()
    pair.first.node.path(HEALTHY).unlink()
    for member in (OUTSIDE, INSIDE):
        pair.first.running.log.wait(rf"\({member.name}\) Changing effective priority from 150 to 50", 4, first)
    pair.second.wait_all("MASTER", MASTER_DOWN + 3, second)
    wait_until(pair.first.holds_none, 2, "the group has given both up")


def test_notifications(make_pair: MakePair) -> None:
    """The group is told of after its members, with the word GROUP and priority 0; a name of both is no obstacle."""
    pair = make_pair(notify=True, members=(OUTSIDE, Member(GROUP, INSIDE.interface, INSIDE.net)))
    pair.first.start()
    pair.first.wait_all("MASTER", 8)

    def told(state: str) -> list[str]:
        return [line for line in pair.first.told() if line.split()[2] == state]

    for state in ("BACKUP", "MASTER"):
        wait_until(lambda: len(told(state)) == 3, 5, f"{state} told")
        assert sorted(told(state)) == [f"GROUP {GROUP} {state} 0", f"INSTANCE {OUTSIDE.name} {state} 150",
                                       f"INSTANCE {GROUP} {state} 150"]
    assert pair.first.running.stop() == 0
    assert f"GROUP {GROUP} STOP 0" in pair.first.told()


def test_worker_is_killed(make_pair: MakePair) -> None:
    """A vrrpd that starts again goes on as the group that it was: no transition, no notification."""
    pair = make_pair(notify=True)
    pair.start()
    wait_until(lambda: f"GROUP {GROUP} MASTER 0" in pair.first.told(), 5, "told of MASTER")
    first, second, told = pair.first.running.log.mark(), pair.second.running.log.mark(), pair.first.told()
    with AddressWatch(pair.first.node) as watch:
        pair.first.running.process("holdfast-vrrpd").kill()
        for member in (OUTSIDE, INSIDE):
            pair.first.running.log.wait(rf"\({member.name}\) Carrying on in MASTER STATE", 5, first)
        holds_for(pair.first.holds_all, 4, "the master keeps its addresses")
        assert not any(watch.deleted(member.floating) for member in (OUTSIDE, INSIDE))
    assert not pair.second.running.log.find("MASTER", second)
    assert pair.first.told() == told
    first = pair.first.running.log.mark()
    pair.first.node.run(["ip", "link", "set", INSIDE.interface, "down"])
    pair.first.wait_all("FAULT", 2, first)


def test_worker_in_fault_is_killed(make_pair: MakePair) -> None:
    """The group stays in FAULT over it, and leaves it as a whole."""
    pair = make_pair(notify=True)
    pair.first.node.run(["ip", "link", "set", INSIDE.interface, "down"])
    pair.first.start().log.wait("Startup complete", 5)
    wait_until(lambda: len(pair.first.told()) == 3, 5, "told of FAULT")
    mark = pair.first.running.log.mark()
    pair.first.running.process("holdfast-vrrpd").kill()
    pair.first.running.log.wait("FAULT state", 5, mark)
    holds_for(lambda: not pair.first.running.log.find("BACKUP|MASTER", mark), MASTER_DOWN + 1, "it stays in FAULT")
    assert len(pair.first.told()) == 3
    pair.first.node.run(["ip", "link", "set", INSIDE.interface, "up"])
    pair.first.wait_all("MASTER", 8, mark)


def test_reload_puts_a_new_instance_into_the_group(make_pair: MakePair) -> None:
    """The group stays master, and the new member becomes one too."""
    pair = make_pair()
    pair.first.router = pair.first.router.changed(members=(OUTSIDE,))
    pair.first.start()
    pair.first.wait_all("MASTER", 8)
    pair.first.running.log.wait("Startup complete", 5)
    pair.first.router = pair.first.router.changed(members=(OUTSIDE, INSIDE))
    pair.first.node.write(CONFIGURATION, pair.first.router.text())
    mark = pair.first.running.log.mark()
    with AddressWatch(pair.first.node) as watch:
        pair.first.running.signal(signal.SIGHUP)
        pair.first.running.log.wait("Reload complete", 5, mark)
        pair.first.running.log.wait(rf"\({INSIDE.name}\) Entering MASTER STATE", 6, mark)
        wait_until(pair.first.holds_all, 2, "both addresses")
        assert not watch.deleted(OUTSIDE.floating)
    assert not pair.first.running.log.find(rf"\({OUTSIDE.name}\) Entering", mark)


def test_reload_dissolves_the_group(make_pair: MakePair) -> None:
    """Masters stay masters, and from then on each is alone."""
    pair = make_pair()
    pair.first.start()
    pair.first.wait_all("MASTER", 8)
    pair.first.running.log.wait("Startup complete", 5)
    pair.first.node.write(CONFIGURATION, pair.first.router.changed(grouped=False).text())
    mark = pair.first.running.log.mark()
    pair.first.running.signal(signal.SIGHUP)
    pair.first.running.log.wait("Reload complete", 5, mark)
    assert pair.first.holds_all()
    pair.first.node.run(["ip", "link", "set", INSIDE.interface, "down"])
    pair.first.running.log.wait(rf"\({INSIDE.name}\) Entering FAULT STATE", 2, mark)
    holds_for(lambda: pair.first.node.holds(OUTSIDE.floating), 2, "the other one goes on")
    assert not pair.first.running.log.find(rf"\({OUTSIDE.name}\) Entering", mark)
