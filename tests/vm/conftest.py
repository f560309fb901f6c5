"""Two guests with a real systemd, booted once for all tests of this folder."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from machine import Guest, Wire

HERE = Path(__file__).resolve().parent
BOOT_SECONDS = 240


@pytest.fixture(scope="session")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """What joins the guests."""
    with Wire(tmp_path_factory.mktemp("wire")) as made:
        yield made


@pytest.fixture(scope="session")
def guests(wire: Wire, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Guest]]:
    """Gateway 1 and gateway 2, which boot side by side."""
    subprocess.run([HERE / "prepare"], check=True)
    made = [Guest(f"gateway{number}", number, wire, tmp_path_factory.mktemp(f"gateway{number}"))
            for number in (1, 2)]
    try:
        for guest in made:
            guest.wait_booted(BOOT_SECONDS)
        yield made
    finally:
        for guest in made:
            guest.close()
