"""The guests themselves: what the other tests of this folder rely on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.wait import Timeout, wait_until
from machine import BOOT_SECONDS, Guest, Wire


@pytest.fixture
def lone(prepared: None, wire: Wire, directory: Path) -> Iterator[Guest]:
    """A guest that has just been switched on."""
    made = Guest("lone", 3, wire, directory)
    try:
        yield made
    finally:
        made.close()


def test_greeting_waits_and_silence_is_explained(lone: Guest) -> None:
    """Guests are listened to one after the other, in whatever order they boot; one that is silent is told of."""
    wait_until(lambda: "the agent is ready" in lone.console(), BOOT_SECONDS, "the agent greets, unheard")
    lone.wait_booted(time.monotonic() + 10)
    assert lone.run("hostname").stdout == "lone\n"

    with pytest.raises(Timeout, match="lone does not answer; QEMU still runs; (?s:.*)the agent is ready"):
        lone.wait_booted(time.monotonic())
    with pytest.raises(Timeout, match="lone does not answer; QEMU has ended with status 0; (?s:.*)Power Off"):
        # The power goes some time after the disks, and no program can be started in between.
        lone.run(["sh", "-c", "echo o > /proc/sysrq-trigger; kill -STOP $$"], timeout=BOOT_SECONDS)
