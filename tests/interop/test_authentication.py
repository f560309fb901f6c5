"""Authentication with Debian's keepalived as the other router, in both roles."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.capture import Capture
from harness.daemon import KEEPALIVED
from harness.node import Network
from harness.router import Mode, Pair, Router, Station
from harness.wait import holds_for

HIGH, LOW = 150, 100
MODES = [Mode(2, 4, False), Mode(2, 4, True)]

MakePair = Callable[[str, str], Pair]


def authentication(kind: str, password: str = "secret99") -> str:
    """The block of an instance."""
    return f"authentication {{\nauth_type {kind}\nauth_pass {password}\n}}"


@pytest.fixture(params=MODES, ids=str)
def make_pair(request: pytest.FixtureRequest, programs: tuple[Path, Path], network: Network,
              capture: Capture) -> MakePair:
    """Makes the two routers, not yet started, from the authentication block of each."""
    mode: Mode = request.param

    def make(*blocks: str) -> Pair:
        first, second = (Station(network, Router(mode, number, priority, lines=(block,)), program)
                         for number, priority, block, program in zip((1, 2), (HIGH, LOW), blocks, programs))
        return Pair(network, capture, first, second)

    return make


@pytest.mark.parametrize("kind", ["PASS", "AH"])
def test_there_and_back(make_pair: MakePair, kind: str) -> None:
    """Each believes the other one: as backup, when it takes over and when it gives back."""
    pair = make_pair(authentication(kind), authentication(kind))
    pair.start()
    mode = pair.first.router.mode
    holds_for(lambda: pair.first.holds() and not pair.second.holds(), 4 * mode.interval, "one master")

    second = pair.second.running.log.mark()
    assert pair.first.running.stop() == 0
    pair.second.wait_master(mode.skew(LOW) + 2, second)

    second = pair.second.running.log.mark()
    pair.first.start()
    pair.first.wait_master(mode.master_down(HIGH) + 5)
    pair.second.wait_backup(2, second)
    holds_for(lambda: pair.first.holds() and not pair.second.holds(), 4 * mode.interval, "one master")
    assert all(advert.valid for station in (pair.first, pair.second)
               for _, advert in pair.capture.adverts(station.node))


def assert_strangers(pair: Pair, complaint: dict[Path, str]) -> None:
    """Each is master as if there were no other; `complaint` is what the second one says of the first, once."""
    mode = pair.first.router.mode
    pair.first.start()
    pair.first.wait_master(mode.master_down(HIGH) + 5)
    pair.second.start()
    pair.second.wait_master(mode.master_down(LOW) + 5)
    said = complaint[pair.second.program] if pair.second.program in complaint else ""
    if said:
        pair.second.running.log.wait(said, 3)
    holds_for(lambda: pair.first.holds() and pair.second.holds(), 3 * mode.interval, "two masters")
    if said and pair.second.program != KEEPALIVED:
        assert len(pair.second.running.log.find(said)) == 1


def test_another_password(make_pair: MakePair, program: Path, keepalived: Path) -> None:
    """A router with another password is not heard, and changes no state."""
    pair = make_pair(authentication("PASS", "secret98"), authentication("PASS"))
    assert_strangers(pair, {program: "received an invalid passwd from 10.77.0.1!",
                            keepalived: "received an invalid passwd!"})


def test_another_key(make_pair: MakePair, program: Path, keepalived: Path) -> None:
    """The same with authentication headers."""
    pair = make_pair(authentication("AH", "secret98"), authentication("AH"))
    text = r"IPSEC-AH : invalid IPSEC HMAC-MD5 value. Due to fields mutation or bad password !"
    assert_strangers(pair, {program: f"{text} Received from 10.77.0.1", keepalived: text})


@pytest.mark.parametrize(("first", "second", "says"), [
    ("PASS", "", "received a 1 auth, expecting 0!"),
    ("", "PASS", "received a 0 auth, expecting 1!"),
    # Other IP protocols, which do not reach the other one's socket.
    ("AH", "PASS", ""),
    ("PASS", "AH", ""),
])
def test_another_type(make_pair: MakePair, program: Path, keepalived: Path, first: str, second: str,
                      says: str) -> None:
    """A router that shows something else, or nothing, is not heard either."""
    pair = make_pair(*(authentication(kind) if kind else "" for kind in (first, second)))
    assert_strangers(pair, {program: says, keepalived: says})
