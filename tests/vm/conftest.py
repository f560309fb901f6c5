"""Two guests with a real systemd, booted once for all tests of this folder."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from machine import Guest, Wire

HERE = Path(__file__).resolve().parent
BOOT_SECONDS = 400


@pytest.fixture(scope="session")
def directory() -> Iterator[Path]:
    """For sockets and consoles; its path is short, as those of sockets must be."""
    with TemporaryDirectory(prefix="holdfast-vm-") as made:
        yield Path(made)


@pytest.fixture(scope="session")
def wire(directory: Path) -> Iterator[Wire]:
    """What joins the guests."""
    with Wire(directory) as made:
        yield made


@pytest.fixture(scope="session")
def guests(wire: Wire, directory: Path) -> Iterator[list[Guest]]:
    """Gateway 1 and gateway 2, which boot side by side."""
    subprocess.run([HERE / "prepare"], check=True)
    made = [Guest(f"gateway{number}", number, wire, directory) for number in (1, 2)]
    try:
        for guest in made:
            guest.wait_booted(BOOT_SECONDS)
        yield made
    finally:
        for guest in made:
            guest.close()
