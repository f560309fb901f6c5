"""Waiting for a condition, with a deadline, and never for a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.02


class Timeout(AssertionError):
    """A condition did not come true in time."""


def wait_until(condition: Callable[[], T], timeout: float, what: str) -> T:
    """The first true value of `condition`; raises `Timeout`, naming `what`, after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Timeout(f"not within {timeout:g} s: {what}")
        time.sleep(POLL_SECONDS)


def holds_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Asserts that `condition` stays true for `seconds`: for what must not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert condition(), f"did not stay so for {seconds:g} s: {what}"
        time.sleep(POLL_SECONDS)
