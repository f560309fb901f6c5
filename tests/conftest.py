"""Options and fixtures of the system and interop tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.capture import Capture
from harness.daemon import HOLDFAST, KEEPALIVED
from harness.node import Network


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--daemon", type=Path, default=HOLDFAST,
                     help="the daemon under test; /usr/sbin/keepalived shows what the reference does")


def pytest_configure(config: pytest.Config) -> None:
    if os.geteuid() != 0:
        raise pytest.UsageError("these tests make network namespaces: run them as root")
    program = config.getoption("--daemon")
    if not program.exists():
        raise pytest.UsageError(f"{program} does not exist: tools/build makes it")
    config.addinivalue_line("markers", "holdfast_only(reason): promised by Holdfast, not by keepalived")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--daemon") == HOLDFAST:
        return
    for item in items:
        marker = item.get_closest_marker("holdfast_only")
        if marker is not None:
            item.add_marker(pytest.mark.skip(reason=f"not run with --daemon: {marker.args[0]}"))


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Path:
    """The daemon under test."""
    path: Path = request.config.getoption("--daemon")
    return path


@pytest.fixture
def keepalived() -> Path:
    """Debian's keepalived, the other node of the interop tests."""
    return KEEPALIVED


@pytest.fixture
def network() -> Iterator[Network]:
    """An empty switch."""
    with Network() as made:
        yield made


@pytest.fixture
def capture(network: Network) -> Iterator[Capture]:
    """All that is on the switch, from the beginning."""
    with Capture(network) as made:
        yield made
