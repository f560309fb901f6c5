"""Routers for the system tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.capture import Capture
from harness.node import Network
from harness.router import Mode, Pair, Router, Station

QUICK = Mode(3, 4, False)
"""Where the mode is not what is tested: three advertisements a second."""


@pytest.fixture
def make_station(network: Network, program: Path) -> Callable[..., Station]:
    """Makes a router, not yet started, alone on the switch; keyword arguments change its configuration.

    Without a priority it is master at once (255), or soon where it has a script, which an address
    owner's would not run for.
    """
    def make(mode: Mode = QUICK, number: int = 1, priority: int | None = None, **changes: object) -> Station:
        if priority is None:
            priority = 200 if "script_weight" in changes else 255
        return Station(network, Router(mode, number, priority).changed(**changes), program)
    return make


@pytest.fixture
def make_pair(network: Network, capture: Capture, make_station: Callable[..., Station]) -> Callable[..., Pair]:
    """Makes two routers, not yet started; keyword arguments change both configurations."""
    def make(mode: Mode = QUICK, **changes: object) -> Pair:
        return Pair(network, capture, make_station(mode, 1, 150, **changes), make_station(mode, 2, 100, **changes))
    return make
