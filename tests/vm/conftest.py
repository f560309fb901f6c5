"""Two guests with a real systemd, booted once for all tests of this folder."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from machine import BOOT_SECONDS, Guest, Wire

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def prepared() -> None:
    """There is a kernel, and what it boots from."""
    subprocess.run([HERE / "prepare"], check=True)


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
def guests(prepared: None, wire: Wire, directory: Path) -> Iterator[list[Guest]]:
    """Gateway 1 and gateway 2, which boot side by side."""
    made = [Guest(f"gateway{number}", number, wire, directory) for number in (1, 2)]
    try:
        deadline = time.monotonic() + BOOT_SECONDS
        for guest in made:
            guest.wait_booted(deadline)
        yield made
    finally:
        for guest in made:
            guest.close()
